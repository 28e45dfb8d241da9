// getrlimit, setrlimit and prlimit: read, lowered and inherited; what lower limits do; the usage that grows; and what is refused.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include "tasks.h"

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }
static volatile long work;
static volatile int signals;
static void counts(int number) { ++signals; }
static int deep(int left) {
  volatile char here[1024];
  here[0] = (char)left;
  return left == 0 ? here[0] : deep(left - 1) + here[0];
}

int main(int argc, char** argv) {
  (void)argv;
  struct rlimit limit, again;
  if (argc > 1) {
    getrlimit(RLIMIT_NOFILE, &limit);
    SHOW(limit.rlim_cur);
    getrlimit(RLIMIT_STACK, &limit);
    SHOW(limit.rlim_cur);
    return 0;
  }
  static const int readable[] = {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE,
                                 RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_LOCKS, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO};
  int right = 0;
  for (size_t i = 0; i < sizeof readable / sizeof *readable; ++i) right += getrlimit(readable[i], &limit) == 0 && limit.rlim_cur <= limit.rlim_max;
  SHOW(right);
  TRY(getrlimit(99, &limit));
  TRY(getrlimit(RLIMIT_NOFILE, (struct rlimit*)8));
  TRY(setrlimit(99, &limit));
  TRY(setrlimit(RLIMIT_NOFILE, (struct rlimit*)8));
  getrlimit(RLIMIT_NOFILE, &limit);
  again = limit;
  again.rlim_cur = limit.rlim_max + 1;
  if (limit.rlim_max != RLIM_INFINITY) TRY(setrlimit(RLIMIT_NOFILE, &again));
  TRY(prlimit(0, RLIMIT_NOFILE, NULL, &again));
  SHOW(again.rlim_cur == limit.rlim_cur && again.rlim_max == limit.rlim_max);
  TRY(prlimit(0x3ffffff, RLIMIT_NOFILE, NULL, &again));
  TRY(prlimit(-1, RLIMIT_NOFILE, NULL, &again));

  pid_t child = fork_flushed();
  if (child == 0) {
    limit.rlim_cur = 33;
    TRY(setrlimit(RLIMIT_NOFILE, &limit));
    TRY(dup2(1, 32));
    TRY(dup2(1, 33));
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 2 << 20;
    TRY(setrlimit(RLIMIT_STACK, &limit));
    fflush(stdout);
    execl("/proc/self/exe", "self", "again", NULL);
    leave(99);
  }
  show_end("lowered", child);
  // A lower stack limit counts at once.
  child = fork_flushed();
  if (child == 0) {
    no_core_file();
    deep(300);
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = 1 << 20;
    TRY(setrlimit(RLIMIT_STACK, &limit));
    SHOW(deep(600) != 12345);
    fflush(stdout);
    deep(3000);
    leave(0);
  }
  show_end("deep", child);
  // A parent may change its child's.
  int hold[2];
  pipe(hold);
  child = fork_flushed();
  if (child == 0) {
    char byte;
    close(hold[1]);
    read(hold[0], &byte, 1);
    getrlimit(RLIMIT_NOFILE, &limit);
    _exit((int)limit.rlim_cur);
  }
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 44;
  TRY(prlimit(child, RLIMIT_NOFILE, &limit, NULL) == 0);
  close(hold[1]);
  show_end("changed", child);

  // What bounds memory. A soft data limit of 0 is none.
  child = fork_flushed();
  if (child == 0) {
    limit.rlim_cur = limit.rlim_max = 64 << 20;
    TRY(setrlimit(RLIMIT_AS, &limit));
    SHOW(mmap(NULL, 100 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
    char* const some = mmap(NULL, 16 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    SHOW(some != MAP_FAILED);
    SHOW(mremap(some, 16 << 20, 80 << 20, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
    limit.rlim_cur = 0;
    TRY(setrlimit(RLIMIT_DATA, &limit));
    SHOW(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    SHOW(sbrk(1 << 20) == (void*)-1);
    limit.rlim_cur = 1 << 20;
    TRY(setrlimit(RLIMIT_DATA, &limit));
    SHOW(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
    SHOW(mmap(NULL, 8 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    SHOW(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    TRY(mprotect(some, 16 << 20, PROT_READ | PROT_WRITE));
    leave(0);
  }
  show_end("memory", child);
  // CPU time: SIGXCPU, which moves the limit on by a second, then SIGKILL.
  child = fork_flushed();
  if (child == 0) {
    signal(SIGXCPU, counts);
    limit.rlim_cur = 1, limit.rlim_max = 2;
    TRY(setrlimit(RLIMIT_CPU, &limit));
    fflush(stdout);
    while (signals == 0) ++work;
    getrlimit(RLIMIT_CPU, &limit);
    printf("%d signals, the limit is %d now\n", signals, (int)limit.rlim_cur);
    fflush(stdout);
    for (;;) ++work;
  }
  show_end("time", child);
  // Sizes of files.
  child = fork_flushed();
  if (child == 0) {
    signal(SIGXFSZ, counts);
    const int fd = memfd_create("f", 0);
    limit.rlim_cur = limit.rlim_max = 1000;
    TRY(setrlimit(RLIMIT_FSIZE, &limit));
    static char bytes[800];
    TRY(write(fd, bytes, 800));
    TRY(write(fd, bytes, 800));
    SHOW(signals);
    TRY(write(fd, bytes, 800));
    SHOW(signals);
    TRY(pwrite(fd, bytes, 1, 999));
    TRY(pwrite(fd, bytes, 1, 1000));
    TRY(ftruncate(fd, 1001));
    TRY(ftruncate(fd, 1000));
    SHOW(signals);
    int ends[2];
    pipe(ends);
    for (int i = 0; i < 3; ++i) write(ends[1], bytes, 800);
    leave(signals);
  }
  show_end("files", child);

  struct rusage before, after;
  TRY(getrusage(RUSAGE_SELF, &before));
  do {
    for (int i = 0; i < 100000; ++i) work += i;
    getrusage(RUSAGE_SELF, &after);
  } while (microseconds(after.ru_utime) + microseconds(after.ru_stime) <= microseconds(before.ru_utime) + microseconds(before.ru_stime) + 10000);
  SHOW(microseconds(after.ru_utime) >= microseconds(before.ru_utime) && microseconds(after.ru_stime) >= microseconds(before.ru_stime));
  SHOW(after.ru_maxrss > 0 && after.ru_minflt >= before.ru_minflt && after.ru_nvcsw >= before.ru_nvcsw);
  TRY(getrusage(RUSAGE_THREAD, &after));
  TRY(getrusage(RUSAGE_CHILDREN, &before));
  child = fork_flushed();
  if (child == 0) {
    do {
      for (int i = 0; i < 100000; ++i) work += i;
      getrusage(RUSAGE_SELF, &after);
    } while (microseconds(after.ru_utime) + microseconds(after.ru_stime) <= 20000);
    _exit(0);
  }
  show_end("works", child);
  TRY(getrusage(RUSAGE_CHILDREN, &after));
  SHOW(microseconds(after.ru_utime) + microseconds(after.ru_stime) >= microseconds(before.ru_utime) + microseconds(before.ru_stime) + 15000);
  TRY(getrusage(17, &after));
  TRY(getrusage(RUSAGE_SELF, (struct rusage*)8));
  struct tms used;
  SHOW(times(&used) != (clock_t)-1);
  SHOW(used.tms_utime >= 0 && used.tms_stime >= 0 && used.tms_cutime + used.tms_cstime >= 0);
  const clock_t first = times(NULL);
  SHOW(times(NULL) >= first);
  TRY(syscall(SYS_times, 8));
  return 0;
}
