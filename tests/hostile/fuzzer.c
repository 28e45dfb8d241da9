// Random system calls with arguments that are often plausible: fuzzer SEED [CALLS]. A few processes of a few threads each make
// them; each says at its end what all its results came to. Every system call that Trapline has is among them.
#include "hostile.h"

static const int numbers[] = {
#ifdef SYS__llseek
    SYS__llseek,
#endif
#ifdef SYS__newselect
    SYS__newselect,
#endif
#ifdef SYS_access
    SYS_access,
#endif
#ifdef SYS_alarm
    SYS_alarm,
#endif
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
#endif
#ifdef SYS_chdir
    SYS_chdir,
#endif
#ifdef SYS_clock_getres
    SYS_clock_getres,
#endif
#ifdef SYS_clock_gettime
    SYS_clock_gettime,
#endif
#ifdef SYS_clock_nanosleep
    SYS_clock_nanosleep,
#endif
#ifdef SYS_close
    SYS_close,
#endif
#ifdef SYS_close_range
    SYS_close_range,
#endif
#ifdef SYS_creat
    SYS_creat,
#endif
#ifdef SYS_dup
    SYS_dup,
#endif
#ifdef SYS_dup2
    SYS_dup2,
#endif
#ifdef SYS_dup3
    SYS_dup3,
#endif
#ifdef SYS_eventfd
    SYS_eventfd,
#endif
#ifdef SYS_eventfd2
    SYS_eventfd2,
#endif
#ifdef SYS_execve
    SYS_execve,
#endif
#ifdef SYS_execveat
    SYS_execveat,
#endif
#ifdef SYS_faccessat
    SYS_faccessat,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
#ifdef SYS_fadvise64
    SYS_fadvise64,
#endif
#ifdef SYS_fchdir
    SYS_fchdir,
#endif
#ifdef SYS_fcntl
    SYS_fcntl,
#endif
#ifdef SYS_fdatasync
    SYS_fdatasync,
#endif
#ifdef SYS_fstat
    SYS_fstat,
#endif
#ifdef SYS_fsync
    SYS_fsync,
#endif
#ifdef SYS_ftruncate
    SYS_ftruncate,
#endif
#ifdef SYS_futex
    SYS_futex,
#endif
#ifdef SYS_get_robust_list
    SYS_get_robust_list,
#endif
#ifdef SYS_getcpu
    SYS_getcpu,
#endif
#ifdef SYS_getcwd
    SYS_getcwd,
#endif
#ifdef SYS_getdents64
    SYS_getdents64,
#endif
#ifdef SYS_getegid
    SYS_getegid,
#endif
#ifdef SYS_geteuid
    SYS_geteuid,
#endif
#ifdef SYS_getgid
    SYS_getgid,
#endif
#ifdef SYS_getitimer
    SYS_getitimer,
#endif
#ifdef SYS_getpgid
    SYS_getpgid,
#endif
#ifdef SYS_getpgrp
    SYS_getpgrp,
#endif
#ifdef SYS_getpid
    SYS_getpid,
#endif
#ifdef SYS_getppid
    SYS_getppid,
#endif
#ifdef SYS_getpriority
    SYS_getpriority,
#endif
#ifdef SYS_getrandom
    SYS_getrandom,
#endif
#ifdef SYS_getrlimit
    SYS_getrlimit,
#endif
#ifdef SYS_getrusage
    SYS_getrusage,
#endif
#ifdef SYS_getsid
    SYS_getsid,
#endif
#ifdef SYS_gettid
    SYS_gettid,
#endif
#ifdef SYS_gettimeofday
    SYS_gettimeofday,
#endif
#ifdef SYS_getuid
    SYS_getuid,
#endif
#ifdef SYS_ioctl
    SYS_ioctl,
#endif
#ifdef SYS_kill
    SYS_kill,
#endif
#ifdef SYS_lseek
    SYS_lseek,
#endif
#ifdef SYS_lstat
    SYS_lstat,
#endif
#ifdef SYS_mkdir
    SYS_mkdir,
#endif
#ifdef SYS_mkdirat
    SYS_mkdirat,
#endif
#ifdef SYS_nanosleep
    SYS_nanosleep,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_open
    SYS_open,
#endif
#ifdef SYS_openat
    SYS_openat,
#endif
#ifdef SYS_pause
    SYS_pause,
#endif
#ifdef SYS_pipe
    SYS_pipe,
#endif
#ifdef SYS_pipe2
    SYS_pipe2,
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_ppoll
    SYS_ppoll,
#endif
#ifdef SYS_prctl
    SYS_prctl,
#endif
#ifdef SYS_pread64
    SYS_pread64,
#endif
#ifdef SYS_preadv
    SYS_preadv,
#endif
#ifdef SYS_prlimit64
    SYS_prlimit64,
#endif
#ifdef SYS_pselect6
    SYS_pselect6,
#endif
#ifdef SYS_ptrace
    SYS_ptrace,
#endif
#ifdef SYS_pwrite64
    SYS_pwrite64,
#endif
#ifdef SYS_pwritev
    SYS_pwritev,
#endif
#ifdef SYS_read
    SYS_read,
#endif
#ifdef SYS_readlink
    SYS_readlink,
#endif
#ifdef SYS_readlinkat
    SYS_readlinkat,
#endif
#ifdef SYS_readv
    SYS_readv,
#endif
#ifdef SYS_rename
    SYS_rename,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_renameat2
    SYS_renameat2,
#endif
#ifdef SYS_restart_syscall
    SYS_restart_syscall,
#endif
#ifdef SYS_rmdir
    SYS_rmdir,
#endif
#ifdef SYS_rt_sigaction
    SYS_rt_sigaction,
#endif
#ifdef SYS_rt_sigpending
    SYS_rt_sigpending,
#endif
#ifdef SYS_rt_sigprocmask
    SYS_rt_sigprocmask,
#endif
#ifdef SYS_rt_sigqueueinfo
    SYS_rt_sigqueueinfo,
#endif
#ifdef SYS_rt_sigsuspend
    SYS_rt_sigsuspend,
#endif
#ifdef SYS_rt_sigtimedwait
    SYS_rt_sigtimedwait,
#endif
#ifdef SYS_rt_tgsigqueueinfo
    SYS_rt_tgsigqueueinfo,
#endif
#ifdef SYS_sched_get_priority_max
    SYS_sched_get_priority_max,
#endif
#ifdef SYS_sched_get_priority_min
    SYS_sched_get_priority_min,
#endif
#ifdef SYS_sched_getaffinity
    SYS_sched_getaffinity,
#endif
#ifdef SYS_sched_getparam
    SYS_sched_getparam,
#endif
#ifdef SYS_sched_getscheduler
    SYS_sched_getscheduler,
#endif
#ifdef SYS_sched_rr_get_interval
    SYS_sched_rr_get_interval,
#endif
#ifdef SYS_sched_setaffinity
    SYS_sched_setaffinity,
#endif
#ifdef SYS_sched_setparam
    SYS_sched_setparam,
#endif
#ifdef SYS_sched_setscheduler
    SYS_sched_setscheduler,
#endif
#ifdef SYS_sched_yield
    SYS_sched_yield,
#endif
#ifdef SYS_select
    SYS_select,
#endif
#ifdef SYS_set_robust_list
    SYS_set_robust_list,
#endif
#ifdef SYS_set_tid_address
    SYS_set_tid_address,
#endif
#ifdef SYS_setitimer
    SYS_setitimer,
#endif
#ifdef SYS_setpgid
    SYS_setpgid,
#endif
#ifdef SYS_setpriority
    SYS_setpriority,
#endif
#ifdef SYS_setrlimit
    SYS_setrlimit,
#endif
#ifdef SYS_setsid
    SYS_setsid,
#endif
#ifdef SYS_sigaltstack
    SYS_sigaltstack,
#endif
#ifdef SYS_stat
    SYS_stat,
#endif
#ifdef SYS_statx
    SYS_statx,
#endif
#ifdef SYS_sysinfo
    SYS_sysinfo,
#endif
#ifdef SYS_tgkill
    SYS_tgkill,
#endif
#ifdef SYS_time
    SYS_time,
#endif
#ifdef SYS_timer_create
    SYS_timer_create,
#endif
#ifdef SYS_timer_delete
    SYS_timer_delete,
#endif
#ifdef SYS_timer_getoverrun
    SYS_timer_getoverrun,
#endif
#ifdef SYS_timer_gettime
    SYS_timer_gettime,
#endif
#ifdef SYS_timer_settime
    SYS_timer_settime,
#endif
#ifdef SYS_times
    SYS_times,
#endif
#ifdef SYS_tkill
    SYS_tkill,
#endif
#ifdef SYS_truncate
    SYS_truncate,
#endif
#ifdef SYS_ugetrlimit
    SYS_ugetrlimit,
#endif
#ifdef SYS_umask
    SYS_umask,
#endif
#ifdef SYS_uname
    SYS_uname,
#endif
#ifdef SYS_unlink
    SYS_unlink,
#endif
#ifdef SYS_unlinkat
    SYS_unlinkat,
#endif
#ifdef SYS_wait4
    SYS_wait4,
#endif
#ifdef SYS_waitid
    SYS_waitid,
#endif
#ifdef SYS_waitpid
    SYS_waitpid,
#endif
#ifdef SYS_write
    SYS_write,
#endif
#ifdef SYS_writev
    SYS_writev,
#endif
};

