// More of strings (lib/string.c, lib/string_helpers.c).
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/string.h>

int strncasecmp(const char* left, const char* right, size_t most) {
  for (; most > 0; most--, left++, right++) {
    int a = tolower((unsigned char)*left), b = tolower((unsigned char)*right);

    if (a != b) return a - b;
    if (!a) break;
  }
  return 0;
}

int strcasecmp(const char* left, const char* right) { return strncasecmp(left, right, ~0UL); }

char* strncat(char* to, const char* from, size_t most) {
  size_t n = strnlen(from, most);
  char* at = to + strlen(to);

  memcpy(at, from, n);
  at[n] = 0;
  return to;
}

// size is that of all of `to`. Gives the length that it would have.
size_t strlcat(char* to, const char* from, size_t size) {
  size_t before = strnlen(to, size);

  return before + (before < size ? strlcpy(to + before, from, size - before) : strlen(from));
}

char* skip_spaces(const char* s) {
  while (isspace(*s)) s++;
  return (char*)s;
}

char* strim(char* s) {
  size_t n;

  s = skip_spaces(s);
  for (n = strlen(s); n > 0 && isspace(s[n - 1]); n--) {
  }
  s[n] = 0;
  return s;
}

char* strsep(char** s, const char* delimiters) {
  char *begin = *s, *end;

  if (!begin) return NULL;
  end = strpbrk(begin, delimiters);
  if (end) *end++ = 0;
  *s = end;
  return begin;
}

int match_string(const char* const* array, size_t n, const char* string) {
  for (size_t i = 0; i < n && array[i]; i++)
    if (!strcmp(array[i], string)) return (int)i;
  return -EINVAL;
}

// The same, but for a newline at the end.
bool sysfs_streq(const char* a, const char* b) {
  while (*a && *a == *b) a++, b++;
  if (*a == *b) return true;
  if (!*a && *b == '\n' && !b[1]) return true;
  return *a == '\n' && !a[1] && !*b;
}
