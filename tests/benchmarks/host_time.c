// Everything a program can ask of its kernel and its processor at once, again and again: `host_time MODE`. For what takes the host how
// long a cycle of the guest. What a mode needs first it does before it writes "!".
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FOREVER for (unsigned long n = 0;; ++n)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static char path[8192], buffer[1 << 20];
static char* program;

static void begin(void) { write(1, "!", 1); }

static void* room(size_t size, int prot) {
  void* const at = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) _exit(3);
  return at;
}
static void raise_files(void) {
  struct rlimit limit = {1024, 1024};
  setrlimit(RLIMIT_NOFILE, &limit);
}
static void many_mappings(int count) {
  for (int i = 0; i < count; ++i)
    mmap((void*)(0x10000000000 + i * 0x20000l), 4096, PROT_READ | (i & 1 ? PROT_WRITE : 0),
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}
static void read_again(const char* name) {
  begin();
  FOREVER {
    const int fd = open(name, O_RDONLY);
    read(fd, buffer, n % 2 ? 1 : sizeof buffer);
    close(fd);
  }
}
static void stat_again(void) {
  struct stat status;
  begin();
  FOREVER stat(path, &status);
}
static void repeat(const char* part, int times) {
  for (int i = 0; i < times; ++i) strcat(path, part);
}

// --- The baseline ---
static void spin(void) {
  begin();
  FOREVER asm volatile("");
}
static void mixed(void) {
  static volatile long words[512];
  begin();
  FOREVER words[n % 512] += words[n * 7 % 512] ^ n;
}

// --- Files ---
static void dot_dot(void) { mkdir("/d", 0777); repeat("/d/..", 800); stat_again(); }
static void dots(void) { repeat("/.", 2000); stat_again(); }
static void proc_self(void) { strcpy(path, "/proc/self"); repeat("/../self", 330); stat_again(); }
static void proc_fd(void) { strcpy(path, "/proc/self"); repeat("/fd/..", 400); stat_again(); }
static void deep(void) {
  for (int i = 0; i < 1000; ++i) { strcat(path, "/a"); mkdir(path, 0777); }
  stat_again();
}
static void deep_folder(void) {
  for (int i = 0; i < 1000; ++i) { mkdir("a", 0777); if (chdir("a")) break; }
  strcpy(path, "b");
  stat_again();
}
static void deep_dot_dot(void) {
  for (int i = 0; i < 1000; ++i) { strcat(path, "/a"); mkdir(path, 0777); }
  repeat("/..", 600);
  stat_again();
}
static void no_file(void) { strcpy(path, "/none"); stat_again(); }
static void proc_none(void) { strcpy(path, "/proc/none"); stat_again(); }
static void read_link(void) { begin(); FOREVER readlink("/proc/self/exe", buffer, 100); }
static void fill_folder(void) {
  if (mkdir("/big", 0777)) return;
  for (int i = 0; i < 20000; ++i) { sprintf(path, "/big/file%d", i); close(open(path, O_CREAT | O_WRONLY, 0666)); }
}
static void getdents_again(void) {
  fill_folder();
  const int fd = open("/big", O_RDONLY | O_DIRECTORY);
  begin();
  FOREVER { lseek(fd, 0, SEEK_SET); syscall(SYS_getdents64, fd, buffer, 65536); }
}
static void getdents_open(void) {
  fill_folder();
  begin();
  FOREVER { const int fd = open("/big", O_RDONLY | O_DIRECTORY); syscall(SYS_getdents64, fd, buffer, 64); close(fd); }
}
static void getdents_small(void) {
  fill_folder();
  const int fd = open("/big", O_RDONLY | O_DIRECTORY);
  begin();
  FOREVER if (syscall(SYS_getdents64, fd, buffer, 64) <= 0) lseek(fd, 0, SEEK_SET);
}
static void open_close(void) { begin(); FOREVER close(open("/f", O_RDWR | O_CREAT, 0666)); }
static void create_unlink(void) { begin(); FOREVER { close(open("/t2", O_RDWR | O_CREAT | O_EXCL, 0666)); unlink("/t2"); } }
static void renames(void) { close(open("/r1", O_RDWR | O_CREAT, 0666)); begin(); FOREVER { rename("/r1", "/r2"); rename("/r2", "/r1"); } }
static void folders(void) { begin(); FOREVER { mkdir("/x", 0777); rmdir("/x"); } }
static void truncates(void) { const int fd = open("/t", O_RDWR | O_CREAT, 0666); begin(); FOREVER { ftruncate(fd, 1 << 24); ftruncate(fd, 0); } }
static void pread_one(void) { const int fd = open("/f", O_RDWR | O_CREAT, 0666); pwrite(fd, buffer, 65536, 0); begin(); FOREVER pread(fd, buffer, 1, 0); }
static void pread_large(void) { const int fd = open("/f", O_RDWR | O_CREAT, 0666); pwrite(fd, buffer, 65536, 0); begin(); FOREVER pread(fd, buffer, 65536, 0); }
static void pwrite_one(void) { const int fd = open("/f", O_RDWR | O_CREAT, 0666); begin(); FOREVER pwrite(fd, buffer, 1, 0); }
static void pwrite_holes(void) { const int fd = open("/t3", O_RDWR | O_CREAT, 0666); begin(); FOREVER pwrite(fd, "x", 1, n % 1000 * 4096); }
static void fsyncs(void) { const int fd = open("/t", O_RDWR | O_CREAT, 0666); begin(); FOREVER { pwrite(fd, "x", 1, 0); fsync(fd); } }
static void map_file(void) {
  const int fd = open("/f", O_RDWR | O_CREAT, 0666);
  ftruncate(fd, 1 << 20);
  begin();
  FOREVER { char* const p = mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0); munmap(p, 1 << 20); }
}
static void map_file_touch(void) {
  const int fd = open("/f", O_RDWR | O_CREAT, 0666);
  ftruncate(fd, 1 << 20);
  begin();
  FOREVER { volatile char* const p = mmap(0, 1 << 20, PROT_READ, MAP_PRIVATE, fd, 0); p[0]; munmap((void*)p, 1 << 20); }
}
static void memfd(void) { const int fd = syscall(SYS_memfd_create, "x", 0); begin(); FOREVER { ftruncate(fd, 1l << 40); pwrite(fd, "x", 1, (1l << 40) - 1); ftruncate(fd, 0); } }
static void memfd_fill(void) { const int fd = syscall(SYS_memfd_create, "x", 0); begin(); FOREVER { pwrite(fd, buffer, sizeof buffer, 0); ftruncate(fd, 0); } }
static void locks(void) {
  const int fd = open("/l", O_RDWR | O_CREAT, 0666);
  for (int i = 0; i < 2000; ++i) { struct flock lock = {F_WRLCK, SEEK_SET, 2 * i, 1}; fcntl(fd, F_SETLK, &lock); }
  begin();
  FOREVER { struct flock lock = {n % 2 ? F_UNLCK : F_WRLCK, SEEK_SET, 4001, 1}; fcntl(fd, F_SETLK, &lock); lock.l_type = F_WRLCK; fcntl(fd, F_GETLK, &lock); }
}
static void iov(void) { static struct iovec parts[1024]; const int fd = open("/dev/null", O_WRONLY); for (int i = 0; i < 1024; ++i) parts[i] = (struct iovec){buffer, 1}; begin(); FOREVER writev(fd, parts, 1024); }
static void iov_empty(void) { static struct iovec parts[1024]; const int fd = open("/dev/null", O_WRONLY); for (int i = 0; i < 1024; ++i) parts[i] = (struct iovec){buffer, 0}; begin(); FOREVER writev(fd, parts, 1024); }
static void iov_pipe(void) { static struct iovec parts[1024]; int p[2]; pipe(p); for (int i = 0; i < 1024; ++i) parts[i] = (struct iovec){buffer, 1}; begin(); FOREVER { writev(p[1], parts, 1024); readv(p[0], parts, 1024); } }
static void zero(void) { const int fd = open("/dev/zero", O_RDONLY); char* const p = room(1 << 25, 3); begin(); FOREVER read(fd, p, 1 << 25); }
static void null(void) { const int fd = open("/dev/null", O_WRONLY); char* const p = room(1 << 25, 3); begin(); FOREVER write(fd, p, 1 << 25); }
static void urandom(void) { const int fd = open("/dev/urandom", O_RDONLY); begin(); FOREVER read(fd, buffer, sizeof buffer); }
static void get_random(void) { begin(); FOREVER syscall(SYS_getrandom, buffer, 65536, 0); }
static void pipe_bytes(void) { int p[2]; pipe(p); begin(); FOREVER { write(p[1], "x", 1); read(p[0], buffer, 1); } }
static void pipes(void) { begin(); FOREVER { int p[2]; pipe(p); close(p[0]); close(p[1]); } }
static void pipe_large(void) { int p[2]; pipe(p); begin(); FOREVER { write(p[1], buffer, 65536); read(p[0], buffer, 65536); } }
static void eventfds(void) { const int fd = eventfd(0, 0); unsigned long one = 1; begin(); FOREVER { write(fd, &one, 8); read(fd, &one, 8); } }
static void duplicates(void) { begin(); FOREVER { close(dup(1)); } }
static void duplicates_many(void) { raise_files(); while (dup(1) >= 0 && 1) ; close(1000); begin(); FOREVER { close(dup(1)); } }
static void poll_many(void) { static struct pollfd fds[1000]; raise_files(); int p[2]; pipe(p); for (int i = 0; i < 1000; ++i) fds[i] = (struct pollfd){p[0], POLLIN}; begin(); FOREVER poll(fds, 1000, 0); }
static void poll_wait(void) { static struct pollfd fds[1000]; int p[2]; pipe(p); for (int i = 0; i < 1000; ++i) fds[i] = (struct pollfd){p[0], POLLIN}; begin(); FOREVER { struct timespec t = {0, 1}; ppoll(fds, 1000, &t, NULL); } }
static void select_many(void) { raise_files(); int p[2]; pipe(p); while (dup(p[0]) >= 0) ; begin(); FOREVER { fd_set set; struct timeval t = {0, 0}; memset(&set, 255, sizeof set); select(1024, &set, NULL, NULL, &t); } }
static void streams_out(void) { begin(); FOREVER write(2, "x", 1); }

