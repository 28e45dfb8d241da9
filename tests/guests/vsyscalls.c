//: isa x86-64
// The vsyscall page: three functions at fixed addresses, which cannot be read (vsyscall=xonly).
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static sigjmp_buf back;
static void handler(int signal) { siglongjmp(back, signal); }

int main(void) {
  struct timeval time_of_day = {0};
  unsigned cpu = 999, node = 999;
  signal(SIGSEGV, handler);
  const long now = ((long (*)(long *))0xffffffffff600400)(0);
  const int result = ((int (*)(struct timeval *, void *))0xffffffffff600000)(&time_of_day, 0);
  printf("time %d, gettimeofday %d %d\n", now != 0 && time(0) - now < 100, result, time_of_day.tv_sec - now < 100);
  printf("getcpu %d: %d %d\n", ((int (*)(unsigned *, unsigned *, void *))0xffffffffff600800)(&cpu, &node, 0), cpu < 64, node < 64);
  printf("between the functions: %d\n", sigsetjmp(back, 1) ?: (((void (*)(void))0xffffffffff600004)(), 0));
  printf("a fourth one: %d\n", sigsetjmp(back, 1) ?: (((void (*)(void))0xffffffffff600c00)(), 0));
  printf("a pointer that leads nowhere: %d\n", sigsetjmp(back, 1) ?: (((long (*)(long *))0xffffffffff600400)((long *)8), 0));
  printf("read: %d\n", sigsetjmp(back, 1) ?: (*(volatile char *)0xffffffffff600000, 0));
}
