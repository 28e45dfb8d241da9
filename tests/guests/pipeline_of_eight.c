// Eight processes in a row, each reading the one before: a megabyte passes through all of them.
//: cpus 4
#define _GNU_SOURCE
#include <stdint.h>
#include "tasks.h"

enum { kStages = 8, kTotal = 1 << 20 };

static uint64_t hash(uint64_t sum, const unsigned char* bytes, size_t size) {
  for (size_t i = 0; i < size; ++i) sum = (sum ^ bytes[i]) * 1099511628211u;
  return sum;
}
static void write_all(int fd, const unsigned char* bytes, size_t size) {
  for (ssize_t put; size > 0 && (put = write(fd, bytes, size)) > 0;) bytes += put, size -= (size_t)put;
}

int main(void) {
  default_signals();
  static unsigned char bytes[kTotal];
  for (int i = 0; i < kTotal; ++i) bytes[i] = (unsigned char)(i * 29 + i / 509);
  // What is to come out: each stage adds its number and mixes in the place.
  static unsigned char wanted[kTotal];
  for (int i = 0; i < kTotal; ++i) wanted[i] = (unsigned char)(bytes[i] + kStages * (i & 15) + kStages * (kStages + 1) / 2);

  int from = -1;
  pid_t children[kStages + 1];
  for (int stage = 0; stage <= kStages; ++stage) {
    int ends[2];
    pipe(ends);
    children[stage] = fork_flushed();
    if (children[stage] == 0) {
      close(ends[0]);
      if (stage == 0) {
        write_all(ends[1], bytes, kTotal);
        _exit(0);
      }
      unsigned char chunk[3000];
      long at = 0;
      for (ssize_t got; (got = read(from, chunk, (size_t)(stage * 350 + 100))) > 0;) {
        for (ssize_t i = 0; i < got; ++i, ++at) chunk[i] = (unsigned char)(chunk[i] + stage + (at & 15));
        write_all(ends[1], chunk, (size_t)got);
      }
      _exit(at == kTotal ? stage : 99);
    }
    if (from >= 0) close(from);
    close(ends[1]);
    from = ends[0];
  }
  uint64_t sum = 14695981039346656037u;
  long total = 0;
  for (ssize_t got; (got = read(from, bytes, 5000)) > 0; total += got) sum = hash(sum, bytes, (size_t)got);
  printf("%ld bytes, %s\n", total, sum == hash(14695981039346656037u, wanted, kTotal) ? "right" : "wrong");
  for (int stage = 0; stage <= kStages; ++stage) printf("%d ", stage), show_end("stage", children[stage]);

  // The reader goes after a few bytes: SIGPIPE runs up the line.
  from = -1;
  for (int stage = 0; stage < kStages; ++stage) {
    int ends[2];
    pipe(ends);
    children[stage] = fork_flushed();
    if (children[stage] == 0) {
      close(ends[0]);
      static unsigned char chunk[4096];
      for (;;) {
        if (from >= 0 && read(from, chunk, sizeof chunk) <= 0) _exit(1);
        write_all(ends[1], chunk, sizeof chunk);
      }
    }
    if (from >= 0) close(from);
    close(ends[1]);
    from = ends[0];
  }
  SHOW(read(from, bytes, 100));
  close(from);
  for (int stage = kStages - 1; stage >= 0; --stage) printf("%d ", stage), show_end("stage", children[stage]);
  return 0;
}
