/* Trees of intervals, for a type of one's own: functions prefix_insert(), _remove(), _iter_first(),
 * _iter_next(). */
#ifndef TRAPLINE_LINUX_INTERVAL_TREE_GENERIC_H
#define TRAPLINE_LINUX_INTERVAL_TREE_GENERIC_H

#include <linux/rbtree_augmented.h>
/* In the order of their starts; each node knows the last end below it. */
#define INTERVAL_TREE_DEFINE(type, field, number, known, start_of, last_of, storage, prefix)   \
  RB_DECLARE_CALLBACKS_MAX(static, prefix##_augment, type, field, number, known, last_of)      \
  storage void prefix##_insert(type* node, struct rb_root_cached* root) {                      \
    struct rb_node **link = &root->rb_root.rb_node, *parent = NULL;                            \
    bool leftmost = true;                                                                      \
    while (*link) {                                                                            \
      type* at = rb_entry(*link, type, field);                                                 \
      parent = *link;                                                                          \
      if (at->known < last_of(node)) at->known = last_of(node);                                \
      if (start_of(node) < start_of(at)) {                                                     \
        link = &parent->rb_left;                                                               \
      } else {                                                                                 \
        link = &parent->rb_right;                                                              \
        leftmost = false;                                                                      \
      }                                                                                        \
    }                                                                                          \
    node->known = last_of(node);                                                               \
    rb_link_node(&node->field, parent, link);                                                  \
    rb_insert_augmented_cached(&node->field, root, leftmost, &prefix##_augment);               \
  }                                                                                            \
  storage void prefix##_remove(type* node, struct rb_root_cached* root) {                      \
    rb_erase_augmented_cached(&node->field, root, &prefix##_augment);                          \
  }                                                                                            \
  static inline type* prefix##_reaching(struct rb_node* rb, number start) {                    \
    return rb && rb_entry(rb, type, field)->known >= start ? rb_entry(rb, type, field) : NULL; \
  }                                                                                            \
  /* The first below a node, and itself, that has something of start to last. */               \
  static type* prefix##_first_below(type* node, number start, number last) {                   \
    while (node) {                                                                             \
      type* left = prefix##_reaching(node->field.rb_left, start);                              \
      if (left) {                                                                              \
        node = left;                                                                           \
        continue;                                                                              \
      }                                                                                        \
      if (start_of(node) > last) return NULL;                                                  \
      if (last_of(node) >= start) return node;                                                 \
      node = prefix##_reaching(node->field.rb_right, start);                                   \
    }                                                                                          \
    return NULL;                                                                               \
  }                                                                                            \
  storage type* prefix##_iter_first(struct rb_root_cached* root, number start, number last) {  \
    return prefix##_first_below(prefix##_reaching(root->rb_root.rb_node, start), start, last); \
  }                                                                                            \
  storage type* prefix##_iter_next(type* node, number start, number last) {                    \
    struct rb_node *rb = &node->field, *parent;                                                \
    type* right = prefix##_reaching(rb->rb_right, start);                                      \
    if (right) return prefix##_first_below(right, start, last);                                \
    for (parent = rb_parent(rb); parent; rb = parent, parent = rb_parent(rb)) {                \
      type* at = rb_entry(parent, type, field);                                                \
      if (parent->rb_right == rb) continue;                                                    \
      if (start_of(at) > last) return NULL;                                                    \
      if (last_of(at) >= start) return at;                                                     \
      right = prefix##_reaching(parent->rb_right, start);                                      \
      if (right) return prefix##_first_below(right, start, last);                              \
    }                                                                                          \
    return NULL;                                                                               \
  }

#endif
