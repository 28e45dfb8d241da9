// Waiting in poll(2), ppoll and select for an event that another thread hits, and for the end of that thread.
//: breakpoints
//: cpus 2
#include "perf.h"
#include <sys/select.h>

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static pthread_barrier_t turn;
static volatile int times_to_store, tid;
static void* storing(void* unused) {
  tid = gettid();
  for (;;) {
    pthread_barrier_wait(&turn);
    if (times_to_store == 0) return unused;
    usleep(2000);
    store(times_to_store);
  }
}
static void let_store(int times) { times_to_store = times, pthread_barrier_wait(&turn); }

int main(void) {
  pthread_t thread;
  pthread_barrier_init(&turn, NULL, 2);
  pthread_create(&thread, NULL, storing, NULL);
  while (tid == 0) sched_yield();
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);
  attr.wakeup_events = 4;
  const int fd = (int)open_as(&attr, tid, -1, -1, 0);
  struct ring ring = map_ring(fd, 1);

  struct pollfd polled = {fd, POLLIN, 0};
  let_store(4);
  int ready = poll(&polled, 1, -1);
  printf("poll %d, IN %d, samples %ld\n", ready, polled.revents == POLLIN, take_samples(&ring));
  let_store(4);
  ready = ppoll(&polled, 1, &(struct timespec){20}, NULL);
  printf("ppoll %d, IN %d, samples %ld\n", ready, polled.revents == POLLIN, take_samples(&ring));
  let_store(3);
  ready = poll(&polled, 1, 30);
  printf("poll with one hit missing %d, samples %ld\n", ready, take_samples(&ring));
  let_store(1);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
  ready = select(fd + 1, &set, NULL, NULL, NULL);
  printf("select %d, set %d, samples %ld\n", ready, FD_ISSET(fd, &set) != 0, take_samples(&ring));

  let_store(0);
  ready = poll(&polled, 1, -1);
  printf("its end: poll %d, HUP %d\n", ready, polled.revents == POLLHUP);
  pthread_join(thread, NULL);
  FD_ZERO(&set);
  FD_SET(fd, &set);
  printf("select %d", select(fd + 1, &set, NULL, NULL, NULL));
  printf(", counted %ld\n", count(fd));
  return 0;
}
