// A child asks to be traced by a process whose leader has ended and whose last thread has not: whoever that tracer was, it is gone when
// the process has been waited for, and what was its memory is another's.
//: prints traced: ok
//: prints waited for its parent
//: prints end
#include "hostile.h"

static int thread(void* unused) {
  usleep(3000);
  syscall(SYS_exit, 0);
  return 0;
}

static void process(void) {
  if (fork() == 0) {
    usleep(1000);  // its parent's leader has ended by now
    say("traced: %s\n", ptrace(PTRACE_TRACEME, 0, 0, 0) == 0 ? "ok" : strerrorname_np(errno));
    usleep(5000);  // and has been waited for
    for (int i = 0; i < 3000; ++i) raise(SIGCHLD);
    _exit(7);
  }
  enum { kStack = 65536 };
  clone(thread, (char*)memory(kStack) + kStack - 64, kThread, NULL);
  syscall(SYS_exit, 0);  // the leader alone
}

int main(void) {
  if (fork() == 0) process();
  say("%s\n", wait(NULL) > 0 ? "waited for its parent" : strerrorname_np(errno));
  for (int i = 0; i < 2000; ++i) {
    const int child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
  }
  usleep(100000);
  say("end\n");
  return 0;
}
