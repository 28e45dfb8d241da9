/* Checks of locks: none are made. */
#ifndef TRAPLINE_LINUX_LOCKDEP_H
#define TRAPLINE_LINUX_LOCKDEP_H

#include <linux/types.h>
struct lock_class_key {
  char unused;
};
struct lockdep_map {
  char unused;
};
#define lockdep_assert_held(lock) \
  do {                            \
    (void)(lock);                 \
  } while (0)
#define lockdep_assert_held_write(lock) \
  do {                                  \
    (void)(lock);                       \
  } while (0)
#define lockdep_assert_held_read(lock) \
  do {                                 \
    (void)(lock);                      \
  } while (0)
#define lockdep_assert_not_held(lock) \
  do {                                \
    (void)(lock);                     \
  } while (0)
#define lockdep_assert_irqs_disabled() \
  do {                                 \
  } while (0)
#define lockdep_assert_irqs_enabled() \
  do {                                \
  } while (0)
#define lockdep_assert_preemption_disabled() \
  do {                                       \
  } while (0)
#define lockdep_set_class(lock, key) \
  do {                               \
    (void)(key);                     \
  } while (0)
#define lockdep_is_held(lock) 1

#endif
