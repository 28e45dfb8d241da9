/* What a kernel source asks of its compiler: likely(), READ_ONCE(), barrier() and the like. */
#ifndef TRAPLINE_LINUX_COMPILER_H
#define TRAPLINE_LINUX_COMPILER_H

#include <linux/compiler_types.h>

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" : : : "memory")
#define barrier_data(p) __asm__ __volatile__("" : : "r"(p) : "memory")
#define OPTIMIZER_HIDE_VAR(v) __asm__("" : "=r"(v) : "0"(v))
#define unreachable() __builtin_unreachable()
#define prefetch(x) __builtin_prefetch(x)
#define prefetchw(x) __builtin_prefetch(x, 1)

/* Adds an offset behind the compiler's back: it knows no object there. */
#define RELOC_HIDE(ptr, offset)                    \
  ({                                               \
    unsigned long __hidden = (unsigned long)(ptr); \
    OPTIMIZER_HIDE_VAR(__hidden);                  \
    (typeof(ptr))(__hidden + (offset));            \
  })

#define __READ_ONCE(x) (*(const volatile typeof(x)*)&(x))
#define READ_ONCE(x)                                       \
  ({                                                       \
    __auto_type __once = *(const volatile typeof(x)*)&(x); \
    __once;                                                \
  })
#define WRITE_ONCE(x, value)              \
  do {                                    \
    *(volatile typeof(x)*)&(x) = (value); \
  } while (0)
#define ACCESS_ONCE(x) (*(volatile typeof(x)*)&(x))
#define READ_ONCE_NOCHECK(x) READ_ONCE(x)
#define data_race(expression) (expression)

#define compiletime_assert(condition, message) _Static_assert(condition, message)
#define is_signed_type(type) (((type)-1) < (type)1)
#define __must_be_array(a) (sizeof(struct { int : (-__same_type((a), &(a)[0])); }))
#define __is_constexpr(x) (sizeof(int) == sizeof(*(8 ? ((void*)((long)(x)*0l)) : (int*)8)))
#define __ADDRESSABLE(sym) static void* __used __UNIQUE_ID(addressable) = (void*)(unsigned long)&sym;

#endif
