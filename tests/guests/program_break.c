// brk and sbrk: grow, use, shrink, grow again to zeroed memory.
#define _DEFAULT_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void say(const char* text) { if (write(1, text, strlen(text)) < 0) _exit(9); }
static void check(const char* what, int good) { say(what), say(good ? ": yes\n" : ": no\n"); }

int main(void) {
  const long amount = 1 << 20;
  char* const start = sbrk(0);
  check("grown from its end", sbrk(amount) == start);
  check("zero", start[0] == 0 && start[amount - 1] == 0);
  memset(start, 0x5a, amount);
  check("moved", (char*)sbrk(0) == start + amount);
  check("shrunk", sbrk(-amount) == start + amount && sbrk(0) == start);
  check("grown again", sbrk(amount) == start);
  const long page = sysconf(_SC_PAGESIZE);
  check("zero again", start[2 * page] == 0 && start[amount - 1] == 0);
  check("too much refused", sbrk(INTPTR_MAX) == (void*)-1);
  check("brk", brk(start + 100) == 0 && sbrk(0) == start + 100);
  check("below its start it stays", syscall(SYS_brk, 1) == (long)(start + 100));
  return 0;
}
