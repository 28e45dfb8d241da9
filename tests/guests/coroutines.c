// makecontext, swapcontext, getcontext and setcontext: coroutines with stacks and signal masks of their own.
#define _GNU_SOURCE
#include <ucontext.h>
#include "tasks.h"

enum { kCoroutines = 3, kStack = 1 << 16 };
static ucontext_t main_context, contexts[kCoroutines];
static char stacks[kCoroutines][kStack] __attribute__((aligned(64)));
static int finished, produced;
static double sums[kCoroutines];

static int is_blocked(int number) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  return sigismember(&mask, number);
}
static void runs(int index, int step, int rounds) {
  double sum = index + 0.5;
  for (int i = 0; i < rounds; ++i) {
    sum = sum * 1.5 + step;
    printf("%d.%d ", index, i);
    swapcontext(&contexts[index], &contexts[(index + 1) % kCoroutines]);
  }
  sums[index] = sum;
  ++finished;
  if (finished < kCoroutines) swapcontext(&contexts[index], &contexts[(index + 1) % kCoroutines]);
}
static void generates(void) {
  for (int i = 0; i < 5; ++i) {
    produced = i * i;
    swapcontext(&contexts[0], &main_context);
  }
  produced = -1;
}
static void looks_at_mask(void) { printf("inside: blocked USR1 %d\n", is_blocked(SIGUSR1)); }

int main(void) {
  for (int i = 0; i < kCoroutines; ++i) {
    getcontext(&contexts[i]);
    contexts[i].uc_stack.ss_sp = stacks[i], contexts[i].uc_stack.ss_size = kStack;
    contexts[i].uc_link = &main_context;
    makecontext(&contexts[i], (void (*)(void))runs, 3, i, i + 1, 4);
  }
  swapcontext(&main_context, &contexts[0]);
  printf("\nfinished %d: %g %g %g\n", finished, sums[0], sums[1], sums[2]);

  getcontext(&contexts[0]);
  contexts[0].uc_stack.ss_sp = stacks[0], contexts[0].uc_stack.ss_size = kStack, contexts[0].uc_link = &main_context;
  makecontext(&contexts[0], generates, 0);
  do {
    swapcontext(&main_context, &contexts[0]);
    printf("%d ", produced);
  } while (produced >= 0);
  printf("\n");

  // Each context has its mask.
  getcontext(&contexts[1]);
  contexts[1].uc_stack.ss_sp = stacks[1], contexts[1].uc_stack.ss_size = kStack, contexts[1].uc_link = &main_context;
  sigaddset(&contexts[1].uc_sigmask, SIGUSR1);
  makecontext(&contexts[1], looks_at_mask, 0);
  swapcontext(&main_context, &contexts[1]);
  printf("outside: blocked USR1 %d\n", is_blocked(SIGUSR1));

  // Going back to a place by setcontext.
  volatile int times = 0;
  ucontext_t here;
  getcontext(&here);
  if (++times < 4) setcontext(&here);
  SHOW(times);
  return 0;
}
