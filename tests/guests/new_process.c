// Trapline only: no second process can be made yet, and the calls say so.
//: expected
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void) {
  errno = 0;
  const pid_t child = fork();
  if (child >= 0) return 9;
  printf("fork %s\n", strerrorname_np(errno));
  printf("vfork %ld %s\n", syscall(SYS_vfork), strerrorname_np(errno));
  printf("execve %d %s\n", execl("/bin/true", "true", NULL), strerrorname_np(errno));
  return 0;
}
