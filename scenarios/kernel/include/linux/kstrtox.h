/* Numbers read from strings. */
#ifndef TRAPLINE_LINUX_KSTRTOX_H
#define TRAPLINE_LINUX_KSTRTOX_H

#include <linux/types.h>
int __must_check kstrtoull(const char* s, unsigned int base, unsigned long long* res);
int __must_check kstrtoll(const char* s, unsigned int base, long long* res);
int __must_check kstrtoul(const char* s, unsigned int base, unsigned long* res);
int __must_check kstrtol(const char* s, unsigned int base, long* res);
int __must_check kstrtouint(const char* s, unsigned int base, unsigned int* res);
int __must_check kstrtoint(const char* s, unsigned int base, int* res);
int __must_check kstrtou16(const char* s, unsigned int base, u16* res);
int __must_check kstrtos16(const char* s, unsigned int base, s16* res);
int __must_check kstrtou8(const char* s, unsigned int base, u8* res);
int __must_check kstrtos8(const char* s, unsigned int base, s8* res);
int __must_check kstrtobool(const char* s, bool* res);
unsigned long long simple_strtoull(const char* s, char** end, unsigned int base);
unsigned long simple_strtoul(const char* s, char** end, unsigned int base);
long simple_strtol(const char* s, char** end, unsigned int base);
long long simple_strtoll(const char* s, char** end, unsigned int base);
unsigned long copy_from_user(void* to, const void __user* from, unsigned long n);

static inline int __must_check kstrtou64(const char* s, unsigned int base, u64* res) {
  return kstrtoull(s, base, res);
}
static inline int __must_check kstrtos64(const char* s, unsigned int base, s64* res) {
  return kstrtoll(s, base, res);
}
static inline int __must_check kstrtou32(const char* s, unsigned int base, u32* res) {
  return kstrtouint(s, base, res);
}
static inline int __must_check kstrtos32(const char* s, unsigned int base, s32* res) {
  return kstrtoint(s, base, res);
}
/* Each reads at most 64 characters of the user's string. */
#define __KSTRTO_FROM_USER(name, type, read)                                                              \
  static inline int __must_check name(const char __user* s, size_t count, unsigned int base, type* res) { \
    char buf[68];                                                                                         \
    if (count > sizeof(buf) - 1) count = sizeof(buf) - 1;                                                 \
    if (copy_from_user(buf, s, count)) return -14;                                                        \
    buf[count] = 0;                                                                                       \
    return read(buf, base, res);                                                                          \
  }
__KSTRTO_FROM_USER(kstrtoull_from_user, unsigned long long, kstrtoull)
__KSTRTO_FROM_USER(kstrtoll_from_user, long long, kstrtoll)
__KSTRTO_FROM_USER(kstrtoul_from_user, unsigned long, kstrtoul)
__KSTRTO_FROM_USER(kstrtol_from_user, long, kstrtol)
__KSTRTO_FROM_USER(kstrtouint_from_user, unsigned int, kstrtouint)
__KSTRTO_FROM_USER(kstrtoint_from_user, int, kstrtoint)
__KSTRTO_FROM_USER(kstrtou16_from_user, u16, kstrtou16)
__KSTRTO_FROM_USER(kstrtou8_from_user, u8, kstrtou8)
static inline int __must_check kstrtobool_from_user(const char __user* s, size_t count, bool* res) {
  char buf[4];
  if (count > sizeof(buf) - 1) count = sizeof(buf) - 1;
  if (copy_from_user(buf, s, count)) return -14;
  buf[count] = 0;
  return kstrtobool(buf, res);
}
#define strict_strtoul kstrtoul
#define strict_strtol kstrtol
#define strtobool kstrtobool

#endif
