// fcntl(2) record locks between processes: conflicts, splitting and joining, waiting, deadlock, release by close and exit; of open files as well.
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include "tasks.h"

static int fd;

static int lock_at(int at, int command, int type, off_t start, off_t length) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(at, command, &lock);
}
static void show_lock(const char* what, int command, int type, off_t start, off_t length) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  errno = 0;
  const int got = fcntl(fd, command, &lock);
  printf("%s: %d %s type %d whence %d start %lld length %lld pid %s\n", what, got, errno ? strerrorname_np(errno) : "", lock.l_type, lock.l_whence,
         (long long)lock.l_start, (long long)lock.l_len, lock.l_pid == getppid() ? "parent" : lock.l_pid == -1 ? "-1" : lock.l_pid == 0 ? "0" : "other");
}
static void in_child(const char* what, void (*body)(void)) {
  const pid_t child = fork_flushed();
  if (child == 0) {
    body();
    leave(0);
  }
  show_end(what, child);
}
static void looks(void) {
  show_lock("whole", F_GETLK, F_WRLCK, 0, 0);
  show_lock("first", F_GETLK, F_RDLCK, 0, 10);
  show_lock("middle", F_GETLK, F_RDLCK, 14, 2);
  show_lock("behind", F_GETLK, F_WRLCK, 100, 0);
  TRY(lock_at(fd, F_SETLK, F_RDLCK, 0, 1));
  TRY(lock_at(fd, F_SETLK, F_RDLCK, 14, 2));
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 14, 2));
}
static void handler(int number) { (void)number; }

