// stdout's buffers against write(2) and writev(2) on the same descriptor.
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static void direct(const char* text) {
  if (write(1, text, strlen(text)) < 0) _exit(9);
}

int main(void) {
  static char buffer[64];
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  printf("buffered 1\n");
  direct("direct 1\n");
  printf("a line that together with the first is longer than the buffer of 64 bytes\n");
  direct("direct 2\n");
  fflush(stdout);
  setvbuf(stdout, NULL, _IOLBF, 64);
  printf("line\nrest");
  direct("[direct 3]");
  printf("\n");
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("unbuffered ");
  direct("direct 4\n");
  struct iovec parts[] = {{"vec", 3}, {"", 0}, {"tor", 3}, {"\n", 1}};
  printf("%zd\n", writev(1, parts, 4));
  putchar('x'), putc('y', stdout), fputs("z\n", stdout), fwrite("four\n", 1, 5, stdout);
  dprintf(1, "%s %d\n", "dprintf", 1);
  printf("bad descriptor %zd\n", write(77, "x", 1));
  return 0;
}
