// SA_NODEFER, SA_RESETHAND, sa_mask, and handlers that are interrupted by others: what is blocked in each, and in which order they run.
#define _GNU_SOURCE
#include "tasks.h"

static volatile int depth, raises;

static void show_blocked(const char* where) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  printf("%*s%s blocked:", depth * 2, "", where);
  for (int i = 1; i <= 64; ++i) if (sigismember(&mask, i) == 1) printf(" %d", i);
  printf("\n");
}
static void handler(int number) {
  char name[20];
  sprintf(name, "in %d", number);
  show_blocked(name);
  ++depth;
  if (number == SIGUSR1 && raises > 0) --raises, raise(SIGUSR1);
  if (number == SIGUSR2 && raises > 0) --raises, raise(SIGUSR1), raise(SIGUSR2);
  --depth;
  sprintf(name, "end of %d", number);
  show_blocked(name);
}
static void raise_times(int number, int more) {
  raises = more;
  raise(number);
}
static void set(int number, int flags, int masked) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  if (masked != 0) sigaddset(&action.sa_mask, masked);
  TRY(sigaction(number, &action, NULL));
}
static void show_disposition(int number) {
  struct sigaction action;
  sigaction(number, NULL, &action);
  printf("disposition of %d: %s, reset %d, nodefer %d\n", number, action.sa_handler == handler ? "handler" : "default",
         (action.sa_flags & (int)SA_RESETHAND) != 0, (action.sa_flags & SA_NODEFER) != 0);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  set(SIGUSR1, 0, 0);
  raise_times(SIGUSR1, 2);  // the second waits until the first is over
  set(SIGUSR1, SA_NODEFER, 0);
  raise_times(SIGUSR1, 2);  // nested at once
  set(SIGUSR1, SA_NODEFER, SIGUSR1);
  raise_times(SIGUSR1, 1);  // the mask counts all the same
  set(SIGUSR1, 0, 0), set(SIGUSR2, 0, SIGUSR1);
  raise_times(SIGUSR2, 1);
  set(SIGUSR2, SA_NODEFER, SIGTERM);
  raise_times(SIGUSR2, 2);

  set(SIGUSR1, (int)SA_RESETHAND | SA_NODEFER, 0);
  show_disposition(SIGUSR1);
  pid_t child = fork_flushed();
  if (child == 0) fflush(stdout), raise_times(SIGUSR1, 1), leave(0);  // its handler raises it again
  show_end("reset", child);
  set(SIGUSR1, (int)SA_RESETHAND, 0);
  child = fork_flushed();
  if (child == 0) {
    raise(SIGUSR1);
    show_disposition(SIGUSR1);
    fflush(stdout);
    raise(SIGUSR1);
    leave(0);
  }
  show_end("second time", child);

  // Several pending at once: the handlers stack up, so that the one set up last runs first.
  sigset_t all, none;
  sigfillset(&all), sigemptyset(&none);
  set(SIGUSR1, 0, 0), set(SIGHUP, 0, 0), set(SIGTERM, 0, SIGHUP), set(40, 0, 0), set(50, SA_NODEFER, 0);
  sigprocmask(SIG_SETMASK, &all, NULL);
  raise(50), raise(40), raise(SIGTERM), raise(SIGHUP), raise(50), raise(SIGUSR1);
  sigprocmask(SIG_SETMASK, &none, NULL);
  show_blocked("main");
  // SIGKILL and SIGSTOP never stay in a mask.
  struct sigaction action = {.sa_handler = handler};
  sigfillset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGINT, NULL, &action);
  SHOW(sigismember(&action.sa_mask, SIGKILL) == 0 && sigismember(&action.sa_mask, SIGSTOP) == 0);
  SHOW(sigismember(&action.sa_mask, SIGTERM));
  raise(SIGINT);
  TRY(syscall(SYS_rt_sigaction, SIGINT, NULL, NULL, 4));
  TRY(syscall(SYS_rt_sigaction, SIGINT, 8, NULL, 8));
  TRY(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
  TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8, NULL, 8));
  TRY(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4));
  TRY(syscall(SYS_rt_sigprocmask, 17, NULL, NULL, 8));
  return 0;
}