// --- /proc ---
static void maps(void) { many_mappings(20000); read_again("/proc/self/maps"); }
static void maps_again(void) { many_mappings(20000); const int fd = open("/proc/self/maps", O_RDONLY); begin(); FOREVER pread(fd, buffer, 1, 0); }
static void status_mapped(void) { many_mappings(20000); read_again("/proc/self/status"); }
static void statm_mapped(void) { many_mappings(20000); read_again("/proc/self/statm"); }
static void proc_stat(void) { read_again("/proc/self/stat"); }
static void proc_status(void) { read_again("/proc/self/status"); }
static void proc_limits(void) { read_again("/proc/self/limits"); }
static void proc_auxv(void) { read_again("/proc/self/auxv"); }
static void proc_cmdline(void) { read_again("/proc/self/cmdline"); }
static void proc_environ(void) { read_again("/proc/self/environ"); }
static void machine_stat(void) { read_again("/proc/stat"); }
static void cpuinfo(void) { read_again("/proc/cpuinfo"); }
static void meminfo(void) { read_again("/proc/meminfo"); }
static void proc_comm(void) { const int fd = open("/proc/self/comm", O_RDWR); begin(); FOREVER pwrite(fd, "name", 4, 0); }
static void proc_mem(void) { const int fd = open("/proc/self/mem", O_RDWR); begin(); FOREVER pread(fd, buffer, 65536, (long)buffer + 65536); }
static void children(int count) { for (int i = 0; i < count; ++i) if (fork() == 0) for (;;) pause(); }
static void proc_list(void) { children(1000); begin(); FOREVER { const int fd = open("/proc", O_RDONLY | O_DIRECTORY); syscall(SYS_getdents64, fd, buffer, 64); close(fd); } }
static void stat_many(void) { children(1000); read_again("/proc/stat"); }
static void loadavg_many(void) { children(1000); read_again("/proc/loadavg"); }
static void meminfo_many(void) { children(500); read_again("/proc/meminfo"); }

