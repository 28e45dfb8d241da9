// What execve(2) keeps of signals: the mask, what is pending, what is ignored; handlers and the alternate stack go; a timer stays.
#define _GNU_SOURCE
#include <sys/time.h>
#include "tasks.h"

static void handler(int number) { (void)number; }
static char stack[65536];

static void show_state(const char* when) {
  static const int shown[] = {SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGCHLD, SIGTERM, 40, 64};
  sigset_t mask, pending;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  sigpending(&pending);
  printf("%s\n", when);
  for (size_t i = 0; i < sizeof shown / sizeof *shown; ++i) {
    struct sigaction action;
    sigaction(shown[i], NULL, &action);
    const char* does = action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "handled";
    printf(" %d %s%s%s\n", shown[i], does, sigismember(&mask, shown[i]) ? " blocked" : "", sigismember(&pending, shown[i]) ? " pending" : "");
  }
  stack_t alternate;
  sigaltstack(NULL, &alternate);
  printf(" alternate stack %s\n", alternate.ss_flags & SS_DISABLE ? "none" : "set");
}

int main(int argc, char** argv) {
  (void)argv;
  if (argc > 1) {
    show_state("after");
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    printf(" flags %d, mask %d\n", action.sa_flags & (SA_SIGINFO | SA_RESTART | SA_ONSTACK), sigismember(&action.sa_mask, SIGTERM));
    // The timer set before goes on; its signal, which nobody handles now, ends the process.
    struct itimerval left;
    getitimer(ITIMER_REAL, &left);
    printf(" timer %d\n", left.it_value.tv_sec > 100 && left.it_interval.tv_usec == 7000);
    alarm(0);
    // What was queued before is delivered, with its value.
    sigset_t queued;
    sigemptyset(&queued), sigaddset(&queued, 40);
    siginfo_t info;
    for (int i = 0; i < 2; ++i) printf(" took %d", sigwaitinfo(&queued, &info)), printf(" value %d\n", info.si_value.sival_int);
    fflush(stdout);
    sigset_t usr2;
    sigemptyset(&usr2), sigaddset(&usr2, SIGUSR2);
    sigprocmask(SIG_UNBLOCK, &usr2, NULL);
    return 1;
  }
  const pid_t child = fork_flushed();
  if (child == 0) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK};
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL), sigaction(SIGUSR1, &action, NULL), sigaction(SIGUSR2, &action, NULL), sigaction(64, &action, NULL);
    signal(SIGHUP, SIG_IGN), signal(SIGPIPE, SIG_IGN), signal(SIGTERM, SIG_DFL), signal(SIGCHLD, SIG_DFL);
    sigset_t mask;
    sigemptyset(&mask), sigaddset(&mask, SIGUSR2), sigaddset(&mask, SIGTERM), sigaddset(&mask, 40), sigaddset(&mask, 64);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    raise(SIGUSR2);
    sigqueue(getpid(), 40, (union sigval){.sival_int = 1234});
    sigqueue(getpid(), 40, (union sigval){.sival_int = 5678});
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {1000, 0}, .it_interval = {0, 7000}}, NULL);
    show_state("before");
    fflush(stdout);
    execl("/proc/self/exe", "again", "after", NULL);
    leave(99);
  }
  show_end("it", child);
  return 0;
}
