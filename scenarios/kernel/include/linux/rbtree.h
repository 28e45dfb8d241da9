/* Sorted trees. Plain binary trees: colours and balance are left out, order is kept. */
#ifndef TRAPLINE_LINUX_RBTREE_H
#define TRAPLINE_LINUX_RBTREE_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/types.h>
struct rb_node {
  struct rb_node* parent;
  struct rb_node* rb_right;
  struct rb_node* rb_left;
};
struct rb_root {
  struct rb_node* rb_node;
};
struct rb_root_cached {
  struct rb_root rb_root;
};
#define RB_ROOT ((struct rb_root){NULL})
#define RB_ROOT_CACHED ((struct rb_root_cached){{NULL}})
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)
#define RB_EMPTY_NODE(node) ((node)->parent == (node))
#define RB_CLEAR_NODE(node) ((node)->parent = (node))
#define rb_parent(node) ((node)->parent)
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member)        \
  ({                                            \
    typeof(ptr) __rp = (ptr);                   \
    __rp ? rb_entry(__rp, type, member) : NULL; \
  })
static inline void rb_link_node(struct rb_node* node, struct rb_node* parent, struct rb_node** link) {
  node->parent = parent;
  node->rb_left = node->rb_right = NULL;
  *link = node;
}
static inline void rb_insert_color(struct rb_node* node, struct rb_root* root) {}
static inline void rb_replace_node(struct rb_node* old, struct rb_node* n, struct rb_root* root) {
  struct rb_node* parent = old->parent;
  if (!parent)
    root->rb_node = n;
  else if (parent->rb_left == old)
    parent->rb_left = n;
  else
    parent->rb_right = n;
  *n = *old;
  if (n->rb_left) n->rb_left->parent = n;
  if (n->rb_right) n->rb_right->parent = n;
}
static inline struct rb_node* __rb_least(struct rb_node* n) {
  while (n && n->rb_left) n = n->rb_left;
  return n;
}
static inline struct rb_node* __rb_most(struct rb_node* n) {
  while (n && n->rb_right) n = n->rb_right;
  return n;
}
static inline struct rb_node* rb_first(const struct rb_root* root) { return __rb_least(root->rb_node); }
static inline struct rb_node* rb_last(const struct rb_root* root) { return __rb_most(root->rb_node); }
static inline struct rb_node* rb_next(const struct rb_node* n) {
  if (n->rb_right) return __rb_least(n->rb_right);
  while (n->parent && n == n->parent->rb_right) n = n->parent;
  return n->parent;
}
static inline struct rb_node* rb_prev(const struct rb_node* n) {
  if (n->rb_left) return __rb_most(n->rb_left);
  while (n->parent && n == n->parent->rb_left) n = n->parent;
  return n->parent;
}
static inline void rb_erase(struct rb_node* n, struct rb_root* root) {
  struct rb_node* child = n->rb_left ? n->rb_left : n->rb_right;
  if (n->rb_left && n->rb_right) {
    struct rb_node* heir = __rb_least(n->rb_right);
    rb_erase(heir, root);
    rb_replace_node(n, heir, root);
    return;
  }
  if (child) child->parent = n->parent;
  if (!n->parent)
    root->rb_node = child;
  else if (n->parent->rb_left == n)
    n->parent->rb_left = child;
  else
    n->parent->rb_right = child;
}
#define rb_first_cached(root) rb_first(&(root)->rb_root)
#define rb_insert_color_cached(node, root, leftmost) rb_insert_color(node, &(root)->rb_root)
#define rb_erase_cached(node, root) rb_erase(node, &(root)->rb_root)
static inline struct rb_node* rb_first_postorder(const struct rb_root* root) {
  struct rb_node* n = root->rb_node;
  while (n && (n->rb_left || n->rb_right)) n = n->rb_left ? n->rb_left : n->rb_right;
  return n;
}
static inline struct rb_node* rb_next_postorder(const struct rb_node* n) {
  struct rb_node* parent = n->parent;
  if (!parent || n != parent->rb_left || !parent->rb_right) return parent;
  for (n = parent->rb_right; n->rb_left || n->rb_right;) n = n->rb_left ? n->rb_left : n->rb_right;
  return (struct rb_node*)n;
}
#define rbtree_postorder_for_each_entry_safe(pos, n, root, field)                \
  for (pos = rb_entry_safe(rb_first_postorder(root), typeof(*pos), field);       \
       pos && ({                                                                 \
         n = rb_entry_safe(rb_next_postorder(&pos->field), typeof(*pos), field); \
         1;                                                                      \
       });                                                                       \
       pos = n)

#endif