// --- Memory ---
static void map_unmap(void) { begin(); FOREVER { char* const p = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(p, 4096); } }
static void map_touch(void) { begin(); FOREVER { volatile char* const p = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); p[0] = 1; munmap((void*)p, 4096); } }
static void map_populate(void) { begin(); FOREVER { char* const p = mmap(0, 1 << 24, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0); munmap(p, 1 << 24); } }
static void map_touch_many(void) { begin(); FOREVER { volatile char* const p = room(1 << 22, 3); for (int i = 0; i < 1 << 22; i += 65536) p[i] = 1; munmap((void*)p, 1 << 22); } }
static void map_among_many(void) { many_mappings(60000); begin(); FOREVER { char* const p = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(p, 4096); } }
static void map_gaps(void) { char* const p = room(1l << 32, 1); for (long i = 0; i < 30000; ++i) munmap(p + i * 131072, 65536); begin(); FOREVER { char* const q = mmap(0, 131072, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(q, 131072); char* const r = mmap(0, 65536, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(r, 65536); } }
static void protect_split(void) { char* const p = room(1 << 24, 3); begin(); FOREVER { mprotect(p + 65536, 65536, PROT_READ); mprotect(p + 65536, 65536, 3); } }
static void protect_huge(void) { char* const p = room(1l << 40, 0); begin(); FOREVER { mprotect(p, 1l << 40, PROT_READ); mprotect(p, 1l << 40, PROT_NONE); } }
static void protect_touch(void) { volatile char* const p = room(65536, 3); begin(); FOREVER { mprotect((void*)p, 65536, PROT_READ); p[0]; mprotect((void*)p, 65536, 3); p[0] = 1; } }
static void protect_many(void) { char* const p = room(1l << 32, 3); for (long i = 0; i < 1000; ++i) mprotect(p + i * 131072, 65536, 1); begin(); FOREVER { mprotect(p, 1000 * 131072, 1); for (long i = 0; i < 10; ++i) mprotect(p + i * 131072, 65536, 3); } }
static void advise(void) { char* const p = room(1l << 40, 0); begin(); FOREVER madvise(p, 1l << 40, MADV_DONTNEED); }
static void advise_touch(void) { volatile char* const p = room(65536, 3); begin(); FOREVER { p[0] = 1; madvise((void*)p, 65536, MADV_DONTNEED); } }
static void in_core(void) { char* const p = room(1l << 40, 0); begin(); FOREVER mincore(p, 1l << 27, (void*)buffer); }
static void locks_memory(void) { char* const p = room(1 << 24, 3); begin(); FOREVER { mlock(p, 1 << 24); munlock(p, 1 << 24); } }
static void remaps(void) { char* p = room(65536, 3); p[0] = 1; begin(); FOREVER { p = mremap(p, n % 2 ? 131072 : 65536, n % 2 ? 65536 : 131072, MREMAP_MAYMOVE); } }
static void breaks(void) { char* const at = sbrk(0); begin(); FOREVER { brk(at + 65536); brk(at); } }
static void sync_memory(void) { char* const p = room(1l << 32, 3); many_mappings(20000); begin(); FOREVER msync((void*)0x10000000000, 20000 * 0x20000l, MS_ASYNC); }
static void vm_read(void) { static struct iovec parts[1024]; for (int i = 0; i < 1024; ++i) parts[i] = (struct iovec){buffer, 1}; begin(); FOREVER process_vm_readv(getpid(), parts, 1024, parts, 1024, 0); }
static void vm_read_empty(void) { static struct iovec parts[1024]; for (int i = 0; i < 1024; ++i) parts[i] = (struct iovec){buffer, 0}; begin(); FOREVER process_vm_readv(getpid(), parts, 1024, parts, 1024, 0); }
static void vm_read_child(void) { children(1); const pid_t child = 2; struct iovec part = {buffer, sizeof buffer / 2}, there = {buffer, sizeof buffer / 2}; begin(); FOREVER process_vm_readv(child + getpid() - 1, &part, 1, &there, 1, 0); }
static void shared_touch(void) { begin(); FOREVER { volatile char* const p = mmap(0, 65536, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0); p[0] = 1; munmap((void*)p, 65536); } }
static void data_limit(void) { struct rlimit limit = {1l << 40, 1l << 40}; setrlimit(RLIMIT_DATA, &limit); many_mappings(30000); begin(); FOREVER { char* const p = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); munmap(p, 4096); } }

// --- Processes ---
static void execs(void) { char* arguments[] = {program, "exec_again", NULL}; begin(); execv("/proc/self/exe", arguments); }
static void exec_again(void) { char* arguments[] = {program, "exec_again", NULL}; execv("/proc/self/exe", arguments); }
static void exec_fails(void) { static char* arguments[30000]; for (size_t i = 0; i + 1 < COUNT(arguments); ++i) arguments[i] = "x"; begin(); FOREVER execv("/dev/null", arguments); }
static void exec_long(void) { static char* arguments[3000]; for (size_t i = 0; i + 1 < COUNT(arguments); ++i) arguments[i] = "exec_long"; arguments[0] = program; if (getppid() != 12345) { static int done; if (!done++ && !getenv("AGAIN")) begin(); } setenv("AGAIN", "1", 1); execv("/proc/self/exe", arguments); }
static void vfork_exec(void) { char* arguments[] = {program, "nothing", NULL}; begin(); FOREVER { if (vfork() == 0) { execv("/proc/self/exe", arguments); _exit(1); } wait(NULL); } }
static void nothing(void) { _exit(0); }
static void forks(void) { begin(); FOREVER { if (fork() == 0) _exit(0); wait(NULL); } }
static void vforks(void) { begin(); FOREVER { if (vfork() == 0) _exit(0); wait(NULL); } }
static void forks_large(void) { char* const p = room(1 << 26, 3); for (int i = 0; i < 1 << 26; i += 4096) p[i] = 1; begin(); FOREVER { if (fork() == 0) _exit(0); wait(NULL); } }
static void forks_mapped(void) { many_mappings(20000); begin(); FOREVER { if (fork() == 0) _exit(0); wait(NULL); } }
static void forks_files(void) { raise_files(); while (dup(1) >= 0) ; begin(); FOREVER { if (fork() == 0) _exit(0); wait(NULL); } }
static void* ends(void* unused) { return unused; }
static void threads(void) { begin(); FOREVER { pthread_t thread; pthread_create(&thread, NULL, ends, NULL); pthread_join(thread, NULL); } }
static void waits(void) { children(1000); begin(); FOREVER waitpid(-1, NULL, WNOHANG); }
static void waits_group(void) { children(1000); begin(); FOREVER { waitpid(-12345, NULL, WNOHANG); } }
static void wait_ids(void) { children(1000); begin(); FOREVER { siginfo_t info; waitid(P_ALL, 0, &info, WEXITED | WNOHANG); } }
static void kill_all(void) { children(1000); begin(); FOREVER kill(-1, 0); }
static void kill_group(void) { children(1000); begin(); FOREVER kill(0, 0); }
static void groups(void) { children(1000); begin(); FOREVER { setpgid(0, 0); getpgid(0); } }
static void priorities(void) { children(1000); begin(); FOREVER { getpriority(PRIO_USER, 0); getpriority(PRIO_PGRP, 0); setpriority(PRIO_PGRP, 0, 0); } }
static void affinity(void) { begin(); FOREVER { cpu_set_t set; memset(&set, 0, sizeof set); CPU_SET(n & 3, &set); sched_setaffinity(0, sizeof set, &set); } }
static void usage(void) { children(1000); begin(); FOREVER { struct rusage use; getrusage(RUSAGE_SELF, &use); getrusage(RUSAGE_CHILDREN, &use); } }
static void yields(void) { children(1); if (fork() == 0) for (;;) sched_yield(); begin(); FOREVER sched_yield(); }
static void info(void) { children(1000); begin(); FOREVER { char bytes[256]; syscall(SYS_sysinfo, bytes); } }

// --- Signals and timers ---
static void handler(int signal) { (void)signal; }
static void handle(int signal, int flags) { struct sigaction action = {.sa_handler = handler, .sa_flags = flags}; sigaction(signal, &action, NULL); }
static void kill_self(void) { handle(SIGUSR1, 0); begin(); FOREVER kill(getpid(), SIGUSR1); }
static void kill_self_stack(void) { stack_t stack = {.ss_sp = buffer, .ss_size = sizeof buffer}; sigaltstack(&stack, NULL); handle(SIGUSR1, SA_ONSTACK); begin(); FOREVER { kill(getpid(), SIGUSR1); sigaltstack(NULL, &stack); } }
static void queue_full(void) { sigset_t set; sigfillset(&set); sigprocmask(SIG_BLOCK, &set, NULL); siginfo_t information = {.si_code = SI_QUEUE}; for (int i = 0; i < 3000; ++i) syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN + 1, &information); begin(); FOREVER { struct timespec t = {0, 0}; syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN + 2, &information); sigemptyset(&set); sigaddset(&set, SIGRTMIN + 2); sigtimedwait(&set, NULL, &t); sigpending(&set); } }
static void timers(void) { struct sigevent event = {.sigev_notify = SIGEV_NONE}; timer_t timer; for (int i = 0; i < 2000; ++i) timer_create(CLOCK_MONOTONIC, &event, &timer); begin(); FOREVER { struct itimerspec spec = {{0, 0}, {1000, 0}}; timer_settime(timer, 0, &spec, NULL); timer_gettime(timer, &spec); } }
static void timers_fire(void) { handle(SIGALRM, SA_RESTART); struct itimerval value = {{0, 1}, {0, 1}}; setitimer(ITIMER_REAL, &value, NULL); begin(); FOREVER ; }
static void timers_storm(void) { sigset_t set; sigfillset(&set); sigprocmask(SIG_BLOCK, &set, NULL); struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN}; for (int i = 0; i < 1000; ++i) { timer_t timer; timer_create(CLOCK_MONOTONIC, &event, &timer); struct itimerspec spec = {{0, 1}, {0, 1}}; timer_settime(timer, 0, &spec, NULL); } begin(); FOREVER ; }
static void cpu_timers(void) { sigset_t set; sigfillset(&set); sigprocmask(SIG_BLOCK, &set, NULL); struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN}; for (int i = 0; i < 1000; ++i) { timer_t timer; timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &timer); struct itimerspec spec = {{0, 1}, {0, 1}}; timer_settime(timer, 0, &spec, NULL); } begin(); FOREVER ; }
static void sleeps(void) { begin(); FOREVER { struct timespec t = {0, 1}; nanosleep(&t, NULL); } }
static void clocks(void) { begin(); FOREVER { struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); } }
static void getpids(void) { begin(); FOREVER syscall(SYS_getpid); }
static void no_call(void) { begin(); FOREVER syscall(9999); }

