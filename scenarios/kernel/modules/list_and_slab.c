// Objects of a cache of their own, kept in a list and in a hash table, and strings of the heap.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct item {
  int key;
  char* name;
  struct list_head in_list;
  struct hlist_node in_table;
};
static LIST_HEAD(items);
static DEFINE_HASHTABLE(table, 3);
static struct kmem_cache* cache;
static unsigned int count = 5;
module_param(count, uint, 0444);

static struct item* find(int key) {
  struct item* item;

  hash_for_each_possible(table, item, in_table, key) if (item->key == key) return item;
  return NULL;
}

static void drop(struct item* item) {
  list_del(&item->in_list);
  hash_del(&item->in_table);
  kfree(item->name);
  kmem_cache_free(cache, item);
}

static void __exit list_and_slab_exit(void) {
  struct item *item, *next;
  unsigned int n = 0;

  list_for_each_entry_safe(item, next, &items, in_list) {
    drop(item);
    n++;
  }
  kmem_cache_destroy(cache);
  pr_info("freed %u items\n", n);
}

static int __init list_and_slab_init(void) {
  struct item* item;

  cache = KMEM_CACHE(item, SLAB_HWCACHE_ALIGN);
  if (!cache) return -ENOMEM;
  for (unsigned int i = 0; i < count; i++) {
    item = kmem_cache_zalloc(cache, GFP_KERNEL);
    if (!item) break;
    item->key = i * i;
    item->name = kasprintf(GFP_KERNEL, "item %u", i);
    list_add_tail(&item->in_list, &items);
    hash_add(table, &item->in_table, item->key);
  }
  item = find(4);
  if (item) {
    pr_info("found %d: %s, dropped\n", item->key, item->name);
    drop(item);
  }
  list_for_each_entry_reverse(item, &items, in_list) pr_info("%d: %s\n", item->key, item->name);
  return 0;
}

module_init(list_and_slab_init);
module_exit(list_and_slab_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A list, a hash table and a cache of objects");
