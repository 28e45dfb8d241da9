// select(2) and pselect(2): sets in and out, what is ready, timeouts and what is left of them, masks, and what they refuse.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include "tasks.h"

static int a[2], b[2], highest;
static volatile int handled;
static void handler(int number) { (void)number; ++handled; }

static void show_select(const char* what, int ask_reads, int ask_writes) {
  fd_set reads, writes, errors;
  FD_ZERO(&reads);
  FD_ZERO(&writes);
  FD_ZERO(&errors);
  for (int i = 0; i < 2; ++i) {
    const int* const ends = i == 0 ? a : b;
    if (ask_reads) FD_SET(ends[0], &reads);
    if (ask_writes) FD_SET(ends[1], &writes);
    FD_SET(ends[0], &errors);
  }
  struct timeval timeout = {0, 0};
  errno = 0;
  const int got = select(highest + 1, &reads, &writes, &errors, &timeout);
  printf("%s: %d reads %d %d writes %d %d errors %d %d\n", what, got, FD_ISSET(a[0], &reads) != 0, FD_ISSET(b[0], &reads) != 0,
         FD_ISSET(a[1], &writes) != 0, FD_ISSET(b[1], &writes) != 0, FD_ISSET(a[0], &errors) != 0, FD_ISSET(b[0], &errors) != 0);
}
static fd_set only(int fd) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  return set;
}

int main(void) {
  pipe(a), pipe(b);
  for (int i = 0; i < 2; ++i) {
    if (a[i] > highest) highest = a[i];
    if (b[i] > highest) highest = b[i];
  }
  show_select("empty", 1, 1);
  write(a[1], "x", 1);
  show_select("one byte", 1, 1);
  show_select("reads only", 1, 0);
  show_select("writes only", 0, 1);
  static char many[4096];
  fcntl(b[1], F_SETFL, O_NONBLOCK);
  while (write(b[1], many, sizeof many) > 0) {}
  show_select("one full", 1, 1);
  const int kept = dup(b[1]);
  close(b[1]);
  b[1] = dup2(kept, b[1]);
  close(kept);
  char byte;
  read(a[0], &byte, 1);
  close(a[1]);
  a[1] = b[1];
  show_select("no writer", 1, 0);

  fd_set set = only(b[0]);
  TRY(select(b[0], &set, NULL, NULL, &(struct timeval){0, 0}));  // the number is one too small
  SHOW(FD_ISSET(b[0], &set) != 0);
  TRY(select(0, NULL, NULL, NULL, &(struct timeval){0, 2000}));
  set = only(50);
  TRY(select(51, &set, NULL, NULL, &(struct timeval){0, 0}));
  TRY(select(-1, NULL, NULL, NULL, &(struct timeval){0, 0}));
  TRY(select(1, (fd_set*)8, NULL, NULL, &(struct timeval){0, 0}));
  TRY(select(0, NULL, NULL, NULL, &(struct timeval){-1, 0}));
  TRY(pselect(0, NULL, NULL, NULL, &(struct timespec){0, 1000000000}, NULL));

  // What is left of the time is stored, by select, not by the library's pselect.
  int quiet[2];
  pipe(quiet);
  struct timeval left = {0, 5000};
  set = only(quiet[0]);
  TRY(select(quiet[0] + 1, &set, NULL, NULL, &left));
  SHOW(left.tv_sec == 0 && left.tv_usec == 0 && FD_ISSET(quiet[0], &set) == 0);
  left = (struct timeval){1000, 0};
  set = only(b[0]);
  TRY(select(b[0] + 1, &set, NULL, NULL, &left));
  SHOW(left.tv_sec == 1000 || left.tv_sec == 999);
  struct timespec timeout = {0, 3000000};
  set = only(quiet[0]);
  TRY(pselect(quiet[0] + 1, &set, NULL, NULL, &timeout, NULL));
  SHOW(timeout.tv_nsec);

  // Another process writes.
  const pid_t child = fork_flushed();
  if (child == 0) {
    for (int i = 0; i < 3; ++i) pause_briefly();
    write(quiet[1], "z", 1);
    _exit(0);
  }
  set = only(quiet[0]);
  TRY(select(quiet[0] + 1, &set, NULL, NULL, NULL));
  SHOW(FD_ISSET(quiet[0], &set) != 0);
  show_end("writer", child);
  read(quiet[0], &byte, 1);

  // A signal that only pselect lets through; the sets are then as they were.
  signal(SIGUSR1, handler);
  sigset_t blocked, none;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1), sigemptyset(&none);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  raise(SIGUSR1);
  set = only(quiet[0]);
  TRY(pselect(quiet[0] + 1, &set, NULL, NULL, NULL, &none));
  SHOW(handled);
  SHOW(FD_ISSET(quiet[0], &set) != 0);
  sigprocmask(SIG_SETMASK, NULL, &none);
  SHOW(sigismember(&none, SIGUSR1));
  const int event = eventfd(3, 0);
  set = only(event);
  fd_set writable = only(event);
  TRY(select(event + 1, &set, &writable, NULL, NULL));
  // What the table of descriptors has no room for is not looked at: 64 of them at first, then doubled from 128 on.
  static const int looked_at[] = {20, 63, 64, 127, 128, 255, 256, 511, 512};
  close_range(20, ~0u, 0);
  const pid_t heir = fork_flushed();  // with a table that is as large as it has to be
  if (heir == 0) {
    for (int highest = 60; highest < 300; highest *= 2) {
      dup2(event, highest);
      printf("with %d:", highest);
      for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; ++i) {
        set = only(looked_at[i]);
        printf(" %d", select(1000, &set, NULL, NULL, &(struct timeval){0, 0}));
      }
      puts("");
    }
    leave(0);
  }
  show_end("descriptors", heir);
  return 0;
}