// --- Futexes ---
static int word;
static int futex(int* at, int op, int value, void* timeout, int* other, int third) { return syscall(SYS_futex, at, op, value, timeout, other, third); }
static void* waiter(void* at) { for (;;) futex(at, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 1); return NULL; }
static void many_waiters(int count, int* at) { pthread_attr_t attributes; pthread_attr_init(&attributes); pthread_attr_setstacksize(&attributes, 131072); for (int i = 0; i < count; ++i) { pthread_t thread; pthread_create(&thread, &attributes, waiter, at); } struct timespec t = {0, 50000000}; nanosleep(&t, NULL); }
static void futex_requeue(void) { static int other; many_waiters(500, &word); begin(); FOREVER { futex(&word, FUTEX_REQUEUE_PRIVATE, 0, (void*)1000l, &other, 0); futex(&other, FUTEX_REQUEUE_PRIVATE, 0, (void*)1000l, &word, 0); } }
static void futex_wake_all(void) { many_waiters(500, &word); begin(); FOREVER futex(&word, FUTEX_WAKE_PRIVATE, 1000, NULL, NULL, 0); }
static void futex_wake_none(void) { many_waiters(500, &word); begin(); FOREVER futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 0x7fffffff, NULL, NULL, 2); }
static void futex_times_out(void) { begin(); FOREVER { struct timespec t = {0, 1}; futex(&word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0); } }
static void futex_bitset(void) { many_waiters(500, &word); begin(); FOREVER futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 1u << 31); }

