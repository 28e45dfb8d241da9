// siglongjmp and longjmp out of handlers: the mask that they restore or leave, from faults, from other stacks, from nested handlers, many times.
#define _GNU_SOURCE
#include <setjmp.h>
#include <sys/time.h>
#include "tasks.h"

static sigjmp_buf with_mask, without_mask, outer, inner;
static volatile int how, runs, nested;
static char stack[1 << 16];

static int is_blocked(int number) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  return sigismember(&mask, number);
}
static void handler(int number) {
  ++runs;
  if (how == 0) siglongjmp(with_mask, number);
  siglongjmp(without_mask, number);
}
static void in_two(int number) {
  ++nested;
  if (number == SIGUSR1) {
    if (sigsetjmp(inner, 1) == 0) raise(SIGUSR2);
    printf("back in the first: blocked USR1 %d USR2 %d\n", is_blocked(SIGUSR1), is_blocked(SIGUSR2));
    raise(SIGTERM);
  }
  if (number == SIGUSR2) siglongjmp(inner, 1);
  if (number == SIGTERM) siglongjmp(outer, 5);
}
static void set(int number, void (*function)(int), int flags) {
  struct sigaction action = {.sa_handler = function, .sa_flags = flags};
  sigaction(number, &action, NULL);
}
static volatile unsigned long work;

int main(void) {
  set(SIGUSR1, handler, 0), set(SIGSEGV, handler, 0), set(SIGALRM, handler, 0);
  for (volatile int i = 0; i < 3; ++i) {
    const int got = sigsetjmp(with_mask, 1);
    if (got == 0) raise(SIGUSR1);
    printf("with the mask: %d, blocked %d\n", got, is_blocked(SIGUSR1));
  }
  how = 1;
  int got = sigsetjmp(without_mask, 0);
  if (got == 0) raise(SIGUSR1);
  printf("without: %d, blocked %d\n", got, is_blocked(SIGUSR1));
  raise(SIGUSR1);  // waits
  SHOW(runs);
  sigset_t usr1;
  sigemptyset(&usr1), sigaddset(&usr1, SIGUSR1);
  how = 0;
  if (sigsetjmp(with_mask, 1) == 0) sigprocmask(SIG_UNBLOCK, &usr1, NULL);
  SHOW(is_blocked(SIGUSR1));  // as it was at the sigsetjmp
  sigprocmask(SIG_UNBLOCK, &usr1, NULL);
  SHOW(runs);

  // Faults, again and again.
  volatile int faults = 0;
  while (faults < 300) {
    if (sigsetjmp(with_mask, 1) == 0) *(volatile int*)(long)(faults % 3 * 8) = 1;
    else ++faults;
  }
  SHOW(faults);
  // From the alternate stack, which is free again then.
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  set(SIGSEGV, handler, SA_ONSTACK);
  for (faults = 0; faults < 300;) {
    if (sigsetjmp(with_mask, 1) == 0) *(volatile int*)NULL = 1;
    else ++faults;
  }
  SHOW(faults);
  stack_t now;
  sigaltstack(NULL, &now);
  SHOW(now.ss_flags);

  // Two handlers deep.
  set(SIGUSR1, in_two, 0), set(SIGUSR2, in_two, 0), set(SIGTERM, in_two, 0);
  got = sigsetjmp(outer, 1);
  if (got == 0) raise(SIGUSR1);
  printf("outside: %d, nested %d, blocked USR1 %d USR2 %d TERM %d\n", got, nested, is_blocked(SIGUSR1), is_blocked(SIGUSR2), is_blocked(SIGTERM));

  // A timer that ends a loop which would never end, and a read that would wait for ever.
  int ends[2];
  pipe(ends);
  for (volatile int i = 0; i < 10; ++i) {
    if (sigsetjmp(with_mask, 1) == 0) {
      setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000}}, NULL);
      char byte;
      if (i % 2 == 0) for (;;) ++work;
      read(ends[0], &byte, 1);
      puts("never");
    }
  }
  puts("all ended");
  // With every argument: 0 becomes 1.
  static const int values[] = {0, 1, -1, 1000};
  for (volatile int i = 0; i < 4; ++i) {
    const int value = sigsetjmp(outer, 0);
    if (value == 0) siglongjmp(outer, values[i]);
    printf("%d gives %d\n", values[i], value);
  }
  return 0;
}
