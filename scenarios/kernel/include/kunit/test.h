/* KUnit: suites of tests that run when their module is loaded, and print TAP as Linux 6.1 does. */
#ifndef TRAPLINE_KUNIT_TEST_H
#define TRAPLINE_KUNIT_TEST_H

/*
 * All of it is code of the module. kunit_test_suites() records the suites; init_module(), which
 * this header defines, calls the module's own module_init() function if it has one, then runs the
 * suites. A failed assertion leaves the test by __builtin_longjmp() to where it was started.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

#define KUNIT_PARAM_DESC_SIZE 128
#define KUNIT_STATUS_COMMENT_SIZE 256
#define KUNIT_SUBTEST_INDENT "    "
#define KUNIT_SUBSUBTEST_INDENT "        "
enum kunit_status { KUNIT_SUCCESS, KUNIT_FAILURE, KUNIT_SKIPPED };

struct kunit;
struct kunit_case {
  void (*run_case)(struct kunit* test);
  const char* name;
  const void* (*generate_params)(const void* prev, char* desc);
  enum kunit_status status;
};
struct kunit_suite {
  const char name[256];
  int (*suite_init)(struct kunit_suite* suite);
  void (*suite_exit)(struct kunit_suite* suite);
  int (*init)(struct kunit* test);
  void (*exit)(struct kunit* test);
  struct kunit_case* test_cases;
  char status_comment[KUNIT_STATUS_COMMENT_SIZE];
  int suite_init_err;
};
/* Memory or an action that ends with the test, the last one first. */
struct kunit_resource {
  struct list_head node;
  void (*free)(void* data);
  void* data;
};
struct kunit {
  void* priv;
  const char* name;
  const void* param_value;
  int param_index;
  enum kunit_status status;
  struct list_head resources;
  void* jump[5]; /* of __builtin_setjmp() */
  char status_comment[KUNIT_STATUS_COMMENT_SIZE];
};

