// signalfd(2): pending signals that are read and polled, of whoever reads; what of siginfo_t is there; and what is refused.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include "tasks.h"

static int fd;
static sigset_t set;

static void show_read(const char *what) {
  struct signalfd_siginfo info = {0};
  errno = 0;
  const ssize_t got = read(fd, &info, sizeof info);
  if (got < 0) {
    printf("%s: %s\n", what, strerrorname_np(errno));
    return;
  }
  printf("%s: %zd bytes, signal %u, code %d, own %d, uid %u, int %d, ptr %llx, status %d, fd %d, addr %llx\n", what, got,
         info.ssi_signo, info.ssi_code, info.ssi_pid == (unsigned)getpid(), info.ssi_uid, info.ssi_int,
         (unsigned long long)info.ssi_ptr, info.ssi_status, info.ssi_fd, (unsigned long long)info.ssi_addr);
}

static void *thread(void *unused) {
  raise(SIGUSR2);  // for this thread alone
  show_read("thread");
  return 0;
}

int main(void) {
  sigfillset(&set);
  TRY(syscall(SYS_signalfd4, -1, &set, 4, 0));
  TRY(syscall(SYS_signalfd4, -1, 8, 8, 0));
  TRY(syscall(SYS_signalfd4, -1, &set, 8, 1));
  TRY(signalfd(0, &set, 0));
  TRY(signalfd(77, &set, 0));
  sigdelset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, 0);
  fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD) == FD_CLOEXEC && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  char bytes[300];
  TRY(read(fd, bytes, 127));
  TRY(write(fd, bytes, 128));
  show_read("nothing");
  struct pollfd poll_for = {fd, POLLIN | POLLOUT, 0};
  SHOW(poll(&poll_for, 1, 0));

  kill(getpid(), SIGUSR1);
  SHOW(poll(&poll_for, 1, 0));
  SHOW(poll_for.revents == POLLIN);
  show_read("kill");
  raise(SIGUSR1);
  show_read("tgkill");
  sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_ptr = (void *)0x126700001267});
  sigqueue(getpid(), SIGRTMIN + 3, (union sigval){.sival_ptr = (void *)0x126800001268});
  show_read("sigqueue");
  show_read("sigqueue");
  show_read("no more");

  // Several at once, those with the lower numbers first.
  kill(getpid(), SIGUSR2), kill(getpid(), SIGHUP), kill(getpid(), SIGALRM);
  SHOW(read(fd, bytes, sizeof bytes));
  printf("%u, %u\n", ((struct signalfd_siginfo *)bytes)[0].ssi_signo, ((struct signalfd_siginfo *)bytes)[1].ssi_signo);
  show_read("the rest");

  // Other signals for the same file.
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR2);
  SHOW(signalfd(fd, &one, 0) == fd);
  kill(getpid(), SIGUSR1);
  show_read("not this one");
  signalfd(fd, &set, 0);
  show_read("now");

  // A child that ends, waited for by poll(2) and by a read that blocks.
  for (int blocking = 0; blocking < 2; ++blocking) {
    fcntl(fd, F_SETFL, blocking ? 0 : O_NONBLOCK);
    const pid_t child = fork_flushed();
    if (child == 0) _exit(3);
    if (!blocking) SHOW(poll(&poll_for, 1, -1));
    show_read("child");
    waitpid(child, 0, 0);
  }

  // Who reads gets what is pending for it: a child of a fork nothing of its parent's, a thread its own.
  fcntl(fd, F_SETFL, O_NONBLOCK);
  kill(getpid(), SIGUSR1);
  const pid_t child = fork_flushed();
  if (child == 0) {
    show_read("another process");
    exit(0);
  }
  waitpid(child, 0, 0);
  show_read("parent");
  show_read("its child's end");
  pthread_t other;
  pthread_create(&other, 0, thread, 0);
  pthread_join(other, 0);
  show_read("main thread");

  // A timer's.
  fcntl(fd, F_SETFL, 0);
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 20000}, 0);
  show_read("itimer");
  return 0;
}