int main(void) {
  fd = memfd_create("locks", 0);
  volatile int* const shared = shared_memory(4096);
  sem_t* const ready = (sem_t*)(shared + 16), * const go = (sem_t*)(shared + 64);
  sem_init(ready, 1, 0), sem_init(go, 1, 0);
  if (ftruncate(fd, 50) != 0) return 9;
  struct flock lock = {.l_type = F_WRLCK, .l_whence = 7};
  TRY(fcntl(fd, F_SETLK, &lock));
  TRY(fcntl(fd, F_SETLK, (void*)8));
  TRY(fcntl(99, F_SETLK, &lock));
  TRY(lock_at(fd, F_SETLK, 9, 0, 1));
  TRY(lock_at(fd, F_GETLK, F_UNLCK, 0, 1));
  TRY(lock_at(fd, F_SETLK, F_WRLCK, -1, 5));
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 5, -6));
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 0x7fffffffffffffff, 2));
  char path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  const int reading = open(path, O_RDONLY), writing = open(path, O_WRONLY);
  TRY(lock_at(reading, F_SETLK, F_WRLCK, 0, 1));
  TRY(lock_at(writing, F_SETLK, F_RDLCK, 0, 1));

  TRY(lock_at(fd, F_SETLK, F_WRLCK, 0, 30));
  TRY(lock_at(fd, F_SETLK, F_RDLCK, 12, 6));
  TRY(lock_at(fd, F_SETLK, F_UNLCK, 20, 5));
  in_child("split", looks);
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 12, 6));
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 20, 5));
  in_child("joined", looks);
  lock = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_END, .l_start = -20, .l_len = 0};
  TRY(fcntl(fd, F_SETLK, &lock));
  lseek(fd, 10, SEEK_SET);
  lock = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_CUR, .l_start = 5, .l_len = -5};
  TRY(fcntl(fd, F_SETLK, &lock));
  in_child("cut", looks);
  // Closing any descriptor of the file lets go of all.
  close(reading);
  in_child("closed", looks);

  // A child waits for its parent, and the other way round.
  TRY(lock_at(fd, F_SETLK, F_UNLCK, 0, 0));
  lock_at(fd, F_SETLK, F_WRLCK, 0, 10);
  pid_t child = fork_flushed();
  if (child == 0) {
    sem_post(ready);
    TRY(lock_at(fd, F_SETLKW, F_WRLCK, 5, 10));
    SHOW(shared[0]);
    fflush(stdout);
    sem_post(ready);
    sem_wait(go);
    shared[0] = 2;
    _exit(3);
  }
  sem_wait(ready);
  for (int i = 0; i < 3; ++i) pause_briefly();
  shared[0] = 1;
  lock_at(fd, F_SETLK, F_UNLCK, 0, 0);
  sem_wait(ready);
  TRY(lock_at(fd, F_SETLK, F_RDLCK, 0, 6) == -1);
  sem_post(go);
  TRY(lock_at(fd, F_SETLKW, F_RDLCK, 0, 6));
  SHOW(shared[0]);
  show_end("waited", child);
  lock_at(fd, F_SETLK, F_UNLCK, 0, 0);

  // Each has what the other wants.
  lock_at(fd, F_SETLK, F_WRLCK, 0, 1);
  child = fork_flushed();
  if (child == 0) {
    lock_at(fd, F_SETLK, F_WRLCK, 1, 1);
    sem_post(ready);
    const int got = lock_at(fd, F_SETLKW, F_WRLCK, 0, 1);
    _exit(got == 0 ? 4 : 5);
  }
  sem_wait(ready);
  for (int i = 0; i < 20; ++i) pause_briefly();
  TRY(lock_at(fd, F_SETLKW, F_WRLCK, 1, 1));
  lock_at(fd, F_SETLK, F_UNLCK, 0, 0);
  show_end("deadlock", child);

  // A signal interrupts.
  child = fork_flushed();
  if (child == 0) {
    lock_at(fd, F_SETLK, F_WRLCK, 0, 1);
    sem_post(ready);
    for (;;) pause();
  }
  sem_wait(ready);
  const struct sigaction action = {.sa_handler = handler};
  sigaction(SIGALRM, &action, NULL);
  struct itimerspec soon = {.it_value = {0, 20000000}};
  timer_t timer;
  timer_create(CLOCK_REALTIME, NULL, &timer);
  timer_settime(timer, 0, &soon, NULL);
  TRY(lock_at(fd, F_SETLKW, F_WRLCK, 0, 1));
  kill(child, SIGKILL);
  show_end("killed", child);
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 0, 1));
  lock_at(fd, F_SETLK, F_UNLCK, 0, 0);

  // Of open files: two of one process conflict, a duplicate is the same.
  lock = (struct flock){.l_type = F_WRLCK, .l_pid = 1};
  TRY(fcntl(fd, F_OFD_SETLK, &lock));
  const int other = open(path, O_RDWR), same = dup(fd);
  TRY(lock_at(fd, F_OFD_SETLK, F_WRLCK, 0, 10));
  TRY(lock_at(same, F_OFD_SETLK, F_WRLCK, 5, 10));
  TRY(lock_at(other, F_OFD_SETLK, F_WRLCK, 5, 10));
  TRY(lock_at(fd, F_SETLK, F_RDLCK, 5, 10));
  struct flock seen = {.l_type = F_RDLCK, .l_len = 0};
  TRY(fcntl(other, F_OFD_GETLK, &seen));
  printf("type %d start %lld length %lld pid %d\n", seen.l_type, (long long)seen.l_start, (long long)seen.l_len, seen.l_pid);
  close(same);
  TRY(lock_at(other, F_OFD_SETLK, F_RDLCK, 5, 10));
  child = fork_flushed();
  if (child == 0) {
    close(other);
    TRY(lock_at(fd, F_OFD_SETLK, F_UNLCK, 0, 0));
    leave(0);
  }
  show_end("unlocked by a child", child);
  TRY(lock_at(other, F_OFD_SETLK, F_RDLCK, 5, 10));
  TRY(lock_at(other, F_OFD_SETLK, F_WRLCK, 5, 10));
  close(other);
  TRY(lock_at(fd, F_SETLK, F_WRLCK, 5, 10));
  return 0;
}
