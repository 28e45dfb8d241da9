/* Lists that many may add to without a lock. */
#ifndef TRAPLINE_LINUX_LLIST_H
#define TRAPLINE_LINUX_LLIST_H

#include <linux/atomic.h>
#include <linux/container_of.h>
struct llist_head {
  struct llist_node* first;
};
struct llist_node {
  struct llist_node* next;
};
#define LLIST_HEAD_INIT(name) \
  { NULL }
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)
static inline void init_llist_head(struct llist_head* list) { list->first = NULL; }
static inline bool llist_empty(const struct llist_head* head) { return !READ_ONCE(head->first); }
static inline bool llist_add(struct llist_node* n, struct llist_head* head) {
  struct llist_node* first = READ_ONCE(head->first);
  do n->next = first;
  while (!try_cmpxchg(&head->first, &first, n));
  return !first;
}
static inline struct llist_node* llist_del_all(struct llist_head* head) { return xchg(&head->first, NULL); }
static inline struct llist_node* llist_reverse_order(struct llist_node* n) {
  struct llist_node* out = NULL;
  while (n) {
    struct llist_node* next = n->next;
    n->next = out;
    out = n;
    n = next;
  }
  return out;
}
#define llist_entry(ptr, type, member) container_of(ptr, type, member)
#define llist_for_each(pos, node) for ((pos) = (node); pos; (pos) = (pos)->next)
#define llist_for_each_entry(pos, node, member)                                           \
  for ((pos) = (void*)(node) ? llist_entry((node), typeof(*(pos)), member) : NULL; (pos); \
       (pos) = (pos)->member.next ? llist_entry((pos)->member.next, typeof(*(pos)), member) : NULL)

#endif
