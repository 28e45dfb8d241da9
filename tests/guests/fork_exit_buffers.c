// What a child that ends by exit does with the buffers and exit handlers that it inherited, and what one that ends by _exit does not.
#define _GNU_SOURCE
#include "tasks.h"

static pid_t first;
static void handler(void) { printf("[handler in %s]", getpid() == first ? "parent" : "child"); }

int main(void) {
  first = getpid();
  setvbuf(stdout, NULL, _IOFBF, 4096);
  atexit(handler);
  printf("[unflushed]");
  pid_t child = fork();
  if (child == 0) {
    printf("[exits]");
    exit(1);
  }
  show_end("[exit]", child);
  fflush(stdout);
  printf("[unflushed again]");
  child = fork();
  if (child == 0) {
    printf("[lost]");
    _exit(2);
  }
  show_end("[_exit]", child);
  child = fork();
  if (child == 0) {
    atexit(handler);
    printf("[returns]");
    return 3;
  }
  show_end("[return]", child);
  fflush(stdout);
  child = fork();
  if (child == 0) {
    printf("[quick]");
    quick_exit(4);
  }
  show_end("[quick_exit]", child);
  child = fork();
  if (child == 0) {
    no_core_file();
    printf("[aborts]");
    abort();
  }
  show_end("[abort]", child);
  fflush(stdout);
  write(STDOUT_FILENO, "\n", 1);
  return 0;
}
