// Descriptors after fork(2): the file offset and status flags are one, the descriptors and their flags are two.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

static void show_next(const char* who, int fd) {
  char text[7] = "";
  read(fd, text, 6);
  printf("%s: \"%s\" up to %ld\n", who, text, (long)lseek(fd, 0, SEEK_CUR));
}

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  char path[4096];
  snprintf(path, sizeof path, "%s/poem.txt", argv[1]);
  const int fd = open(path, O_RDONLY | O_CLOEXEC), other = open(path, O_RDONLY);
  show_next("before", fd);
  pid_t child = fork_flushed();
  if (child == 0) {
    show_next("child", fd);
    lseek(other, 12, SEEK_SET);
    const int own = open(path, O_RDONLY);
    show_next("child's own", own);
    TRY(fcntl(fd, F_GETFD));
    TRY(fcntl(fd, F_SETFD, 0));
    TRY(fcntl(other, F_SETFL, O_NONBLOCK));
    TRY(close(other));
    TRY(dup2(own, 20) == 20);
    leave(0);
  }
  show_end("child", child);
  show_next("parent", fd);
  show_next("parent's other", other);
  TRY(fcntl(fd, F_GETFD));
  SHOW((fcntl(other, F_GETFL) & O_NONBLOCK) != 0);
  TRY(fcntl(20, F_GETFD));

  // A duplicate shares the offset as well, across processes.
  const int duplicate = dup(fd);
  lseek(fd, 0, SEEK_SET);
  child = fork_flushed();
  if (child == 0) {
    close(fd);
    show_next("child", duplicate);
    dup2(other, duplicate);
    lseek(duplicate, 3, SEEK_SET);
    leave(0);
  }
  show_end("child", child);
  show_next("parent", fd);
  show_next("parent's duplicate", duplicate);
  SHOW(lseek(other, 0, SEEK_CUR));

  // Buffered input: what is in the buffer is copied, and the offset behind it is shared.
  FILE* const stream = fopen(path, "r");
  char line[100];
  fgets(line, sizeof line, stream);
  printf("parent: %s", line);
  child = fork_flushed();
  if (child == 0) {
    fgets(line, sizeof line, stream);
    printf("child: %s", line);
    leave(0);
  }
  show_end("child", child);
  fgets(line, sizeof line, stream);
  printf("parent: %s", line);
  return 0;
}
