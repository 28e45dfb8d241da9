// Bitmaps as text and as arrays of other words (lib/bitmap.c).
#include <asm/page.h>
#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

void bitmap_cut(unsigned long* d, const unsigned long* s, unsigned int first, unsigned int n,
                unsigned int bits) {
  // Of whole words: what lies beyond the bits comes in with the rest.
  bits = (unsigned int)BITS_TO_LONGS(bits) * BITS_PER_LONG;
  memmove(d, s, bits / 8);
  for (unsigned int bit = first; bit < bits; bit++)
    __assign_bit(bit, d, bit + n < bits && test_bit(bit + n, d));
}

void bitmap_from_arr32(unsigned long* d, const u32* s, unsigned int bits) {
  unsigned int words = DIV_ROUND_UP(bits, 32);

  for (unsigned int i = 0; i < words; i += 2)
    d[i / 2] = s[i] | (i + 1 < words ? (unsigned long)s[i + 1] << 32 : 0);
  if (bits % BITS_PER_LONG) d[bits / BITS_PER_LONG] &= BITMAP_LAST_WORD_MASK(bits);
}

void bitmap_to_arr32(u32* d, const unsigned long* s, unsigned int bits) {
  for (unsigned int i = 0; i < DIV_ROUND_UP(bits, 32); i++) d[i] = (u32)(s[i / 2] >> (i % 2 * 32));
  if (bits % 32) d[bits / 32] &= ~0u >> (32 - bits % 32);
}

static bool ends_region(char c) { return !c || c == '\n' || c == ',' || isspace(c); }

// A number, or N: the last bit. Null: none, or too great.
static const char* get_number(const char* at, unsigned int* value, unsigned int last, int* err) {
  unsigned long long n = 0;

  if (*at == 'N') {
    *value = last;
    return at + 1;
  }
  *err = -EINVAL;
  if (!isdigit(*at)) return NULL;
  for (; isdigit(*at); at++) {
    n = n * 10 + (unsigned int)(*at - '0');
    if (n <= UINT_MAX) continue;
    *err = -EOVERFLOW;
    return NULL;
  }
  *value = (unsigned int)n;
  return at;
}

// FROM-TO:USED/GROUP: of each group of so many bits the first ones that are used.
static const char* parse_region(const char* at, unsigned long* d, unsigned int bits, int* err) {
  unsigned int from = 0, to = bits - 1, used, group;

  if (!strncasecmp(at, "all", 3)) {
    at += 3;
    if (!ends_region(*at) && *at != ':') goto invalid;
  } else {
    at = get_number(at, &from, bits - 1, err);
    if (!at) return NULL;
    to = from;
    if (*at == '-') {
      at = get_number(at + 1, &to, bits - 1, err);
      if (!at) return NULL;
    }
    if (!ends_region(*at) && *at != ':') goto invalid;
  }
  used = group = to - from + 1;
  if (*at == ':') {
    at = get_number(at + 1, &used, bits - 1, err);
    if (!at) return NULL;
    if (*at != '/') goto invalid;
    at = get_number(at + 1, &group, bits - 1, err);
    if (!at) return NULL;
    if (!ends_region(*at)) goto invalid;
  }
  if (from > to || !group || used > group) goto invalid;
  if (to >= bits) {
    *err = -ERANGE;
    return NULL;
  }
  for (; from <= to; from += group) bitmap_set(d, from, min(used, to - from + 1));
  return at;
invalid:
  *err = -EINVAL;
  return NULL;
}

int bitmap_parselist(const char* buf, unsigned long* d, int bits) {
  int err = 0;

  bitmap_zero(d, (unsigned int)bits);
  for (;;) {
    while (isspace(*buf) && *buf != '\n') buf++;
    if (*buf == ',') {
      buf++;
      continue;
    }
    if (!*buf || *buf == '\n') return 0;
    buf = parse_region(buf, d, (unsigned int)bits, &err);
    if (!buf) return err;
  }
}

// 32 bits each, in hexadecimal; the last word of the text is the lowest.
int bitmap_parse(const char* buf, unsigned int n, unsigned long* d, int bits) {
  const char* end = strnchrnul(buf, n, '\n');
  unsigned int at = 0, nibbles;

  bitmap_zero(d, (unsigned int)bits);
  for (;;) {
    while (end > buf && (isspace(end[-1]) || end[-1] == ',')) end--;
    if (end == buf) return 0;
    for (nibbles = 0; end > buf && !isspace(end[-1]) && end[-1] != ','; end--, nibbles++) {
      int digit = hex_to_bin((unsigned char)end[-1]);

      if (digit < 0) return -EINVAL;
      if (nibbles == 8) return -EOVERFLOW;
      for (unsigned int i = 0; i < 4; i++) {
        if (!(digit >> i & 1)) continue;
        if (at + nibbles * 4 + i >= (unsigned int)bits) return -EOVERFLOW;
        __set_bit(at + nibbles * 4 + i, d);
      }
    }
    at += 32;
  }
}

static int parse_user(const char __user* buf, unsigned int n, unsigned long* d, int bits, bool list) {
  char* text = memdup_user_nul(buf, n);
  int err;

  if (IS_ERR(text)) return (int)PTR_ERR(text);
  err = list ? bitmap_parselist(text, d, bits) : bitmap_parse(text, ~0u, d, bits);
  kfree(text);
  return err;
}
int bitmap_parse_user(const char __user* buf, unsigned int n, unsigned long* d, int bits) {
  return parse_user(buf, n, d, bits, false);
}
int bitmap_parselist_user(const char __user* buf, unsigned int n, unsigned long* d, int bits) {
  return parse_user(buf, n, d, bits, true);
}

int bitmap_print_to_pagebuf(bool list, char* buf, const unsigned long* s, int bits) {
  size_t room = PAGE_SIZE - ((unsigned long)buf & (PAGE_SIZE - 1));

  return list ? scnprintf(buf, room, "%*pbl\n", bits, s) : scnprintf(buf, room, "%*pb\n", bits, s);
}

static int print_to_buf(const char* fmt, char* buf, const unsigned long* s, int bits, loff_t from,
                        size_t count) {
  char* text = kasprintf(GFP_KERNEL, fmt, bits, s);
  ssize_t n;

  if (!text) return -ENOMEM;
  // With its end's 0.
  n = (ssize_t)strlen(text) + 1 - (ssize_t)from;
  if (n < 0) n = 0;
  if ((size_t)n > count) n = (ssize_t)count;
  memcpy(buf, text + from, (size_t)n);
  kfree(text);
  return (int)n;
}
int bitmap_print_bitmask_to_buf(char* buf, const unsigned long* s, int bits, loff_t from, size_t count) {
  return print_to_buf("%*pb\n", buf, s, bits, from, count);
}
int bitmap_print_list_to_buf(char* buf, const unsigned long* s, int bits, loff_t from, size_t count) {
  return print_to_buf("%*pbl\n", buf, s, bits, from, count);
}
