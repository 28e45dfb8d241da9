/* Sorted trees whose nodes know something of all below them. */
#ifndef TRAPLINE_LINUX_RBTREE_AUGMENTED_H
#define TRAPLINE_LINUX_RBTREE_AUGMENTED_H

#include <linux/rbtree.h>
/* propagate: from node up to before stop, what they know is computed anew. copy: n takes the place of old.
   rotate: n does, and old comes to be below it. */
struct rb_augment_callbacks {
  void (*propagate)(struct rb_node* node, struct rb_node* stop);
  void (*copy)(struct rb_node* old, struct rb_node* n);
  void (*rotate)(struct rb_node* old, struct rb_node* n);
};
#define RB_RED 0
#define RB_BLACK 1
#define __rb_parent(color) ((struct rb_node*)((color) & ~3UL))
#define __rb_is_black(color) ((color)&1)
#define __rb_is_red(color) (!__rb_is_black(color))
#define rb_is_black(node) __rb_is_black((node)->__rb_parent_color)
#define rb_is_red(node) __rb_is_red((node)->__rb_parent_color)
void __rb_insert_augmented(struct rb_node* node, struct rb_root* root,
                           void (*rotate)(struct rb_node* old, struct rb_node* n));
void rb_erase_augmented(struct rb_node* node, struct rb_root* root,
                        const struct rb_augment_callbacks* augment);
static inline void rb_insert_augmented(struct rb_node* node, struct rb_root* root,
                                       const struct rb_augment_callbacks* augment) {
  __rb_insert_augmented(node, root, augment->rotate);
}
static inline void rb_insert_augmented_cached(struct rb_node* node, struct rb_root_cached* root,
                                              bool leftmost, const struct rb_augment_callbacks* augment) {
  if (leftmost) root->rb_leftmost = node;
  rb_insert_augmented(node, &root->rb_root, augment);
}
static inline void rb_erase_augmented_cached(struct rb_node* node, struct rb_root_cached* root,
                                             const struct rb_augment_callbacks* augment) {
  if (root->rb_leftmost == node) root->rb_leftmost = rb_next(node);
  rb_erase_augmented(node, &root->rb_root, augment);
}

/* compute(node, exit): sets what the node knows; true: exit is set, and it knew that already. */
#define RB_DECLARE_CALLBACKS(storage, name, type, field, known, compute)          \
  static inline void name##_propagate(struct rb_node* rb, struct rb_node* stop) { \
    for (; rb != stop; rb = rb_parent(&rb_entry(rb, type, field)->field))         \
      if (compute(rb_entry(rb, type, field), true)) break;                        \
  }                                                                               \
  static inline void name##_copy(struct rb_node* old, struct rb_node* n) {        \
    rb_entry(n, type, field)->known = rb_entry(old, type, field)->known;          \
  }                                                                               \
  static void name##_rotate(struct rb_node* old, struct rb_node* n) {             \
    name##_copy(old, n);                                                          \
    compute(rb_entry(old, type, field), false);                                   \
  }                                                                               \
  storage const struct rb_augment_callbacks name = {                              \
      .propagate = name##_propagate, .copy = name##_copy, .rotate = name##_rotate};
/* Each node knows the greatest value of all below it and its own. */
#define RB_DECLARE_CALLBACKS_MAX(storage, name, type, field, value_type, known, value) \
  static inline bool name##_compute_max(type* node, bool exit) {                       \
    value_type most = value(node);                                                     \
    type* below[2] = {rb_entry_safe(node->field.rb_left, type, field),                 \
                      rb_entry_safe(node->field.rb_right, type, field)};               \
    for (int i = 0; i < 2; i++)                                                        \
      if (below[i] && below[i]->known > most) most = below[i]->known;                  \
    if (exit && node->known == most) return true;                                      \
    node->known = most;                                                                \
    return false;                                                                      \
  }                                                                                    \
  RB_DECLARE_CALLBACKS(storage, name, type, field, known, name##_compute_max)

#endif
