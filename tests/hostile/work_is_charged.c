// Cycles bound the host's time only if they pass for what a call does: how many, at the least, for each of the calls that do much.
//: memory 160M
//: cycles 20000000000
//: prints all of it is charged
#include "hostile.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { kParts = 1024, kMappings = 10000, kTasks = 200, kFiles = 900, kWaiters = 200 };

static char buffer[1 << 16], path[4096];
static struct iovec parts[kParts];
static struct pollfd files[kFiles];
static int word, missed;
static char* program;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

// A cycle is a nanosecond.
static void at_least(const char* what, uint64_t cycles, void (*once)(void)) {
  const uint64_t start = now();
  once();
  const uint64_t took = now() - start;
  if (took >= cycles) return;
  missed = 1;
  say("%s: %lu cycles, not %lu\n", what, (unsigned long)took, (unsigned long)cycles);
}

static void read_once(const char* name) {
  const int fd = open(name, O_RDONLY);
  if (fd < 0 || read(fd, buffer, 1) < 0) say("%s: %s\n", name, strerrorname_np(errno));
  close(fd);
}
static void maps(void) { read_once("/proc/self/maps"); }
static void status(void) { read_once("/proc/self/status"); }
static void machine(void) { read_once("/proc/stat"); }
static void list(void) {
  const int fd = open("/proc", O_RDONLY | O_DIRECTORY);
  syscall(SYS_getdents64, fd, buffer, sizeof buffer);
  close(fd);
}
static void names(void) { struct stat status; stat(path, &status); }
static void random_bytes(void) { syscall(SYS_getrandom, buffer, sizeof buffer, 0); }
static void vm_read(void) { process_vm_readv(getpid(), parts, kParts, parts, kParts, 0); }
static void write_parts(void) { const int fd = open("/dev/null", O_WRONLY); writev(fd, parts, kParts); close(fd); }
static void poll_files(void) { poll(files, kFiles, 0); }
static void wake_none(void) { syscall(SYS_futex, &word, FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, NULL, 2); }

static void own_group(void) { kill(0, 0); }
static void look_at_group(void) { getpriority(PRIO_PGRP, 0); }
static void exec(void) {
  const pid_t child = vfork();
  if (child == 0) execl("/proc/self/exe", program, "end", NULL), _exit(1);
  waitpid(child, NULL, 0);
}
static void exec_arguments(void) {
  static char* many[4000];
  static char too_long[1 << 18];
  memset(too_long, 'x', sizeof too_long - 1);
  for (int i = 0; i < 3999; ++i) many[i] = i < 3998 ? "x" : too_long;
  execv("/proc/self/exe", many);
}
static void list_locks(void) {
  struct flock lock = {F_WRLCK, SEEK_SET, 1 << 20, 1};
  const int fd = syscall(SYS_memfd_create, "locks", 0);
  for (int i = 0; i < 500; ++i) lock.l_start = 2 * i, fcntl(fd, F_SETLK, &lock);
  close(fd);
}
static void* waits(void* unused) {
  for (;;) syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 1);
  return unused;
}

int main(int argc, char** argv) {
  if (is("end", argc, argv)) return 0;
  program = argv[0];
  for (int i = 0; i < kParts; ++i) parts[i] = (struct iovec){buffer, 1};
  at_least("getrandom", sizeof buffer / 8, random_bytes);
  at_least("process_vm_readv", kParts * 40, vm_read);
  at_least("writev", kParts * 20, write_parts);
  at_least("execve", 800000, exec);
  at_least("execve with many arguments", 4000 * 20, exec_arguments);
  at_least("locks", 484 * 484 / 2 * 32, list_locks);

  strcpy(path, "/proc/self");
  for (int i = 0; i < 300; ++i) strcat(path, "/fd/..");
  at_least("names of a path", 600 * 100, names);

  int ends[2];
  pipe(ends);
  for (int i = 0; i < kFiles; ++i) files[i] = (struct pollfd){ends[0], POLLIN};
  at_least("poll", kFiles * 16, poll_files);

  for (int i = 0; i < kTasks; ++i) if (fork() == 0) for (;;) pause();
  at_least("/proc", kTasks * 100, list);
  at_least("/proc/stat", kTasks * 8, machine);
  at_least("a signal to a group", kTasks * 2 * 32, own_group);
  at_least("a priority of a group", (kTasks - 16) * 16, look_at_group);
  kill(-1, SIGKILL);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 17);
  for (int i = 0; i < kWaiters; ++i) { pthread_t thread; pthread_create(&thread, &attributes, waits, NULL); }
  nanosleep(&(struct timespec){0, 50000000}, NULL);
  at_least("a futex with many waiters", (kWaiters - 16) * 8, wake_none);

  const size_t page = sysconf(_SC_PAGESIZE);
  for (int i = 0; i < kMappings; ++i) map(page, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE, 0);
  at_least("/proc/self/maps", kMappings * 50 * 8, maps);
  at_least("/proc/self/status", kMappings * 64, status);
  if (!missed) say("all of it is charged\n");
}
