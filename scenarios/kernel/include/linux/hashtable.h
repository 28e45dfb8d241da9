/* Hash tables of hlists. */
#ifndef TRAPLINE_LINUX_HASHTABLE_H
#define TRAPLINE_LINUX_HASHTABLE_H

#include <linux/array_size.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/rculist.h>
#define DEFINE_HASHTABLE(name, bits) \
  struct hlist_head name[1 << (bits)] = {[0 ...((1 << (bits)) - 1)] = HLIST_HEAD_INIT}
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define HASH_SIZE(name) (ARRAY_SIZE(name))
#define HASH_BITS(name) ilog2(HASH_SIZE(name))
#define hash_min(value, bits) (sizeof(value) <= 4 ? hash_32(value, bits) : hash_long(value, bits))
static inline void __hash_init(struct hlist_head* table, unsigned int size) {
  for (unsigned int i = 0; i < size; i++) INIT_HLIST_HEAD(&table[i]);
}
#define hash_init(table) __hash_init(table, HASH_SIZE(table))
#define hash_add(table, node, key) hlist_add_head(node, &table[hash_min(key, HASH_BITS(table))])
#define hash_add_rcu(table, node, key) hlist_add_head_rcu(node, &table[hash_min(key, HASH_BITS(table))])
static inline bool hash_hashed(struct hlist_node* node) { return !hlist_unhashed(node); }
static inline bool __hash_empty(struct hlist_head* table, unsigned int size) {
  for (unsigned int i = 0; i < size; i++)
    if (!hlist_empty(&table[i])) return false;
  return true;
}
#define hash_empty(table) __hash_empty(table, HASH_SIZE(table))
static inline void hash_del(struct hlist_node* node) { hlist_del_init(node); }
static inline void hash_del_rcu(struct hlist_node* node) { hlist_del_init(node); }
#define hash_for_each(name, bucket, obj, member)                                                \
  for ((bucket) = 0, obj = NULL; obj == NULL && (size_t)(bucket) < HASH_SIZE(name); (bucket)++) \
  hlist_for_each_entry(obj, &name[bucket], member)
#define hash_for_each_rcu(name, bucket, obj, member) hash_for_each(name, bucket, obj, member)
#define hash_for_each_safe(name, bucket, tmp, obj, member)                                      \
  for ((bucket) = 0, obj = NULL; obj == NULL && (size_t)(bucket) < HASH_SIZE(name); (bucket)++) \
  hlist_for_each_entry_safe(obj, tmp, &name[bucket], member)
#define hash_for_each_possible(name, obj, member, key) \
  hlist_for_each_entry(obj, &name[hash_min(key, HASH_BITS(name))], member)
#define hash_for_each_possible_rcu(name, obj, member, key) hash_for_each_possible(name, obj, member, key)
#define hash_for_each_possible_safe(name, obj, tmp, member, key) \
  hlist_for_each_entry_safe(obj, tmp, &name[hash_min(key, HASH_BITS(name))], member)

#endif
