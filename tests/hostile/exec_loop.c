// One program after the other, each with all that a process can have at its back.
//: args 100
//: memory 24M
//: prints the last one
#include "hostile.h"

int main(int argc, char** argv) {
  const int left = atoi(argv[1]);
  if (left == 0) return say("the last one\n"), 0;
  touch(memory(1 << 20), 1 << 20);
  timer_t timer;
  timer_create(CLOCK_MONOTONIC, NULL, &timer);
  dup(1);
  if (left % 16 == 0) for (int fd = 3; fd < 1024; ++fd) close(fd);
  char next[16];
  snprintf(next, sizeof next, "%d", left - 1);
  execl("/proc/self/exe", argv[0], next, NULL);
  say("execl: %s\n", strerrorname_np(errno));
}
