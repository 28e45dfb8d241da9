// Numbers from standard input by scanf, and what is left to read(2) of a descriptor behind a buffered stream.
//: stdin root/numbers.txt
#include <stdio.h>
#include <unistd.h>

int main(void) {
  long sum = 0;
  int count = 0;
  for (int n; scanf("%d", &n) == 1; ++count) sum += n;
  printf("%d numbers, sum %ld\n", count, sum);
  char byte;
  printf("read: %zd\n", read(0, &byte, 1));
  return 0;
}
