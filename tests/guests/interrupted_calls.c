// Every blocking call while an interval timer's handler keeps interrupting it: which end with EINTR, which are restarted by
// SA_RESTART, and which never show it.
//: args plain
//: args restart
//: cpus 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include "tasks.h"

static int empty[2], full[2], event;
static char byte, many[65536];
static uint32_t word;
static sem_t semaphore;
static pid_t child;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile int ticks, held;
static void (*volatile finish)(void);
static const struct timespec long_time = {1000, 0};

static void tick(int number) {
  (void)number;
  const int error = errno;
  if (++ticks == 3 && finish != NULL) finish();
  errno = error;
}

static void write_byte(void) { write(empty[1], "x", 1); }
static void drain(void) { for (char some[4096]; read(full[0], some, sizeof some) == sizeof some;) {} }
static void post(void) { sem_post(&semaphore); }
static void wake(void) { word = 1, syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0); }
static void add(void) { eventfd_write(event, 5); }
static void end_child(void) { kill(child, SIGKILL); }

static long reads(void) { return read(empty[0], &byte, 1); }
static long reads_vector(void) { return readv(empty[0], &(struct iovec){&byte, 1}, 1); }
static long writes(void) { return write(full[1], many, 100); }
static long reads_event(void) { uint64_t value; return read(event, &value, 8); }
static long waits(void) { return wait(NULL) == child ? 1 : -1; }
static long waits_id(void) { return waitid(P_ALL, 0, NULL, WEXITED); }
static long waits_four(void) { return wait4(child, NULL, 0, NULL) == child ? 1 : -1; }
static long waits_semaphore(void) { return sem_wait(&semaphore); }
static long waits_on_word(int operation) {
  const long got = syscall(SYS_futex, &word, operation, 0, NULL, NULL, 1);
  return got == -1 && errno == EAGAIN ? 0 : got;  // the word had been changed before
}
static long waits_futex(void) { return waits_on_word(FUTEX_WAIT); }
static long waits_futex_bitset(void) { return waits_on_word(FUTEX_WAIT_BITSET); }
static long waits_futex_timed(void) { return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &long_time, NULL, 0); }
static const struct timespec* far(clockid_t clock) {
  static struct timespec at;
  clock_gettime(clock, &at);
  at.tv_sec += 1000;
  return &at;
}
static long as_errno(int got) {
  errno = got;
  return got == 0 ? 0 : -1;
}
static long waits_semaphore_timed(void) { return sem_timedwait(&semaphore, far(CLOCK_REALTIME)); }
static long sleeps(void) { return nanosleep(&long_time, NULL); }
static long sleeps_clock(void) { return as_errno(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, NULL)); }
static long sleeps_until(void) { return as_errno(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, far(CLOCK_MONOTONIC), NULL)); }
static long sleeps_seconds(void) { return sleep(1000) > 900; }
static long sleeps_micro(void) { return usleep(900000); }
static long polls(void) { return poll(&(struct pollfd){.fd = empty[0], .events = POLLIN}, 1, -1); }
static long polls_timed(void) { return poll(&(struct pollfd){.fd = empty[0], .events = POLLIN}, 1, 1000000); }
static long polls_masked(void) { return ppoll(&(struct pollfd){.fd = empty[0], .events = POLLIN}, 1, &long_time, NULL); }
static fd_set* only_empty(void) {
  static fd_set set;
  FD_ZERO(&set);
  FD_SET(empty[0], &set);
  return &set;
}
static long selects(void) { return select(empty[0] + 1, only_empty(), NULL, NULL, NULL); }
static long selects_timed(void) { return select(0, NULL, NULL, NULL, &(struct timeval){1000, 0}); }
static long selects_masked(void) { return pselect(empty[0] + 1, only_empty(), NULL, NULL, &long_time, NULL); }
static long pauses(void) { return pause(); }
static const sigset_t* set_of(int number) {
  static sigset_t set;
  sigemptyset(&set);
  if (number != 0) sigaddset(&set, number);
  return &set;
}
static long suspends(void) { return sigsuspend(set_of(0)); }
static long takes(void) { return sigtimedwait(set_of(SIGUSR1), NULL, &long_time); }
static long takes_untimed(void) { return sigwaitinfo(set_of(SIGUSR1), NULL); }

