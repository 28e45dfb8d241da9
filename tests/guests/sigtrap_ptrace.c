// A tracer sees the SIGTRAP of an event as a signal stop, with its siginfo_t; the handler gets what is passed on, and no more.
// The tracee opened the event on itself at first, its tracer did then.
//: breakpoints
#include "perf_b.h"
#include <sys/ptrace.h>

static volatile long watched;
static volatile int signals;
static void trapped(int signal, siginfo_t* info, void* context) {
  if (info->si_code == kTrapPerf && perf_data(info) == 99) ++signals;
}

int main(void) {
  for (int by_tracer = 0; by_tracer < 2; ++by_tracer) {
    fflush(stdout);
    struct perf_event_attr attr = sigtrap_attr(&watched, 8, HW_BREAKPOINT_W);
    attr.sig_data = 99;
    const int child = fork();
    if (child == 0) {
      handle(SIGTRAP, trapped, 0);
      if (!by_tracer) must_open(&attr, 0, -1, -1);
      ptrace(PTRACE_TRACEME, 0, 0, 0);
      raise(SIGSTOP);
      for (int i = 0; i < 6; ++i) watched = i;
      _exit(signals);
    }
    int status, stop = 0;
    waitpid(child, &status, 0);
    printf("stopped by %d", WIFSTOPPED(status) ? WSTOPSIG(status) : -1);
    int fd = -1;
    if (by_tracer) fd = must_open(&attr, child, -1, -1);
    ptrace(PTRACE_CONT, child, 0, 0);
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
      siginfo_t info;
      ptrace(PTRACE_GETSIGINFO, child, 0, &info);
      printf("\n  stop %d: %d, event %d, code %d, address %d", stop, WSTOPSIG(status), status >> 16, info.si_code,
             info.si_addr == (void*)&watched);
      printf(", data %d type %u flags %u", (int)perf_data(&info), perf_type(&info), perf_flags(&info));
      errno = 0;
      printf(", value %ld", ptrace(PTRACE_PEEKDATA, child, (void*)&watched, 0));
      ptrace(PTRACE_CONT, child, 0, stop++ % 2 == 0 ? SIGTRAP : 0);
    }
    printf("\nexited with %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    if (fd >= 0) printf(", count %ld", count(fd)), close(fd);
    printf("\n");
  }
  return 0;
}
