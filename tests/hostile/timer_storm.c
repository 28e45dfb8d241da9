// Timers that go off as often as anything can, for signals that are taken, blocked or ignored; real time and CPU time.
//: args itimer 0 taken
//: args itimer 0 ignored
//: args itimer 1 taken
//: args itimer 2 blocked
//: args timers 1 taken
//: args timers 1 blocked
//: args timers 1 ignored
//: args timers 2 taken
//: args timers 2 blocked
//: args timers 3 ignored
//: args rearm
//: memory 64M
//: cycles 10000000
//: status 152
//: says stopped after 10000000 cycles
#include "hostile.h"

static void handler(int number) { (void)number; }

int main(int argc, char** argv) {
  if (argc < 3) {
    signal(SIGALRM, handler);
    for (int i = 0;; ++i) setitimer(i % 3, &(struct itimerval){{0, 1}, {0, 1}}, NULL);
  }
  const int which = atoi(argv[2]);
  const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
  for (int i = 0; i < 3; ++i) {
    signal(signals[i], argv[3][0] == 'i' ? SIG_IGN : handler);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signals[i]);
    if (argv[3][0] == 'b') sigprocmask(SIG_BLOCK, &set, NULL);
  }
  if (is("itimer", argc, argv)) {
    setitimer(which, &(struct itimerval){{0, 1}, {0, 1}}, NULL);
  } else {
    for (int i = 0; i < 1024; ++i) {
      timer_t timer;
      if (timer_create(which, NULL, &timer) == -1) say("timer_create: %s\n", strerrorname_np(errno)), _exit(1);
      timer_settime(timer, 0, &(struct itimerspec){{0, 1}, {0, 1}}, NULL);
    }
  }
  for (;;);
}
