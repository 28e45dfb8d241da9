// stderr is not buffered, perror names errno, and the program's name leads err(3).
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  fprintf(stderr, "to stderr: %d\n", 1);
  errno = ENOENT;
  perror("perror");
  fputs("out\n", stdout);
  warnx("warning %d", 2);
  errno = EACCES;
  err(7, "error");
}
