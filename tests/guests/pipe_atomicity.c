// Many writers of one pipe: records of up to PIPE_BUF bytes arrive whole, each writer's in order.
//: cpus 4
#define _GNU_SOURCE
#include <limits.h>
#include "tasks.h"

enum { kWriters = 6, kRecords = 60 };
typedef struct { int writer, number, size; } Header;

static char byte_of(int writer, int number, int at) { return (char)(writer * 31 + number * 7 + at); }

int main(void) {
  int ends[2];
  pipe(ends);
  fflush(stdout);
  for (int writer = 0; writer < kWriters; ++writer) {
    if (fork() != 0) continue;
    close(ends[0]);
    static char record[PIPE_BUF];
    for (int number = 0; number < kRecords; ++number) {
      const int size = (int)sizeof(Header) + (number * 997 + writer * 131) % (PIPE_BUF - (int)sizeof(Header) + 1);
      const Header header = {writer, number, number == kRecords - 1 ? PIPE_BUF : size};
      memcpy(record, &header, sizeof header);
      for (int i = (int)sizeof header; i < header.size; ++i) record[i] = byte_of(writer, number, i);
      if (write(ends[1], record, (size_t)header.size) != header.size) _exit(90);
    }
    _exit(writer);
  }
  close(ends[1]);
  static char record[PIPE_BUF];
  int next[kWriters] = {0}, broken = 0, out_of_order = 0;
  long total = 0;
  for (;;) {
    Header header;
    size_t got = 0;
    for (ssize_t more; got < sizeof header && (more = read(ends[0], (char*)&header + got, sizeof header - got)) > 0;) got += (size_t)more;
    if (got == 0) break;
    if (header.writer < 0 || header.writer >= kWriters || header.size > PIPE_BUF) {
      ++broken;
      break;
    }
    out_of_order += header.number != next[header.writer]++;
    for (got = sizeof header; (int)got < header.size;) {
      const ssize_t more = read(ends[0], record + got, (size_t)header.size - got);
      if (more <= 0) break;
      got += (size_t)more;
    }
    for (int i = (int)sizeof header; i < header.size; ++i) broken += record[i] != byte_of(header.writer, header.number, i);
    total += header.size;
  }
  int status, codes = 0;
  while (wait(&status) > 0) codes += WEXITSTATUS(status);
  printf("total %ld, broken %d, out of order %d, codes %d\n", total, broken, out_of_order, codes);
  for (int writer = 0; writer < kWriters; ++writer) printf("%d ", next[writer]);
  puts("");
  // Several readers: each byte goes to one of them.
  pipe(ends);
  int results[2];
  pipe(results);
  for (int reader = 0; reader < 4; ++reader) {
    if (fork_flushed() != 0) continue;
    close(ends[1]);
    int sum = 0;
    for (unsigned char byte; read(ends[0], &byte, 1) == 1;) sum += byte + 1000;
    write(results[1], &sum, sizeof sum);
    _exit(0);
  }
  close(ends[0]);
  for (int i = 0; i < 1000; ++i) write(ends[1], &(unsigned char){(unsigned char)i}, 1);
  close(ends[1]);
  int all = 0;
  for (int reader = 0; reader < 4; ++reader) {
    int sum = 0;
    read(results[0], &sum, sizeof sum);
    all += sum;
  }
  SHOW(all);
  while (wait(NULL) > 0) {}
  return 0;
}
