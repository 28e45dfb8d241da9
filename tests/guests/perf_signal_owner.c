// F_SETOWN_EX: the signals of an event for a thread, whichever thread hits; waiting for them; what fcntl(2) refuses.
//: breakpoints
//: cpus 2
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static __thread int is_main;
static volatile int in_main, in_other;
static void handler(int number) { ++*(is_main ? &in_main : &in_other); }

static int fd;
static pthread_barrier_t turn;
static volatile int other_tid;
static void* other(void* unused) {
  other_tid = gettid();
  for (int i = 0; i < 2; ++i) {
    pthread_barrier_wait(&turn);
    store(4);
    pthread_barrier_wait(&turn);
  }
  return unused;
}

int main(void) {
  is_main = 1;
  sigaction(SIGRTMIN, &(struct sigaction){.sa_handler = handler}, NULL);
  pthread_t thread;
  pthread_barrier_init(&turn, NULL, 2);
  pthread_create(&thread, NULL, other, NULL);
  while (other_tid == 0) sched_yield();

  // Of an event of the other thread for this one, then of this one for the other.
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  fd = (int)open_as(&attr, other_tid, -1, -1, 0);
  struct f_owner_ex owner = {F_OWNER_TID, gettid()};
  fcntl(fd, F_SETSIG, SIGRTMIN), fcntl(fd, F_SETFL, O_ASYNC);
  printf("owner %s", outcome(fcntl(fd, F_SETOWN_EX, &owner)));
  owner = (struct f_owner_ex){0};
  const int got = fcntl(fd, F_GETOWN_EX, &owner);
  printf(", got %d, a thread %d, this one %d\n", got, owner.type == F_OWNER_TID, owner.pid == gettid());
  pthread_barrier_wait(&turn), pthread_barrier_wait(&turn);
  while (in_main + in_other < 4) usleep(1000);
  printf("the other's hits: in main %d, in the other %d, counted %ld\n", in_main, in_other, count(fd));
  close(fd);
  in_main = in_other = 0;

  fd = must_open(attr);
  owner = (struct f_owner_ex){F_OWNER_TID, other_tid};
  fcntl(fd, F_SETSIG, SIGRTMIN), fcntl(fd, F_SETOWN_EX, &owner), fcntl(fd, F_SETFL, O_ASYNC);
  store(3);
  while (in_main + in_other < 3) usleep(1000);
  printf("main's hits: in main %d, in the other %d, counted %ld\n", in_main, in_other, count(fd));
  pthread_barrier_wait(&turn), pthread_barrier_wait(&turn);
  printf("the other's, not watched: in main %d, in the other %d, counted %ld\n", in_main, in_other, count(fd));
  pthread_join(thread, NULL);

  // Signals waited for.
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN), sigprocmask(SIG_BLOCK, &set, NULL);
  owner = (struct f_owner_ex){F_OWNER_PID, getpid()};
  fcntl(fd, F_SETOWN_EX, &owner);
  ioctl(fd, PERF_EVENT_IOC_REFRESH, 2), store(5);
  for (int i = 0; i < 3; ++i) {
    siginfo_t info;
    const int number = sigtimedwait(&set, &info, &(struct timespec){0, i < 2 ? 999999999 : 0});
    if (number < 0) printf("none\n");
    else printf("signal SIGRTMIN %d, fd %d, %s; ", number == SIGRTMIN, info.si_fd == fd, info.si_code == POLL_HUP ? "HUP" : "IN");
  }

  owner = (struct f_owner_ex){7, getpid()};
  printf("owner of type 7: %s", outcome(fcntl(fd, F_SETOWN_EX, &owner)));
  owner = (struct f_owner_ex){F_OWNER_TID, 0x3ffffff};
  printf(", no such thread: %s", outcome(fcntl(fd, F_SETOWN_EX, &owner)));
  printf(", no such process: %s", outcome(fcntl(fd, F_SETOWN, 0x3ffffff)));
  printf(", signal 65: %s, -1: %s, 64: %s\n", outcome(fcntl(fd, F_SETSIG, 65)), outcome(fcntl(fd, F_SETSIG, -1)),
         outcome(fcntl(fd, F_SETSIG, 64)));
  return 0;
}