// --- ptrace ---
static pid_t tracee(void) {
  const pid_t child = fork();
  if (child == 0) { ptrace(PTRACE_TRACEME, 0, 0, 0); raise(SIGSTOP); for (;;) syscall(SYS_getpid); }
  waitpid(child, NULL, 0);
  return child;
}
static void peeks(void) { const pid_t child = tracee(); begin(); FOREVER ptrace(PTRACE_PEEKDATA, child, buffer, &word); }
static void pokes(void) { const pid_t child = tracee(); begin(); FOREVER ptrace(PTRACE_POKEDATA, child, buffer, n); }
static void pokes_text(void) { const pid_t child = tracee(); const long old = ptrace(PTRACE_PEEKDATA, child, pokes_text, 0); begin(); FOREVER ptrace(PTRACE_POKEDATA, child, pokes_text, old); }
static void regsets(void) { const pid_t child = tracee(); begin(); FOREVER { static char bytes[8192]; struct iovec part = {bytes, sizeof bytes}; ptrace(PTRACE_GETREGSET, child, 1 + n % 2, &part); } }
static void regsets_set(void) { const pid_t child = tracee(); static char bytes[2][8192]; struct iovec part[2] = {{bytes[0], sizeof bytes[0]}, {bytes[1], sizeof bytes[1]}}; ptrace(PTRACE_GETREGSET, child, 1, &part[0]); ptrace(PTRACE_GETREGSET, child, 2, &part[1]); begin(); FOREVER ptrace(PTRACE_SETREGSET, child, 1 + n % 2, &part[n % 2]); }
static void steps(void) { const pid_t child = tracee(); begin(); FOREVER { ptrace(PTRACE_SINGLESTEP, child, 0, 0); waitpid(child, NULL, 0); } }
static void syscall_stops(void) { const pid_t child = tracee(); begin(); FOREVER { ptrace(PTRACE_SYSCALL, child, 0, 0); waitpid(child, NULL, 0); } }
static void debug_registers(void) {
  const pid_t child = tracee();
  begin();
#ifdef __x86_64__
  FOREVER { ptrace(PTRACE_POKEUSER, child, 848, buffer); ptrace(PTRACE_POKEUSER, child, 904, n % 2 ? 0xd0001 : 0); }
#else
  FOREVER { struct { unsigned version, trigger, mode, condition; unsigned long address, to, value; } info = {1, 4, 0, 0, (unsigned long)buffer, 0, 0}; const long handle = ptrace(0x88, child, 0, &info); ptrace(0x87, child, 0, handle); }
#endif
}
static void attaches(void) { children(1); const pid_t child = fork(); if (child == 0) for (;;) pause(); begin(); FOREVER { ptrace(PTRACE_ATTACH, child, 0, 0); waitpid(child, NULL, 0); ptrace(PTRACE_DETACH, child, 0, 0); } }

// --- perf ---
static int breakpoint(void* at, unsigned type, unsigned long period, int group, unsigned long format) {
  struct perf_event_attr attr = {.type = PERF_TYPE_BREAKPOINT, .size = sizeof attr, .sample_period = period, .exclude_kernel = 1, .read_format = format};
  attr.bp_type = type;
  attr.bp_addr = (unsigned long)at;
  attr.bp_len = type == 4 ? sizeof(long) : 4;
  return syscall(SYS_perf_event_open, &attr, 0, -1, group, 0);
}
static int software(unsigned long config, int group) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = config, .read_format = 15};
  return syscall(SYS_perf_event_open, &attr, 0, -1, group, 0);
}
static void perf_open(void) { begin(); FOREVER close(breakpoint(&word, 2, 0, -1, 0)); }
static void perf_open_group(void) { raise_files(); const int leader = software(1, -1); for (int i = 0; i < 900; ++i) software(1, leader); begin(); FOREVER close(software(1, leader)); }
static void perf_read_group(void) { raise_files(); const int leader = software(1, -1); for (int i = 0; i < 900; ++i) software(1, leader); begin(); FOREVER read(leader, buffer, sizeof buffer); }
static void perf_ioctl(void) { raise_files(); const int leader = software(1, -1); for (int i = 0; i < 900; ++i) software(1, leader); begin(); FOREVER ioctl(leader, n % 2 ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP); }
static void perf_ioctl_one(void) { const int fd = breakpoint(&word, 2, 0, -1, 0); begin(); FOREVER ioctl(fd, n % 2 ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0); }
static void perf_prctl(void) { raise_files(); for (int i = 0; i < 900; ++i) software(1, -1); begin(); FOREVER syscall(SYS_prctl, n % 2 ? 31 : 32); }
static void perf_switches(void) { raise_files(); for (int i = 0; i < 900; ++i) software(1, -1); if (fork() == 0) for (;;) sched_yield(); begin(); FOREVER sched_yield(); }
static void perf_forks(void) { raise_files(); for (int i = 0; i < 300; ++i) { struct perf_event_attr attr = {.type = 1, .size = sizeof attr, .config = 1, .inherit = 1}; syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0); } begin(); FOREVER { if (fork() == 0) _exit(0); wait(NULL); } }
static void perf_clock(void) { struct perf_event_attr attr = {.type = 1, .size = sizeof attr, .config = 1, .sample_period = 1}; syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0); begin(); FOREVER ; }
static void hits_counted(void) { static volatile long watched; breakpoint((void*)&watched, 2, 0, -1, 0); begin(); FOREVER watched = n; }
static void hits_beside(void) { static volatile int watched[2]; breakpoint((void*)watched, 2, 0, -1, 0); begin(); FOREVER watched[1] = n; }
static void hits_sampled(void) { static volatile long watched; const int fd = breakpoint((void*)&watched, 2, 1, -1, 0); mmap(NULL, 2 * sysconf(_SC_PAGESIZE), 3, MAP_SHARED, fd, 0); begin(); FOREVER watched = n; }
static void hits_signalled(void) { static volatile long watched; handle(SIGIO, 0); const int fd = breakpoint((void*)&watched, 2, 1, -1, 0); fcntl(fd, F_SETFL, O_ASYNC); fcntl(fd, F_SETOWN, getpid()); begin(); FOREVER watched = n; }
static void __attribute__((noinline)) executed(void) { asm volatile(""); }
static void hits_executed(void) {
  void* at = (void*)executed;
#ifndef __x86_64__
  at = *(void**)at;
#endif
  breakpoint(at, 4, 0, -1, 0);
  begin();
  FOREVER executed();
}
static void hits_strings(void) { static char watched[4096] __attribute__((aligned(4096))); breakpoint(watched + 2048, 2, 0, -1, 0); begin(); FOREVER memset(watched, n, sizeof watched); }

