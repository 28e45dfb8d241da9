// The C locale's character classes, wide characters and their conversions.
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>
#include <wctype.h>

int main(void) {
  unsigned classes[12] = {0};
  for (int c = 0; c < 256; ++c) {
    classes[0] += isalpha(c) != 0, classes[1] += isdigit(c) != 0, classes[2] += isspace(c) != 0, classes[3] += ispunct(c) != 0;
    classes[4] += isprint(c) != 0, classes[5] += iscntrl(c) != 0, classes[6] += isupper(c) != 0, classes[7] += isxdigit(c) != 0;
    classes[8] += (unsigned)toupper(c) * 3 + (unsigned)tolower(c);
  }
  for (int i = 0; i < 9; ++i) printf("%u ", classes[i]);
  printf("\n%s, %s, %d\n", setlocale(LC_ALL, NULL), setlocale(LC_ALL, "C"), setlocale(LC_ALL, "no_SUCH") == NULL);
  const struct lconv* conventions = localeconv();
  printf("'%s' '%s' %d\n", conventions->decimal_point, conventions->thousands_sep, (int)MB_CUR_MAX);
  wchar_t wide[32];
  printf("%zu", mbstowcs(wide, "plain text", 32));
  printf(" %zu\n", wcslen(wide));
  wcscat(wide, L" and more");
  char narrow[64];
  printf("%zu", wcstombs(narrow, wide, sizeof narrow));
  printf(" %s\n", narrow);
  printf("%d %d %d\n", wcscmp(L"a", L"b") < 0, wcsncmp(L"abc", L"abd", 2), wmemcmp(L"xy", L"xy", 2));
  printf("%ld %g %zu\n", wcstol(L"-123x", NULL, 10), wcstod(L"2.5e3", NULL), wcsspn(L"aabbc", L"ab"));
  printf("%d %d %lc\n", iswalpha(L'x') != 0, iswdigit(L'x') != 0, towupper(L'x'));
  swprintf(wide, 32, L"%ls-%d-%s", L"wide", 7, "narrow");
  printf("%ls, found at %ld\n", wide, (long)(wcsstr(wide, L"7") - wide));
  char32_t one;
  mbstate_t state = {0};
  printf("%zu", mbrtoc32(&one, "A", 1, &state));
  printf(" %x\n", (unsigned)one);
  printf("%d\n", wprintf(L"not on a byte stream\n"));
  return 0;
}
