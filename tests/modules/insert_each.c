// Does what its arguments say, one after another: `insert` loads the next module of the standard input, where each is a line "NAME SIZE"
// and its bytes; `remove NAME` unloads; `read FILE`, `write FILE TEXT`, `fork` and `wait MILLISECONDS` are what the modules wait
// for.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char module[2 << 20];

static void say(const char *what, const char *name, long result) {
  printf("%s %s: %s\n", what, name, result < 0 ? strerror(errno) : "done");
  fflush(stdout);
}

static void insert(void) {
  char name[64];
  size_t size;
  if (scanf("%63s %zu", name, &size) != 2 || getchar() != '\n' || size > sizeof module || fread(module, 1, size, stdin) != size) {
    printf("insert: no module\n");
    return;
  }
  say("insert", name, syscall(SYS_init_module, module, size, ""));
}

static void show(const char *path) {
  static char text[65536];
  int fd = open(path, O_RDONLY);
  ssize_t n, size = 0;
  while (fd >= 0 && size < (ssize_t)sizeof text - 1 && (n = read(fd, text + size, sizeof text - 1 - (size_t)size)) > 0) size += n;
  if (fd < 0 || n < 0) say("read", path, -1);
  text[size] = 0;
  printf("%s%s", text, size > 0 && text[size - 1] != '\n' ? "\n" : "");
  fflush(stdout);
  close(fd);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "insert") == 0) {
      insert();
    } else if (strcmp(argv[i], "remove") == 0 && i + 1 < argc) {
      i++;
      say("remove", argv[i], syscall(SYS_delete_module, argv[i], 0));
    } else if (strcmp(argv[i], "read") == 0 && i + 1 < argc) {
      show(argv[++i]);
    } else if (strcmp(argv[i], "write") == 0 && i + 2 < argc) {
      int fd = open(argv[i + 1], O_WRONLY);
      say("write", argv[i + 1], write(fd, argv[i + 2], strlen(argv[i + 2])));
      close(fd);
      i += 2;
    } else if (strcmp(argv[i], "wait") == 0 && i + 1 < argc) {
      usleep((useconds_t)atoi(argv[++i]) * 1000);
    } else if (strcmp(argv[i], "fork") == 0) {
      pid_t child = fork();
      if (child == 0) _exit(0);
      waitpid(child, NULL, 0);
    }
  }
  return 0;
}
