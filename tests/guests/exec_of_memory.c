// Programs in memory files: what is no program is ENOEXEC, a copy of the program itself runs.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include "tasks.h"

extern char** environ;

static int memory_file(const char* bytes, size_t size) {
  const int fd = memfd_create("program", 0);
  if (fd < 0) perror("memfd_create"), exit(1);
  write(fd, bytes, size);
  char path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  const int only_read = open(path, O_RDONLY);
  close(fd);
  return only_read;
}

int main(int argc, char** argv) {
  if (argc > 1) {
    printf("runs with %d arguments, the last %s\n", argc, argv[argc - 1]);
    return 6;
  }
  char* const arguments[] = {"name", "last", NULL};
  static const struct { const char* name; const char* bytes; size_t size; } files[] = {
    {"text", "some text\n", 10}, {"empty", "", 0}, {"four bytes", "\177ELF", 4}, {"a header that is cut", "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0", 18},
    {"no interpreter", "#!\n", 3}, {"absent interpreter", "#!/no/such/file\n", 16}, {"folder for interpreter", "#!/\n", 4},
  };
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
    const int fd = memory_file(files[i].bytes, files[i].size);
    printf("%s: ", files[i].name);
    TRY(execveat(fd, "", arguments, environ, AT_EMPTY_PATH));
    fchmod(fd, 0666);
    TRY(execveat(fd, "", arguments, environ, AT_EMPTY_PATH));
    close(fd);
  }
  // The program itself, copied.
  const int self = open("/proc/self/exe", O_RDONLY), written = memfd_create("copy", 0);
  static char block[1 << 16];
  for (ssize_t got; (got = read(self, block, sizeof block)) > 0;) write(written, block, (size_t)got);
  char path[64];
  sprintf(path, "/proc/self/fd/%d", written);
  const int copy = open(path, O_RDONLY);
  close(written);
  const pid_t child = fork_flushed();
  if (child == 0) {
    TRY(execveat(copy, "", arguments, environ, AT_EMPTY_PATH));
    leave(99);
  }
  show_end("copy", child);
  sprintf(path, "/proc/self/fd/%d", self);
  const pid_t other = fork_flushed();
  if (other == 0) {
    TRY(execve(path, arguments, environ));
    leave(99);
  }
  show_end("by its descriptor", other);
  const int closing = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const pid_t third = fork_flushed();
  if (third == 0) {
    TRY(fexecve(closing, arguments, environ));
    leave(99);
  }
  show_end("fexecve", third);
  return 0;
}
