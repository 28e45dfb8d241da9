// flock(2): shared and exclusive, between processes and descriptions, inherited, waited for, let go at the last close; and owners of files.
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <sys/file.h>
#include "tasks.h"

static void handler(int number) { (void)number; }

int main(void) {
  const int fd = memfd_create("locks", 0);
  sem_t* const ready = shared_memory(4096);
  sem_init(ready, 1, 0);
  char path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  const int other = open(path, O_RDWR), reader = open(path, O_RDONLY);
  TRY(flock(99, LOCK_EX));
  TRY(flock(fd, 0));
  TRY(flock(fd, LOCK_EX | LOCK_SH));
  TRY(flock(fd, 64));
  TRY(flock(fd, LOCK_UN));
  TRY(flock(fd, LOCK_SH));
  TRY(flock(other, LOCK_SH | LOCK_NB));
  TRY(flock(reader, LOCK_EX | LOCK_NB));
  TRY(flock(fd, LOCK_EX | LOCK_NB));
  TRY(flock(other, LOCK_EX | LOCK_NB));
  TRY(flock(reader, LOCK_EX | LOCK_NB));
  TRY(flock(other, LOCK_UN));
  TRY(flock(reader, LOCK_EX | LOCK_NB));
  // The other kind of lock does not see it.
  struct flock range = {.l_type = F_WRLCK};
  TRY(fcntl(fd, F_SETLK, &range));
  TRY(flock(fd, LOCK_SH | LOCK_NB));
  TRY(flock(reader, LOCK_UN));
  TRY(flock(fd, LOCK_EX | LOCK_NB));

  // Inherited: the child's is the same lock, and lives as long as either has the file open.
  pid_t child = fork_flushed();
  if (child == 0) {
    TRY(flock(fd, LOCK_EX | LOCK_NB));
    TRY(flock(other, LOCK_SH | LOCK_NB));
    leave(0);
  }
  show_end("inherits", child);
  TRY(flock(other, LOCK_SH | LOCK_NB));
  child = fork_flushed();
  if (child == 0) {
    TRY(flock(fd, LOCK_UN));
    leave(0);
  }
  show_end("unlocks", child);
  TRY(flock(other, LOCK_EX | LOCK_NB));

  // A child waits until its parent closes the last descriptor.
  const int twice = dup(other);
  child = fork_flushed();
  if (child == 0) {
    close(other), close(twice);
    sem_post(ready);
    TRY(flock(fd, LOCK_EX));
    leave(7);
  }
  sem_wait(ready);
  for (int i = 0; i < 5; ++i) pause_briefly();
  close(other);
  for (int i = 0; i < 5; ++i) pause_briefly();
  int status = -1;
  SHOW(waitpid(child, &status, WNOHANG));
  close(twice);
  show_end("waits", child);

  // A signal interrupts, and the call is made again where the handler says so.
  const int third = open(path, O_RDWR);
  TRY(flock(fd, LOCK_UN));
  TRY(flock(third, LOCK_EX));
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGALRM, &action, NULL);
  struct itimerspec soon = {.it_value = {0, 20000000}};
  timer_t timer;
  timer_create(CLOCK_REALTIME, NULL, &timer);
  timer_settime(timer, 0, &soon, NULL);
  TRY(flock(fd, LOCK_SH));
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  const pid_t self = getpid();
  child = fork_flushed();
  if (child == 0) {
    for (int i = 0; i < 5; ++i) pause_briefly();
    kill(self, SIGUSR1);
    for (int i = 0; i < 5; ++i) pause_briefly();
    flock(third, LOCK_UN);
    _exit(0);
  }
  TRY(flock(fd, LOCK_SH));
  show_end("restarted", child);

  // Who is told about a file.
  TRY(fcntl(fd, F_GETOWN));
  TRY(fcntl(fd, F_SETOWN, getpid()));
  SHOW(fcntl(fd, F_GETOWN) == getpid());
  SHOW(fcntl(dup(fd), F_GETOWN) == getpid());
  SHOW(fcntl(third, F_GETOWN));
  struct f_owner_ex owner = {-1, -1};
  TRY(fcntl(fd, F_GETOWN_EX, &owner));
  SHOW(owner.type == F_OWNER_PID && owner.pid == getpid());
  TRY(fcntl(fd, F_SETOWN, -getpgrp()));
  TRY(fcntl(fd, F_GETOWN_EX, &owner));
  SHOW(owner.type == F_OWNER_PGRP && owner.pid == getpgrp());
  owner = (struct f_owner_ex){F_OWNER_TID, gettid()};
  TRY(fcntl(fd, F_SETOWN_EX, &owner));
  TRY(fcntl(fd, F_GETOWN_EX, &owner));
  SHOW(owner.type == F_OWNER_TID && owner.pid == gettid());
  owner.type = 7;
  TRY(fcntl(fd, F_SETOWN_EX, &owner));
  TRY(fcntl(fd, F_SETOWN_EX, (void*)8));
  TRY(fcntl(fd, F_SETOWN, 99999999));
  TRY(fcntl(fd, F_SETOWN, 0));
  TRY(fcntl(fd, F_GETOWN));
  TRY(fcntl(fd, F_GETSIG));
  TRY(fcntl(fd, F_SETSIG, SIGUSR2));
  SHOW(fcntl(fd, F_GETSIG) == SIGUSR2);
  TRY(fcntl(fd, F_SETSIG, 65));
  TRY(fcntl(fd, F_SETSIG, -1));
  return 0;
}
