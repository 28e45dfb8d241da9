// clone(2): what a child shares with its parent by CLONE_VM, CLONE_FILES, CLONE_FS and CLONE_SIGHAND, and has its own of without; CLONE_PARENT.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include "tasks.h"

static char stack[1 << 18] __attribute__((aligned(64)));
static volatile int value;
static int descriptor;
static const char* folder;

static void handler(int number) { (void)number; ++value; }

static int changes_everything(void* code) {
  ++value;
  close(descriptor);
  chdir(folder);
  umask(077);
  signal(SIGUSR1, handler);
  return (int)(long)code;
}
static void show_state(int status) {
  char at[4096];
  getcwd(at, sizeof at);
  const mode_t mask = umask(022);
  struct sigaction now;
  sigaction(SIGUSR1, NULL, &now);
  printf("exit %d: value %d, descriptor %s, folder %s, umask %03o, handler %s\n", WEXITSTATUS(status), value,
         fcntl(descriptor, F_GETFD) < 0 ? "closed" : "open",
         strlen(at) > 6 && strcmp(at + strlen(at) - 6, "folder") == 0 ? "changed" : "same", mask, now.sa_handler == handler ? "set" : "default");
}
static void run(const char* name, int flags) {
  value = 0;
  descriptor = open("/proc/self/exe", O_RDONLY);
  chdir("/");
  umask(022);
  signal(SIGUSR1, SIG_DFL);
  printf("%s: ", name);
  fflush(stdout);
  const pid_t child = clone(changes_everything, stack + sizeof stack, flags | SIGCHLD, (void*)7L);
  int status = -1;
  if (waitpid(child, &status, 0) != child) printf("waitpid %s ", strerrorname_np(errno));
  show_state(status);
  close(descriptor);
}
static volatile int order[3];
static int is_late(void* unused) {
  (void)unused;
  for (int i = 0; i < 3; ++i) pause_briefly();
  order[1] = order[0] == 0;
  return 0;
}
static volatile pid_t seen_parent;
static int has_other_parent(void* unused) {
  (void)unused;
  seen_parent = getppid();
  return 9;
}

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  static char path[4096];
  snprintf(path, sizeof path, "%s/folder", argv[1]);
  folder = path;
  run("nothing", 0);
  run("CLONE_VM", CLONE_VM);
  run("CLONE_FILES", CLONE_FILES);
  run("CLONE_FS", CLONE_FS);
  run("CLONE_VM CLONE_SIGHAND", CLONE_VM | CLONE_SIGHAND);
  run("CLONE_VFORK", CLONE_VFORK);
  run("CLONE_VM CLONE_VFORK", CLONE_VM | CLONE_VFORK);
  run("all", CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_SIGHAND);

  // CLONE_VFORK makes the parent wait, with memory of its own or not.
  pid_t child = clone(is_late, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
  order[0] = 1;
  show_end("late", child);
  SHOW(order[1]);

  // What is shared is left by execve: the child's closing on exec does not close the parent's.
  descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  child = (pid_t)raw_clone(CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
  if (child == 0) execl("/proc/self/exe", "self", NULL), _exit(99);
  show_end("execve", child);
  SHOW(fcntl(descriptor, F_GETFD));

  // CLONE_PARENT: a sibling, for which the grandparent waits.
  fflush(stdout);
  child = fork();
  if (child == 0) {
    const pid_t parent = getppid();
    const pid_t sibling = clone(has_other_parent, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, NULL);
    SHOW(sibling > 0 && seen_parent == parent);
    TRY(waitpid(sibling, NULL, 0) == -1);
    leave(8);
  }
  int status, sum = 0;
  while (wait(&status) > 0) sum += WEXITSTATUS(status);
  SHOW(sum);
  return 0;
}
