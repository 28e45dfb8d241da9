/* Access to users' memory. */
#ifndef TRAPLINE_LINUX_UACCESS_H
#define TRAPLINE_LINUX_UACCESS_H

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/types.h>
/* These give the number of bytes not copied. */
unsigned long copy_to_user(void __user* to, const void* from, unsigned long n);
unsigned long copy_from_user(void* to, const void __user* from, unsigned long n);
unsigned long clear_user(void __user* to, unsigned long n);
/* These copy without a fault from or to any address and give 0 or -EFAULT. */
long copy_from_kernel_nofault(void* to, const void* from, size_t n);
long copy_to_kernel_nofault(void* to, const void* from, size_t n);
long copy_from_user_nofault(void* to, const void __user* from, size_t n);
long copy_to_user_nofault(void __user* to, const void* from, size_t n);
/* The length without the end's 0, n if there is no end within n, or -EFAULT. */
long strncpy_from_user(char* to, const char __user* from, long n);
long strncpy_from_kernel_nofault(char* to, const void* from, long n);
/* The length with the end's 0, or 0. */
long strnlen_user(const char __user* s, long n);
bool __access_ok(const void __user* p, unsigned long size);

/* 1: all are zeros. */
int check_zeroed_user(const void __user* from, size_t size);
/* A struct of another version: what it has more must be zeros (E2BIG), what it has less becomes zeros. */
int copy_struct_from_user(void* to, size_t ksize, const void __user* from, size_t usize);

/* access_ok(p, size), and access_ok(type, p, size) of Linux before 5.0. */
#define __access_ok_2(p, size) __access_ok((const void __user*)(p), size)
#define __access_ok_3(type, p, size) __access_ok_2(p, size)
#define __access_ok_pick(a, b, c, name, ...) name
#define access_ok(...) __access_ok_pick(__VA_ARGS__, __access_ok_3, __access_ok_2, )(__VA_ARGS__)
#define VERIFY_READ 0
#define VERIFY_WRITE 1
#define __copy_to_user(to, from, n) copy_to_user(to, from, n)
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __copy_to_user_inatomic(to, from, n) copy_to_user(to, from, n)
#define __copy_from_user_inatomic(to, from, n) copy_from_user(to, from, n)
#define probe_kernel_read(to, from, n) copy_from_kernel_nofault(to, from, n)
#define probe_kernel_write(to, from, n) copy_to_kernel_nofault(to, from, n)
#define probe_kernel_address(p, value) copy_from_kernel_nofault(&(value), p, sizeof(value))
#define get_kernel_nofault(value, p) copy_from_kernel_nofault(&(value), p, sizeof(value))
#define get_user(x, p)                                                         \
  ({                                                                           \
    unsigned long __gu = 0;                                                    \
    int __gu_err;                                                              \
    _Static_assert(sizeof(*(p)) <= sizeof(__gu), "get_user: at most 8 bytes"); \
    __gu_err = copy_from_user(&__gu, (p), sizeof(*(p))) ? -EFAULT : 0;         \
    (x) = (typeof(x))(__gu_err ? (typeof(*(p)))0 : *(typeof(*(p))*)&__gu);     \
    __gu_err;                                                                  \
  })
#define put_user(x, p)                                    \
  ({                                                      \
    typeof(*(p)) __pu = (typeof(*(p)))(x);                \
    copy_to_user((p), &__pu, sizeof(__pu)) ? -EFAULT : 0; \
  })
#define __get_user(x, p) get_user(x, p)
#define __put_user(x, p) put_user(x, p)
static inline void pagefault_disable(void) { preempt_disable(); }
static inline void pagefault_enable(void) { preempt_enable(); }

#endif
