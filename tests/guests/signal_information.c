// What a handler with SA_SIGINFO learns: the signal, si_code by who sent it, the sender, and the value.
//: cpus 4
#define _GNU_SOURCE
#include <pthread.h>
#include "tasks.h"

static pid_t parent, sender;

static void handler(int number, siginfo_t* info, void* context) {
  const pid_t from = info->si_pid;
  printf("%d: signo %d errno %d code %d from %s uid %d", number, info->si_signo, info->si_errno, info->si_code,
         from == parent ? "itself" : from == sender ? "child" : "other", info->si_uid == getuid());
  if (info->si_code == SI_QUEUE) printf(" value %d", info->si_value.sival_int);
  printf(" context %d\n", context != NULL);
}

static long queue_as(int number, int code, pid_t claimed) {
  siginfo_t info = {.si_signo = number, .si_code = code};
  info.si_pid = claimed, info.si_uid = getuid(), info.si_value.sival_int = -5;
  return syscall(SYS_rt_sigqueueinfo, getpid(), number, &info);
}
static long queue_for_thread(int number, int code) {
  siginfo_t info = {.si_signo = number, .si_code = code};
  info.si_pid = getpid(), info.si_uid = getuid(), info.si_value.sival_int = 99;
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number, &info);
}

int main(void) {
  parent = getpid();
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);
  for (int number = 1; number <= 64; ++number) sigaction(number, &action, NULL);  // some are refused
  TRY(kill(getpid(), SIGUSR1));
  TRY(kill(getpid(), SIGCHLD));
  TRY(kill(getpid(), SIGCONT));
  TRY(kill(getpid(), SIGTSTP));
  TRY(kill(getpid(), 64));
  GIVES(raise(SIGSEGV));
  GIVES(pthread_kill(pthread_self(), SIGUSR2));
  TRY(syscall(SYS_tkill, gettid(), SIGHUP));
  TRY(syscall(SYS_tgkill, getpid(), gettid(), SIGINT));
  TRY(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 0x12345678}));
  TRY(sigqueue(getpid(), 34, (union sigval){.sival_int = -1}));
  GIVES(pthread_sigqueue(pthread_self(), 35, (union sigval){.sival_int = 7}));
  TRY(queue_as(SIGUSR2, SI_QUEUE, 4242424));
  TRY(queue_as(SIGUSR2, SI_MESGQ, getpid()));
  TRY(queue_as(SIGUSR2, -60, getpid()));
  TRY(queue_as(SIGUSR2, SI_USER, getpid()));
  TRY(queue_for_thread(40, SI_QUEUE));
  TRY(sigqueue(getpid(), 0, (union sigval){.sival_int = 1}));
  TRY(sigqueue(getpid(), 65, (union sigval){.sival_int = 1}));
  TRY(sigqueue(0x3ffffff, SIGUSR1, (union sigval){.sival_int = 1}));
  TRY(syscall(SYS_tgkill, getpid(), 0x3ffffff, SIGINT));
  TRY(syscall(SYS_tgkill, 0x3ffffff, gettid(), SIGINT));
  TRY(syscall(SYS_tgkill, getpid(), gettid(), 65));
  TRY(syscall(SYS_tgkill, getpid(), gettid(), 0));
  TRY(syscall(SYS_tgkill, getpid(), 0, SIGINT));
  TRY(syscall(SYS_tgkill, -1, gettid(), SIGINT));
  TRY(syscall(SYS_tkill, -1, SIGINT));
  TRY(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8));

  // From another process, while waiting for it.
  sigset_t blocked, before;
  sigfillset(&blocked);
  sigprocmask(SIG_SETMASK, &blocked, &before);
  sender = fork_flushed();
  if (sender == 0) {
    kill(parent, SIGUSR1);
    sigqueue(parent, 41, (union sigval){.sival_int = 41});
    siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_USER};
    SHOW(syscall(SYS_rt_sigqueueinfo, parent, SIGUSR2, &info) == -1 && errno == EPERM);
    info.si_code = SI_TKILL;
    SHOW(syscall(SYS_rt_sigqueueinfo, parent, SIGUSR2, &info) == -1 && errno == EPERM);
    leave(3);
  }
  siginfo_t info;
  waitid(P_PID, (id_t)sender, &info, WEXITED | WNOWAIT);
  sigset_t pending;
  sigpending(&pending);
  SHOW(sigismember(&pending, SIGCHLD));
  sigset_t child_only;
  sigemptyset(&child_only), sigaddset(&child_only, SIGCHLD);
  SHOW(sigwaitinfo(&child_only, &info));
  SHOW(info.si_code == CLD_EXITED && info.si_pid == sender && info.si_status == 3);
  sigprocmask(SIG_SETMASK, &before, NULL);
  show_end("sender", sender);
  return 0;
}
