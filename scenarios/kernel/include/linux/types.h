/* The kernel's names of types. */
#ifndef TRAPLINE_LINUX_TYPES_H
#define TRAPLINE_LINUX_TYPES_H

#include <asm/types.h>
#include <linux/stddef.h>
#include_next <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef u8 uint8_t;
typedef u16 uint16_t;
typedef u32 uint32_t;
#ifndef __INT64_TYPE__
#error "a compiler with 64-bit types is needed"
#endif
typedef u8 u_int8_t;
typedef u16 u_int16_t;
typedef u32 u_int32_t;
typedef u64 uint64_t;
typedef u64 u_int64_t;
typedef s8 int8_t;
typedef s16 int16_t;
typedef s32 int32_t;
typedef s64 int64_t;
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned char unchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;

#ifndef __bool_true_false_are_defined
typedef _Bool bool;
#endif
typedef __kernel_size_t size_t;
typedef __kernel_ssize_t ssize_t;
typedef __kernel_ptrdiff_t ptrdiff_t;
typedef unsigned long uintptr_t;
typedef long intptr_t;
typedef __kernel_pid_t pid_t;
typedef __kernel_loff_t loff_t;
typedef __kernel_off_t off_t;
typedef __kernel_ino_t ino_t;
typedef __kernel_time_t time_t;
typedef __kernel_clock_t clock_t;
typedef __kernel_key_t key_t;
typedef __kernel_suseconds_t suseconds_t;
typedef __kernel_timer_t timer_t;
typedef __kernel_clockid_t clockid_t;
typedef __kernel_mqd_t mqd_t;
typedef __kernel_daddr_t daddr_t;
typedef __kernel_caddr_t caddr_t;
typedef s64 time64_t;
typedef u64 timeu64_t;
typedef u32 __kernel_dev_t;
typedef __kernel_dev_t dev_t;
typedef unsigned short umode_t;
typedef u32 nlink_t;
typedef __kernel_mode_t mode_t;
typedef __kernel_uid32_t uid_t;
typedef __kernel_gid32_t gid_t;
typedef u64 sector_t;
typedef u64 blkcnt_t;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef phys_addr_t resource_size_t;
typedef unsigned long irq_hw_number_t;
typedef unsigned int gfp_t;
typedef unsigned int slab_flags_t;
typedef unsigned int fmode_t;
typedef unsigned long pgoff_t;

typedef struct {
  int counter;
} atomic_t;
#define ATOMIC_INIT(i) \
  { (i) }
typedef struct {
  s64 counter;
} atomic64_t;
#define ATOMIC64_INIT(i) \
  { (i) }

struct list_head {
  struct list_head *next, *prev;
};
struct hlist_head {
  struct hlist_node* first;
};
struct hlist_node {
  struct hlist_node *next, **pprev;
};
struct callback_head {
  struct callback_head* next;
  void (*func)(struct callback_head* head);
};
#define rcu_head callback_head
typedef void (*rcu_callback_t)(struct rcu_head* head);
typedef void (*call_rcu_func_t)(struct rcu_head* head, rcu_callback_t func);
typedef void (*swap_func_t)(void* a, void* b, int size);
typedef int (*cmp_func_t)(const void* a, const void* b);
typedef int (*cmp_r_func_t)(const void* a, const void* b, const void* priv);

#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#define BITS_PER_TYPE(type) (sizeof(type) * BITS_PER_BYTE)
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BITS_TO_BYTES(n) (((n) + BITS_PER_BYTE - 1) / BITS_PER_BYTE)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define aligned_u64 __aligned_u64

/* Linux's "p | type" numbers of pid lists; pid.h uses them too. */
_Static_assert(sizeof(long) == 8 && sizeof(void*) == 8, "an LP64 compiler");

#endif
