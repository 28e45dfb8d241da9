// Signals queued for as many processes and threads as there may be, timers along with them: the user has but one allowance.
//: args processes
//: args self
//: args timers
//: memory 128M
//: prints at most RLIMIT_SIGPENDING
#include "hostile.h"

int main(int argc, char** argv) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  long queued = 0;
  if (is("processes", argc, argv)) {
    for (int n = 0; n < 40; ++n) {
      const pid_t child = fork();
      if (child == 0) for (;;) pause();
      for (int i = 0; i < 2000; ++i) queued += sigqueue(child, SIGRTMIN, (union sigval){0}) == 0;
    }
  } else if (is("self", argc, argv)) {
    siginfo_t info = {.si_signo = SIGRTMIN, .si_code = SI_QUEUE};
    for (int i = 0; i < 100000; ++i)
      queued += syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN, &info) == 0;
  } else {
    long* const made = shared(4096);
    for (int n = 0; n < 20; ++n) {
      const pid_t child = fork();
      if (child == 0) {
        timer_t timer;
        while (timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0) ++*made;
        kill(getppid(), SIGRTMAX);
        for (;;) pause();
      }
      sigset_t last;
      sigemptyset(&last);
      sigaddset(&last, SIGRTMAX);
      sigwaitinfo(&last, NULL);
    }
    queued = *made;
  }
  say("%s RLIMIT_SIGPENDING\n", queued >= 4000 && queued <= 4096 ? "at most" : "not");
}
