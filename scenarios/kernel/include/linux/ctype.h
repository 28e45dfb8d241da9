/* Classes of characters. */
#ifndef TRAPLINE_LINUX_CTYPE_H
#define TRAPLINE_LINUX_CTYPE_H

#include <linux/types.h>
#define isascii(c) (((unsigned char)(c)) <= 0x7f)
static inline int isdigit(int c) { return c >= '0' && c <= '9'; }
static inline int islower(int c) { return c >= 'a' && c <= 'z'; }
static inline int isupper(int c) { return c >= 'A' && c <= 'Z'; }
static inline int isalpha(int c) { return islower(c) || isupper(c); }
static inline int isalnum(int c) { return isalpha(c) || isdigit(c); }
static inline int isspace(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static inline int isxdigit(int c) { return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
static inline int isprint(int c) { return c >= ' ' && c <= '~'; }
static inline int isgraph(int c) { return c > ' ' && c <= '~'; }
static inline int ispunct(int c) { return isgraph(c) && !isalnum(c); }
static inline int iscntrl(int c) { return (c >= 0 && c < ' ') || c == 0x7f; }
static inline unsigned char tolower(unsigned char c) { return isupper(c) ? c + 32 : c; }
static inline unsigned char toupper(unsigned char c) { return islower(c) ? c - 32 : c; }
#define _tolower(c) ((char)((c) | 0x20))

#endif
