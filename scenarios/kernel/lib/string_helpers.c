// Escapes in strings, and sizes in words (lib/string_helpers.c).
#include <linux/kernel.h>
#include <linux/string_helpers.h>

// The value of at most `most` digits of a base from *from on, while it is below a limit; -1: there is none.
static int digits(const char** from, int base, int most, int limit) {
  const char* at = *from;
  int value = 0;

  while (at - *from < most && value < limit) {
    int digit = hex_to_bin((unsigned char)*at);

    if (digit < 0 || digit >= base) break;
    value = value * base + digit;
    at++;
  }
  if (at == *from) return -1;
  *from = at;
  return value;
}

// What comes after a backslash, which it steps over; -1: that is no escape.
static int escaped(const char** from, unsigned int flags) {
  static const char spaces[] = "nrtvf", values[] = "\n\r\t\v\f", specials[] = "\"\\ae", meant[] = "\"\\\a\e";
  const char *at = *from, *known;
  int value;

  if ((flags & UNESCAPE_SPACE) && (known = strchr(spaces, *at))) {
    ++*from;
    return values[known - spaces];
  }
  if ((flags & UNESCAPE_OCTAL) && (value = digits(from, 8, 3, 32)) >= 0) return value;
  if ((flags & UNESCAPE_HEX) && *at == 'x') {
    at++;
    if ((value = digits(&at, 16, 2, 256)) >= 0) {
      *from = at;
      return value;
    }
  }
  if ((flags & UNESCAPE_SPECIAL) && (known = strchr(specials, *at))) {
    ++*from;
    return meant[known - specials];
  }
  return -1;
}

int string_unescape(char* s, char* to, size_t size, unsigned int flags) {
  const char* from = s;
  char* out = to;

  // An escape counts as two characters, whatever comes of it.
  while (*from && --size) {
    if (*from == '\\' && from[1] && size > 1) {
      int value;

      from++;
      size--;
      value = escaped(&from, flags);
      if (value >= 0) {
        *out++ = (char)value;
        continue;
      }
      *out++ = '\\';
    }
    *out++ = *from++;
  }
  *out = 0;
  return (int)(out - to);
}

struct escaped {
  char* to;
  size_t size;
  size_t n;
};
static void put(struct escaped* e, char c) {
  if (e->n < e->size) e->to[e->n] = c;
  e->n++;
}
static bool put_known(struct escaped* e, char c, const char* values, const char* letters) {
  const char* known = c ? strchr(values, c) : NULL;

  if (!known) return false;
  put(e, '\\');
  put(e, letters[known - values]);
  return true;
}

static bool passes(unsigned char c, unsigned int flags, bool listed, bool restricted) {
  if (restricted && !listed && !(flags & ESCAPE_APPEND)) return true;
  if (listed && (flags & ESCAPE_APPEND)) return false;
  return ((flags & ESCAPE_NAP) && isascii(c) && isprint(c)) || ((flags & ESCAPE_NP) && isprint(c)) ||
         ((flags & ESCAPE_NA) && isascii(c));
}

int string_escape_mem(const char* from, size_t n, char* to, size_t size, unsigned int flags,
                      const char* only) {
  struct escaped e = {to, size, 0};
  bool restricted = only && *only;

  for (; n > 0; n--, from++) {
    unsigned char c = (unsigned char)*from;

    if (passes(c, flags, restricted && strchr(only, c), restricted)) {
      put(&e, (char)c);
    } else if (((flags & ESCAPE_SPACE) && put_known(&e, (char)c, "\n\r\t\v\f", "nrtvf")) ||
               ((flags & ESCAPE_SPECIAL) && put_known(&e, (char)c, "\\\a\e\"", "\\ae\""))) {
      continue;
    } else if ((flags & ESCAPE_NULL) && !c) {
      put(&e, '\\');
      put(&e, '0');
    } else if (flags & ESCAPE_OCTAL) {
      put(&e, '\\');
      for (int shift = 6; shift >= 0; shift -= 3) put(&e, (char)('0' + (c >> shift & 7)));
    } else if (flags & ESCAPE_HEX) {
      put(&e, '\\');
      put(&e, 'x');
      put(&e, hex_asc_hi(c));
      put(&e, hex_asc_lo(c));
    } else {
      put(&e, (char)c);
    }
  }
  return (int)e.n;
}

void string_get_size(u64 size, u64 block_size, enum string_size_units units, char* buf, int len) {
  static const char* const prefixes[2][9] = {{"", "k", "M", "G", "T", "P", "E", "Z", "Y"},
                                             {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"}};
  unsigned __int128 all = (unsigned __int128)size * block_size;
  u64 base = units == STRING_UNITS_2 ? 1024 : 1000, whole, part, scale = 1;
  unsigned int power = 0, decimals;

  // All but the last division may be rounded down, so that what remains fits a word.
  while ((all >> 64) || (u64)all >= base * base) {
    // 128 bits by a small number, in two steps: there is no function for the whole.
    u64 high = (u64)(all >> 32), low = (u64)all & 0xffffffff;

    if (all >> 96) {
      u64 top = (u64)(all >> 64);

      high = (top % base) << 32 | (u64)((all >> 32) & 0xffffffff);
      all = (unsigned __int128)(top / base) << 64;
    } else {
      all = 0;
    }
    all += (unsigned __int128)(high / base) << 32;
    all += ((high % base) << 32 | low) / base;
    power++;
  }
  whole = (u64)all;
  part = 0;
  if (whole >= base) {
    part = whole % base;
    whole /= base;
    power++;
  }
  decimals = !power || whole >= 100 ? 0 : whole >= 10 ? 1 : 2;
  for (unsigned int i = 0; i < decimals; i++) scale *= 10;
  part = (part * scale * 2 + base) / (base * 2);
  if (part >= scale) {
    whole++;
    part -= scale;
  }
  if (decimals)
    snprintf(buf, (size_t)len, "%llu.%0*llu %sB", whole, (int)decimals, part,
             prefixes[units == STRING_UNITS_2][power]);
  else
    snprintf(buf, (size_t)len, "%llu %sB", whole, prefixes[units == STRING_UNITS_2][power]);
}
