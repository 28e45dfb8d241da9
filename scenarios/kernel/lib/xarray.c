// Sparse arrays (lib/xarray.c): a tree of nodes with 64 slots each. A node that has nothing is freed.
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/xarray.h>

enum { SLOTS = 64, SHIFT = 6, MARKS = 3 };

struct xa_node {
  unsigned char shift; /* of the indexes below one slot */
  unsigned char offset;
  unsigned char count;
  struct xa_node* parent;
  struct rcu_head rcu;
  void* slots[SLOTS];
  unsigned long marks[MARKS];
};

static struct xa_node* root_of(const struct xarray* xa) { return READ_ONCE(*(struct xa_node**)&xa->xa_head); }
static unsigned int slot_in(const struct xa_node* node, unsigned long index) {
  return (index >> node->shift) & (SLOTS - 1);
}
static bool reaches(const struct xa_node* root, unsigned long index) {
  return root->shift + SHIFT >= 64 || index >> (root->shift + SHIFT) == 0;
}

// The node of the index at the bottom, or null.
static struct xa_node* leaf_of(const struct xarray* xa, unsigned long index) {
  struct xa_node* node = root_of(xa);

  if (node && !reaches(node, index)) return NULL;
  while (node && node->shift) node = READ_ONCE(node->slots[slot_in(node, index)]);
  return node;
}

static struct xa_node* new_node(struct xa_node* parent, unsigned int offset, unsigned int shift) {
  struct xa_node* node = kzalloc(sizeof(*node), GFP_ATOMIC);

  if (!node) return NULL;
  node->shift = (unsigned char)shift;
  node->offset = (unsigned char)offset;
  node->parent = parent;
  if (parent) {
    parent->slots[offset] = node;
    parent->count++;
  }
  return node;
}

// The same, made with all above it.
static struct xa_node* make_leaf(struct xarray* xa, unsigned long index) {
  struct xa_node *node = root_of(xa), *above;

  if (!node) {
    unsigned int shift = 0;

    while (shift + SHIFT < 64 && index >> (shift + SHIFT)) shift += SHIFT;
    node = xa->xa_head = new_node(NULL, 0, shift);
  }
  for (; node && !reaches(node, index); node = above) {
    above = new_node(NULL, 0, node->shift + SHIFT);
    if (!above) return NULL;
    above->slots[0] = node;
    above->count = 1;
    for (int m = 0; m < MARKS; m++) above->marks[m] = node->marks[m] != 0;
    node->parent = above;
    WRITE_ONCE(xa->xa_head, above);
  }
  while (node && node->shift) {
    unsigned int slot = slot_in(node, index);

    node = node->slots[slot] ? node->slots[slot] : new_node(node, slot, node->shift - SHIFT);
  }
  return node;
}

static void set_mark(struct xa_node* node, unsigned int slot, xa_mark_t mark) {
  for (; node; slot = node->offset, node = node->parent) node->marks[mark] |= 1UL << slot;
}
static void clear_mark(struct xa_node* node, unsigned int slot, xa_mark_t mark) {
  for (; node; slot = node->offset, node = node->parent) {
    node->marks[mark] &= ~(1UL << slot);
    if (node->marks[mark]) break;
  }
}

// Frees what has nothing, upwards from a node.
static void prune(struct xarray* xa, struct xa_node* node) {
  while (node && !node->count) {
    struct xa_node* parent = node->parent;

    if (parent) {
      WRITE_ONCE(parent->slots[node->offset], NULL);
      parent->count--;
    } else {
      WRITE_ONCE(xa->xa_head, NULL);
    }
    // Readers may be at it.
    kfree_rcu(node, rcu);
    node = parent;
  }
}

static void* put(struct xarray* xa, unsigned long index, void* entry) {
  struct xa_node* leaf = entry ? make_leaf(xa, index) : leaf_of(xa, index);
  unsigned int slot = index & (SLOTS - 1);
  void* old;

  if (!leaf) return entry ? __xa_error(-ENOMEM) : NULL;
  old = leaf->slots[slot];
  WRITE_ONCE(leaf->slots[slot], entry);
  leaf->count = (unsigned char)(leaf->count + !!entry - !!old);
  if (!entry) {
    for (xa_mark_t m = 0; m < MARKS; m++) clear_mark(leaf, slot, m);
    prune(xa, leaf);
  }
  return old;
}

static void* get(const struct xarray* xa, unsigned long index) {
  struct xa_node* leaf = leaf_of(xa, index);

  return leaf ? READ_ONCE(leaf->slots[index & (SLOTS - 1)]) : NULL;
}
static void* shown(void* entry) { return xa_is_zero(entry) ? NULL : entry; }
// A null takes a number that is given out as well.
static void* kept(const struct xarray* xa, void* entry) {
  return !entry && (xa->xa_flags & (XA_FLAGS_ALLOC | XA_FLAGS_ALLOC1)) ? XA_ZERO_ENTRY : entry;
}

void* xa_load(struct xarray* xa, unsigned long index) { return shown(get(xa, index)); }
void* __xa_store(struct xarray* xa, unsigned long index, void* entry, gfp_t gfp) {
  return shown(put(xa, index, kept(xa, entry)));
}
void* __xa_erase(struct xarray* xa, unsigned long index) { return shown(put(xa, index, NULL)); }

