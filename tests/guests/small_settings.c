// Settings of a thread and of its process that are asked for and remembered: timer slack, memory failures, huge pages, limits.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY(call) do { errno = 0; const long result = (call); printf("%-44s %ld %s\n", #call, result, result < 0 ? strerror(errno) : ""); } while (0)

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  prctl(PR_SET_TIMERSLACK, 70000);
  if (fork() == 0) {
    TRY(prctl(PR_GET_TIMERSLACK));
    TRY(prctl(PR_SET_TIMERSLACK, 1234));
    TRY(prctl(PR_GET_TIMERSLACK));
    TRY(prctl(PR_SET_TIMERSLACK, 0));
    TRY(prctl(PR_GET_TIMERSLACK));
    _exit(0);
  }
  wait(0);
  TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0) == PR_MCE_KILL_DEFAULT || prctl(PR_MCE_KILL_GET, 0, 0, 0, 0) == 1);
  TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
  TRY(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
  TRY(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0));
  TRY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  TRY(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  TRY(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  TRY(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0));
  TRY(syscall(SYS_setgroups, 0, 0));
  TRY(syscall(SYS_setgroups, 65537, 0));
  TRY(syscall(SYS_setgroups, 1, 8));
  gid_t groups[2] = {0, 0};
  TRY(getgroups(0, 0));
  TRY(setgroups(2, groups));
  groups[0] = groups[1] = 5;
  TRY(getgroups(0, 0));
  TRY(getgroups(1, groups));
  TRY(getgroups(2, (gid_t *)8));
  TRY(getgroups(2, groups));
  printf("groups %d %d\n", groups[0], groups[1]);
  unsigned size = 0;
  TRY(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0));
  TRY(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, 8, 0, 0));
  TRY(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 1));
  TRY(prctl(PR_SET_MM, PR_SET_MM_MAP, &size, size - 8, 0));
  printf("a map of %u bytes\n", size);
  const int random = open("/dev/urandom", O_RDONLY);
  int bits = 0;
  TRY(ioctl(random, RNDGETENTCNT, &bits));
  TRY(ioctl(random, RNDGETENTCNT, 8));
  TRY(isatty(random));
  printf("%d bits\n", bits);
  TRY(syscall(SYS_pkey_free, 40));
  TRY(syscall(SYS_unshare, 0));
  TRY(syscall(SYS_unshare, 1));
  TRY(syscall(SYS_pidfd_send_signal, open("/proc/self", O_DIRECTORY | O_RDONLY), 0, 0, 0));
  TRY(syscall(SYS_pidfd_send_signal, open("/proc/self/fd", O_DIRECTORY | O_RDONLY), 0, 0, 0));
  struct rlimit limit = {2000, 4096};
  TRY(setrlimit(RLIMIT_NOFILE, &limit));
  TRY(dup2(1, 1999));
  TRY(dup2(1, 2000));
  struct timex state = {0};
  TRY(adjtimex(&state) >= 0);
  printf("tick %ld, tolerance %ld\n", state.tick, state.tolerance);
  state.modes = 0x8000;
  TRY(adjtimex(&state));
  TRY(syscall(SYS_clock_adjtime, 1, &state));
  TRY(syscall(SYS_clock_adjtime, 99, &state));
  // A copy out of another process's memory goes as far as both sides can be accessed.
  const long page = sysconf(_SC_PAGESIZE);
  char *const p = mmap(0, 2 * page, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  munmap(p + page, page);
  const struct iovec there[2] = {{p, 2}, {p + 3, 3}}, here[2] = {{p + page - 6, 3}, {p + page - 1, 2}};
  TRY(process_vm_readv(getpid(), here, 2, there, 2, 0));
  TRY(process_vm_writev(getpid(), there, 2, here, 2, 0));
  // The group that one read(2) could still tell of.
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK,
                                 .disabled = 1, .read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID, .exclude_kernel = 1};
  const int leader = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
  int count = 1;
  attr.disabled = 0;
  while (count < 3000 && syscall(SYS_perf_event_open, &attr, 0, -1, leader, 0) >= 0) ++count;
  printf("a group of %d, then %s\n", count, strerror(errno));
}
