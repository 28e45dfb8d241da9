// Values from text (lib/vsprintf.c).
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

static unsigned int value_of(char c) {
  if (isdigit(c)) return (unsigned int)(c - '0');
  c |= 0x20;
  return c >= 'a' && c <= 'z' ? (unsigned int)(c - 'a') + 10 : 99;
}

// At most `most` characters of it. An overflow is not told.
static unsigned long long scan_number(const char* s, size_t most, const char** end, unsigned int base) {
  const char* at = s;
  unsigned long long value = 0;
  // What follows the prefix need not be within `most`; but where not all of the prefix is, there is no
  // number.
  bool prefixed = at[0] == '0' && (at[1] | 0x20) == 'x' && value_of(at[2]) < 16;

  if (base == 0) base = prefixed ? 16 : most > 0 && at[0] == '0' ? 8 : 10;
  if (base == 16 && prefixed) at += min(most, (size_t)2);
  while ((size_t)(at - s) < most && value_of(*at) < base) value = value * base + value_of(*at++);
  *end = at;
  return value;
}

unsigned long long simple_strtoull(const char* s, char** end, unsigned int base) {
  const char* after;
  unsigned long long value = scan_number(s, ~0UL >> 1, &after, base);

  if (end) *end = (char*)after;
  return value;
}

unsigned long simple_strtoul(const char* s, char** end, unsigned int base) {
  return simple_strtoull(s, end, base);
}
long long simple_strtoll(const char* s, char** end, unsigned int base) {
  return *s == '-' ? -(long long)simple_strtoull(s + 1, end, base) : (long long)simple_strtoull(s, end, base);
}
long simple_strtol(const char* s, char** end, unsigned int base) {
  return (long)simple_strtoll(s, end, base);
}

static void store(va_list* args, char size, unsigned long long value) {
  void* to = va_arg(*args, void*);

  switch (size) {
    case 'H':  // hh
      *(u8*)to = (u8)value;
      break;
    case 'h':
      *(u16*)to = (u16)value;
      break;
    case 'l':
    case 'L':
    case 'z':
      *(u64*)to = value;
      break;
    default:
      *(u32*)to = (u32)value;
      break;
  }
}

// The characters of "[...]", from after the bracket on; null: it does not end.
static const char* scan_set(const char* fmt, bool* set) {
  bool negated = *fmt == '^';

  memset(set, 0, 256 * sizeof(*set));
  if (negated) fmt++;
  do {
    if (!*fmt) return NULL;
    set[(unsigned char)*fmt++] = true;
  } while (*fmt != ']');
  for (int c = 0; negated && c < 256; c++) set[c] = !set[c];
  set[0] = false;
  return fmt + 1;
}

int vsscanf(const char* buf, const char* fmt, va_list arguments) {
  const char* at = buf;
  bool set[256];
  va_list args;
  int n = 0;

  va_copy(args, arguments);
  while (*fmt) {
    bool skipped = false;
    long width = -1;
    char size = 0, kind;
    size_t most;

    if (isspace(*fmt)) {
      while (isspace(*fmt)) fmt++;
      while (isspace(*at)) at++;
      continue;
    }
    if (*fmt != '%') {
      if (*fmt++ != *at++) break;
      continue;
    }
    fmt++;
    if (*fmt == '*') {
      skipped = true;
      fmt++;
    }
    if (isdigit(*fmt)) {
      width = (long)simple_strtoull(fmt, (char**)&fmt, 10);
      if (width <= 0) break;
    }
    if (*fmt == 'h' || *fmt == 'l' || *fmt == 'L' || *fmt == 'z') {
      size = *fmt++;
      if (*fmt == size && size == 'h') size = 'H';
      if ((*fmt == 'h' && size == 'H') || (*fmt == 'l' && size == 'l')) fmt++;
    }
    kind = *fmt;
    if (!kind) break;
    fmt++;
    if (kind == 'n') {
      store(&args, size, (unsigned long long)(at - buf));
      continue;
    }
    if (kind != 'c' && kind != '[')
      while (isspace(*at)) at++;
    if (kind == '%') {
      if (*at++ != '%') break;
      continue;
    }
    if (!*at) break;
    most = width > 0 ? (size_t)width : ~0UL >> 1;
    if (kind == 'c') {
      char* to = skipped ? NULL : va_arg(args, char*);

      for (long left = width > 0 ? width : 1; left > 0 && *at; left--, at++)
        if (to) *to++ = *at;
      n += !skipped;
    } else if (kind == 's' || kind == '[') {
      char* to;
      size_t length = 0;

      if (kind == '[') {
        // Only with a width, as the size of what it is stored to.
        fmt = width > 0 ? scan_set(fmt, set) : NULL;
        if (!fmt) break;
        while (length < most && set[(unsigned char)at[length]]) length++;
        if (!length) break;
      } else {
        while (length < most && at[length] && !isspace(at[length])) length++;
      }
      to = skipped ? NULL : va_arg(args, char*);
      if (to) {
        memcpy(to, at, length);
        to[length] = 0;
      }
      at += length;
      n += !skipped;
    } else {
      bool is_signed = kind == 'd' || kind == 'i', negative;
      unsigned int base = kind == 'i' ? 0 : kind == 'o' ? 8 : (kind | 0x20) == 'x' ? 16 : 10;
      unsigned long long value;
      const char* digits;

      if (!is_signed && kind != 'u' && kind != 'o' && (kind | 0x20) != 'x') break;
      negative = is_signed && *at == '-';
      digits = at + negative;
      // A sign is part of the width.
      if (value_of(*digits) >= (base ? base : 10) || most <= (size_t)negative) break;
      value = scan_number(digits, most - negative, &at, base);
      if (!skipped) {
        store(&args, size, negative ? 0 - value : value);
        n++;
      }
    }
  }
  va_end(args);
  return n;
}

int sscanf(const char* buf, const char* fmt, ...) {
  va_list args;
  int n;

  va_start(args, fmt);
  n = vsscanf(buf, fmt, args);
  va_end(args);
  return n;
}
