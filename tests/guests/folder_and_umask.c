// The current folder and the umask: a child has its own copies, threads share them, execve keeps them.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include "tasks.h"

static char root[4096];

static void show_state(const char* who) {
  char at[4096];
  const mode_t mask = umask(0);
  umask(mask);
  if (getcwd(at, sizeof at) == NULL) at[0] = 0;
  const char* const below = at + (strncmp(at, root, strlen(root)) == 0 ? strlen(root) : 0);
  printf("%s: %s, %03o\n", who, below[0] == 0 ? "/" : below, mask);
}
static void* changes(void* unused) {
  chdir("..");
  umask(055);
  return unused;
}
static int reachable(const char* name) {
  const int fd = open(name, O_RDONLY);
  if (fd < 0) return -errno;
  close(fd);
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  snprintf(root, sizeof root, "%s", argv[1]);
  if (argc > 2) return show_state("program"), reachable("one.txt") == 1 ? 5 : 6;
  char path[4096 + 20];
  snprintf(path, sizeof path, "%s/folder", root);
  TRY(chdir(path) == 0);
  umask(022);
  show_state("parent");
  SHOW(reachable("one.txt"));
  pid_t child = fork_flushed();
  if (child == 0) {
    show_state("child");
    SHOW(umask(077) == 022);
    TRY(chdir(".."));
    show_state("child changed");
    SHOW(reachable("poem.txt"));
    SHOW(reachable("one.txt") == -ENOENT);
    leave(0);
  }
  show_end("child", child);
  show_state("parent");
  child = fork_flushed();
  if (child == 0) {
    umask(0123);
    execl("/proc/self/exe", "self", argv[1], "again", NULL);
    leave(99);
  }
  show_end("program", child);
  child = vfork();
  if (child == 0) {
    chdir("/");
    umask(0);
    _exit(0);
  }
  show_end("vfork", child);
  show_state("parent");
  pthread_t thread;
  pthread_create(&thread, NULL, changes, NULL);
  pthread_join(thread, NULL);
  show_state("after a thread");
  TRY(umask(0777777) == 055);
  SHOW(umask(022));

  TRY(chdir("/no/such/folder"));
  TRY(chdir("poem.txt"));
  TRY(chdir(""));
  TRY(chdir((char*)8));
  TRY(fchdir(99));
  const int file = open("poem.txt", O_RDONLY), folder = open("folder", O_RDONLY | O_DIRECTORY);
  TRY(fchdir(file));
  TRY(fchdir(folder));
  show_state("fchdir");
  char small[2];
  SHOW(getcwd(small, sizeof small) == NULL && errno == ERANGE);
  return 0;
}
