// /proc of other tasks: status, stat, limits, descriptors, memory, environment; of threads, stopped and dead children, and what is open of those that are gone.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include "tasks.h"

static char text[65536];
static volatile int word = 0x1234;
static sem_t ready, go;
static volatile pid_t tid;

static ssize_t contents(const char* format, int pid) {
  char path[100];
  snprintf(path, sizeof path, format, pid);
  const int fd = open(path, O_RDONLY);
  if (fd < 0) return -errno;
  ssize_t size = 0, got;
  while ((got = read(fd, text + size, sizeof text - 1 - (size_t)size)) > 0) size += got;
  if (got < 0) size = -errno;
  close(fd);
  text[size < 0 ? 0 : size] = 0;
  return size;
}
static void show_fields(const char* format, int pid) {
  static const char* const fields[] = {"Name", "Umask", "State", "Ngid", "TracerPid", "Uid", "Threads", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "NoNewPrivs", "Seccomp"};
  contents(format, pid);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) {
    char start[30];
    sprintf(start, "%s%s:\t", i == 0 ? "" : "\n", fields[i]);
    const char* const line = strstr(text, start);
    if (line == NULL) printf("no %s\n", fields[i]);
    else printf("%.*s\n", (int)strcspn(line + (i != 0), "\n"), line + (i != 0));
  }
  printf("own numbers %d %d, parent %d, memory %d\n", strstr(text, "\nTgid:\t") != NULL && atoi(strstr(text, "\nTgid:\t") + 7) == pid,
         atoi(strstr(text, "\nPid:\t") + 6) == pid, atoi(strstr(text, "\nPPid:\t") + 7) == getpid(), strstr(text, "VmSize:") != NULL);
}
static void show_stat(const char* format, int pid) {
  contents(format, pid);
  unsigned long fields = 0;
  char* at = strrchr(text, ')');
  printf("state %c, ", at[2]);
  long values[60] = {0};
  for (char* field = strtok(at + 4, " \n"); field != NULL; field = strtok(NULL, " \n")) values[4 + fields++] = strtol(field, NULL, 10);
  printf("%lu fields, parent %d, group %d, session %d, tty %ld %ld, nice %ld %ld, threads %ld, exit signal %ld, memory %d, code %d\n", fields + 3,
         values[4] == getpid(), values[5] == getpgrp(), values[6] == getsid(0), values[7], values[8], values[18], values[19], values[20], values[38],
         values[23] > 0 && values[24] > 0, values[26] > 0 && values[27] > values[26] && values[28] > values[27]);
}
static void* waits(void* unused) {
  prctl(PR_SET_NAME, "a\nthread\\");
  sigset_t blocked;
  sigemptyset(&blocked), sigaddset(&blocked, SIGUSR1), sigaddset(&blocked, SIGRTMAX);
  pthread_sigmask(SIG_BLOCK, &blocked, NULL);
  pthread_kill(pthread_self(), SIGUSR1);
  tid = gettid();
  sem_post(&ready);
  sem_wait(&go);
  return unused;
}
static void list(const char* format, int pid) {
  char path[100];
  sprintf(path, format, pid);
  DIR* const folder = opendir(path);
  if (folder == NULL) { printf("%s\n", strerrorname_np(errno)); return; }
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) if (entry->d_name[0] != '.') printf(" %s", entry->d_name);
  puts("");
  closedir(folder);
}

