/* What nearly every module includes: messages, numbers, strings of them, small macros. */
#ifndef TRAPLINE_LINUX_KERNEL_H
#define TRAPLINE_LINUX_KERNEL_H

#include <asm/byteorder.h>
#include <linux/align.h>
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/const.h>
#include <linux/container_of.h>
#include <linux/instruction_pointer.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/linkage.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/stdarg.h>
#include <linux/stddef.h>
#include <linux/stringify.h>
#include <linux/trace_printk.h>
#include <linux/typecheck.h>
#include <linux/types.h>

#define REPEAT_BYTE(x) ((~0ul / 0xff) * (x))
#define READ 0
#define WRITE 1
#define upper_32_bits(n) ((u32)(((n) >> 16) >> 16))
#define lower_32_bits(n) ((u32)((n)&0xffffffff))
#define PTR_IF(condition, ptr) ((condition) ? (ptr) : NULL)
#define u64_to_user_ptr(x) ((void __user*)(uintptr_t)(u64)(x))
#define might_sleep() \
  do {                \
  } while (0)
#define might_sleep_if(condition) \
  do {                            \
    (void)(condition);            \
  } while (0)
#define might_fault() \
  do {                \
  } while (0)
#define cant_sleep() \
  do {               \
  } while (0)
#define VERIFY_OCTAL_PERMISSIONS(perms) (perms)
#define hex_asc_lo(x) "0123456789abcdef"[(x)&15]
#define hex_asc_hi(x) "0123456789abcdef"[((x)&0xf0) >> 4]

__printf(2, 3) int sprintf(char* buf, const char* fmt, ...);
__printf(2, 0) int vsprintf(char* buf, const char* fmt, va_list args);
__printf(3, 4) int snprintf(char* buf, size_t size, const char* fmt, ...);
__printf(3, 0) int vsnprintf(char* buf, size_t size, const char* fmt, va_list args);
__printf(3, 4) int scnprintf(char* buf, size_t size, const char* fmt, ...);
__printf(3, 0) int vscnprintf(char* buf, size_t size, const char* fmt, va_list args);
__printf(2, 3) __malloc char* kasprintf(gfp_t gfp, const char* fmt, ...);
__printf(2, 0) __malloc char* kvasprintf(gfp_t gfp, const char* fmt, va_list args);
__scanf(2, 3) int sscanf(const char* buf, const char* fmt, ...);
__scanf(2, 0) int vsscanf(const char* buf, const char* fmt, va_list args);
int get_option(char** str, int* pint);
/* Of numbers and ranges between commas; ints[0] is how many. n 0: they are only counted. */
char* get_options(const char* str, int n, int* ints);
unsigned long long memparse(const char* ptr, char** retptr);
int hex_to_bin(unsigned char ch);
int hex2bin(u8* to, const char* from, size_t n);
char* bin2hex(char* to, const void* from, size_t n);

#if defined(__x86_64__) || defined(__powerpc64__)
enum system_states {
  SYSTEM_BOOTING,
  SYSTEM_SCHEDULING,
  SYSTEM_FREEING_INITMEM,
  SYSTEM_RUNNING,
  SYSTEM_HALT,
  SYSTEM_POWER_OFF,
  SYSTEM_RESTART,
};
#endif

#endif
