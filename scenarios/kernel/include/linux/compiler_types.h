/* Attributes of the compiler and address-space marks. */
#ifndef TRAPLINE_LINUX_COMPILER_TYPES_H
#define TRAPLINE_LINUX_COMPILER_TYPES_H

#include <linux/kconfig.h>

#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __nocast
#define __safe
#define __private
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define __acquire(x) (void)0
#define __release(x) (void)0
#define __chk_user_ptr(x) (void)0
#define __chk_io_ptr(x) (void)0
#define ACCESS_PRIVATE(p, member) ((p)->member)

#define __maybe_unused __attribute__((__unused__))
#define __always_unused __attribute__((__unused__))
#define __used __attribute__((__used__))
#define __weak __attribute__((__weak__))
#define __packed __attribute__((__packed__))
#define __aligned(x) __attribute__((__aligned__(x)))
#define __aligned_largest __attribute__((__aligned__))
#define __section(name) __attribute__((__section__(name)))
#define __alias(symbol) __attribute__((__alias__(#symbol)))
#define __copy(symbol) __attribute__((__copy__(symbol)))
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#define __scanf(a, b) __attribute__((__format__(scanf, a, b)))
#define __must_check __attribute__((__warn_unused_result__))
#define __malloc __attribute__((__malloc__))
#define __pure __attribute__((__pure__))
#define __attribute_const__ __attribute__((__const__))
#define __cold __attribute__((__cold__))
#define __hot
#define __deprecated
#define __noreturn __attribute__((__noreturn__))
#define __visible
#define __naked __attribute__((__naked__))
#define __noclone __attribute__((__noclone__))
#define __flatten __attribute__((__flatten__))
#define __mode(x) __attribute__((__mode__(x)))
#define __cleanup(f) __attribute__((__cleanup__(f)))
#define __nonstring __attribute__((__nonstring__))
#define __assume_aligned(a, ...) __attribute__((__assume_aligned__(a, ##__VA_ARGS__)))
#define __alloc_size(x, ...)
#define __no_sanitize_address
#define __no_kcsan
#define __no_kasan_or_inline inline
#define __latent_entropy
#define __randomize_layout
#define __no_randomize_layout
#define randomized_struct_fields_start
#define randomized_struct_fields_end
#define __designated_init
#define __ro_after_init
#define __read_mostly
#define __refdata
#define __ref
#define __compiletime_error(message)
#define __compiletime_warning(message)
#define fallthrough __attribute__((__fallthrough__))
#define noinline __attribute__((__noinline__))
#define noinline_for_stack noinline
#define notrace __attribute__((__no_instrument_function__))
#define noinstr noinline notrace
#define noinline_for_tracing noinline
#define asmlinkage

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif
/* As in Linux, a plain "inline" function is emitted where it is defined. */
#define inline inline __attribute__((__gnu_inline__)) __maybe_unused
#define __inline inline

#define __PASTE_(a, b) a##b
#define __PASTE(a, b) __PASTE_(a, b)
#define __UNIQUE_ID(prefix) __PASTE(__UNIQUE_ID_##prefix, __COUNTER__)
#define __same_type(a, b) __builtin_types_compatible_p(typeof(a), typeof(b))
#define __native_word(t) (sizeof(t) <= sizeof(long))
#define __diag_push()
#define __diag_pop()
#define __diag_ignore_all(option, comment)

#endif
