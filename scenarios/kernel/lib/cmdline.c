// Values of options (lib/cmdline.c).
#include <linux/kernel.h>

// 0: no number; 1: a number; 2: a comma follows, which is skipped; 3: a hyphen follows, of a range.
int get_option(char** str, int* pint) {
  char* at = *str;
  int value;

  if (!at || !*at) return 0;
  value = *at == '-' ? -(int)simple_strtoull(at + 1, str, 0) : (int)simple_strtoull(at, str, 0);
  if (pint) *pint = value;
  if (at == *str) return 0;
  if (**str == ',') {
    ++*str;
    return 2;
  }
  return **str == '-' ? 3 : 1;
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
