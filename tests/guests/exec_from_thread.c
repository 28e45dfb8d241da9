// execve(2) from a thread that is not the first: it becomes the only one, with the process's id; the others end without a word.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include "tasks.h"

static volatile long spins;
static pthread_t main_thread;
static int self;

static int number_of_threads(void) {
  DIR* const folder = opendir("/proc/self/task");
  int number = 0;
  for (const struct dirent* entry; (entry = readdir(folder)) != NULL;) number += entry->d_name[0] != '.';
  closedir(folder);
  return number;
}
static void never(void* text) { puts(text); }
static void* spins_on(void* unused) {
  pthread_cleanup_push(never, "cleaned up");
  for (;;) ++spins;
  pthread_cleanup_pop(0);
  return unused;
}
static void* sleeps(void* unused) { for (;;) sleep(1000); return unused; }
static void* executes_alone(void* arguments) {
  pthread_join(main_thread, NULL);
  fflush(stdout);
  execveat(self, "", arguments, (char*[]){NULL}, AT_EMPTY_PATH);  // /proc/self is that of the main thread, and as dead
  return NULL;
}
static void* executes(void* arguments) {
  SHOW(getpid() != gettid());
  SHOW(number_of_threads());
  TRY(execve("/no/such/file", arguments, NULL));
  prctl(PR_SET_NAME, "worker");
  sigset_t mask;
  sigemptyset(&mask), sigaddset(&mask, SIGUSR1);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  raise(SIGUSR1);
  fflush(stdout);
  execve("/proc/self/exe", arguments, NULL);
  return NULL;
}

int main(int argc, char** argv) {
  if (argc > 2) {
    SHOW(getpid() == atoi(argv[1]));
    SHOW(getpid() == gettid());
    SHOW(getppid() == atoi(argv[2]));
    SHOW(number_of_threads());
    sigset_t mask, pending;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    sigpending(&pending);
    printf("of the thread: blocked %d pending %d\n", sigismember(&mask, SIGUSR1), sigismember(&pending, SIGUSR1));
    pthread_t thread;
    pthread_create(&thread, NULL, spins_on, NULL);
    SHOW(number_of_threads());
    fflush(stdout);
    return 5;
  }
  const pid_t child = fork_flushed();
  if (child == 0) {
    char pid[12], parent[12];
    sprintf(pid, "%d", getpid()), sprintf(parent, "%d", getppid());
    char* arguments[] = {"again", pid, parent, NULL};
    pthread_t thread;
    for (int i = 0; i < 3; ++i) pthread_create(&thread, NULL, i == 0 ? spins_on : sleeps, NULL);
    pthread_create(&thread, NULL, executes, arguments);
    pthread_join(thread, NULL);
    leave(99);
  }
  show_end("from a thread", child);
  // The main thread may be gone already.
  const pid_t second = fork_flushed();
  if (second == 0) {
    static char pid[12], parent[12];
    sprintf(pid, "%d", getpid()), sprintf(parent, "%d", getppid());
    static char* arguments[] = {"again", pid, parent, NULL};
    pthread_t thread;
    main_thread = pthread_self();
    self = open("/proc/self/exe", O_RDONLY);
    pthread_create(&thread, NULL, executes_alone, arguments);
    syscall(SYS_exit, 1);
  }
  show_end("without the main thread", second);
  return 0;
}