enum { kArea = 256 << 10, kProcesses = 4, kThreads = 3, kStackSize = 65536 };
static char* area;
static uint64_t calls = 300;
static volatile pid_t others[kProcesses];

static uint64_t next(uint64_t* state) {
  *state ^= *state << 13, *state ^= *state >> 7;
  return *state ^= *state << 17;
}

static uint64_t argument(uint64_t* state) {
  const uint64_t random = next(state);
  switch (random >> 32 & 15) {
    case 0: return 0;
    case 1: return random & 7;
    case 2: return random & 31;  // descriptors, signals
    case 3: return 1UL << (random & 63);
    case 4: return random & 0xffff;
    case 5: return -(random & 15);
    case 6: return getpid();
    case 7: return others[random % kProcesses];
    case 8: return (random & 0xff) << 12;
    case 9: return next(state);
    case 10: return (uint64_t)area + (random & 0xf) * 65536;  // its end, too
    case 11: return (uint64_t)area + random % kArea;
    default: return (uint64_t)area + (random % kArea & ~63UL);
  }
}

// Structures are made of arguments.
static void fill(uint64_t* state) {
  const uint64_t at = next(state) % (kArea - 256) & ~7UL;
  for (int i = 0; i < 256; i += 8) *(uint64_t*)(area + at + i) = next(state) & 1 ? argument(state) : next(state) & 0x100000003f;
  if (next(state) & 1) strcpy(area + at, (const char*[]){"/proc/self/exe", "/proc/self/maps", "/dev/zero", "/", "/proc/self/fd", "x"}[next(state) % 6]);
}

