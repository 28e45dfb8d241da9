// capget(2), capset(2) and the prctl(2) calls about capabilities: what is given up does not come back.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY(call) do { errno = 0; const long result = (call); printf("%-52s %ld %s\n", #call, result, result < 0 ? strerror(errno) : ""); } while (0)

static struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
static struct __user_cap_data_struct data[2];

static long get(void) {
  head.version = _LINUX_CAPABILITY_VERSION_3;
  return syscall(SYS_capget, &head, data);
}
static long set(void) { return syscall(SYS_capset, &head, data); }
static int has(int which) { return data[which / 32].effective >> which % 32 & 1; }

int main(void) {
  TRY(syscall(SYS_capget, 0, 0));
  head.version = 0;
  TRY(syscall(SYS_capget, &head, 0));
  printf("preferred version %x\n", head.version);
  head.version = 0;
  TRY(syscall(SYS_capget, &head, data));
  head.pid = -1;
  TRY(get());
  head.pid = 0x3fffff;
  TRY(get());
  head.pid = 0;
  TRY(get());
  printf("chown %d, setuid %d, more than permitted %d\n", has(CAP_CHOWN), has(CAP_SETUID),
         (data[0].effective & ~data[0].permitted) != 0);
  TRY(prctl(PR_CAPBSET_READ, CAP_CHOWN));
  TRY(prctl(PR_CAPBSET_READ, 63));
  data[0].effective &= ~(1u << CAP_CHOWN);
  TRY(set());
  TRY(get());
  printf("chown %d\n", has(CAP_CHOWN));
  data[0].effective |= 1u << CAP_CHOWN;
  TRY(set());
  TRY(get());
  printf("chown %d\n", has(CAP_CHOWN));
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
  data[0].inheritable |= 1u << CAP_CHOWN;
  TRY(set());
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_CHOWN, 0, 0));
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  TRY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  data[0].effective &= ~(1u << CAP_CHOWN);
  data[0].permitted &= ~(1u << CAP_CHOWN);
  data[0].inheritable = 0;
  TRY(set());
  data[0].permitted |= 1u << CAP_CHOWN;
  TRY(set());
  fflush(stdout);
  if (fork() == 0) {
    TRY(get());
    printf("child: chown %d\n", has(CAP_CHOWN));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
  TRY(prctl(PR_GET_KEEPCAPS));
  TRY(prctl(PR_SET_KEEPCAPS, 1));
  TRY(prctl(PR_GET_SECUREBITS));
  TRY(prctl(PR_SET_KEEPCAPS, 2));
}
