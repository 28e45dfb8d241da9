// What inotify(7) tells of files and folders, and F_NOTIFY and leases by signals.
//: scratch
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static int watch;
static void events(void) {
  static char buffer[8192] __attribute__((aligned(8)));
  static unsigned first_cookie;
  static int seen;
  const long size = read(watch, buffer, sizeof buffer);
  if (size < 0) {
    printf("  %s\n", strerrorname_np(errno));
    return;
  }
  for (long at = 0; at < size;) {
    const struct inotify_event* event = (void*)(buffer + at);
    if (event->cookie && !seen++) first_cookie = event->cookie - 1;
    printf("  %d: %x %u %u '%s'\n", event->wd, event->mask, event->cookie ? event->cookie - first_cookie : 0, event->len,
           event->len ? event->name : "");
    at += sizeof *event + event->len;
  }
}

static volatile int signals;
static void on_signal(int signal) { ++signals; }

int main(void) {
  char b[32];
  setvbuf(stdout, NULL, _IONBF, 0);
  watch = inotify_init1(IN_NONBLOCK);
  SHOW(mkdir("d", 0755));
  SHOW(inotify_add_watch(watch, "d", IN_ALL_EVENTS));
  SHOW(inotify_add_watch(watch, "d", IN_ALL_EVENTS));
  TRY(inotify_add_watch(watch, "none", IN_ALL_EVENTS));
  TRY(inotify_add_watch(watch, "d", 0));
  TRY(inotify_add_watch(0, "d", IN_OPEN));
  TRY(inotify_add_watch(99, "d", IN_OPEN));
  TRY(inotify_add_watch(watch, "d", IN_OPEN | IN_MASK_CREATE));
  TRY(inotify_add_watch(watch, "d", IN_MASK_ADD | IN_MASK_CREATE | IN_OPEN));
  int fd = open("d/a", O_RDWR | O_CREAT, 0600);
  SHOW(inotify_add_watch(watch, "d/a", IN_ALL_EVENTS));
  TRY(inotify_add_watch(watch, "d/a", IN_ALL_EVENTS | IN_ONLYDIR));
  events();
  write(fd, "1234", 4); write(fd, "5", 1); pread(fd, b, 2, 0); ftruncate(fd, 1); fchmod(fd, 0644);
  int bytes;
  SHOW(ioctl(watch, FIONREAD, &bytes)); SHOW(bytes);
  TRY(read(watch, b, 8));
  events();
  close(fd);
  close(open("d/a", O_RDONLY));
  mkdir("d/sub", 0700);
  link("d/a", "d/b");
  symlink("a", "d/s");
  events();
  rename("d/a", "d/c");
  rename("d/sub", "moved");
  events();
  unlink("d/b");
  unlink("d/c");
  unlink("d/s");
  events();
  rmdir("moved");
  rmdir("d");
  events();
  events();
  TRY(inotify_rm_watch(watch, 1));
  mkdir("e", 0755);
  const int wd = inotify_add_watch(watch, "e", IN_CREATE | IN_ONESHOT);
  SHOW(wd);
  mkdir("e/1", 0755); mkdir("e/2", 0755);
  events();
  const int again = inotify_add_watch(watch, "e", IN_CREATE);
  SHOW(again);
  struct pollfd p = {watch, POLLIN, 0};
  SHOW(poll(&p, 1, 0));
  SHOW(inotify_rm_watch(watch, again));
  SHOW(poll(&p, 1, 0));
  events();

  signal(SIGIO, on_signal);
  int folder = open("e", O_RDONLY);
  SHOW(fcntl(folder, F_NOTIFY, DN_CREATE));
  TRY(fcntl(watch, F_NOTIFY, DN_CREATE));
  mkdir("e/3", 0755); mkdir("e/4", 0755);
  SHOW(signals);

  int f = open("f", O_RDWR | O_CREAT, 0600);
  TRY(fcntl(f, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(f, F_SETLEASE, F_WRLCK)); SHOW(fcntl(f, F_GETLEASE));
  TRY(open("f", O_RDONLY | O_NONBLOCK));
  SHOW(signals);
  SHOW(fcntl(f, F_SETLEASE, F_UNLCK)); SHOW(fcntl(f, F_GETLEASE));
  TRY(fcntl(f, F_SETLEASE, F_UNLCK));
  TRY(fcntl(f, F_SETLEASE, 9));
  close(f);
  f = open("f", O_RDONLY);
  SHOW(fcntl(f, F_SETLEASE, F_RDLCK)); SHOW(fcntl(f, F_GETLEASE));
  SHOW(open("f", O_RDONLY) >= 0);
  if (fork() == 0) {
    signal(SIGIO, SIG_IGN);
    _exit(open("f", O_WRONLY) >= 0 ? 5 : 6);
  }
  fflush(stdout);
  while (signals < 3) usleep(1000);
  SHOW(fcntl(f, F_SETLEASE, F_UNLCK));
  int status;
  wait(&status);
  SHOW(WEXITSTATUS(status));
  SHOW(signals);
  return 0;
}