// These three are ended by a thread that waits for some ticks.
static void* helps(void* unlocks) {
  pthread_mutex_lock(&mutex);
  held = 1;
  while (ticks < 4) pause_briefly();
  if (unlocks == (void*)2) pthread_cond_signal(&condition), held = 2;
  pthread_mutex_unlock(&mutex);
  return NULL;
}
static long with_helper(long how) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  held = 0;
  if (how == 2) pthread_mutex_lock(&mutex);
  pthread_create(&thread, NULL, helps, (void*)how);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  long got = 0;
  if (how == 1) {
    while (held == 0) sched_yield();
    got = pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
  }
  if (how == 2) {
    while (held != 2) got |= pthread_cond_wait(&condition, &mutex);
    pthread_mutex_unlock(&mutex);
  }
  got |= pthread_join(thread, NULL);
  return got;
}
static long locks(void) { return with_helper(1); }
static long waits_condition(void) { return with_helper(2); }
static long joins(void) { return with_helper(3); }

static const struct { const char* name; long (*call)(void); void (*finish)(void); } cases[] = {
  {"read", reads, write_byte}, {"readv", reads_vector, write_byte}, {"write", writes, drain}, {"read of an eventfd", reads_event, add},
  {"wait", waits, end_child}, {"waitid", waits_id, end_child}, {"wait4", waits_four, end_child},
  {"futex", waits_futex, wake}, {"futex of bits", waits_futex_bitset, wake}, {"sem_wait", waits_semaphore, post},
  {"futex with a timeout", waits_futex_timed, NULL}, {"sem_timedwait", waits_semaphore_timed, NULL}, {"nanosleep", sleeps, NULL},
  {"clock_nanosleep", sleeps_clock, NULL}, {"clock_nanosleep until", sleeps_until, NULL},
  {"sleep", sleeps_seconds, NULL}, {"usleep", sleeps_micro, NULL},
  {"poll", polls, NULL}, {"poll with a timeout", polls_timed, NULL}, {"ppoll", polls_masked, NULL}, {"select", selects, NULL},
  {"select with a timeout", selects_timed, NULL}, {"pselect", selects_masked, NULL}, {"pause", pauses, NULL}, {"sigsuspend", suspends, NULL},
  {"sigtimedwait", takes, NULL}, {"sigwaitinfo", takes_untimed, NULL},
  {"pthread_mutex_lock", locks, NULL}, {"pthread_cond_wait", waits_condition, NULL}, {"pthread_join", joins, NULL},
};

int main(int argc, char** argv) {
  const int restart = argc > 1 && strcmp(argv[1], "restart") == 0;
  struct sigaction action = {.sa_handler = tick, .sa_flags = restart ? SA_RESTART : 0};
  sigaction(SIGALRM, &action, NULL);
  pipe(empty), pipe(full);
  event = eventfd(0, 0);
  for (fcntl(full[1], F_SETFL, O_NONBLOCK); write(full[1], many, sizeof many) > 0;) {}
  fcntl(full[1], F_SETFL, 0);
  fcntl(full[0], F_SETFL, O_NONBLOCK);
  sem_init(&semaphore, 0, 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    child = fork_flushed();
    if (child == 0) for (;;) pause();
    ticks = 0, word = 0;
    finish = restart ? cases[i].finish : NULL;
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 1000}, {0, 1000}}, NULL);
    errno = 0;
    const long got = cases[i].call();
    const int error = errno;
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    printf("%s: %ld %s\n", cases[i].name, got, got == -1 ? strerrorname_np(error) : "");
    kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR) {}
  }
  return 0;
}
