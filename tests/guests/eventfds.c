// eventfd(2): counting, as a semaphore, overflow, blocking between processes, and what it refuses.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include "tasks.h"

static void show_read(const char* what, int fd) {
  uint64_t value = 0x5555;
  errno = 0;
  const ssize_t got = read(fd, &value, sizeof value);
  if (got < 0) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %zd bytes, %llu\n", what, got, (unsigned long long)value);
}
static void show_write(const char* what, int fd, uint64_t value) {
  errno = 0;
  const ssize_t put = write(fd, &value, sizeof value);
  printf("%s: %zd %s\n", what, put, put < 0 ? strerrorname_np(errno) : "");
}

int main(void) {
  TRY(eventfd(0, 1 << 20));
  const int counter = eventfd(5, EFD_NONBLOCK | EFD_CLOEXEC);
  SHOW(fcntl(counter, F_GETFD) == FD_CLOEXEC && (fcntl(counter, F_GETFL) & O_NONBLOCK) != 0);
  show_read("initial", counter);
  show_read("empty", counter);
  show_write("3", counter, 3), show_write("0", counter, 0), show_write("4", counter, 4);
  show_read("sum", counter);
  show_write("most", counter, 0xfffffffffffffffe);
  show_write("one more", counter, 1);
  show_write("nothing more", counter, 0);
  show_read("most", counter);
  show_write("too much", counter, 0xffffffffffffffff);
  char bytes[16] = {0};
  TRY(read(counter, bytes, 7));
  TRY(write(counter, bytes, 7));
  TRY(read(counter, bytes, 16));
  TRY(read(counter, (char*)8, 8));
  TRY(write(counter, (char*)8, 8));
  TRY(ftruncate(counter, 0));

  const int semaphore = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);
  for (int i = 0; i < 4; ++i) show_read("semaphore", semaphore);
  show_write("2", semaphore, 2);
  for (int i = 0; i < 3; ++i) show_read("semaphore", semaphore);

  // Blocking: a child waits for its parent's number, and answers; a duplicate is the same counter.
  const int to = eventfd(0, 0), from = eventfd(0, 0);
  pid_t child = fork_flushed();
  if (child == 0) {
    const int duplicate = dup(to);
    uint64_t sum = 0, value;
    for (int i = 0; i < 200; ++i) {
      read(duplicate, &value, 8);
      sum += value;
      value *= 2;
      write(from, &value, 8);
    }
    _exit((int)(sum & 0x7f));
  }
  uint64_t sum = 0;
  for (uint64_t i = 1; i <= 200; ++i) {
    uint64_t value = i;
    write(to, &value, 8);
    read(from, &value, 8);
    sum += value;
  }
  SHOW(sum);
  show_end("child", child);

  // Several writers, one reader; nothing is lost.
  for (int i = 0; i < 5; ++i) {
    if (fork_flushed() == 0) {
      const uint64_t value = (uint64_t)i + 1;
      for (int round = 0; round < 100; ++round) write(to, &value, 8);
      _exit(0);
    }
  }
  for (sum = 0; sum < 1500;) {
    uint64_t value;
    read(to, &value, 8);
    sum += value;
  }
  SHOW(sum);
  while (wait(NULL) > 0) {}

  // A writer for which there is no room waits.
  show_write("most", to, 0xfffffffffffffffe);
  child = fork_flushed();
  if (child == 0) {
    const uint64_t value = 10;
    _exit(write(to, &value, 8) == 8 ? 4 : 5);
  }
  for (int i = 0; i < 5; ++i) pause_briefly();
  SHOW(waitpid(child, NULL, WNOHANG));
  show_read("most", to);
  show_end("writer", child);
  show_read("then", to);
  return 0;
}
