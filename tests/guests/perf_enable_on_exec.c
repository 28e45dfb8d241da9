// enable_on_exec: an event that is disabled counts from the next exec(2) on, its siblings with it if they ask for that too;
// remove_on_exec: an event ends there, but its descriptor can be read on. The watched variable is at the same address after it.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static int open_kept(const struct perf_event_attr* attr, int pid, int group) {  // not closed on exec
  return (int)syscall(SYS_perf_event_open, attr, pid, -1, group, 0ul);
}

int main(int argc, char** argv) {
  if (argc > 1) {
    store(7);
    if (argc > 2) printf("after exec, by itself: %ld\n", count(atoi(argv[2]))), fflush(stdout);
    return 0;
  }
  for (int kind = 0; kind < 5; ++kind) {
    int ready[2], tell[2];
    if (pipe(ready) != 0 || pipe(tell) != 0) return 1;
    fflush(stdout);
    const int child = fork();
    if (child == 0) {
      char byte;
      if (read(tell[0], &byte, 1) != 1) _exit(1);
      store(5);
      execl("/proc/self/exe", "program", "child", (char*)0);
    }
    struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W), dummy = software_attr(PERF_COUNT_SW_TASK_CLOCK);
    attr.enable_on_exec = kind == 0 || kind == 1;
    attr.disabled = kind != 3 && kind != 1;  // 0: from exec on; 1: from the start; 2: never; 3: to exec; 4: never, removed
    attr.remove_on_exec = kind > 2;
    const int fd = open_kept(&attr, child, -1);
    if (fd < 0) perror("perf_event_open"), exit(3);
    dummy.enable_on_exec = attr.enable_on_exec;
    dummy.disabled = 1;
    const int sibling = open_kept(&dummy, child, fd);
    if (write(tell[1], "", 1) != 1) return 1;
    const int status = wait_for(child);
    printf("kind %d: status %d, count %ld, sibling %d", kind, status, count(fd), count(sibling) > 0);
    printf(", enabling it now %s", outcome_of(ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)));
    printf(", count %ld\n", count(fd));
    close(fd), close(sibling), close(ready[0]), close(ready[1]), close(tell[0]), close(tell[1]);
  }
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.enable_on_exec = attr.remove_on_exec = 1;
  printf("both: %s\n", outcome_of(open_kept(&attr, 0, -1)));
  attr.remove_on_exec = 0, attr.disabled = 1;
  const int own = open_kept(&attr, 0, -1);
  char number[12];
  snprintf(number, sizeof number, "%d", own);
  store(3), printf("own, before: %ld\n", count(own)), fflush(stdout);
  execl("/proc/self/exe", "program", "child", number, (char*)0);
  return 1;
}
