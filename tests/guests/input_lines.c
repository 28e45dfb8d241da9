// Lines of standard input through fgets, getline, fgetc with ungetc, and scanf.
//: stdin root/poem.txt
//: stdin root/empty.txt
//: stdin root/numbers.txt
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char small[8];
  if (fgets(small, sizeof small, stdin) == NULL) {
    printf("nothing: eof %d, error %d\n", feof(stdin) != 0, ferror(stdin));
    return 3;
  }
  printf("fgets '%s'\n", small);
  const int first = fgetc(stdin);
  ungetc('#', stdin);
  printf("fgetc %d", first);
  printf(", then %c\n", fgetc(stdin));
  char* line = NULL;
  size_t room = 0;
  for (int n = 0;; ++n) {
    const long length = getline(&line, &room, stdin);
    if (length < 0) break;
    if (n < 5) printf("%ld: %s%s", length, line, line[length - 1] == '\n' ? "" : "|\n");
  }
  printf("eof %d error %d, again %d\n", feof(stdin) != 0, ferror(stdin), fgetc(stdin));
  free(line);
  return 0;
}
