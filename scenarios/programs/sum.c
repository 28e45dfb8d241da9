// Adds up the numbers of the standard input, each multiplied by the argument of --scale.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int total;

__attribute__((noinline)) static void add(int number) { total += number; }

int main(int argc, char **argv) {
  int scale = 1;
  if (argc == 3 && strcmp(argv[1], "--scale") == 0) scale = atoi(argv[2]);
  int number;
  while (scanf("%d", &number) == 1) add(number * scale);
  const char *unit = getenv("UNIT");
  printf("%d %s\n", total, unit ? unit : "things");
  return 0;
}