#define KUNIT_CASE(test_name) \
  { .run_case = test_name, .name = #test_name }
#define KUNIT_CASE_SLOW(test_name) KUNIT_CASE(test_name)
#define KUNIT_CASE_PARAM(test_name, gen_params) \
  { .run_case = test_name, .name = #test_name, .generate_params = gen_params }
#define KUNIT_ARRAY_PARAM(name, array, get_desc)                                  \
  static const void* name##_gen_params(const void* __prev, char* __desc) {        \
    typeof((array)[0])* __next = __prev ? ((typeof(__next))__prev) + 1 : (array); \
    void (*__get_desc)(typeof(__next), char*) = get_desc;                         \
    if (__next - (array) >= (long)ARRAY_SIZE(array)) return NULL;                 \
    if (__get_desc) __get_desc(__next, __desc);                                   \
    return __next;                                                                \
  }
static inline const char* kunit_status_to_ok_not_ok(enum kunit_status status) {
  return status == KUNIT_FAILURE ? "not ok" : "ok";
}
static inline void kunit_set_failure(struct kunit* test) { WRITE_ONCE(test->status, KUNIT_FAILURE); }

#define kunit_log(level, test_or_suite, fmt, ...) printk(level fmt "\n", ##__VA_ARGS__)
#define kunit_printk(level, test, fmt, ...) \
  printk(level KUNIT_SUBTEST_INDENT "# %s: " fmt, (test)->name, ##__VA_ARGS__)
#define kunit_info(test, fmt, ...) kunit_printk(KERN_INFO, test, fmt, ##__VA_ARGS__)
#define kunit_warn(test, fmt, ...) kunit_printk(KERN_WARNING, test, fmt, ##__VA_ARGS__)
#define kunit_err(test, fmt, ...) kunit_printk(KERN_ERR, test, fmt, ##__VA_ARGS__)

static noinline __noreturn __maybe_unused void kunit_abort(struct kunit* test) {
  __builtin_longjmp(test->jump, 1);
}
#define kunit_mark_skipped(test, fmt, ...)                                            \
  do {                                                                                \
    WRITE_ONCE((test)->status, KUNIT_SKIPPED);                                        \
    scnprintf((test)->status_comment, KUNIT_STATUS_COMMENT_SIZE, fmt, ##__VA_ARGS__); \
  } while (0)
#define kunit_skip(test, fmt, ...)                \
  do {                                            \
    kunit_mark_skipped(test, fmt, ##__VA_ARGS__); \
    kunit_abort(test);                            \
  } while (0)

/* Resources. */
static inline int kunit_add_action(struct kunit* test, void (*action)(void*), void* data) {
  struct kunit_resource* r = kmalloc(sizeof(*r), GFP_KERNEL);
  if (!r) return -ENOMEM;
  r->free = action;
  r->data = data;
  list_add(&r->node, &test->resources);
  return 0;
}
static inline int kunit_add_action_or_reset(struct kunit* test, void (*action)(void*), void* data) {
  int err = kunit_add_action(test, action, data);
  if (err) action(data);
  return err;
}
static inline void kunit_remove_action(struct kunit* test, void (*action)(void*), void* data) {
  struct kunit_resource *r, *n;
  list_for_each_entry_safe(r, n, &test->resources, node) {
    if (r->free != action || r->data != data) continue;
    list_del(&r->node);
    kfree(r);
    return;
  }
}
static inline void kunit_release_action(struct kunit* test, void (*action)(void*), void* data) {
  kunit_remove_action(test, action, data);
  action(data);
}
static inline void kunit_cleanup(struct kunit* test) {
  while (!list_empty(&test->resources)) {
    struct kunit_resource* r = list_first_entry(&test->resources, struct kunit_resource, node);
    list_del(&r->node);
    r->free(r->data);
    kfree(r);
  }
}
static void __kunit_free(void* p) { kfree(p); }
static inline void* kunit_kmalloc(struct kunit* test, size_t size, gfp_t gfp) {
  void* p = kmalloc(size, gfp);
  if (p && kunit_add_action(test, __kunit_free, p)) {
    kfree(p);
    p = NULL;
  }
  return p;
}
static inline void* kunit_kzalloc(struct kunit* test, size_t size, gfp_t gfp) {
  return kunit_kmalloc(test, size, gfp | __GFP_ZERO);
}
static inline void* kunit_kmalloc_array(struct kunit* test, size_t n, size_t size, gfp_t gfp) {
  return kunit_kmalloc(test, array_size(n, size), gfp);
}
static inline void* kunit_kcalloc(struct kunit* test, size_t n, size_t size, gfp_t gfp) {
  return kunit_kmalloc_array(test, n, size, gfp | __GFP_ZERO);
}
static inline void kunit_kfree(struct kunit* test, const void* p) {
  if (p) kunit_release_action(test, __kunit_free, (void*)p);
}

/* Failures. */
struct kunit_loc {
  int line;
  const char* file;
  bool assertion;
};
/* The text of one failure, gathered and then printed as one message. */
struct __kunit_text {
  size_t n;
  char text[640];
};
__printf(2, 3) static noinline __maybe_unused void __kunit_put(struct __kunit_text* t, const char* fmt, ...) {
  va_list args;
  va_start(args, fmt);
  t->n += (size_t)vscnprintf(t->text + t->n, sizeof(t->text) - t->n, fmt, args);
  va_end(args);
}
static inline void __kunit_begin(struct __kunit_text* t, const struct kunit_loc* loc) {
  t->n = 0;
  __kunit_put(t, "%s FAILED at %s:%d\n", loc->assertion ? "ASSERTION" : "EXPECTATION", loc->file, loc->line);
}
static noinline __maybe_unused void __kunit_end(struct kunit* test, struct __kunit_text* t,
                                                const struct kunit_loc* loc, const char* fmt, va_list args) {
  if (fmt) {
    __kunit_put(t, "\n");
    t->n += (size_t)vscnprintf(t->text + t->n, sizeof(t->text) - t->n, fmt, args);
  }
  kunit_set_failure(test);
  kunit_err(test, "%s", t->text);
  if (loc->assertion) kunit_abort(test);
}
/* Prints "name == value", unless name is that very value. */
static noinline __maybe_unused void __kunit_put_number(struct __kunit_text* t, const char* name,
                                                       long long value) {
  char text[24];
  snprintf(text, sizeof(text), "%lld", value);
  if (strcmp(text, name)) __kunit_put(t, KUNIT_SUBSUBTEST_INDENT "%s == %s\n", name, text);
}
__printf(4, 5) static noinline __maybe_unused
    void __kunit_fail_plain(struct kunit* test, const struct kunit_loc* loc, const char* what,
                            const char* fmt, ...) {
  struct __kunit_text t;
  va_list args;
  __kunit_begin(&t, loc);
  va_start(args, fmt);
  if (what)
    __kunit_put(&t, KUNIT_SUBTEST_INDENT "%s\n", what);
  else /* Only a message: no empty line before it. */
    t.n += (size_t)vscnprintf(t.text + t.n, sizeof(t.text) - t.n, fmt, args);
  __kunit_end(test, &t, loc, what ? fmt : NULL, args);
  va_end(args);
}
__printf(5, 6) static noinline __maybe_unused
    void __kunit_fail_pointer(struct kunit* test, const struct kunit_loc* loc, const char* name,
                              const void* p, const char* fmt, ...) {
  struct __kunit_text t;
  va_list args;
  __kunit_begin(&t, loc);
  if (!p)
    __kunit_put(&t, KUNIT_SUBTEST_INDENT "Expected %s is not null, but is\n", name);
  else
    __kunit_put(&t, KUNIT_SUBTEST_INDENT "Expected %s is not error, but is: %ld\n", name, PTR_ERR(p));
  va_start(args, fmt);
  __kunit_end(test, &t, loc, fmt, args);
  va_end(args);
}
/* kind: 'n'umbers, 'p'ointers, 's'trings */
__printf(9, 10) static noinline __maybe_unused
    void __kunit_fail_binary(struct kunit* test, const struct kunit_loc* loc, char kind, const char* left,
                             const char* op, const char* right, long long a, long long b, const char* fmt,
                             ...) {
  struct __kunit_text t;
  va_list args;
  __kunit_begin(&t, loc);
  __kunit_put(&t, KUNIT_SUBTEST_INDENT "Expected %s %s %s, but\n", left, op, right);
  for (int i = 0; i < 2; i++) {
    const char* name = i ? right : left;
    long long value = i ? b : a;
    if (kind == 'n')
      __kunit_put_number(&t, name, value);
    else if (kind == 'p')
      __kunit_put(&t, KUNIT_SUBSUBTEST_INDENT "%s == %px\n", name, (void*)(long)value);
    else if (name[0] != '"')
      __kunit_put(&t, KUNIT_SUBSUBTEST_INDENT "%s == \"%s\"\n", name, (const char*)(long)value);
  }
  va_start(args, fmt);
  __kunit_end(test, &t, loc, fmt, args);
  va_end(args);
}

#define __KUNIT_LOC(is_assertion) \
  &(const struct kunit_loc) { .line = __LINE__, .file = __FILE__, .assertion = is_assertion }
#define __KUNIT_BOOL(test, a, condition, value, other, fmt, ...)                                           \
  do {                                                                                                     \
    if (unlikely((!!(condition)) != (value)))                                                              \
      __kunit_fail_plain(test, __KUNIT_LOC(a), "Expected " #condition " to be " #value ", but is " #other, \
                         fmt, ##__VA_ARGS__);                                                              \
  } while (0)
#define __KUNIT_NUMBERS(test, a, left, op, right, fmt, ...)                                 \
  do {                                                                                      \
    __auto_type __left = (left);                                                            \
    __auto_type __right = (right);                                                          \
    if (unlikely(!__kunit_compare(__left, op, __right)))                                    \
      __kunit_fail_binary(test, __KUNIT_LOC(a), 'n', #left, #op, #right, (long long)__left, \
                          (long long)__right, fmt, ##__VA_ARGS__);                          \
  } while (0)
/* A comparison as C makes it, without a word on signs. */
#define __kunit_compare(a, op, b)                                                                   \
  ({                                                                                                \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wsign-compare\"") bool __is = \
        (a)op(b);                                                                                   \
    _Pragma("GCC diagnostic pop") __is;                                                             \
  })
#define __KUNIT_POINTERS(test, a, left, op, right, fmt, ...)                                               \
  do {                                                                                                     \
    const void *__left = (const void*)(left), *__right = (const void*)(right);                             \
    if (unlikely(!(__left op __right)))                                                                    \
      __kunit_fail_binary(test, __KUNIT_LOC(a), 'p', #left, #op, #right, (long)__left, (long)__right, fmt, \
                          ##__VA_ARGS__);                                                                  \
  } while (0)
#define __KUNIT_STRINGS(test, a, left, op, right, fmt, ...)                                                \
  do {                                                                                                     \
    const char *__left = (left), *__right = (right);                                                       \
    if (unlikely(!(strcmp(__left, __right) op 0)))                                                         \
      __kunit_fail_binary(test, __KUNIT_LOC(a), 's', #left, #op, #right, (long)__left, (long)__right, fmt, \
                          ##__VA_ARGS__);                                                                  \
  } while (0)
#define __KUNIT_MEMORY(test, a, left, op, right, size, fmt, ...)                                             \
  do {                                                                                                       \
    if (unlikely(!(memcmp(left, right, size) op 0)))                                                         \
      __kunit_fail_plain(test, __KUNIT_LOC(a), "Expected " #left " " #op " " #right ", but they are not so", \
                         fmt, ##__VA_ARGS__);                                                                \
  } while (0)
#define __KUNIT_POINTER(test, a, p, fmt, ...)                                  \
  do {                                                                         \
    const void* __p = (const void*)(p);                                        \
    if (unlikely(IS_ERR_OR_NULL(__p)))                                         \
      __kunit_fail_pointer(test, __KUNIT_LOC(a), #p, __p, fmt, ##__VA_ARGS__); \
  } while (0)

#define KUNIT_SUCCEED(test) \
  do {                      \
    (void)(test);           \
  } while (0)
#define KUNIT_FAIL(test, fmt, ...) __kunit_fail_plain(test, __KUNIT_LOC(false), NULL, fmt, ##__VA_ARGS__)
#define KUNIT_FAIL_AND_ABORT(test, fmt, ...) \
  __kunit_fail_plain(test, __KUNIT_LOC(true), NULL, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_TRUE(test, condition) __KUNIT_BOOL(test, false, condition, true, false, NULL)
#define KUNIT_EXPECT_TRUE_MSG(test, condition, fmt, ...) \
  __KUNIT_BOOL(test, false, condition, true, false, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_FALSE(test, condition) __KUNIT_BOOL(test, false, condition, false, true, NULL)
#define KUNIT_EXPECT_FALSE_MSG(test, condition, fmt, ...) \
  __KUNIT_BOOL(test, false, condition, false, true, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_EQ(test, left, right) __KUNIT_NUMBERS(test, false, left, ==, right, NULL)
#define KUNIT_EXPECT_EQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, false, left, ==, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NE(test, left, right) __KUNIT_NUMBERS(test, false, left, !=, right, NULL)
#define KUNIT_EXPECT_NE_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, false, left, !=, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_LT(test, left, right) __KUNIT_NUMBERS(test, false, left, <, right, NULL)
#define KUNIT_EXPECT_LT_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, false, left, <, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_LE(test, left, right) __KUNIT_NUMBERS(test, false, left, <=, right, NULL)
#define KUNIT_EXPECT_LE_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, false, left, <=, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_GT(test, left, right) __KUNIT_NUMBERS(test, false, left, >, right, NULL)
#define KUNIT_EXPECT_GT_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, false, left, >, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_GE(test, left, right) __KUNIT_NUMBERS(test, false, left, >=, right, NULL)
#define KUNIT_EXPECT_GE_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, false, left, >=, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_EQ(test, left, right) __KUNIT_POINTERS(test, false, left, ==, right, NULL)
#define KUNIT_EXPECT_PTR_EQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_POINTERS(test, false, left, ==, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(test, left, right) __KUNIT_POINTERS(test, false, left, !=, right, NULL)
#define KUNIT_EXPECT_PTR_NE_MSG(test, left, right, fmt, ...) \
  __KUNIT_POINTERS(test, false, left, !=, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_STREQ(test, left, right) __KUNIT_STRINGS(test, false, left, ==, right, NULL)
#define KUNIT_EXPECT_STREQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_STRINGS(test, false, left, ==, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_STRNEQ(test, left, right) __KUNIT_STRINGS(test, false, left, !=, right, NULL)
#define KUNIT_EXPECT_STRNEQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_STRINGS(test, false, left, !=, right, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMEQ(test, left, right, size) __KUNIT_MEMORY(test, false, left, ==, right, size, NULL)
#define KUNIT_EXPECT_MEMEQ_MSG(test, left, right, size, fmt, ...) \
  __KUNIT_MEMORY(test, false, left, ==, right, size, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_MEMNEQ(test, left, right, size) __KUNIT_MEMORY(test, false, left, !=, right, size, NULL)
#define KUNIT_EXPECT_MEMNEQ_MSG(test, left, right, size, fmt, ...) \
  __KUNIT_MEMORY(test, false, left, !=, right, size, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NULL(test, p) __KUNIT_POINTERS(test, false, p, ==, NULL, NULL)
#define KUNIT_EXPECT_NULL_MSG(test, p, fmt, ...) \
  __KUNIT_POINTERS(test, false, p, ==, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_NULL(test, p) __KUNIT_POINTERS(test, false, p, !=, NULL, NULL)
#define KUNIT_EXPECT_NOT_NULL_MSG(test, p, fmt, ...) \
  __KUNIT_POINTERS(test, false, p, !=, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(test, p) __KUNIT_POINTER(test, false, p, NULL)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, p, fmt, ...) \
  __KUNIT_POINTER(test, false, p, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_TRUE(test, condition) __KUNIT_BOOL(test, true, condition, true, false, NULL)
#define KUNIT_ASSERT_TRUE_MSG(test, condition, fmt, ...) \
  __KUNIT_BOOL(test, true, condition, true, false, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_FALSE(test, condition) __KUNIT_BOOL(test, true, condition, false, true, NULL)
#define KUNIT_ASSERT_FALSE_MSG(test, condition, fmt, ...) \
  __KUNIT_BOOL(test, true, condition, false, true, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_EQ(test, left, right) __KUNIT_NUMBERS(test, true, left, ==, right, NULL)
#define KUNIT_ASSERT_EQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, true, left, ==, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NE(test, left, right) __KUNIT_NUMBERS(test, true, left, !=, right, NULL)
#define KUNIT_ASSERT_NE_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, true, left, !=, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_LT(test, left, right) __KUNIT_NUMBERS(test, true, left, <, right, NULL)
#define KUNIT_ASSERT_LT_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, true, left, <, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_LE(test, left, right) __KUNIT_NUMBERS(test, true, left, <=, right, NULL)
#define KUNIT_ASSERT_LE_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, true, left, <=, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_GT(test, left, right) __KUNIT_NUMBERS(test, true, left, >, right, NULL)
#define KUNIT_ASSERT_GT_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, true, left, >, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_GE(test, left, right) __KUNIT_NUMBERS(test, true, left, >=, right, NULL)
#define KUNIT_ASSERT_GE_MSG(test, left, right, fmt, ...) \
  __KUNIT_NUMBERS(test, true, left, >=, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_EQ(test, left, right) __KUNIT_POINTERS(test, true, left, ==, right, NULL)
#define KUNIT_ASSERT_PTR_EQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_POINTERS(test, true, left, ==, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_PTR_NE(test, left, right) __KUNIT_POINTERS(test, true, left, !=, right, NULL)
#define KUNIT_ASSERT_PTR_NE_MSG(test, left, right, fmt, ...) \
  __KUNIT_POINTERS(test, true, left, !=, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_STREQ(test, left, right) __KUNIT_STRINGS(test, true, left, ==, right, NULL)
#define KUNIT_ASSERT_STREQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_STRINGS(test, true, left, ==, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_STRNEQ(test, left, right) __KUNIT_STRINGS(test, true, left, !=, right, NULL)
#define KUNIT_ASSERT_STRNEQ_MSG(test, left, right, fmt, ...) \
  __KUNIT_STRINGS(test, true, left, !=, right, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMEQ(test, left, right, size) __KUNIT_MEMORY(test, true, left, ==, right, size, NULL)
#define KUNIT_ASSERT_MEMEQ_MSG(test, left, right, size, fmt, ...) \
  __KUNIT_MEMORY(test, true, left, ==, right, size, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_MEMNEQ(test, left, right, size) __KUNIT_MEMORY(test, true, left, !=, right, size, NULL)
#define KUNIT_ASSERT_MEMNEQ_MSG(test, left, right, size, fmt, ...) \
  __KUNIT_MEMORY(test, true, left, !=, right, size, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NULL(test, p) __KUNIT_POINTERS(test, true, p, ==, NULL, NULL)
#define KUNIT_ASSERT_NULL_MSG(test, p, fmt, ...) __KUNIT_POINTERS(test, true, p, ==, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_NULL(test, p) __KUNIT_POINTERS(test, true, p, !=, NULL, NULL)
#define KUNIT_ASSERT_NOT_NULL_MSG(test, p, fmt, ...) \
  __KUNIT_POINTERS(test, true, p, !=, NULL, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p) __KUNIT_POINTER(test, true, p, NULL)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, p, fmt, ...) __KUNIT_POINTER(test, true, p, fmt, ##__VA_ARGS__)
#define KUNIT_ASSERT_FAILURE(test, fmt, ...) KUNIT_FAIL_AND_ABORT(test, fmt, ##__VA_ARGS__)

/* Runs. */
struct __kunit_totals {
  unsigned long passed, failed, skipped, total;
};
static inline void __kunit_count(struct __kunit_totals* t, enum kunit_status status) {
  t->total++;
  if (status == KUNIT_SUCCESS)
    t->passed++;
  else if (status == KUNIT_FAILURE)
    t->failed++;
  else
    t->skipped++;
}
static inline void __kunit_print_totals(const char* indent, const char* name,
                                        const struct __kunit_totals* t) {
  if (t->total > 1)
    printk(KERN_INFO "%s# %s: pass:%lu fail:%lu skip:%lu total:%lu\n", indent, name, t->passed, t->failed,
           t->skipped, t->total);
}
static noinline __maybe_unused void __kunit_call(struct kunit* test, struct kunit_suite* suite,
                                                 struct kunit_case* c) {
  int err = suite->init ? suite->init(test) : 0;
  if (err) {
    kunit_err(test, "failed to initialize: %d\n", err);
    kunit_set_failure(test);
    return;
  }
  c->run_case(test);
}
static noinline __maybe_unused void __kunit_try(struct kunit* test, struct kunit_suite* suite,
                                                struct kunit_case* c) {
  if (__builtin_setjmp(test->jump) == 0) __kunit_call(test, suite, c);
}
static noinline __maybe_unused void __kunit_run_case(struct kunit* test, struct kunit_suite* suite,
                                                     struct kunit_case* c) {
  test->name = c->name;
  test->priv = NULL;
  test->status = KUNIT_SUCCESS;
  test->status_comment[0] = 0;
  INIT_LIST_HEAD(&test->resources);
  __kunit_try(test, suite, c);
  if (suite->exit) suite->exit(test);
  kunit_cleanup(test);
  if (test->status == KUNIT_FAILURE)
    c->status = KUNIT_FAILURE;
  else if (c->status != KUNIT_FAILURE && test->status == KUNIT_SUCCESS)
    c->status = KUNIT_SUCCESS;
}
static noinline __maybe_unused void __kunit_run_params(struct kunit* test, struct kunit_suite* suite,
                                                       struct kunit_case* c, struct __kunit_totals* totals) {
  char desc[KUNIT_PARAM_DESC_SIZE];
  desc[0] = 0;
  test->param_value = c->generate_params(NULL, desc);
  printk(KERN_INFO KUNIT_SUBSUBTEST_INDENT "# Subtest: %s\n", c->name);
  while (test->param_value) {
    __kunit_run_case(test, suite, c);
    if (!desc[0]) snprintf(desc, sizeof(desc), "param-%d", test->param_index);
    printk(KERN_INFO KUNIT_SUBSUBTEST_INDENT "%s %d - %s\n", kunit_status_to_ok_not_ok(test->status),
           test->param_index + 1, desc);
    __kunit_count(totals, test->status);
    desc[0] = 0;
    test->param_value = c->generate_params(test->param_value, desc);
    test->param_index++;
  }
}
static noinline __maybe_unused void __kunit_run_suite(struct kunit_suite* suite, unsigned long number) {
  struct __kunit_totals cases = {0}, all = {0};
  enum kunit_status status = KUNIT_SKIPPED;
  unsigned long n = 0;
  suite->status_comment[0] = 0;
  suite->suite_init_err = suite->suite_init ? suite->suite_init(suite) : 0;
  if (suite->suite_init_err) {
    printk(KERN_ERR KUNIT_SUBTEST_INDENT "# %s: " KUNIT_SUBTEST_INDENT "# failed to initialize (%d)\n",
           suite->name, suite->suite_init_err);
    status = KUNIT_FAILURE;
  } else {
    for (struct kunit_case* c = suite->test_cases; c->run_case; c++) n++;
    printk(KERN_INFO KUNIT_SUBTEST_INDENT "# Subtest: %s\n", suite->name);
    printk(KERN_INFO KUNIT_SUBTEST_INDENT "1..%lu\n", n);
    n = 0;
    for (struct kunit_case* c = suite->test_cases; c->run_case; c++) {
      struct __kunit_totals params = {0};
      struct kunit* test = kzalloc(sizeof(*test), GFP_KERNEL);
      if (!test) break;
      c->status = KUNIT_SKIPPED;
      if (c->generate_params)
        __kunit_run_params(test, suite, c, &params);
      else {
        __kunit_run_case(test, suite, c);
        __kunit_count(&params, test->status);
      }
      __kunit_print_totals(KUNIT_SUBTEST_INDENT, c->name, &params);
      printk(KERN_INFO KUNIT_SUBTEST_INDENT "%s %lu - %s%s%s\n", kunit_status_to_ok_not_ok(c->status), ++n,
             c->name, c->status == KUNIT_SKIPPED ? " # SKIP " : "",
             c->status == KUNIT_SKIPPED ? test->status_comment : "");
      __kunit_count(&cases, c->status);
      all.passed += params.passed;
      all.failed += params.failed;
      all.skipped += params.skipped;
      all.total += params.total;
      kfree(test);
    }
    if (suite->suite_exit) suite->suite_exit(suite);
    status = cases.failed ? KUNIT_FAILURE : cases.passed ? KUNIT_SUCCESS : KUNIT_SKIPPED;
    __kunit_print_totals("", suite->name, &cases);
    __kunit_print_totals("", "Totals", &all);
  }
  printk(KERN_INFO "%s %lu - %s%s%s\n", kunit_status_to_ok_not_ok(status), number, suite->name,
         status == KUNIT_SKIPPED ? " # SKIP " : "", status == KUNIT_SKIPPED ? suite->status_comment : "");
}

/* Defined for good by kunit_test_suites(), module_init() and module_exit(), once each. */
static struct kunit_suite* const* __kunit_suites;
static int (*__kunit_module_init)(void);
static void (*__kunit_module_exit)(void);

static inline int __kunit_run_suites(struct kunit_suite* const* suites) {
  unsigned long n = 0;
  while (suites[n]) n++;
  printk(KERN_INFO "TAP version 14\n");
  printk(KERN_INFO "1..%lu\n", n);
  for (unsigned long i = 0; i < n; i++) __kunit_run_suite(suites[i], i + 1);
  return 0;
}
__weak int init_module(void) {
  int err = __kunit_module_init ? __kunit_module_init() : 0;
  if (!err && __kunit_suites) err = __kunit_run_suites(__kunit_suites);
  return err;
}
__weak void cleanup_module(void) {
  if (__kunit_module_exit) __kunit_module_exit();
}
#undef module_init
#undef module_exit
#define module_init(fn) static int (*__kunit_module_init)(void) = fn;
#define module_exit(fn) static void (*__kunit_module_exit)(void) = fn;
#define kunit_test_suites(suites...)                                      \
  static struct kunit_suite* const __kunit_suite_list[] = {suites, NULL}; \
  static struct kunit_suite* const* __kunit_suites = __kunit_suite_list
#define kunit_test_suite(suite) kunit_test_suites(&suite)
#define kunit_test_init_section_suites(suites...) kunit_test_suites(suites)
#define kunit_test_init_section_suite(suite) kunit_test_suites(&suite)
#define kunit_suite_for_each_test_case(suite, c) for (c = (suite)->test_cases; c->run_case; c++)
#define kunit_get_current_test() ((struct kunit*)NULL)
#define kunit_fail_current_test(fmt, ...) \
  do {                                    \
  } while (0)

#endif
