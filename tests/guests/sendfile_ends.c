// sendfile(2) of a file that grows by it goes on; to a pipe that nobody reads it is a SIGPIPE, even of nothing; so are splice(2), tee(2).
//: scratch
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include "show.h"

static volatile int signals;
static void handler(int number) { ++signals; }

int main(void) {
  const int in = open("file", O_RDWR | O_CREAT, 0644), out = open("file", O_RDWR);
  write(in, "0123456789", 10);
  lseek(in, 0, SEEK_SET), lseek(out, 10, SEEK_SET);
  TRY(sendfile(out, in, NULL, 95));
  char text[200] = "";
  TRY(pread(in, text, sizeof text, 0));
  puts(text);
  TRY(lseek(in, 0, SEEK_CUR));
  TRY(lseek(out, 0, SEEK_CUR));

  signal(SIGPIPE, handler);
  int ends[2], other[2];
  pipe(ends), pipe(other);
  write(other[1], "abc", 3);
  close(ends[0]);
  TRY(sendfile(ends[1], in, NULL, 0));
  TRY(sendfile(ends[1], in, NULL, 10));
  off_t at = 5;
  TRY(sendfile(ends[1], in, &at, 10));
  printf("at %ld, %d signals\n", (long)at, signals);
  TRY(splice(in, NULL, ends[1], NULL, 10, 0));
  TRY(splice(in, NULL, ends[1], NULL, 0, 0));
  TRY(splice(other[0], NULL, ends[1], NULL, 10, 0));
  TRY(tee(other[0], ends[1], 10, 0));
  printf("%d signals\n", signals);
  return 0;
}
