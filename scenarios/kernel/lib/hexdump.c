// Bytes as text (lib/hexdump.c).
#include <linux/bug.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

int hex_to_bin(unsigned char ch) {
  if (ch >= '0' && ch <= '9') return ch - '0';
  ch |= 0x20;
  return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

int hex2bin(u8* to, const char* from, size_t n) {
  for (; n > 0; n--, from += 2) {
    int high = hex_to_bin((unsigned char)from[0]), low = high < 0 ? high : hex_to_bin((unsigned char)from[1]);

    if (high < 0 || low < 0) return -EINVAL;
    *to++ = (u8)(high << 4 | low);
  }
  return 0;
}

char* bin2hex(char* to, const void* from, size_t n) {
  for (const u8* at = from; n > 0; n--, at++) {
    *to++ = hex_asc_hi(*at);
    *to++ = hex_asc_lo(*at);
  }
  return to;
}

struct line {
  char* text;
  size_t size;
  size_t n; /* as if it had room for all */
};

static void put(struct line* line, char c) {
  if (line->n + 1 < line->size) line->text[line->n] = c;
  line->n++;
}

static unsigned long long group_at(const void* buf, size_t i, int size) {
  switch (size) {
    case 8:
      return ((const u64*)buf)[i];
    case 4:
      return ((const u32*)buf)[i];
    case 2:
      return ((const u16*)buf)[i];
    default:
      return ((const u8*)buf)[i];
  }
}

// Gives the length, or where it has no room the length that it would have.
int hex_dump_to_buffer(const void* buf, size_t len, int rowsize, int groupsize, char* linebuf,
                       size_t linebuflen, bool ascii) {
  struct line line = {linebuf, linebuflen, 0};
  size_t ascii_column, groups;

  if (rowsize != 16 && rowsize != 32) rowsize = 16;
  if (len > (size_t)rowsize) len = (size_t)rowsize;
  if (groupsize != 8 && groupsize != 4 && groupsize != 2) groupsize = 1;
  if (len % (size_t)groupsize) groupsize = 1;
  groups = len / (size_t)groupsize;
  ascii_column = (size_t)(rowsize * 2 + rowsize / groupsize + 1);
  for (size_t i = 0; i < groups; i++) {
    unsigned long long value = group_at(buf, i, groupsize);

    if (i) put(&line, ' ');
    for (int digit = groupsize * 2; digit-- > 0;) put(&line, hex_asc_lo(value >> (4 * digit)));
  }
  if (ascii && len) {
    while (line.n < ascii_column) put(&line, ' ');
    for (size_t i = 0; i < len; i++) {
      unsigned char c = ((const u8*)buf)[i];

      put(&line, c >= 0x20 && c < 0x7f ? (char)c : '.');
    }
  }
  if (linebuflen) linebuf[min(line.n, linebuflen - 1)] = 0;
  return (int)line.n;
}

void print_hex_dump(const char* level, const char* prefix, int prefix_type, int rowsize, int groupsize,
                    const void* buf, size_t len, bool ascii) {
  char text[32 * 3 + 2 + 32 + 1];

  if (rowsize != 16 && rowsize != 32) rowsize = 16;
  for (size_t at = 0; at < len; at += (size_t)rowsize) {
    const char* from = (const char*)buf + at;

    hex_dump_to_buffer(from, min(len - at, (size_t)rowsize), rowsize, groupsize, text, sizeof(text), ascii);
    switch (prefix_type) {
      case DUMP_PREFIX_ADDRESS:
        printk("%s%s%p: %s\n", level, prefix, from, text);
        break;
      case DUMP_PREFIX_OFFSET:
        printk("%s%s%.8x: %s\n", level, prefix, (unsigned int)at, text);
        break;
      default:
        printk("%s%s%s\n", level, prefix, text);
        break;
    }
  }
}