// --- Faults ---
static void skip(int signal, siginfo_t* information, void* context);
static void handle_faults(void) { const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP}; for (size_t i = 0; i < COUNT(signals); ++i) { struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO | SA_NODEFER}; sigaction(signals[i], &action, NULL); } }
#include <ucontext.h>
static int skipped = 0;
static void skip(int signal, siginfo_t* information, void* context) {
  ucontext_t* const c = context;
  (void)signal, (void)information;
#ifdef __x86_64__
  c->uc_mcontext.gregs[REG_RIP] += skipped;
  c->uc_mcontext.gregs[REG_EFL] &= ~0x100;
#else
  c->uc_mcontext.gp_regs[32] += skipped;
#endif
}
#ifdef __x86_64__
static void segv(void) { handle_faults(); skipped = 3; begin(); FOREVER asm volatile(".byte 0x8a, 0x04, 0x25, 0, 0, 0, 0" ::: "rax", "memory"); }
static void segv_bytes(void) { handle_faults(); skipped = 2; begin(); FOREVER asm volatile("mov (%0), %%al" ::"r"(0x10l) : "rax"); }
static void illegal(void) { handle_faults(); skipped = 2; begin(); FOREVER asm volatile("ud2"); }
static void privileged(void) { handle_faults(); skipped = 1; begin(); FOREVER asm volatile("cli"); }
static void traps(void) { handle_faults(); skipped = 0; begin(); FOREVER asm volatile("int3"); }
static void divides(void) { handle_faults(); skipped = 2; begin(); FOREVER asm volatile("xor %%ecx, %%ecx; mov $1, %%eax; xor %%edx, %%edx; div %%ecx" ::: "rax", "rcx", "rdx"); }
static void trap_flag(void) { handle_faults(); begin(); FOREVER asm volatile("lea -128(%%rsp), %%rsp; pushf; orl $0x100, (%%rsp); popf; nop; lea 128(%%rsp), %%rsp" ::: "memory", "cc"); }
static void push_flags(void) { begin(); FOREVER asm volatile("lea -128(%%rsp), %%rsp; pushf; popf; lea 128(%%rsp), %%rsp" ::: "memory", "cc"); }
static void move_ss(void) { begin(); FOREVER asm volatile("mov %%ss, %%eax; mov %%eax, %%ss" ::: "rax"); }
static void move_ds(void) { begin(); FOREVER asm volatile("mov %%ds, %%eax; mov %%eax, %%ds; mov %%eax, %%es; mov %%eax, %%fs" ::: "rax"); }
static void far_calls(void) { begin(); FOREVER asm volatile("lea -128(%%rsp), %%rsp; mov %%rsp, %%rcx; mov %%ss, %%eax; push %%rax; push %%rcx; pushf; mov %%cs, %%eax; push %%rax; lea 1f(%%rip), %%rax; push %%rax; iretq; 1: lea 128(%%rsp), %%rsp" ::: "rax", "rcx", "memory", "cc"); }
static void int_80(void) { begin(); FOREVER asm volatile("mov $20, %%eax; int $0x80" ::: "rax", "memory"); }
static void cpuids(void) { begin(); FOREVER { unsigned a = 0, b, c = 0, d; asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d)); } }
static void rdtscs(void) { begin(); FOREVER asm volatile("rdtsc" ::: "rax", "rdx"); }
static void strings(void) { begin(); FOREVER { void* to = buffer; void* from = buffer + 65536; long count = 65536; asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count)::"memory"); } }
static void strings_short(void) { begin(); FOREVER { void* to = buffer; void* from = buffer + 65536; long count = 0; asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count)::"memory"); } }
static void x87(void) { begin(); FOREVER asm volatile("fldpi; fsin; fptan; fyl2x; fstp %%st(0)" ::: "st"); }
static void x87_round(void) { begin(); FOREVER { double x = 1e300; asm volatile("fldl %0; fldpi; fprem; fprem1; fbstp %1; fstp %%st(0)" ::"m"(x), "m"(buffer) : "st", "memory"); } }
static void x87_save(void) { begin(); FOREVER asm volatile("fnsave (%0); frstor (%0); fxsave 512(%0); fxrstor 512(%0)" ::"r"(buffer) : "memory"); }
static void sse(void) { begin(); FOREVER asm volatile("divpd %%xmm1, %%xmm0; sqrtpd %%xmm0, %%xmm1; pcmpistrm $0x42, %%xmm0, %%xmm1; aesenc %%xmm0, %%xmm1; dpps $255, %%xmm0, %%xmm1" ::: "xmm0", "xmm1"); }
static void divide_128(void) { begin(); FOREVER asm volatile("mov $3, %%ecx; mov $2, %%edx; mov $-1, %%rax; divq %%rcx" ::: "rax", "rcx", "rdx"); }
static void denormals(void) { begin(); FOREVER { double x = 5e-324; asm volatile("mulsd %0, %%xmm0; addsd %0, %%xmm0" ::"m"(x) : "xmm0"); } }
static void locked(void) { begin(); FOREVER asm volatile("lock; cmpxchg16b (%0)" ::"r"(buffer) : "rax", "rbx", "rcx", "rdx", "memory"); }
static void crossing(void) { begin(); FOREVER *(volatile long*)(buffer + 4092 + 0 * n) = n; }
static void enters(void) { begin(); FOREVER asm volatile("mov %%rsp, %%rbx; lea -4096(%%rsp), %%rsp; push %%rbp; enter $0, $31; mov -0(%%rbp), %%rbp; mov %%rbx, %%rsp; mov -4104(%%rsp), %%rbp" ::: "rbx", "memory"); }
static void code_changes(void) { unsigned char* const p = room(1 << 16, 7); begin(); FOREVER { p[0] = 0xb8; p[1] = n; p[2] = p[3] = p[4] = 0; p[5] = 0xc3; ((void (*)(void))p)(); } }
static void code_changes_far(void) { unsigned char* const p = room(1 << 16, 7); p[0] = 0xc3; begin(); FOREVER { p[2048] = n; ((void (*)(void))p)(); } }
static void code_new(void) { unsigned char* const p = room(1 << 24, 7); memset(p, 0xc3, 1 << 24); begin(); for (;;) for (long i = 0; i < 1 << 24; ++i) ((void (*)(void))(p + i))(); }
static void code_long(void) { unsigned char* const p = room(1 << 24, 7); memset(p, 0x90, 1 << 24); p[(1 << 24) - 1] = 0xc3; begin(); for (;;) for (long i = 0; i < 4096; ++i) { p[i * 4096] = 0x90; ((void (*)(void))(p + (1 << 24) - 4096 - i))(); } }
static void code_maps(void) { begin(); FOREVER { unsigned char* const p = room(4096, 7); p[0] = 0xc3; ((void (*)(void))p)(); munmap(p, 4096); } }
static void code_protects(void) { unsigned char* const p = room(4096, 3); p[0] = 0xc3; begin(); FOREVER { mprotect(p, 4096, 5); ((void (*)(void))p)(); mprotect(p, 4096, 3); p[1] = n; } }
#else
static void call_at(void* at) { volatile unsigned long d[3] = {(unsigned long)at, 0, 0}; ((void (*)(void))d)(); }
static void segv(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile("lbz 0, 0(%0)" ::"b"(16l) : "r0"); }
static void segv_bytes(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile("std 0, 0(%0)" ::"b"(0x10l)); }
static void illegal(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile(".long 0"); }
static void privileged(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile("mfmsr 0" ::: "r0"); }
static void traps(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile("trap"); }
static void emulated_pvr(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile("mfspr 0, 287" ::: "r0"); }
static void unaligned(void) { handle_faults(); skipped = 4; begin(); FOREVER asm volatile("ldarx 0, 0, %0" ::"b"(buffer + 1) : "r0"); }
static void reservations(void) { begin(); FOREVER asm volatile("ldarx 0, 0, %0; stdcx. 0, 0, %0" ::"b"(buffer) : "r0", "cr0", "memory"); }
static void crossing(void) { begin(); FOREVER *(volatile long*)(buffer + 4092 + 0 * n) = n; }
static void strings(void) { begin(); FOREVER asm volatile("lmw 14, 0(%0); stmw 14, 0(%0)" ::"b"(buffer) : "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30", "memory"); }
static void vectors(void) { begin(); FOREVER asm volatile("vmsumuhm 0, 1, 2, 3; vperm 1, 2, 3, 4; vlogefp 2, 3; vexptefp 3, 2; xvdivdp 0, 1, 2; xvsqrtdp 1, 2" ::: "v0", "v1", "v2", "v3"); }
static void decimals(void) { begin(); FOREVER asm volatile("dmul 0, 2, 4; ddiv 2, 4, 0; dadd 4, 2, 0" ::: "fr0", "fr2", "fr4"); }
static void floats(void) { begin(); FOREVER asm volatile("fsqrt 0, 1; fdiv 1, 0, 2; fmadd 2, 0, 1, 3; mffs 4; mtfsf 255, 4" ::: "fr0", "fr1", "fr2", "fr4"); }
static void clears(void) { begin(); FOREVER asm volatile("dcbz 0, %0" ::"b"(buffer) : "memory"); }
static void code_changes(void) { unsigned* const p = room(1 << 16, 7); begin(); FOREVER { p[0] = 0x38600000 | (n & 0xfff); p[1] = 0x4e800020; asm volatile("dcbst 0, %0; sync; icbi 0, %0; isync" ::"r"(p)); call_at(p); } }
static void code_changes_far(void) { unsigned* const p = room(1 << 16, 7); p[0] = 0x4e800020; begin(); FOREVER { p[512] = n; call_at(p); } }
static void code_new(void) { unsigned* const p = room(1 << 24, 7); for (long i = 0; i < 1 << 22; ++i) p[i] = 0x4e800020; begin(); for (;;) for (long i = 0; i < 1 << 22; ++i) call_at(p + i); }
static void code_long(void) { unsigned* const p = room(1 << 24, 7); for (long i = 0; i < 1 << 22; ++i) p[i] = 0x60000000; p[(1 << 22) - 1] = 0x4e800020; begin(); for (;;) for (long i = 0; i < 1024; ++i) call_at(p + (1 << 22) - 1024 - i); }
static void code_maps(void) { begin(); FOREVER { unsigned* const p = room(65536, 7); p[0] = 0x4e800020; call_at(p); munmap(p, 65536); } }
static void code_protects(void) { unsigned* const p = room(65536, 3); p[0] = 0x4e800020; begin(); FOREVER { mprotect(p, 65536, 5); call_at(p); mprotect(p, 65536, 3); p[1] = n; } }
#endif

