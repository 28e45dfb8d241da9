/* NULL, true, false and offsetof(). */
#ifndef TRAPLINE_LINUX_STDDEF_H
#define TRAPLINE_LINUX_STDDEF_H

#include <linux/compiler_types.h>
#include_next <linux/stddef.h>

#undef NULL
#define NULL ((void*)0)
#undef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type*)0)->member)
#define FIELD_SIZEOF(type, member) sizeof_field(type, member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))
#ifndef struct_group
#define struct_group(name, members...) \
  union {                              \
    struct {                           \
      members                          \
    };                                 \
    struct {                           \
      members                          \
    } name;                            \
  }
#endif
#ifndef DECLARE_FLEX_ARRAY
#define DECLARE_FLEX_ARRAY(type, name) __DECLARE_FLEX_ARRAY(type, name)
#endif

#ifndef __bool_true_false_are_defined
enum { false = 0, true = 1 };
#endif

#endif
