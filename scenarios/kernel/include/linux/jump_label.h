/* Static keys: plain counters, no code is patched. */
#ifndef TRAPLINE_LINUX_JUMP_LABEL_H
#define TRAPLINE_LINUX_JUMP_LABEL_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/compiler.h>
struct static_key {
  atomic_t enabled;
};
struct static_key_true {
  struct static_key key;
};
struct static_key_false {
  struct static_key key;
};
#define STATIC_KEY_INIT_TRUE \
  { .enabled = ATOMIC_INIT(1) }
#define STATIC_KEY_INIT_FALSE \
  { .enabled = ATOMIC_INIT(0) }
#define STATIC_KEY_INIT STATIC_KEY_INIT_FALSE
#define STATIC_KEY_TRUE_INIT \
  { .key = STATIC_KEY_INIT_TRUE }
#define STATIC_KEY_FALSE_INIT \
  { .key = STATIC_KEY_INIT_FALSE }
#define DEFINE_STATIC_KEY_TRUE(name) struct static_key_true name = STATIC_KEY_TRUE_INIT
#define DEFINE_STATIC_KEY_FALSE(name) struct static_key_false name = STATIC_KEY_FALSE_INIT
#define DEFINE_STATIC_KEY_TRUE_RO(name) DEFINE_STATIC_KEY_TRUE(name)
#define DEFINE_STATIC_KEY_FALSE_RO(name) DEFINE_STATIC_KEY_FALSE(name)
#define DEFINE_STATIC_KEY_ARRAY_TRUE(name, n) \
  struct static_key_true name[n] = {[0 ...(n) - 1] = STATIC_KEY_TRUE_INIT}
#define DEFINE_STATIC_KEY_ARRAY_FALSE(name, n) \
  struct static_key_false name[n] = {[0 ...(n) - 1] = STATIC_KEY_FALSE_INIT}
#define DECLARE_STATIC_KEY_TRUE(name) extern struct static_key_true name
#define DECLARE_STATIC_KEY_FALSE(name) extern struct static_key_false name

static __always_inline int static_key_count(struct static_key* key) { return atomic_read(&key->enabled); }
static __always_inline bool static_key_true(struct static_key* key) {
  return likely(static_key_count(key) > 0);
}
static __always_inline bool static_key_false(struct static_key* key) {
  return unlikely(static_key_count(key) > 0);
}
static inline void static_key_slow_inc(struct static_key* key) { atomic_inc(&key->enabled); }
static inline void static_key_slow_dec(struct static_key* key) { atomic_dec(&key->enabled); }
/* These two are for keys that are not counted. */
static inline void static_key_enable(struct static_key* key) {
  if (atomic_read(&key->enabled)) {
    WARN_ON_ONCE(atomic_read(&key->enabled) != 1);
    return;
  }
  atomic_set(&key->enabled, 1);
}
static inline void static_key_disable(struct static_key* key) {
  if (atomic_read(&key->enabled) != 1) {
    WARN_ON_ONCE(atomic_read(&key->enabled) != 0);
    return;
  }
  atomic_set(&key->enabled, 0);
}
/* Of each of the three types, which all begin with the counter. */
#define static_key_enabled(x) (atomic_read((const atomic_t*)(x)) > 0)
#define static_branch_likely(x) likely(static_key_enabled(&(x)->key))
#define static_branch_unlikely(x) unlikely(static_key_enabled(&(x)->key))
#define static_branch_maybe(config, x) static_branch_unlikely(x)
#define static_branch_enable(x) static_key_enable(&(x)->key)
#define static_branch_disable(x) static_key_disable(&(x)->key)
#define static_branch_inc(x) static_key_slow_inc(&(x)->key)
#define static_branch_dec(x) static_key_slow_dec(&(x)->key)

#endif