void* __xa_cmpxchg(struct xarray* xa, unsigned long index, void* old, void* entry, gfp_t gfp) {
  void *now = get(xa, index), *result;

  if (now != old) return shown(now);
  result = put(xa, index, entry);
  return xa_is_err(result) ? result : shown(now);
}

int __xa_insert(struct xarray* xa, unsigned long index, void* entry, gfp_t gfp) {
  return get(xa, index) ? -EBUSY : xa_err(put(xa, index, entry ? entry : XA_ZERO_ENTRY));
}

// The first from min to max that has nothing; false: there is none.
static bool first_free(const struct xarray* xa, unsigned long min, unsigned long max, unsigned long* found) {
  for (unsigned long index = min; index <= max && index >= min; index = (index | (SLOTS - 1)) + 1) {
    struct xa_node* leaf = leaf_of(xa, index);

    *found = index;
    if (!leaf) return true;
    if (leaf->count == SLOTS) continue;
    for (unsigned int slot = index & (SLOTS - 1); slot < SLOTS; slot++) {
      if (leaf->slots[slot]) continue;
      *found = (index & ~(SLOTS - 1UL)) | slot;
      return *found <= max;
    }
  }
  return false;
}

int __xa_alloc(struct xarray* xa, u32* id, void* entry, struct xa_limit limit, gfp_t gfp) {
  unsigned long index, min = limit.min;
  int err;

  if (!min && (xa->xa_flags & XA_FLAGS_ALLOC1)) min = 1;
  if (!first_free(xa, min, limit.max, &index)) return -EBUSY;
  err = xa_err(put(xa, index, entry ? entry : XA_ZERO_ENTRY));
  if (!err) *id = (u32)index;
  return err;
}

int __xa_alloc_cyclic(struct xarray* xa, u32* id, void* entry, struct xa_limit limit, u32* next, gfp_t gfp) {
  struct xa_limit rest = {.max = limit.max, .min = max(limit.min, *next)};
  int err = __xa_alloc(xa, id, entry, rest, gfp), again = 0;

  if (err == -EBUSY && rest.min > limit.min) {
    err = __xa_alloc(xa, id, entry, limit, gfp);
    again = 1;
  }
  if (err) return err;
  *next = *id + 1;
  return again || !*next;
}

void __xa_set_mark(struct xarray* xa, unsigned long index, xa_mark_t mark) {
  if (get(xa, index)) set_mark(leaf_of(xa, index), index & (SLOTS - 1), mark);
}
void __xa_clear_mark(struct xarray* xa, unsigned long index, xa_mark_t mark) {
  struct xa_node* leaf = leaf_of(xa, index);

  if (leaf) clear_mark(leaf, index & (SLOTS - 1), mark);
}
bool xa_get_mark(struct xarray* xa, unsigned long index, xa_mark_t mark) {
  struct xa_node* leaf = leaf_of(xa, index);

  return leaf && (leaf->marks[mark] >> (index & (SLOTS - 1)) & 1);
}
bool xa_marked(const struct xarray* xa, xa_mark_t mark) {
  struct xa_node* root = root_of(xa);

  return root && root->marks[mark];
}

// The first below a node, which begins at `base`, from *index on.
static void* first_in(const struct xa_node* node, unsigned long base, unsigned long* index, unsigned long max,
                      xa_mark_t filter) {
  unsigned int slot = *index > base ? slot_in(node, *index) : 0;

  for (; slot < SLOTS; slot++) {
    unsigned long at = base + ((unsigned long)slot << node->shift);
    void* entry = READ_ONCE(node->slots[slot]);

    if (at > max || at < base) return NULL;
    if (!entry || (filter < MARKS && !(node->marks[filter] >> slot & 1))) continue;
    if (node->shift) {
      entry = first_in(entry, at, index, max, filter);
      if (entry) return entry;
    } else if (!xa_is_zero(entry)) {
      *index = at;
      return entry;
    }
  }
  return NULL;
}

void* xa_find(struct xarray* xa, unsigned long* index, unsigned long max, xa_mark_t filter) {
  struct xa_node* root = root_of(xa);

  return root && reaches(root, *index) && *index <= max ? first_in(root, 0, index, max, filter) : NULL;
}
void* xa_find_after(struct xarray* xa, unsigned long* index, unsigned long max, xa_mark_t filter) {
  unsigned long next = *index + 1;
  void* entry = next ? xa_find(xa, &next, max, filter) : NULL;

  if (entry) *index = next;
  return entry;
}

unsigned int xa_extract(struct xarray* xa, void** to, unsigned long start, unsigned long max, unsigned int n,
                        xa_mark_t filter) {
  unsigned int found = 0;

  for (void* entry = xa_find(xa, &start, max, filter); entry && found < n;
       entry = xa_find_after(xa, &start, max, filter))
    to[found++] = entry;
  return found;
}

static void free_below(struct xa_node* node) {
  for (unsigned int slot = 0; node->shift && slot < SLOTS; slot++)
    if (node->slots[slot]) free_below(node->slots[slot]);
  kfree(node);
}
void xa_destroy(struct xarray* xa) {
  struct xa_node* root = root_of(xa);

  xa->xa_head = NULL;
  if (root) free_below(root);
}
