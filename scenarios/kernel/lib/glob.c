// Patterns of names (lib/glob.c).
#include <linux/glob.h>

// Whether c is of the class that begins after a '['; *end: after it, or null where it does not end.
static bool in_class(const char* at, unsigned char c, const char** end) {
  bool negated = *at == '!' || *at == '^', found = false;

  at += negated;
  do {
    unsigned char low = (unsigned char)*at++, high = low;

    if (!low) break;
    if (at[0] == '-' && at[1] && at[1] != ']') {
      high = (unsigned char)at[1];
      at += 2;
    }
    found |= low <= c && c <= high;
  } while (*at && *at != ']');
  *end = *at == ']' ? at + 1 : NULL;
  return found != negated;
}

// Whether the first of the pattern, which is no '*', is this character; *next: what comes after it.
static bool one_matches(const char* pattern, char c, const char** next) {
  const char* end;
  bool in;

  *next = pattern + 1;
  if (!c) return false;
  if (*pattern == '?') return true;
  if (*pattern == '[') {
    in = in_class(pattern + 1, (unsigned char)c, &end);
    if (end) *next = end;
    return end ? in : c == '[';
  }
  if (*pattern == '\\' && pattern[1]) *next = ++pattern + 1;
  return *pattern == c;
}

bool glob_match(const char* pattern, const char* name) {
  // After the last '*', and what of the name it has been tried with.
  const char *star = NULL, *tried = NULL, *next;

  for (;;) {
    if (*pattern == '*') {
      star = ++pattern;
      tried = name;
    } else if (*pattern ? one_matches(pattern, *name, &next) : !*name) {
      if (!*name) return true;
      pattern = next;
      name++;
    } else if (star && *tried) {
      pattern = star;
      name = ++tried;
    } else {
      return false;
    }
  }
}
