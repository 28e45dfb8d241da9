// A memory file that is cut: what was mapped beyond its new end is SIGBUS, for everybody, and zero when it grows again.
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/mman.h>
#include "tasks.h"

static sigjmp_buf out;
static void handler(int number) { siglongjmp(out, number); }

static void look(const char* what, volatile char* byte, int store) {
  const int signal = sigsetjmp(out, 1);
  if (signal != 0) {
    printf("%s: signal %d\n", what, signal);
  } else if (store) {
    *byte = 9;
    printf("%s: stored\n", what);
  } else {
    printf("%s: %d\n", what, *byte);
  }
}

int main(void) {
  signal(SIGBUS, handler);
  const long page = sysconf(_SC_PAGESIZE);
  const int fd = memfd_create("m", 0);
  ftruncate(fd, 3 * page);
  volatile char* const shared = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  volatile char* const own = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, page);
  shared[0] = 1, shared[page] = 2, shared[page + 100] = 3, shared[2 * page] = 4;
  printf("%d %d\n", own[0], own[page]);
  own[1] = 5, own[page] = 6;
  const pid_t child = fork_flushed();
  if (child == 0) {
    signal(SIGALRM, handler);
    if (sigsetjmp(out, 1) == 0) {
      alarm(20);
      while (shared[2 * page] == 4) continue;  // until the parent cuts the file
    }
    look("the child's", shared + 2 * page, 0);
    look("the child's own", own + page, 0);
    _exit(0);
  }
  TRY(ftruncate(fd, page + 50));
  show_end("child", child);
  look("below", shared, 0);
  look("in the last page", shared + page, 0);
  look("cut", shared + page + 100, 0);
  look("its own page", own + 1, 0);
  look("load", shared + 2 * page, 0);
  look("store", shared + 2 * page, 1);
  look("its own, changed", own + page, 0);
  look("store to its own", own + page, 1);
  TRY(ftruncate(fd, 3 * page));
  look("regrown", shared + 2 * page, 0);
  look("its own, regrown", own + page, 0);
  look("store", shared + 2 * page, 1);
  look("its own sees that", own + page, 0);
  TRY(ftruncate(fd, 0));
  look("nothing left", shared, 0);
  look("nor of its own", own, 0);
  return 0;
}
