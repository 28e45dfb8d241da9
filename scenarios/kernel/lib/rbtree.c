// Trees that two colours keep balanced (lib/rbtree.c): no red node has a red child, and each path from the
// root down has as many black ones.
#include <linux/rbtree_augmented.h>

typedef void (*rotate_fn)(struct rb_node* old, struct rb_node* n);
static void no_rotate(struct rb_node* old, struct rb_node* n) {}
static void no_propagate(struct rb_node* node, struct rb_node* stop) {}

static bool is_red(const struct rb_node* node) { return node && rb_is_red(node); }
static void set_parent(struct rb_node* node, struct rb_node* parent) {
  node->__rb_parent_color = (node->__rb_parent_color & 3) | (unsigned long)parent;
}
static void set_color(struct rb_node* node, unsigned long color) {
  node->__rb_parent_color = (node->__rb_parent_color & ~3UL) | color;
}
static struct rb_node** side(struct rb_node* node, bool right) {
  return right ? &node->rb_right : &node->rb_left;
}

// What points to a node points to another now.
static void replace_child(struct rb_node* old, struct rb_node* n, struct rb_node* parent,
                          struct rb_root* root) {
  if (!parent)
    WRITE_ONCE(root->rb_node, n);
  else if (parent->rb_left == old)
    WRITE_ONCE(parent->rb_left, n);
  else
    WRITE_ONCE(parent->rb_right, n);
}

// The child of the other side comes up, and node goes down to that side.
static void turn(struct rb_node* node, bool right, struct rb_root* root, rotate_fn rotate) {
  struct rb_node *up = *side(node, !right), *between = *side(up, right), *parent = rb_parent(node);

  *side(node, !right) = between;
  if (between) set_parent(between, node);
  *side(up, right) = node;
  set_parent(up, parent);
  replace_child(node, up, parent, root);
  set_parent(node, up);
  rotate(node, up);
}

void __rb_insert_augmented(struct rb_node* node, struct rb_root* root, rotate_fn rotate) {
  struct rb_node* parent;

  set_color(node, RB_RED);
  while (is_red(parent = rb_parent(node))) {
    struct rb_node* grand = rb_parent(parent);
    bool right = grand->rb_right == parent;
    struct rb_node* uncle = *side(grand, !right);

    if (is_red(uncle)) {
      set_color(uncle, RB_BLACK);
      set_color(parent, RB_BLACK);
      set_color(grand, RB_RED);
      node = grand;
      continue;
    }
    if (*side(parent, !right) == node) {
      turn(parent, right, root, rotate);
      parent = node;
    }
    set_color(parent, RB_BLACK);
    set_color(grand, RB_RED);
    turn(grand, !right, root, rotate);
    break;
  }
  set_color(root->rb_node, RB_BLACK);
}
void rb_insert_color(struct rb_node* node, struct rb_root* root) {
  __rb_insert_augmented(node, root, no_rotate);
}

// The paths through node, which may be null, are one black node short.
static void mend(struct rb_node* node, struct rb_node* parent, struct rb_root* root, rotate_fn rotate) {
  while (parent && !is_red(node)) {
    bool right = parent->rb_right == node;
    struct rb_node *sibling = *side(parent, !right), *far;

    if (is_red(sibling)) {
      set_color(sibling, RB_BLACK);
      set_color(parent, RB_RED);
      turn(parent, right, root, rotate);
      sibling = *side(parent, !right);
    }
    if (!is_red(sibling->rb_left) && !is_red(sibling->rb_right)) {
      set_color(sibling, RB_RED);
      node = parent;
      parent = rb_parent(node);
      continue;
    }
    far = *side(sibling, !right);
    if (!is_red(far)) {
      struct rb_node* near = *side(sibling, right);

      set_color(near, RB_BLACK);
      set_color(sibling, RB_RED);
      turn(sibling, !right, root, rotate);
      far = sibling;
      sibling = near;
    }
    set_color(sibling, parent->__rb_parent_color & 1);
    set_color(parent, RB_BLACK);
    set_color(far, RB_BLACK);
    turn(parent, right, root, rotate);
    return;
  }
  if (node) set_color(node, RB_BLACK);
}

void rb_erase_augmented(struct rb_node* node, struct rb_root* root,
                        const struct rb_augment_callbacks* augment) {
  struct rb_node *child = node->rb_left ? node->rb_left : node->rb_right, *parent = rb_parent(node);
  bool black = rb_is_black(node);

  if (node->rb_left && node->rb_right) {
    // The next one takes its place and colour; where that one was, one is missing.
    struct rb_node* heir = node->rb_right;

    while (heir->rb_left) heir = heir->rb_left;
    black = rb_is_black(heir);
    child = heir->rb_right;
    parent = heir;
    if (heir != node->rb_right) {
      parent = rb_parent(heir);
      parent->rb_left = child;
      if (child) set_parent(child, parent);
      heir->rb_right = node->rb_right;
      set_parent(heir->rb_right, heir);
    }
    heir->rb_left = node->rb_left;
    set_parent(heir->rb_left, heir);
    heir->__rb_parent_color = node->__rb_parent_color;
    replace_child(node, heir, rb_parent(node), root);
    // Where nothing changes on the way up to the heir, what that one knows changes all the same.
    augment->copy(node, heir);
    if (parent != heir) augment->propagate(parent, heir);
    augment->propagate(heir, NULL);
  } else {
    if (child) set_parent(child, parent);
    replace_child(node, child, parent, root);
    if (parent) augment->propagate(parent, NULL);
  }
  if (black) mend(child, parent, root, augment->rotate);
}
static const struct rb_augment_callbacks no_augment = {no_propagate, no_rotate, no_rotate};
void rb_erase(struct rb_node* node, struct rb_root* root) { rb_erase_augmented(node, root, &no_augment); }

void rb_replace_node(struct rb_node* old, struct rb_node* n, struct rb_root* root) {
  *n = *old;
  if (n->rb_left) set_parent(n->rb_left, n);
  if (n->rb_right) set_parent(n->rb_right, n);
  replace_child(old, n, rb_parent(old), root);
}

static struct rb_node* outermost(struct rb_node* node, bool right) {
  while (node && *side(node, right)) node = *side(node, right);
  return node;
}
struct rb_node* rb_first(const struct rb_root* root) {
  return outermost(root->rb_node, false);
}
struct rb_node* rb_last(const struct rb_root* root) {
  return outermost(root->rb_node, true);
}

static struct rb_node* step(const struct rb_node* node, bool right) {
  struct rb_node *from = (struct rb_node*)node, *parent;

  if (RB_EMPTY_NODE(node)) return NULL;
  if (*side(from, right)) return outermost(*side(from, right), !right);
  while ((parent = rb_parent(from)) && *side(parent, right) == from) from = parent;
  return parent;
}
struct rb_node* rb_next(const struct rb_node* node) {
  return step(node, true);
}
struct rb_node* rb_prev(const struct rb_node* node) {
  return step(node, false);
}

static struct rb_node* deepest(struct rb_node* node) {
  while (node && (node->rb_left || node->rb_right)) node = node->rb_left ? node->rb_left : node->rb_right;
  return node;
}
struct rb_node* rb_first_postorder(const struct rb_root* root) {
  return deepest(root->rb_node);
}
struct rb_node* rb_next_postorder(const struct rb_node* node) {
  struct rb_node* parent = node ? rb_parent(node) : NULL;

  return parent && node == parent->rb_left && parent->rb_right ? deepest(parent->rb_right) : parent;
}