int main(int argc, char** argv, char** environ) {
  (void)argc;
  close_range(3, ~0u, 0);
  // Whatever the tests are run with; anybody may go there.
  setpriority(PRIO_PROCESS, 0, 19);
  // What a program was started with.
  ssize_t size = contents("/proc/self/environ", 0);
  size_t expected = 0;
  for (char** each = environ; *each != NULL; ++each) expected += strlen(*each) + 1;
  SHOW(size == (ssize_t)expected);
  SHOW(environ[0] == NULL || strcmp(text, environ[0]) == 0);
  size = contents("/proc/self/auxv", 0);
  const unsigned long* const words = (const unsigned long*)text;
  unsigned long page = 0;
  for (ssize_t i = 0; i + 1 < size / 8; i += 2) if (words[i] == AT_PAGESZ) page = words[i + 1];
  SHOW(page == getauxval(AT_PAGESZ) && size % 16 == 0);
  for (char* c = argv[0]; *c != 0; ++c) *c = 'x';
  size = contents("/proc/self/cmdline", 0);
  SHOW(size > 1 && text[0] == 'x' && text[size - 2] == 'x');
  contents("/proc/self/wchan", 0), puts(text);
  contents("/proc/self/limits", 0);
  printf("%.*s", (int)strcspn(text, "\n") + 1, text);
  char* row = strstr(text, "Max stack size");
  printf("%.*s", (int)strcspn(row, "\n") + 1, row);
  row = strstr(text, "Max nice");
  printf("%.*s", (int)strcspn(row, "\n") + 1, row);
  long pages[7] = {0};
  contents("/proc/self/statm", 0);
  SHOW(sscanf(text, "%ld %ld %ld %ld %ld %ld %ld", pages, pages + 1, pages + 2, pages + 3, pages + 4, pages + 5, pages + 6));
  SHOW(pages[0] >= pages[1] && pages[1] > 0 && pages[3] > 0 && pages[5] > 0 && pages[4] == 0 && pages[6] == 0);

  // Its memory as a file.
  int memory = open("/proc/self/mem", O_RDWR);
  int value = 0;
  TRY(pread(memory, &value, sizeof value, (off_t)(uintptr_t)&word));
  SHOW(value);
  value = 0x5678;
  TRY(pwrite(memory, &value, sizeof value, (off_t)(uintptr_t)&word));
  SHOW(word);
  static const int constant = 77;
  value = 88;
  TRY(pwrite(memory, &value, sizeof value, (off_t)(uintptr_t)&constant));
  SHOW(*(volatile const int*)&constant);
  TRY(pread(memory, &value, sizeof value, 8));
  TRY(lseek(memory, 0, SEEK_END));
  close(memory);

  // A thread.
  sem_init(&ready, 0, 0), sem_init(&go, 0, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, waits, NULL);
  sem_wait(&ready);
  for (int i = 0; i < 3; ++i) pause_briefly();
  contents("/proc/self/task/%d/status", tid);
  printf("%.*s\n", (int)strcspn(text, "\n"), text);
  for (const char* field = strstr(text, "SigPnd"); field != NULL && field[0] == 'S' && field < strstr(text, "CapInh"); field = strchr(field, '\n') + 1)
    if (strncmp(field, "SigCgt", 6) != 0) printf("%.*s\n", (int)strcspn(field, "\n"), field);
  SHOW(contents("/proc/%d/comm", tid));
  SHOW(contents("/proc/self/task/%d/task", tid) == -ENOENT);
  SHOW(contents("/proc/self/task/%d/comm", 1) == -ENOENT);
  char path[100], target[100] = "", wanted[100];
  sprintf(path, "/proc/%d/task/%d/comm", getpid(), tid);
  const int comm = open(path, O_RDWR);
  TRY(write(comm, "by a file\n", 10));
  TRY(write(comm, "a name of more than fifteen bytes", 33));
  memset(text, 0, 100);
  TRY(pread(comm, text, 99, 0));
  puts(text);
  sem_post(&go);
  pthread_join(thread, NULL);
  sprintf(path, "/proc/self/task/%d", tid);
  while (access(path, F_OK) == 0) pause_briefly();
  TRY(pread(comm, text, 99, 0));
  TRY(write(comm, "x", 1));
  close(comm);
  SHOW(readlink("/proc/thread-self", target, sizeof target) > 0);
  sprintf(wanted, "%d/task/%d", getpid(), getpid());
  SHOW(strcmp(target, wanted));

  // Descriptors.
  int fd = memfd_create("some file", MFD_CLOEXEC);
  write(fd, "0123456789", 10);
  contents("/proc/self/fdinfo/%d", fd);
  printf("%.*s\n", (int)strcspn(text, "\n"), text);
  SHOW((strtol(strstr(text, "flags:\t") + 7, NULL, 8) & (O_CLOEXEC | O_ACCMODE)) == (O_CLOEXEC | O_RDWR));
  SHOW(strstr(text, "\nmnt_id:\t") != NULL && strstr(text, "\nino:\t") != NULL);
  list("/proc/%d/fd", getpid());

  // A child: sleeping, stopped, dead, gone.
  signal(SIGHUP, SIG_IGN);
  const pid_t child = fork_flushed();
  if (child == 0) {
    umask(027);
    prctl(PR_SET_NAME, "the child");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    word = 0x4321;
    dup2(fd, 14);
    kill(getppid(), 0);
    for (;;) pause();
  }
  while (contents("/proc/%d/fdinfo/14", child) < 0) pause_briefly();
  sprintf(path, "/proc/%d/stat", child);
  do contents(path, 0), pause_briefly(); while (strrchr(text, ')')[2] != 'S');
  show_fields("/proc/%d/status", child);
  show_stat("/proc/%d/stat", child);
  list("/proc/%d/fd", child);
  list("/proc/%d/fdinfo", child);
  SHOW(strtol((list("/proc/%d/task", 99999999), "0"), NULL, 10));
  sprintf(path, "/proc/%d/fd/14", child);
  memset(target, 0, sizeof target);
  TRY(readlink(path, target, sizeof target));
  puts(target);
  int again = open(path, O_RDONLY);
  memset(text, 0, 20);
  TRY(read(again, text, 4));
  puts(text);
  close(again);
  sprintf(path, "/proc/%d/cwd", child);
  memset(target, 0, sizeof target), memset(wanted, 0, sizeof wanted);
  readlink(path, target, sizeof target), readlink("/proc/self/cwd", wanted, sizeof wanted);
  SHOW(strcmp(target, wanted));
  sprintf(path, "/proc/%d/root", child);
  TRY(readlink(path, target, sizeof target));
  sprintf(path, "/proc/%d/mem", child);
  memory = open(path, O_RDWR);
  TRY(pread(memory, &value, sizeof value, (off_t)(uintptr_t)&word));
  printf("%x, here %x\n", value, word);
  sprintf(path, "/proc/%d/comm", child);
  again = open(path, O_RDWR);
  TRY(write(again, "other", 5));
  sprintf(path, "/proc/%d", child);
  const int folder = open(path, O_RDONLY | O_DIRECTORY);
  sprintf(path, "/proc/%d/status", child);
  const int status_file = open(path, O_RDONLY);

  kill(child, SIGSTOP);
  int status;
  waitpid(child, &status, WUNTRACED);
  show_stat("/proc/%d/stat", child);
  kill(child, SIGUSR2);
  contents("/proc/%d/status", child);
  printf("%.24s\n", strstr(text, "ShdPnd"));
  kill(child, SIGKILL);
  siginfo_t info;
  waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
  show_fields("/proc/%d/status", child);
  show_stat("/proc/%d/stat", child);
  SHOW(contents("/proc/%d/statm", child));
  printf("%s", text);
  SHOW(contents("/proc/%d/cmdline", child));
  sprintf(path, "/proc/%d/exe", child);
  TRY(readlink(path, target, sizeof target));
  sprintf(path, "/proc/%d/cwd", child);
  TRY(readlink(path, target, sizeof target));
  list("/proc/%d/fd", child);
  TRY(pread(memory, &value, sizeof value, (off_t)(uintptr_t)&word));
  waitpid(child, &status, 0);
  TRY(read(status_file, text, 10));
  TRY(pread(again, text, 10, 0));
  TRY(write(again, "x", 1));
  TRY(pread(memory, &value, sizeof value, (off_t)(uintptr_t)&word));
  TRY(syscall(SYS_getdents64, folder, text, 4096));
  sprintf(path, "/proc/%d", child);
  TRY(access(path, F_OK));

  // The machine.
  double up, idle;
  contents("/proc/uptime", 0);
  SHOW(sscanf(text, "%lf %lf", &up, &idle));
  contents("/proc/loadavg", 0);
  double loads[3];
  int running, total, last;
  SHOW(sscanf(text, "%lf %lf %lf %d/%d %d", loads, loads + 1, loads + 2, &running, &total, &last));
  SHOW(running > 0 && total >= running && last > 0);
  long all, available;
  contents("/proc/meminfo", 0);
  SHOW(sscanf(text, "MemTotal: %ld kB\nMemFree: %ld kB\n", &all, &available) == 2 && all > available);
  contents("/proc/stat", 0);
  SHOW(strncmp(text, "cpu  ", 5) == 0 && strstr(text, "\ncpu0 ") != NULL && strstr(text, "\nbtime ") != NULL && strstr(text, "\nprocesses ") != NULL);
  contents("/proc/version", 0);
  SHOW(strncmp(text, "Linux version ", 14));
  contents("/proc/sys/kernel/ostype", 0), printf("%s", text);
  SHOW(contents("/proc/sys/kernel/pid_max", 0) > 0 && atoi(text) > 300);
  SHOW(contents("/proc/sys/kernel/threads-max", 0) > 0 && atoi(text) > 10);
  return 0;
}
