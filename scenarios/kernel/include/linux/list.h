/* Doubly linked lists (list_*) and lists with one pointer at the head (hlist_*). */
#ifndef TRAPLINE_LINUX_LIST_H
#define TRAPLINE_LINUX_LIST_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/poison.h>
#include <linux/types.h>

#define LIST_HEAD_INIT(name) \
  { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
static inline void INIT_LIST_HEAD(struct list_head* list) { list->next = list->prev = list; }
static inline void __list_add(struct list_head* n, struct list_head* prev, struct list_head* next) {
  n->next = next;
  n->prev = prev;
  next->prev = n;
  WRITE_ONCE(prev->next, n);
}
static inline void list_add(struct list_head* n, struct list_head* head) { __list_add(n, head, head->next); }
static inline void list_add_tail(struct list_head* n, struct list_head* head) {
  __list_add(n, head->prev, head);
}
static inline void __list_del(struct list_head* prev, struct list_head* next) {
  next->prev = prev;
  WRITE_ONCE(prev->next, next);
}
static inline void __list_del_entry(struct list_head* e) { __list_del(e->prev, e->next); }
static inline void list_del(struct list_head* e) {
  __list_del_entry(e);
  e->next = LIST_POISON1;
  e->prev = LIST_POISON2;
}
static inline void list_del_init(struct list_head* e) {
  __list_del_entry(e);
  INIT_LIST_HEAD(e);
}
static inline void list_replace(struct list_head* old, struct list_head* n) {
  n->next = old->next;
  n->next->prev = n;
  n->prev = old->prev;
  n->prev->next = n;
}
static inline void list_replace_init(struct list_head* old, struct list_head* n) {
  list_replace(old, n);
  INIT_LIST_HEAD(old);
}
static inline void list_move(struct list_head* e, struct list_head* head) {
  __list_del_entry(e);
  list_add(e, head);
}
static inline void list_move_tail(struct list_head* e, struct list_head* head) {
  __list_del_entry(e);
  list_add_tail(e, head);
}
static inline int list_is_first(const struct list_head* e, const struct list_head* head) {
  return e->prev == head;
}
static inline int list_is_last(const struct list_head* e, const struct list_head* head) {
  return e->next == head;
}
static inline int list_is_head(const struct list_head* e, const struct list_head* head) { return e == head; }
static inline int list_empty(const struct list_head* head) { return READ_ONCE(head->next) == head; }
static inline int list_empty_careful(const struct list_head* head) {
  return __atomic_load_n(&head->next, __ATOMIC_ACQUIRE) == head && READ_ONCE(head->prev) == head;
}
static inline int list_is_singular(const struct list_head* head) {
  return !list_empty(head) && head->next == head->prev;
}
static inline void __list_splice(const struct list_head* list, struct list_head* prev,
                                 struct list_head* next) {
  struct list_head *first = list->next, *last = list->prev;
  first->prev = prev;
  prev->next = first;
  last->next = next;
  next->prev = last;
}
static inline void list_splice(const struct list_head* list, struct list_head* head) {
  if (!list_empty(list)) __list_splice(list, head, head->next);
}
static inline void list_splice_tail(struct list_head* list, struct list_head* head) {
  if (!list_empty(list)) __list_splice(list, head->prev, head);
}
static inline void list_splice_init(struct list_head* list, struct list_head* head) {
  list_splice(list, head);
  INIT_LIST_HEAD(list);
}
static inline void list_splice_tail_init(struct list_head* list, struct list_head* head) {
  list_splice_tail(list, head);
  INIT_LIST_HEAD(list);
}
static inline void list_rotate_left(struct list_head* head) {
  if (!list_empty(head)) list_move_tail(head->next, head);
}
static inline void list_swap(struct list_head* a, struct list_head* b) {
  struct list_head* at = b->prev;
  __list_del_entry(b);
  list_replace(a, b);
  if (at == a) at = b;
  list_add(a, at);
}
static inline void list_bulk_move_tail(struct list_head* head, struct list_head* first,
                                       struct list_head* last) {
  __list_del(first->prev, last->next);
  head->prev->next = first;
  first->prev = head->prev;
  last->next = head;
  head->prev = last;
}
static inline void list_cut_position(struct list_head* list, struct list_head* head,
                                     struct list_head* entry) {
  INIT_LIST_HEAD(list);
  while (entry != head && !list_empty(head)) {
    struct list_head* e = head->next;
    list_move_tail(e, list);
    if (e == entry) break;
  }
}
/* The same without the entry itself; at the head there is nothing before it. */
static inline void list_cut_before(struct list_head* list, struct list_head* head, struct list_head* entry) {
  INIT_LIST_HEAD(list);
  while (head->next != entry && !list_empty(head)) list_move_tail(head->next, list);
}
/* For a list_empty_careful() without a lock: next is what it reads first. */
static inline void list_del_init_careful(struct list_head* e) {
  __list_del_entry(e);
  WRITE_ONCE(e->prev, e);
  __atomic_store_n(&e->next, e, __ATOMIC_RELEASE);
}
static inline void list_rotate_to_front(struct list_head* e, struct list_head* head) {
  list_move_tail(head, e);
}
static inline size_t list_count_nodes(struct list_head* head) {
  size_t n = 0;
  for (struct list_head* e = head->next; e != head; e = e->next) n++;
  return n;
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first_entry(ptr, type, member) list_entry((ptr)->next, type, member)
#define list_last_entry(ptr, type, member) list_entry((ptr)->prev, type, member)
#define list_first_entry_or_null(ptr, type, member) \
  (list_empty(ptr) ? NULL : list_first_entry(ptr, type, member))
#define list_next_entry(pos, member) list_entry((pos)->member.next, typeof(*(pos)), member)
#define list_prev_entry(pos, member) list_entry((pos)->member.prev, typeof(*(pos)), member)
#define list_entry_is_head(pos, head, member) (&(pos)->member == (head))

#define list_for_each(pos, head) for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_prev(pos, head) for (pos = (head)->prev; pos != (head); pos = pos->prev)
#define list_for_each_safe(pos, n, head) \
  for (pos = (head)->next, n = pos->next; pos != (head); pos = n, n = pos->next)
#define list_for_each_prev_safe(pos, n, head) \
  for (pos = (head)->prev, n = pos->prev; pos != (head); pos = n, n = pos->prev)
#define list_for_each_entry(pos, head, member)                                                     \
  for (pos = list_first_entry(head, typeof(*pos), member); !list_entry_is_head(pos, head, member); \
       pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member)                                            \
  for (pos = list_last_entry(head, typeof(*pos), member); !list_entry_is_head(pos, head, member); \
       pos = list_prev_entry(pos, member))
#define list_prepare_entry(pos, head, member) ((pos) ?: list_entry(head, typeof(*pos), member))
#define list_for_each_entry_continue(pos, head, member)                            \
  for (pos = list_next_entry(pos, member); !list_entry_is_head(pos, head, member); \
       pos = list_next_entry(pos, member))
#define list_for_each_entry_continue_reverse(pos, head, member)                    \
  for (pos = list_prev_entry(pos, member); !list_entry_is_head(pos, head, member); \
       pos = list_prev_entry(pos, member))
#define list_for_each_entry_from(pos, head, member) \
  for (; !list_entry_is_head(pos, head, member); pos = list_next_entry(pos, member))
#define list_for_each_entry_safe(pos, n, head, member)                                       \
  for (pos = list_first_entry(head, typeof(*pos), member), n = list_next_entry(pos, member); \
       !list_entry_is_head(pos, head, member); pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_reverse(pos, n, head, member)                              \
  for (pos = list_last_entry(head, typeof(*pos), member), n = list_prev_entry(pos, member); \
       !list_entry_is_head(pos, head, member); pos = n, n = list_prev_entry(n, member))
#define list_for_each_entry_safe_continue(pos, n, head, member)              \
  for (pos = list_next_entry(pos, member), n = list_next_entry(pos, member); \
       !list_entry_is_head(pos, head, member); pos = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_from(pos, n, head, member)                      \
  for (n = list_next_entry(pos, member); !list_entry_is_head(pos, head, member); \
       pos = n, n = list_next_entry(n, member))

#define HLIST_HEAD_INIT \
  { .first = NULL }
#define HLIST_HEAD(name) struct hlist_head name = {.first = NULL}
#define INIT_HLIST_HEAD(p) ((p)->first = NULL)
static inline void INIT_HLIST_NODE(struct hlist_node* h) {
  h->next = NULL;
  h->pprev = NULL;
}
static inline int hlist_unhashed(const struct hlist_node* h) { return !h->pprev; }
static inline int hlist_unhashed_lockless(const struct hlist_node* h) { return !READ_ONCE(h->pprev); }
static inline int hlist_empty(const struct hlist_head* h) { return !READ_ONCE(h->first); }
static inline void __hlist_del(struct hlist_node* n) {
  WRITE_ONCE(*n->pprev, n->next);
  if (n->next) n->next->pprev = n->pprev;
}
static inline void hlist_del(struct hlist_node* n) {
  __hlist_del(n);
  n->next = LIST_POISON1;
  n->pprev = LIST_POISON2;
}
static inline void hlist_del_init(struct hlist_node* n) {
  if (hlist_unhashed(n)) return;
  __hlist_del(n);
  INIT_HLIST_NODE(n);
}
static inline void hlist_add_head(struct hlist_node* n, struct hlist_head* h) {
  n->next = h->first;
  if (n->next) n->next->pprev = &n->next;
  n->pprev = &h->first;
  WRITE_ONCE(h->first, n);
}
static inline void hlist_add_before(struct hlist_node* n, struct hlist_node* next) {
  n->pprev = next->pprev;
  n->next = next;
  next->pprev = &n->next;
  WRITE_ONCE(*n->pprev, n);
}
static inline void hlist_add_behind(struct hlist_node* n, struct hlist_node* prev) {
  n->next = prev->next;
  WRITE_ONCE(prev->next, n);
  n->pprev = &prev->next;
  if (n->next) n->next->pprev = &n->next;
}
/* On no list, and yet not unhashed: hlist_del() works. */
static inline void hlist_add_fake(struct hlist_node* n) { n->pprev = &n->next; }
static inline bool hlist_fake(struct hlist_node* n) { return n->pprev == &n->next; }
static inline bool hlist_is_singular_node(struct hlist_node* n, struct hlist_head* h) {
  return !n->next && n->pprev == &h->first;
}
static inline void hlist_move_list(struct hlist_head* old, struct hlist_head* n) {
  n->first = old->first;
  if (n->first) n->first->pprev = &n->first;
  old->first = NULL;
}
#define hlist_entry(ptr, type, member) container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member)        \
  ({                                               \
    typeof(ptr) __hp = (ptr);                      \
    __hp ? hlist_entry(__hp, type, member) : NULL; \
  })
#define hlist_for_each(pos, head) for (pos = (head)->first; pos; pos = pos->next)
#define hlist_for_each_safe(pos, n, head)    \
  for (pos = (head)->first; pos && ({        \
                              n = pos->next; \
                              1;             \
                            });              \
       pos = n)
#define hlist_for_each_entry(pos, head, member)                            \
  for (pos = hlist_entry_safe((head)->first, typeof(*(pos)), member); pos; \
       pos = hlist_entry_safe((pos)->member.next, typeof(*(pos)), member))
#define hlist_for_each_entry_continue(pos, member)                              \
  for (pos = hlist_entry_safe((pos)->member.next, typeof(*(pos)), member); pos; \
       pos = hlist_entry_safe((pos)->member.next, typeof(*(pos)), member))
#define hlist_for_each_entry_from(pos, member) \
  for (; pos; pos = hlist_entry_safe((pos)->member.next, typeof(*(pos)), member))
#define hlist_for_each_entry_safe(pos, n, head, member)                                     \
  for (pos = hlist_entry_safe((head)->first, typeof(*pos), member); pos && ({               \
                                                                      n = pos->member.next; \
                                                                      1;                    \
                                                                    });                     \
       pos = hlist_entry_safe(n, typeof(*pos), member))

#endif
