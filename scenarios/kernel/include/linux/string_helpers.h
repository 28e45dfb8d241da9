/* Words for values and sizes, and characters that are written as escapes. */
#ifndef TRAPLINE_LINUX_STRING_HELPERS_H
#define TRAPLINE_LINUX_STRING_HELPERS_H

#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/string.h>
static inline const char* str_yes_no(bool v) { return v ? "yes" : "no"; }
static inline const char* str_on_off(bool v) { return v ? "on" : "off"; }
static inline const char* str_enabled_disabled(bool v) { return v ? "enabled" : "disabled"; }
static inline const char* str_enable_disable(bool v) { return v ? "enable" : "disable"; }
static inline const char* str_read_write(bool v) { return v ? "read" : "write"; }
static inline const char* str_true_false(bool v) { return v ? "true" : "false"; }

/* By thousands or by 1024; three digits. */
enum string_size_units { STRING_UNITS_10, STRING_UNITS_2 };
void string_get_size(u64 size, u64 block_size, enum string_size_units units, char* buf, int len);

#define UNESCAPE_SPACE BIT(0)
#define UNESCAPE_OCTAL BIT(1)
#define UNESCAPE_HEX BIT(2)
#define UNESCAPE_SPECIAL BIT(3)
#define UNESCAPE_ANY (UNESCAPE_SPACE | UNESCAPE_OCTAL | UNESCAPE_HEX | UNESCAPE_SPECIAL)
#define UNESCAPE_ALL_MASK GENMASK(3, 0)
/* size: of the buffer; 0: no limit. Gives the length. */
int string_unescape(char* from, char* to, size_t size, unsigned int flags);
static inline int string_unescape_inplace(char* s, unsigned int flags) {
  return string_unescape(s, s, 0, flags);
}
static inline int string_unescape_any(char* from, char* to, size_t size) {
  return string_unescape(from, to, size, UNESCAPE_ANY);
}
static inline int string_unescape_any_inplace(char* s) { return string_unescape_any(s, s, 0); }

#define ESCAPE_SPACE BIT(0)
#define ESCAPE_SPECIAL BIT(1)
#define ESCAPE_NULL BIT(2)
#define ESCAPE_OCTAL BIT(3)
#define ESCAPE_ANY (ESCAPE_SPACE | ESCAPE_OCTAL | ESCAPE_SPECIAL | ESCAPE_NULL)
#define ESCAPE_NP BIT(4) /* not what is printable */
#define ESCAPE_ANY_NP (ESCAPE_ANY | ESCAPE_NP)
#define ESCAPE_HEX BIT(5)
#define ESCAPE_NA BIT(6)     /* not ASCII */
#define ESCAPE_NAP BIT(7)    /* not what is printable ASCII */
#define ESCAPE_APPEND BIT(8) /* `only` in spite of these three */
#define ESCAPE_ALL_MASK GENMASK(8, 0)
/* Of the characters of `only` if there are such. Gives the length that it would have; no 0 is added. */
int string_escape_mem(const char* from, size_t n, char* to, size_t size, unsigned int flags,
                      const char* only);
static inline int string_escape_mem_any_np(const char* from, size_t n, char* to, size_t size,
                                           const char* only) {
  return string_escape_mem(from, n, to, size, ESCAPE_ANY_NP, only);
}
static inline int string_escape_str(const char* from, char* to, size_t size, unsigned int flags,
                                    const char* only) {
  return string_escape_mem(from, strlen(from), to, size, flags, only);
}
static inline int string_escape_str_any_np(const char* from, char* to, size_t size, const char* only) {
  return string_escape_str(from, to, size, ESCAPE_ANY_NP, only);
}
static inline void string_upper(char* to, const char* from) {
  while ((*to++ = (char)toupper(*from++))) {
  }
}
static inline void string_lower(char* to, const char* from) {
  while ((*to++ = (char)tolower(*from++))) {
  }
}

#endif
