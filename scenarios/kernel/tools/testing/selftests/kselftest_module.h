/* What modules that are tests include by "../tools/testing/selftests/kselftest_module.h": checks that are
   counted, and what is said of them when the module is loaded. */
#ifndef TRAPLINE_KSELFTEST_MODULE_H
#define TRAPLINE_KSELFTEST_MODULE_H

#include <linux/module.h>
#include <linux/panic.h>

#define KSTM_MODULE_GLOBALS() static unsigned int total_tests, failed_tests, skipped_tests
#define KSTM_CHECK_ZERO(x)                                 \
  do {                                                     \
    total_tests++;                                         \
    if (x) {                                               \
      failed_tests++;                                      \
      pr_warn("TC failed at %s:%d\n", __func__, __LINE__); \
    }                                                      \
  } while (0)
/* In the module's own words: pr_fmt() is its. */
#define __kstm_report(total, failed, skipped)                \
  ({                                                         \
    if (failed) {                                            \
      pr_warn("failed %u out of %u tests\n", failed, total); \
    } else if (skipped) {                                    \
      pr_info("skipped %u tests\n", skipped);                \
      pr_info("remaining %u tests passed\n", total);         \
    } else {                                                 \
      pr_info("all %u tests passed\n", total);               \
    }                                                        \
    (failed) ? -EINVAL : 0;                                  \
  })
#define KSTM_MODULE_LOADERS(name)                                   \
  static int __init name##_init(void) {                             \
    pr_info("loaded.\n");                                           \
    add_taint(TAINT_TEST, LOCKDEP_STILL_OK);                        \
    selftest();                                                     \
    return __kstm_report(total_tests, failed_tests, skipped_tests); \
  }                                                                 \
  static void __exit name##_exit(void) { pr_info("unloaded.\n"); }  \
  module_init(name##_init);                                         \
  module_exit(name##_exit)
MODULE_INFO(test, "Y");

#endif
