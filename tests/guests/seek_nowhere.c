// lseek(2) of files that have no place in them: some say so, others stay where they are.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void try(const char* name, int fd) {
  const struct {
    const char* name;
    off_t offset;
    int whence;
  } calls[] = {{"set 5", 5, SEEK_SET}, {"current", 0, SEEK_CUR}, {"end", 0, SEEK_END}, {"nowhere", 0, 99}};
  for (unsigned i = 0; i < sizeof calls / sizeof *calls; ++i) {
    errno = 0;
    const off_t at = lseek(fd, calls[i].offset, calls[i].whence);
    printf("%s, %s: %ld %s\n", name, calls[i].name, (long)at, at < 0 ? strerrorname_np(errno) : "");
  }
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  int ends[2];
  pipe(ends);
  try("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
  try("signalfd", signalfd(-1, &set, 0));
  try("eventfd", eventfd(0, 0));
  try("inotify", inotify_init1(0));
  try("pidfd", syscall(SYS_pidfd_open, getpid(), 0));
  try("pipe", ends[0]);
  return 0;
}
