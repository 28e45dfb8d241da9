/* Strings and memory. */
#ifndef TRAPLINE_LINUX_STRING_H
#define TRAPLINE_LINUX_STRING_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/types.h>

void* memcpy(void* to, const void* from, size_t n);
void* memmove(void* to, const void* from, size_t n);
void* memset(void* p, int c, size_t n);
int memcmp(const void* a, const void* b, size_t n);
size_t strlen(const char* s);
size_t strnlen(const char* s, size_t n);
int strcmp(const char* a, const char* b);
int strncmp(const char* a, const char* b, size_t n);
int strcasecmp(const char* a, const char* b);
int strncasecmp(const char* a, const char* b, size_t n);
char* strcpy(char* to, const char* from);
char* strncpy(char* to, const char* from, size_t n);
size_t strlcpy(char* to, const char* from, size_t size);
ssize_t strscpy(char* to, const char* from, size_t size);
char* strcat(char* to, const char* from);
char* strncat(char* to, const char* from, size_t n);
size_t strlcat(char* to, const char* from, size_t size);
char* strchr(const char* s, int c);
char* strrchr(const char* s, int c);
char* strstr(const char* s, const char* what);
char* strim(char* s);
char* skip_spaces(const char* s);
char* strsep(char** s, const char* delimiters);
int match_string(const char* const* array, size_t n, const char* string);
bool sysfs_streq(const char* a, const char* b);
char* kstrdup(const char* s, gfp_t gfp) __malloc;
char* kstrndup(const char* s, size_t n, gfp_t gfp) __malloc;
void* kmemdup(const void* p, size_t n, gfp_t gfp);
void* memdup_user(const void __user* p, size_t n);
void* memdup_user_nul(const void __user* p, size_t n);
char* strndup_user(const char __user* s, long n);
void kfree(const void* p);

#define strstrip(s) strim(s)
#define kstrdup_const(s, gfp) ((const char*)kstrdup(s, gfp))
#define kfree_const(p) kfree(p)
#define memzero_explicit(p, n) \
  do {                         \
    memset(p, 0, n);           \
    barrier_data(p);           \
  } while (0)
#define strtomem(to, from) memcpy(to, from, strnlen(from, sizeof(to)))
static inline void* memchr(const void* p, int c, size_t n) {
  for (const u8* b = p; n--; b++)
    if (*b == (u8)c) return (void*)b;
  return NULL;
}
static inline void* memchr_inv(const void* p, int c, size_t n) {
  for (const u8* b = p; n--; b++)
    if (*b != (u8)c) return (void*)b;
  return NULL;
}
static inline void* memscan(void* p, int c, size_t n) {
  u8* b = p;
  while (n-- && *b != (u8)c) b++;
  return b;
}
static inline void* memset64(u64* p, u64 v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = v;
  return p;
}
static inline void* memset32(u32* p, u32 v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = v;
  return p;
}
static inline void* memset16(u16* p, u16 v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = v;
  return p;
}
#define memset_l(p, v, n) memset64((u64*)(p), v, n)
#define memset_p(p, v, n) memset64((u64*)(p), (u64)(uintptr_t)(v), n)
/* Of a struct, what is after a member, and from a member on. */
#define __memset_from(obj, v, offset) memset((u8*)(obj) + (offset), v, sizeof(*(obj)) - (offset))
#define memset_after(obj, v, member) __memset_from(obj, v, offsetofend(typeof(*(obj)), member))
#define memset_startat(obj, v, member) __memset_from(obj, v, offsetof(typeof(*(obj)), member))
#define strtomem_pad(to, from, pad)                                       \
  do {                                                                    \
    size_t __sp = strnlen(from, sizeof(to));                              \
    memset((char*)memcpy(to, from, __sp) + __sp, pad, sizeof(to) - __sp); \
  } while (0)
static inline ssize_t strscpy_pad(char* to, const char* from, size_t size) {
  ssize_t n = strscpy(to, from, size);
  if (n >= 0 && (size_t)n + 1 < size) memset(to + n + 1, 0, size - n - 1);
  return n;
}
/* It may be the end's 0 that is looked for. */
static inline char* strnchr(const char* s, size_t n, int c) {
  for (; n--; s++) {
    if (*s == (char)c) return (char*)s;
    if (!*s) break;
  }
  return NULL;
}
static inline char* strnchrnul(const char* s, size_t n, int c) {
  while (n-- && *s && *s != (char)c) s++;
  return (char*)s;
}
static inline char* strchrnul(const char* s, int c) {
  while (*s && *s != (char)c) s++;
  return (char*)s;
}
static inline char* strpbrk(const char* s, const char* set) {
  for (; *s; s++)
    if (strchr(set, *s)) return (char*)s;
  return NULL;
}
static inline size_t strspn(const char* s, const char* set) {
  size_t n = 0;
  while (s[n] && strchr(set, s[n])) n++;
  return n;
}
static inline size_t strcspn(const char* s, const char* set) {
  size_t n = 0;
  while (s[n] && !strchr(set, s[n])) n++;
  return n;
}
static inline char* strnstr(const char* s, const char* what, size_t n) {
  size_t len = strlen(what);
  for (; n >= len; s++, n--) {
    if (!memcmp(s, what, len)) return (char*)s;
    if (!n) break;
  }
  return NULL;
}
static inline char* strreplace(char* s, char old, char n) {
  char* start = s;
  for (; *s; s++)
    if (*s == old) *s = n;
  return start;
}
static inline bool strstarts(const char* s, const char* prefix) {
  return strncmp(s, prefix, strlen(prefix)) == 0;
}
static inline size_t str_has_prefix(const char* s, const char* prefix) {
  size_t n = strlen(prefix);
  return strncmp(s, prefix, n) ? 0 : n;
}
static inline const char* kbasename(const char* path) {
  const char* tail = strrchr(path, '/');
  return tail ? tail + 1 : path;
}
static inline int __sysfs_match_string(const char* const* array, size_t n, const char* s) {
  for (size_t i = 0; i < n && array[i]; i++)
    if (sysfs_streq(array[i], s)) return (int)i;
  return -EINVAL;
}
#define sysfs_match_string(array, s) __sysfs_match_string(array, ARRAY_SIZE(array), s)
#include <linux/array_size.h>
/* Two arrays of pointers, which a null ends, as one that is allocated. */
void** __memcat_p(void** a, void** b);
#define memcat_p(a, b) ((typeof(*(a))*)__memcat_p((void**)(a), (void**)(b)))
static inline int bcmp(const void* a, const void* b, size_t n) { return memcmp(a, b, n); }
static inline ssize_t memory_read_from_buffer(void* to, size_t count, loff_t* ppos, const void* from,
                                              size_t available) {
  loff_t at = *ppos;
  if (at < 0) return -EINVAL;
  if ((size_t)at >= available) return 0;
  if (count > available - (size_t)at) count = available - (size_t)at;
  memcpy(to, (const char*)from + at, count);
  *ppos = at + (loff_t)count;
  return (ssize_t)count;
}

#endif
