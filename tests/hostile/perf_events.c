// As many perf events as there may be: descriptors of them, inherited ones, ones that signal a task that ends, and a
// ring buffer whose memory is taken away.
//: args descriptors
//: args inherit
//: args exit
//: args remove
//: args exec
//: prints done
#include "perf.h"

static void no_handler(int number) { (void)number; }

static void descriptors(void) {
  setrlimit(RLIMIT_NOFILE, &(struct rlimit){1 << 20, 1 << 20});
  if (open_many(software(PERF_COUNT_SW_DUMMY, 0), 1 << 20) < 1000) say("only few events\n");
}

static void inherit(void) {
  struct perf_event_attr attr = software(PERF_COUNT_SW_CONTEXT_SWITCHES, 0);
  attr.inherit = 1;
  if (open_many(attr, 1000) < 1000) say("only few events\n");
  // What the events take must end this before there are thousands of tasks.
  int children = 0;
  for (;; ++children) {
    const pid_t child = fork();
    if (child == -1) break;
    if (child == 0) pause(), _exit(0);
  }
  if (strcmp(limit_name(errno), "a limit") != 0 || children > 1000) say("%d children, %m\n", children);
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  kill(-1, SIGKILL);
  while (wait(NULL) != -1);
}

// The events' signals come from timers, when the task may be gone.
static void end_with_signals(void) {
  for (int i = 0; i < 200; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      if (i % 2) signal(SIGTRAP, no_handler);
      struct perf_event_attr attr = software(PERF_COUNT_SW_CPU_CLOCK, 10000);
      attr.sigtrap = attr.remove_on_exec = 1;
      if (open_many(attr, 20) < 20) _exit(1);
      for (volatile int n = 0; n < i * 100; ++n);
      _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0) say("status %d\n", WEXITSTATUS(status));
  }
}

static void remove_buffer(void) {
  struct perf_event_attr attr = software(PERF_COUNT_SW_PAGE_FAULTS, 1);
  attr.sample_type = PERF_SAMPLE_ADDR;
  const int fd = open_event(attr, -1);
  const size_t page = sysconf(_SC_PAGESIZE);
  char* const buffer = ring(fd, 4);
  if (madvise(buffer, 5 * page, MADV_REMOVE) != -1) say("MADV_REMOVE: no error\n");
  if (madvise(buffer, 5 * page, MADV_DONTNEED) == -1) say("MADV_DONTNEED: %m\n");
  touch(memory(64 * page), 64 * page);
  if (munmap(buffer + page, page) != -1) say("munmap of a part: no error\n");
  mmap(buffer, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  touch(memory(64 * page), 64 * page);
  munmap(buffer, 5 * page);
  touch(memory(64 * page), 64 * page);
}

static void over_exec(char** argv) {
  signal(SIGTRAP, no_handler);
  struct perf_event_attr attr = software(PERF_COUNT_SW_CPU_CLOCK, 10000);
  attr.sigtrap = attr.remove_on_exec = 1;
  open_many(attr, 10);
  execv("/proc/self/exe", (char*[]){argv[0], NULL});
}

int main(int argc, char** argv) {
  if (is("descriptors", argc, argv)) descriptors();
  if (is("inherit", argc, argv)) inherit();
  if (is("exit", argc, argv)) end_with_signals();
  if (is("remove", argc, argv)) remove_buffer();
  if (is("exec", argc, argv)) over_exec(argv);
  say("done\n");
  return 0;
}
