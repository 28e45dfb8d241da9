// poll(2) and ppoll(2) on pipes and eventfds: what is ready, hang-up and error, timeouts, masks, and what they refuse.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include "tasks.h"

static void show_poll(const char* what, int fd, short events) {
  struct pollfd one = {.fd = fd, .events = events, .revents = 0x5555};
  errno = 0;
  const int got = poll(&one, 1, 0);
  static const struct { short bit; const char* name; } bits[] = {
    {POLLIN, "IN"}, {POLLOUT, "OUT"}, {POLLHUP, "HUP"}, {POLLERR, "ERR"}, {POLLNVAL, "NVAL"}, {POLLRDNORM, "RDNORM"}, {POLLWRNORM, "WRNORM"},
  };
  printf("%s: %d", what, got);
  for (size_t i = 0; i < sizeof bits / sizeof *bits; ++i) if (one.revents & bits[i].bit) printf(" %s", bits[i].name);
  printf("\n");
}
static volatile int handled;
static void handler(int number) { (void)number; ++handled; }

int main(void) {
  int ends[2];
  pipe(ends);
  enum { kAll = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI };
  show_poll("empty pipe, read end", ends[0], kAll);
  show_poll("empty pipe, write end", ends[1], kAll);
  show_poll("write end, asked for input", ends[1], POLLIN);
  show_poll("asked for nothing", ends[1], 0);
  write(ends[1], "abc", 3);
  show_poll("pipe with bytes, read end", ends[0], kAll);
  show_poll("asked for output", ends[0], POLLOUT);
  static char many[4096];
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  while (write(ends[1], many, sizeof many) > 0) {}
  show_poll("full pipe, write end", ends[1], kAll);
  show_poll("full pipe, read end", ends[0], kAll);
  int other[2];
  pipe(other);
  write(other[1], "x", 1);
  close(other[1]);
  show_poll("bytes and no writer", other[0], kAll);
  char byte;
  read(other[0], &byte, 1);
  show_poll("no writer", other[0], kAll);
  show_poll("no writer, asked for nothing", other[0], 0);
  close(ends[0]);
  show_poll("no reader", ends[1], kAll);
  show_poll("no reader, asked for nothing", ends[1], 0);
  show_poll("closed", ends[0], kAll);
  show_poll("negative", -1, kAll);
  show_poll("very negative", -1000, kAll);
  const int event = eventfd(0, EFD_NONBLOCK);
  show_poll("eventfd of 0", event, kAll);
  eventfd_write(event, 1);
  show_poll("eventfd of 1", event, kAll);
  eventfd_write(event, 0xfffffffffffffffd);
  show_poll("eventfd at its most", event, kAll);
  const int file = open("/proc/self/exe", O_RDONLY);
  show_poll("file", file, kAll);

  // Several: the number of those with anything to say.
  pipe(ends), pipe(other);
  struct pollfd some[5] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}, {-1, POLLIN, 7}, {999, POLLIN, 0}, {other[0], POLLIN, 0}};
  TRY(poll(some, 5, -1));
  printf("%d %d %d %d %d\n", some[0].revents, some[1].revents, some[2].revents, some[3].revents == POLLNVAL, some[4].revents);
  TRY(poll(NULL, 0, 0));
  TRY(poll(NULL, 0, 2));
  TRY(poll((struct pollfd*)8, 1, 0));
  TRY(poll(some, 0xffffffff, 0));
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  TRY(poll(some, 1, 12));
  clock_gettime(CLOCK_MONOTONIC, &after);
  SHOW((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 12000000);
  struct timespec timeout = {0, 3000000};
  TRY(ppoll(some, 1, &timeout, NULL));
  SHOW(timeout.tv_nsec);  // the library's own copy counts down
  TRY(ppoll(some, 1, &(struct timespec){0, 1000000000}, NULL));
  TRY(ppoll(some, 1, &(struct timespec){-1, 0}, NULL));
  TRY(syscall(SYS_ppoll, some, 1, 8, NULL, 0));
  TRY(syscall(SYS_ppoll, some, 1, NULL, some, 4));
  timeout = (struct timespec){0, 1000000};
  TRY(syscall(SYS_ppoll, some, 1, &timeout, NULL, 0));
  SHOW(timeout.tv_sec == 0 && timeout.tv_nsec == 0);  // the kernel stores what is left

  // Woken by another process: bytes, room, hang-up.
  for (int what = 0; what < 3; ++what) {
    int line[2];
    pipe(line);
    const pid_t child = fork_flushed();
    if (child == 0) {
      for (int i = 0; i < 3; ++i) pause_briefly();
      close(line[0]);
      if (what == 0) write(line[1], "y", 1);
      _exit(what);
    }
    if (what != 2) close(line[1]);
    struct pollfd waited = {line[what == 2], what == 2 ? 0 : POLLIN, 0};
    if (what == 2) close(line[0]);
    TRY(poll(&waited, 1, 20000));
    waitpid(child, NULL, 0);
    printf("%d: in %d err %d\n", what, (waited.revents & POLLIN) != 0, (waited.revents & POLLERR) != 0);
    close(line[what == 2]);
  }
  // ppoll unblocks a signal for its time: one that is pending ends it at once, its handler has run.
  signal(SIGUSR1, handler);
  sigset_t blocked, none;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1), sigemptyset(&none);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  raise(SIGUSR1);
  TRY(poll(some, 1, 1));
  SHOW(handled);
  TRY(ppoll(some, 1, NULL, &none));
  SHOW(handled);
  raise(SIGUSR1);
  TRY(ppoll(some + 1, 1, NULL, &none));  // ready: the signal stays pending or not, but the answer is that
  sigpending(&none);
  printf("handled %d pending %d\n", handled, sigismember(&none, SIGUSR1));
  return 0;
}
