// The library finds a double free and aborts with a message on stderr.
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  void* volatile block = malloc(40);
  puts("before");
  fflush(stdout);
  free(block);
  free(block);
  puts("never");
  return 0;
}
