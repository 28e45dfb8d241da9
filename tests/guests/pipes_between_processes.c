// A pipe between parent and child: bytes in order, blocking both ways, end of file, and nobody left to read.
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

enum { kTotal = 1 << 20 };

static unsigned char byte_at(unsigned at) { return (unsigned char)(at * 13 + at / 251); }

static void write_all(int fd, unsigned chunk) {
  unsigned char* const bytes = malloc(chunk);
  for (unsigned at = 0; at < kTotal;) {
    const unsigned size = chunk < kTotal - at ? chunk : kTotal - at;
    for (unsigned i = 0; i < size; ++i) bytes[i] = byte_at(at + i);
    if (write(fd, bytes, size) != (ssize_t)size) _exit(50);  // blocks until all is written
    at += size;
  }
}
static unsigned read_all(int fd, unsigned chunk, unsigned* wrong) {
  unsigned char* const bytes = malloc(chunk);
  unsigned at = 0;
  for (ssize_t got; (got = read(fd, bytes, chunk)) > 0;) for (ssize_t i = 0; i < got; ++i) *wrong += bytes[i] != byte_at(at++);
  free(bytes);
  return at;
}

int main(void) {
  default_signals();
  static const unsigned chunks[][2] = {{1 << 20, 1 << 20}, {4096, 100}, {1000, 65536}, {70000, 3333}};
  for (size_t i = 0; i < sizeof chunks / sizeof *chunks; ++i) {
    int ends[2];
    pipe(ends);
    const pid_t child = fork_flushed();
    if (child == 0) {
      close(ends[0]);
      write_all(ends[1], chunks[i][0]);
      _exit(0);
    }
    close(ends[1]);
    unsigned wrong = 0;
    const unsigned got = read_all(ends[0], chunks[i][1], &wrong);
    printf("writes of %u, reads of %u: %u bytes, %u wrong\n", chunks[i][0], chunks[i][1], got, wrong);
    show_end("writer", child);
    close(ends[0]);
  }

  // Request and answer, many times.
  int to[2], from[2];
  pipe(to), pipe(from);
  pid_t child = fork_flushed();
  if (child == 0) {
    close(to[1]), close(from[0]);
    for (int number; read(to[0], &number, sizeof number) == sizeof number;) number = number * 3 + 1, write(from[1], &number, sizeof number);
    _exit(1);
  }
  close(to[0]), close(from[1]);
  long long sum = 0;
  for (int i = 0; i < 1000; ++i) {
    int number = i;
    write(to[1], &number, sizeof number);
    read(from[0], &number, sizeof number);
    sum += number;
  }
  SHOW(sum);
  close(to[1]);
  char byte;
  TRY(read(from[0], &byte, 1));
  show_end("answers", child);

  // No reader: SIGPIPE, or EPIPE where it is ignored. Both are only found once the last reader is gone.
  int ends[2];
  pipe(ends);
  child = fork_flushed();
  if (child == 0) {
    close(ends[1]);
    _exit(0);
  }
  close(ends[0]);
  show_end("reader", child);
  child = fork_flushed();
  if (child == 0) write(ends[1], "x", 1), _exit(0);
  show_end("SIGPIPE", child);
  signal(SIGPIPE, SIG_IGN);
  TRY(write(ends[1], "x", 1));
  TRY(write(ends[1], "x", 0));
  // A writer that is blocked in a full pipe when the reader goes.
  close(ends[1]);
  pipe(ends);
  child = fork_flushed();
  if (child == 0) {
    close(ends[0]);
    char* const much = calloc(1, 4 << 20);
    const ssize_t first = write(ends[1], much, 4 << 20);
    SHOW(first > 0 && first < 4 << 20);
    TRY(write(ends[1], much, 1));
    leave(2);
  }
  close(ends[1]);
  read(ends[0], &byte, 1);
  close(ends[0]);
  show_end("blocked writer", child);
  return 0;
}
