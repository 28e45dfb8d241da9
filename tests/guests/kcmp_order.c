// kcmp(2): what tasks share, and an order of what they do not.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long compare(int a, int b, int type, unsigned long x, unsigned long y) {
  const long result = syscall(SYS_kcmp, a, b, type, x, y);
  return result < 0 ? -errno : result;
}
static const char *same(long result) { return result == 0 ? "the same" : result > 0 ? "two" : strerror((int)-result); }

static int idle(void *unused) {
  pause();
  return 0;
}

int main(void) {
  static char stack[65536];
  const int me = getpid(), a = open("/dev/null", O_RDONLY), b = open("/dev/null", O_RDONLY), c = dup(a);
  printf("dup %s, opened twice %s\n", same(compare(me, me, KCMP_FILE, a, c)), same(compare(me, me, KCMP_FILE, a, b)));
  const long one = compare(me, me, KCMP_FILE, a, b), other = compare(me, me, KCMP_FILE, b, a);
  printf("one before the other %d\n", (one == 1 && other == 2) || (one == 2 && other == 1));
  printf("no descriptor: %s\n", same(compare(me, me, KCMP_FILE, a, 999)));
  printf("no type: %s; no task: %s\n", same(compare(me, me, 99, 0, 0)), same(compare(me, 0x3fffff, KCMP_VM, 0, 0)));
  const int child = fork();
  if (child == 0) return idle(0);
  const int sharing = clone(idle, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, 0);
  const char *const names[] = {"file", "vm", "files", "fs", "sighand"};
  for (int type = KCMP_VM; type <= KCMP_SIGHAND; ++type) {
    printf("%s: fork %s, clone %s\n", names[type], same(compare(me, child, type, 0, 0)),
           same(compare(me, sharing, type, 0, 0)));
  }
  printf("file: fork %s, clone %s\n", same(compare(me, child, KCMP_FILE, a, a)), same(compare(me, sharing, KCMP_FILE, a, c)));
  kill(child, SIGKILL);
  kill(sharing, SIGKILL);
  while (wait(0) > 0) continue;
}