static int make_calls(void* with) {
  uint64_t state = (uint64_t)with * 0x9e3779b97f4a7c15 | 1, hash = 0;
  for (int i = 0; i < 8; ++i) next(&state);
  for (uint64_t i = 0; i < calls; ++i) {
    fill(&state);
    const int number = numbers[next(&state) % (sizeof numbers / sizeof *numbers)];
    uint64_t a[6];
    for (int k = 0; k < 6; ++k) a[k] = argument(&state);
    // Standard output is for what is said.
    if ((int)a[0] == 1 || (int)a[0] == 2) a[0] = 3;
    hash = hash * 31 + syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (next(&state) % 64 == 0) {
      const long child = raw_clone(next(&state) & (CLONE_FS | CLONE_FILES | CLONE_PARENT | CLONE_PTRACE) | SIGCHLD, NULL, NULL, NULL, NULL);
      if (child == 0) hash ^= 1, i += calls / 2;
      else others[next(&state) % kProcesses] = child;
    }
  }
  say("%016lx\n", hash);
  return 0;
}

int main(int argc, char** argv) {
  const uint64_t seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
  if (argc > 2) calls = strtoul(argv[2], NULL, 10);
  area = memory(kArea + 4 * 65536);
  mprotect(area + kArea, 65536, PROT_READ);
  mprotect(area + kArea + 65536, 65536, PROT_NONE);
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = fork();
    if (child == 0) {
      setpgid(0, 0);
      int ends[2];
      pipe2(ends, O_NONBLOCK), pipe(ends);
      for (int t = 1; t < kThreads; ++t)
        clone(make_calls, (char*)memory(kStackSize) + kStackSize, kThread, (void*)(seed * 100 + p * 10 + t));
      make_calls((void*)(seed * 100 + p * 10));
      usleep(1000);
      _exit(0);
    }
    others[p] = child;
  }
  usleep(20000);
  for (int p = 0; p < kProcesses; ++p) kill(-others[p], SIGKILL), kill(others[p], SIGKILL);
  say("done\n");
}
