// Numbers from text (lib/kstrtox.c).
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

static int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

int kstrtoull(const char* s, unsigned int base, unsigned long long* res) {
  unsigned long long value = 0;
  const char* first;

  if (*s == '+') ++s;
  if (base == 0) base = s[0] != '0' ? 10 : (s[1] | 0x20) == 'x' && digit_of(s[2]) < 16 ? 16 : 8;
  if (base == 16 && s[0] == '0' && (s[1] | 0x20) == 'x') s += 2;
  for (first = s; (unsigned int)digit_of(*s) < base; ++s) {
    if (__builtin_mul_overflow(value, (unsigned long long)base, &value) ||
        __builtin_add_overflow(value, (unsigned long long)digit_of(*s), &value))
      return -ERANGE;
  }
  if (s == first) return -EINVAL;
  if (*s == '\n') ++s;
  if (*s) return -EINVAL;
  *res = value;
  return 0;
}

int kstrtoll(const char* s, unsigned int base, long long* res) {
  unsigned long long value;
  int negative = *s == '-';
  // One sign is enough.
  int err = negative && s[1] == '+' ? -EINVAL : kstrtoull(s + negative, base, &value);

  if (err) return err;
  if (value > 0x7fffffffffffffffull + negative) return -ERANGE;
  *res = negative ? (long long)(0 - value) : (long long)value;
  return 0;
}

#define NARROW(name, type, wide_type, wide)               \
  int name(const char* s, unsigned int base, type* res) { \
    wide_type value;                                      \
    int err = wide(s, base, &value);                      \
    if (err) return err;                                  \
    if ((wide_type)(type)value != value) return -ERANGE;  \
    *res = (type)value;                                   \
    return 0;                                             \
  }
NARROW(kstrtoul, unsigned long, unsigned long long, kstrtoull)
NARROW(kstrtol, long, long long, kstrtoll)
NARROW(kstrtouint, unsigned int, unsigned long long, kstrtoull)
NARROW(kstrtoint, int, long long, kstrtoll)
NARROW(kstrtou16, u16, unsigned long long, kstrtoull)
NARROW(kstrtos16, s16, long long, kstrtoll)
NARROW(kstrtou8, u8, unsigned long long, kstrtoull)
NARROW(kstrtos8, s8, long long, kstrtoll)

int kstrtobool(const char* s, bool* res) {
  if (!s) return -EINVAL;
  switch (s[0] | 0x20) {
    case 'y':
    case 't':
    case '1' | 0x20:
      *res = true;
      return 0;
    case 'n':
    case 'f':
    case '0' | 0x20:
      *res = false;
      return 0;
    case 'o':
      if ((s[1] | 0x20) != 'n' && (s[1] | 0x20) != 'f') return -EINVAL;
      *res = (s[1] | 0x20) == 'n';
      return 0;
    default:
      return -EINVAL;
  }
}
