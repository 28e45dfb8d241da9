/* Sorted trees, balanced by two colours. */
#ifndef TRAPLINE_LINUX_RBTREE_H
#define TRAPLINE_LINUX_RBTREE_H

#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/rbtree_types.h>
#include <linux/stddef.h>
#define rb_parent(node) ((struct rb_node*)((node)->__rb_parent_color & ~3UL))
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member)        \
  ({                                            \
    typeof(ptr) __rp = (ptr);                   \
    __rp ? rb_entry(__rp, type, member) : NULL; \
  })
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)
#define RB_EMPTY_NODE(node) ((node)->__rb_parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))

void rb_insert_color(struct rb_node* node, struct rb_root* root);
void rb_erase(struct rb_node* node, struct rb_root* root);
struct rb_node* rb_first(const struct rb_root* root);
struct rb_node* rb_last(const struct rb_root* root);
struct rb_node* rb_next(const struct rb_node* node);
struct rb_node* rb_prev(const struct rb_node* node);
struct rb_node* rb_first_postorder(const struct rb_root* root);
struct rb_node* rb_next_postorder(const struct rb_node* node);
void rb_replace_node(struct rb_node* old, struct rb_node* n, struct rb_root* root);

static inline void rb_link_node(struct rb_node* node, struct rb_node* parent, struct rb_node** link) {
  node->__rb_parent_color = (unsigned long)parent;
  node->rb_left = node->rb_right = NULL;
  *link = node;
}
#define rb_first_cached(root) ((root)->rb_leftmost)
static inline void rb_insert_color_cached(struct rb_node* node, struct rb_root_cached* root, bool leftmost) {
  if (leftmost) root->rb_leftmost = node;
  rb_insert_color(node, &root->rb_root);
}
/* The new leftmost node, if that is another. */
static inline struct rb_node* rb_erase_cached(struct rb_node* node, struct rb_root_cached* root) {
  struct rb_node* leftmost = NULL;
  if (root->rb_leftmost == node) leftmost = root->rb_leftmost = rb_next(node);
  rb_erase(node, &root->rb_root);
  return leftmost;
}
static inline void rb_replace_node_cached(struct rb_node* old, struct rb_node* n,
                                          struct rb_root_cached* root) {
  if (root->rb_leftmost == old) root->rb_leftmost = n;
  rb_replace_node(old, n, &root->rb_root);
}

/* With functions that compare. */
static __always_inline void rb_add(struct rb_node* node, struct rb_root* tree,
                                   bool (*less)(struct rb_node*, const struct rb_node*)) {
  struct rb_node **link = &tree->rb_node, *parent = NULL;
  while (*link) {
    parent = *link;
    link = less(node, parent) ? &parent->rb_left : &parent->rb_right;
  }
  rb_link_node(node, parent, link);
  rb_insert_color(node, tree);
}
/* The node, if it is the leftmost now. */
static __always_inline struct rb_node* rb_add_cached(struct rb_node* node, struct rb_root_cached* tree,
                                                     bool (*less)(struct rb_node*, const struct rb_node*)) {
  struct rb_node **link = &tree->rb_root.rb_node, *parent = NULL;
  bool leftmost = true;
  while (*link) {
    parent = *link;
    if (less(node, parent)) {
      link = &parent->rb_left;
    } else {
      link = &parent->rb_right;
      leftmost = false;
    }
  }
  rb_link_node(node, parent, link);
  rb_insert_color_cached(node, tree, leftmost);
  return leftmost ? node : NULL;
}
/* The equal one that is there already; null: it is added. */
static __always_inline struct rb_node* rb_find_add(struct rb_node* node, struct rb_root* tree,
                                                   int (*cmp)(struct rb_node*, const struct rb_node*)) {
  struct rb_node **link = &tree->rb_node, *parent = NULL;
  while (*link) {
    int order = cmp(node, *link);
    if (!order) return *link;
    parent = *link;
    link = order < 0 ? &parent->rb_left : &parent->rb_right;
  }
  rb_link_node(node, parent, link);
  rb_insert_color(node, tree);
  return NULL;
}
static __always_inline struct rb_node* rb_find(const void* key, const struct rb_root* tree,
                                               int (*cmp)(const void* key, const struct rb_node*)) {
  struct rb_node* node = tree->rb_node;
  while (node) {
    int order = cmp(key, node);
    if (!order) break;
    node = order < 0 ? node->rb_left : node->rb_right;
  }
  return node;
}
static __always_inline struct rb_node* rb_find_first(const void* key, const struct rb_root* tree,
                                                     int (*cmp)(const void* key, const struct rb_node*)) {
  struct rb_node *node = tree->rb_node, *match = NULL;
  while (node) {
    int order = cmp(key, node);
    if (!order) match = node;
    node = order <= 0 ? node->rb_left : node->rb_right;
  }
  return match;
}
static __always_inline struct rb_node* rb_next_match(const void* key, struct rb_node* node,
                                                     int (*cmp)(const void* key, const struct rb_node*)) {
  node = rb_next(node);
  return node && !cmp(key, node) ? node : NULL;
}
#define rb_for_each(node, key, tree, cmp) \
  for ((node) = rb_find_first((key), (tree), (cmp)); (node); (node) = rb_next_match((key), (node), (cmp)))
#define rbtree_postorder_for_each_entry_safe(pos, n, root, field)                \
  for (pos = rb_entry_safe(rb_first_postorder(root), typeof(*pos), field);       \
       pos && ({                                                                 \
         n = rb_entry_safe(rb_next_postorder(&pos->field), typeof(*pos), field); \
         1;                                                                      \
       });                                                                       \
       pos = n)

#endif
