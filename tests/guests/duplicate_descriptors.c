// dup, dup2, dup3 and fcntl: numbers, shared offsets and flags, limits, and standard output that goes elsewhere and comes back.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/resource.h>
#include "tasks.h"

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  char path[4096];
  snprintf(path, sizeof path, "%s/poem.txt", argv[1]);
  for (int fd = 3; fd < 50; ++fd) close(fd);
  const int fd = open(path, O_RDONLY);
  SHOW(fd);
  TRY(dup(fd));
  TRY(fcntl(fd, F_DUPFD, 10));
  TRY(fcntl(fd, F_DUPFD, 10));
  TRY(fcntl(fd, F_DUPFD, 4));
  TRY(dup2(fd, 20));
  TRY(dup2(20, 20));
  TRY(dup2(fd, 4));
  TRY(close(5));
  TRY(dup(20));
  TRY(lseek(10, 9, SEEK_SET));
  SHOW(lseek(20, 0, SEEK_CUR));
  TRY(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
  SHOW((fcntl(11, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE)) == (O_APPEND | O_NONBLOCK));
  TRY(fcntl(fd, F_SETFL, O_WRONLY));
  SHOW((fcntl(11, F_GETFL) & (O_APPEND | O_NONBLOCK | O_ACCMODE)) == O_RDONLY);
  TRY(close(fd));
  SHOW(lseek(20, 0, SEEK_CUR));

  TRY(dup(99));
  TRY(dup(-1));
  TRY(dup2(99, 30));
  TRY(dup2(99, 99));
  TRY(dup2(4, -1));
  TRY(dup2(4, 1 << 30));
  TRY(dup3(4, 4, 0));
  TRY(dup3(4, 30, 1));
  TRY(dup3(4, 1 << 30, 0));
  TRY(fcntl(4, F_DUPFD, -1));
  TRY(fcntl(4, F_DUPFD, 1 << 30));
  TRY(fcntl(99, F_GETFL));
  TRY(fcntl(4, 12345));
  TRY(close(-1));
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 25;
  TRY(setrlimit(RLIMIT_NOFILE, &limit));
  TRY(dup2(4, 24));
  TRY(dup2(4, 25));
  TRY(fcntl(4, F_DUPFD, 24));
  TRY(fcntl(4, F_DUPFD, 25));
  int number = 0;
  while (dup(4) >= 0) ++number;
  printf("%d more, then %s\n", number, strerrorname_np(errno));
  int ends[2] = {-5, -6};
  TRY(pipe(ends));
  TRY(open(path, O_RDONLY));
  printf("%d %d\n", ends[0], ends[1]);
  for (int each = 3; each < 25; ++each) close(each);
  TRY(pipe(ends));

  // Standard output into a pipe, through a child, and back.
  const int saved = dup(1);
  fflush(stdout);
  dup2(ends[1], 1);
  close(ends[1]);
  const pid_t child = fork();
  if (child == 0) printf("from the child"), leave(0);
  waitpid(child, NULL, 0);
  printf(" and the parent");
  fflush(stdout);
  dup2(saved, 1);
  char text[100] = "";
  TRY(read(ends[0], text, 99));
  puts(text);
  TRY(read(ends[0], text, 99));
  return 0;
}
