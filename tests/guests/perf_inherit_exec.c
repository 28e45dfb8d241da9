// Inherited events go on over exec(2) in the child, and when the parent exits before it; a child made by posix_spawn(3) and one
// by vfork(2) have them as well; the sum is the same whoever reads it.
//: breakpoints
#include "perf_b.h"
#include <spawn.h>
#include <sys/prctl.h>

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(int argc, char** argv) {
  if (argc > 1) return store(atoi(argv[1])), 0;
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.inherit = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  int child = fork();
  if (child == 0) store(10), execl("/proc/self/exe", "program", "5", (char*)0), _exit(1);
  printf("fork, exec: %d", wait_for(child)), printf(" %ld\n", count(fd));
  child = vfork();
  if (child == 0) execl("/proc/self/exe", "program", "100", (char*)0), _exit(1);
  printf("vfork, exec: %d", wait_for(child)), printf(" %ld\n", count(fd));
  char* const arguments[] = {"program", "1000", NULL};
  char* const nothing[] = {NULL};
  if (posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, nothing) != 0) return 1;
  printf("posix_spawn: %d", wait_for(child)), printf(" %ld\n", count(fd)), fflush(stdout);
  // The child ends before its own child, which is told by the pipe's end: the grandchild counts on, and the last reader sees it.
  int go[2], done[2];
  if (pipe(go) != 0 || pipe(done) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return 1;
  child = fork();
  if (child == 0) {
    if (fork() == 0) {
      char byte;
      if (read(go[0], &byte, 1) == 1) store(20000 / 4), _exit(write(done[1], "", 1) != 1);
    }
    store(7), _exit(0);
  }
  printf("orphan: %d", wait_for(child)), printf(" %ld", count(fd));
  char byte;
  if (write(go[1], "", 1) != 1 || read(done[0], &byte, 1) != 1) return 1;
  printf(" %ld\n", count(fd)), fflush(stdout);
  wait(NULL);  // The grandchild's breakpoint goes when it ends, and where there is one only the next needs its place.
  // The exit of the task that the event was opened on: that of its child goes on, the descriptor being shared by fork.
  close(fd);
  child = fork();
  if (child == 0) {
    const int own = must_open(&attr, 0, -1, -1);
    const int parent = getpid(), go_on = fork();
    if (go_on != 0) store(3), _exit(0);
    while (getppid() == parent) sched_yield();
    store(4), printf("parent gone: %ld\n", count(own)), fflush(stdout), close(done[1]), _exit(0);
  }
  close(done[1]);
  const int status = wait_for(child);
  return read(done[0], &byte, 1) != 0 || status;  // its end
}
