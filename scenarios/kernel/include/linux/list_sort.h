/* Sorting of lists. */
#ifndef TRAPLINE_LINUX_LIST_SORT_H
#define TRAPLINE_LINUX_LIST_SORT_H

#include <linux/list.h>
typedef int (*list_cmp_func_t)(void* priv, const struct list_head* a, const struct list_head* b);
/* Insertion, so that equals keep their order. */
static inline void list_sort(void* priv, struct list_head* head, list_cmp_func_t cmp) {
  LIST_HEAD(sorted);
  while (!list_empty(head)) {
    struct list_head *e = head->next, *at = sorted.prev;
    while (at != &sorted && cmp(priv, at, e) > 0) at = at->prev;
    list_move(e, at);
  }
  list_splice_init(&sorted, head);
}

#endif
