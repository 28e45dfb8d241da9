// What init_module(2) and delete_module(2) say: loads what it reads from its standard input, with the arguments of its first argument,
// and unloads the module that its second argument names.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char file[1 << 20];

static void say(const char *what, long result) {
  printf("%s: %s\n", what, result == 0 ? "done" : strerror(errno));
  fflush(stdout);
}

int main(int argc, char **argv) {
  size_t size = 0;
  ssize_t had;
  if (argc != 3) return 2;
  while ((had = read(0, file + size, sizeof file - size)) > 0) size += (size_t)had;
  say("init_module", syscall(SYS_init_module, file, size, argv[1]));
  say("again", syscall(SYS_init_module, file, size, argv[1]));
  say("nothing", syscall(SYS_init_module, file, 0, ""));
  say("garbage", syscall(SYS_init_module, "garbage, which is no object at all, of more than 64 bytes", 56, ""));
  say("delete_module", syscall(SYS_delete_module, argv[2], 0));
  say("again", syscall(SYS_delete_module, argv[2], 0));
  return 0;
}