#define MODE(name) {#name, name}
static const struct { const char* name; void (*run)(void); } kModes[] = {
    MODE(spin), MODE(mixed), MODE(getpids), MODE(no_call),
    MODE(dot_dot), MODE(dots), MODE(proc_self), MODE(proc_fd), MODE(deep), MODE(deep_folder), MODE(deep_dot_dot), MODE(no_file), MODE(proc_none), MODE(read_link),
    MODE(getdents_again), MODE(getdents_open), MODE(getdents_small), MODE(open_close), MODE(create_unlink), MODE(renames), MODE(folders), MODE(truncates),
    MODE(pread_one), MODE(pread_large), MODE(pwrite_one), MODE(pwrite_holes), MODE(fsyncs), MODE(map_file), MODE(map_file_touch), MODE(memfd), MODE(memfd_fill), MODE(locks),
    MODE(iov), MODE(iov_empty), MODE(iov_pipe), MODE(zero), MODE(null), MODE(urandom), MODE(get_random), MODE(pipe_bytes), MODE(pipes), MODE(pipe_large), MODE(eventfds),
    MODE(duplicates), MODE(duplicates_many), MODE(poll_many), MODE(poll_wait), MODE(select_many), MODE(streams_out),
    MODE(maps), MODE(maps_again), MODE(status_mapped), MODE(statm_mapped), MODE(proc_stat), MODE(proc_status), MODE(proc_limits), MODE(proc_auxv), MODE(proc_cmdline), MODE(proc_environ),
    MODE(machine_stat), MODE(cpuinfo), MODE(meminfo), MODE(proc_comm), MODE(proc_mem), MODE(proc_list), MODE(stat_many), MODE(loadavg_many), MODE(meminfo_many),
    MODE(map_unmap), MODE(map_touch), MODE(map_populate), MODE(map_touch_many), MODE(map_among_many), MODE(map_gaps), MODE(protect_split), MODE(protect_huge), MODE(protect_touch), MODE(protect_many),
    MODE(advise), MODE(advise_touch), MODE(in_core), MODE(locks_memory), MODE(remaps), MODE(breaks), MODE(sync_memory), MODE(vm_read), MODE(vm_read_empty), MODE(vm_read_child), MODE(shared_touch), MODE(data_limit),
    MODE(execs), MODE(exec_fails), MODE(exec_long), MODE(vfork_exec), MODE(forks), MODE(vforks), MODE(forks_large), MODE(forks_mapped), MODE(forks_files), MODE(threads),
    MODE(waits), MODE(waits_group), MODE(wait_ids), MODE(kill_all), MODE(kill_group), MODE(groups), MODE(priorities), MODE(affinity), MODE(usage), MODE(yields), MODE(info),
    MODE(kill_self), MODE(kill_self_stack), MODE(queue_full), MODE(timers), MODE(timers_fire), MODE(timers_storm), MODE(cpu_timers), MODE(sleeps), MODE(clocks),
    MODE(futex_requeue), MODE(futex_wake_all), MODE(futex_wake_none), MODE(futex_times_out), MODE(futex_bitset),
    MODE(peeks), MODE(pokes), MODE(pokes_text), MODE(regsets), MODE(regsets_set), MODE(steps), MODE(syscall_stops), MODE(debug_registers), MODE(attaches),
    MODE(perf_open), MODE(perf_open_group), MODE(perf_read_group), MODE(perf_ioctl), MODE(perf_ioctl_one), MODE(perf_prctl), MODE(perf_switches), MODE(perf_forks), MODE(perf_clock),
    MODE(hits_counted), MODE(hits_beside), MODE(hits_sampled), MODE(hits_signalled), MODE(hits_executed), MODE(hits_strings),
    MODE(segv), MODE(segv_bytes), MODE(illegal), MODE(privileged), MODE(traps), MODE(crossing), MODE(strings), MODE(code_changes), MODE(code_changes_far), MODE(code_new), MODE(code_long), MODE(code_maps), MODE(code_protects),
#ifdef __x86_64__
    MODE(divides), MODE(trap_flag), MODE(push_flags), MODE(move_ss), MODE(move_ds), MODE(far_calls), MODE(int_80), MODE(cpuids), MODE(rdtscs), MODE(strings_short), MODE(x87), MODE(x87_round), MODE(x87_save), MODE(sse), MODE(divide_128), MODE(denormals), MODE(locked),
#else
    MODE(emulated_pvr), MODE(unaligned), MODE(reservations), MODE(vectors), MODE(decimals), MODE(floats), MODE(clears),
#endif
};

int main(int argc, char** argv) {
  program = argv[0];
  // What other modes execute.
  if (argc > 1 && strcmp(argv[1], "exec_again") == 0) exec_again();
  if (argc > 1 && strcmp(argv[1], "nothing") == 0) nothing();
  if (argc < 2) {
    for (size_t i = 0; i < COUNT(kModes); ++i) puts(kModes[i].name);
    return 0;
  }
  for (size_t i = 0; i < COUNT(kModes); ++i)
    if (strcmp(argv[1], kModes[i].name) == 0) kModes[i].run();
  return 2;
}
