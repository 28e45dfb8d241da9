// setjmp and longjmp over frames, with the mask and without.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static jmp_buf here;
static sigjmp_buf masked;

__attribute__((noinline)) static void dive(int depth, double d) {
  volatile double kept = d;
  if (depth == 0) longjmp(here, 5);
  dive(depth - 1, kept * 2);
  printf("never %g\n", kept);
}

int main(void) {
  volatile int tries = 0;
  volatile double local = 1.25;
  const int came = setjmp(here);
  if (came == 0) dive(40, 1.0);
  printf("came back with %d, %g\n", came, local);
  if (++tries < 3) longjmp(here, tries == 1 ? 0 : -7);
  sigset_t set, now;
  sigemptyset(&set), sigaddset(&set, SIGUSR1);
  if (sigsetjmp(masked, 1) == 0) {
    sigprocmask(SIG_BLOCK, &set, NULL);
    siglongjmp(masked, 1);
  }
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("restored %d\n", sigismember(&now, SIGUSR1));
  return 0;
}
