/* Classes of characters, of ISO 8859-1. */
#ifndef TRAPLINE_LINUX_CTYPE_H
#define TRAPLINE_LINUX_CTYPE_H

#include <linux/types.h>
#define isascii(c) (((unsigned char)(c)) <= 0x7f)
#define toascii(c) (((unsigned char)(c)) & 0x7f)
static inline int isdigit(int c) { return c >= '0' && c <= '9'; }
static inline int isodigit(int c) { return c >= '0' && c <= '7'; }
static inline int islower(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7); }
static inline int isupper(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
}
static inline int isalpha(unsigned char c) { return islower(c) || isupper(c); }
static inline int isalnum(unsigned char c) { return isalpha(c) || isdigit(c); }
static inline int isspace(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0; }
static inline int isxdigit(int c) { return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static inline int isprint(unsigned char c) { return (c >= ' ' && c <= '~') || c >= 0xa0; }
static inline int isgraph(unsigned char c) { return (c > ' ' && c <= '~') || c > 0xa0; }
static inline int ispunct(unsigned char c) { return isgraph(c) && !isalnum(c); }
static inline int iscntrl(unsigned char c) { return c < ' ' || c == 0x7f; }
static inline unsigned char tolower(unsigned char c) { return isupper(c) ? c + 32 : c; }
static inline unsigned char toupper(unsigned char c) { return islower(c) ? c - 32 : c; }
#define _tolower(c) ((char)((c) | 0x20))

#endif
