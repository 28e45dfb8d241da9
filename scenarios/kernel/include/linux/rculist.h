/* Lists read under RCU. */
#ifndef TRAPLINE_LINUX_RCULIST_H
#define TRAPLINE_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#define list_add_rcu(n, head) \
  do {                        \
    smp_wmb();                \
    list_add(n, head);        \
  } while (0)
#define list_add_tail_rcu(n, head) \
  do {                             \
    smp_wmb();                     \
    list_add_tail(n, head);        \
  } while (0)
static inline void list_del_rcu(struct list_head* e) {
  __list_del_entry(e);
  e->prev = LIST_POISON2;
}
#define list_replace_rcu(old, n) \
  do {                           \
    smp_wmb();                   \
    list_replace(old, n);        \
  } while (0)
#define list_entry_rcu(ptr, type, member) container_of(READ_ONCE(ptr), type, member)
#define list_first_or_null_rcu(ptr, type, member) list_first_entry_or_null(ptr, type, member)
#define list_for_each_entry_rcu(pos, head, member, condition...) list_for_each_entry(pos, head, member)
#define hlist_add_head_rcu(n, head) \
  do {                              \
    smp_wmb();                      \
    hlist_add_head(n, head);        \
  } while (0)
static inline void hlist_del_rcu(struct hlist_node* n) {
  __hlist_del(n);
  n->pprev = LIST_POISON2;
}
#define hlist_del_init_rcu(n) hlist_del_init(n)
#define hlist_for_each_entry_rcu(pos, head, member, condition...) hlist_for_each_entry(pos, head, member)

#endif
