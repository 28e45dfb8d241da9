// Close-on-exec: set by open, pipe2, dup3 and fcntl; kept apart from the duplicate's; in force only when execve(2) succeeds.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

static void show_open(const char* when) {
  printf("%s:", when);
  for (int fd = 3; fd < 40; ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) printf(" %d%s", fd, flags & FD_CLOEXEC ? "!" : "");
  }
  printf("\n");
}

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  if (strcmp(argv[1], "again") == 0) {
    show_open("after");
    char text[6] = "";
    lseek(11, -5, SEEK_CUR);
    read(11, text, 5);
    printf("\"%s\" up to %ld\n", text, (long)lseek(10, 0, SEEK_CUR));
    TRY(write(23, "x", 1));
    TRY(read(22, text, 5));
    return 0;
  }
  char path[4096];
  snprintf(path, sizeof path, "%s/poem.txt", argv[1]);
  const pid_t child = fork_flushed();
  if (child == 0) {
    for (int fd = 3; fd < 40; ++fd) close(fd);
    int fd = open(path, O_RDONLY), closing = open(path, O_RDONLY | O_CLOEXEC);
    TRY(dup2(fd, 10));
    TRY(dup3(fd, 12, O_CLOEXEC));
    TRY(dup2(closing, 13));
    TRY(dup2(closing, closing) == closing);
    TRY(dup3(fd, fd, 0));
    TRY(dup3(fd, 14, O_NONBLOCK | O_CLOEXEC));
    TRY(fcntl(fd, F_DUPFD_CLOEXEC, 15));
    TRY(fcntl(closing, F_DUPFD, 15));
    TRY(fcntl(fd, F_DUPFD, 11));
    TRY(fcntl(13, F_SETFD, FD_CLOEXEC));
    TRY(fcntl(12, F_SETFD, 0));
    TRY(fcntl(12, F_SETFD, -1));
    int ends[2];
    TRY(pipe2(ends, O_CLOEXEC));
    TRY(dup2(ends[1], 21));
    TRY(dup2(ends[0], 22));
    TRY(dup2(ends[1], 23));
    write(ends[1], "abc", 3);
    fcntl(23, F_SETFD, FD_CLOEXEC);
    fcntl(21, F_SETFD, FD_CLOEXEC);
    char text[10];
    read(fd, text, 10);
    show_open("before");
    TRY(execl("/no/such/file", "none", NULL));
    show_open("after a failure");
    fflush(stdout);
    execl("/proc/self/exe", "self", "again", NULL);
    leave(99);
  }
  show_end("it", child);
  show_open("parent");
  return 0;
}
