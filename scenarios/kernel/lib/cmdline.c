// Values of options (lib/cmdline.c).
#include <linux/kernel.h>

// 0: no number; 1: a number; 2: a comma follows, which is skipped; 3: a hyphen follows, of a range.
int get_option(char** str, int* pint) {
  char* at = *str;
  int value;

  if (!at || !*at) return 0;
  // A hyphen alone is stepped over.
  value = *at == '-' ? -(int)simple_strtoull(++at, str, 0) : (int)simple_strtoull(at, str, 0);
  if (pint) *pint = value;
  if (at == *str) return 0;
  if (**str == ',') {
    ++*str;
    return 2;
  }
  return **str == '-' ? 3 : 1;
}

char* get_options(const char* str, int n, int* ints) {
  bool counts_only = n == 0;
  char* at = (char*)str;
  int i = 1, kind = 2;

  while (kind != 1 && (i < n || counts_only)) {
    int value;
    int* to = counts_only ? &value : ints + i;

    kind = get_option(&at, to);
    if (!kind) break;
    i++;
    if (kind == 3) {
      // All but the last of the range: that one comes next.
      int last = (int)simple_strtol(++at, NULL, 0), more = last - *to;

      if (more < 0) {
        i--;
        break;
      }
      for (int j = 1; !counts_only && j < more && i - 1 + j < n; j++) to[j] = *to + j;
      i += more - 1;
    }
  }
  ints[0] = i - 1;
  return at;
}

unsigned long long memparse(const char* ptr, char** retptr) {
  char* end;
  unsigned long long value = simple_strtoull(ptr, &end, 0);
  const char* suffixes = "kmgtpe";

  for (int i = 0; *end && suffixes[i]; i++) {
    if ((*end | 0x20) != suffixes[i]) continue;
    value <<= 10 * (i + 1);
    end++;
    break;
  }
  if (retptr) *retptr = end;
  return value;
}
