// Inherited events on threads: with inherit by those that are created later, with inherit_thread by threads but not by processes.
//: breakpoints
//: cpus 4
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static pthread_barrier_t barrier;
static void* work(void* argument) {
  store(100 * (int)(long)argument);
  pthread_barrier_wait(&barrier), pthread_barrier_wait(&barrier);  // the main thread reads between these
  store((int)(long)argument);
  return NULL;
}
static void in_threads(int fd) {
  pthread_t threads[4];
  const long before = count(fd);
  for (long i = 0; i < 4; ++i) pthread_create(&threads[i], NULL, work, (void*)(i + 1));
  pthread_barrier_wait(&barrier);
  printf(" threads running %ld", count(fd) - before);
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 4; ++i) pthread_join(threads[i], NULL);
  printf(", joined %ld", count(fd) - before);
}
static void* nested(void* depth) {
  pthread_t thread;
  store(10);
  if (depth != NULL) pthread_create(&thread, NULL, nested, (char*)depth - 1), pthread_join(thread, NULL);
  return NULL;
}

int main(void) {
  pthread_barrier_init(&barrier, NULL, 5);
  static const char* const names[3] = {"not inherited", "inherited", "by threads only"};
  for (unsigned kind = 0; kind < 3; ++kind) {
    struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
    attr.inherit = kind > 0;
    attr.inherit_thread = kind > 1;
    const int fd = must_open(&attr, 0, -1, -1);
    printf("%s:", names[kind]);
    store(3), in_threads(fd);
    const long before = count(fd);
    pthread_t thread;
    pthread_create(&thread, NULL, nested, (char*)NULL + 3), pthread_join(thread, NULL);
    printf(", nested %ld", count(fd) - before), fflush(stdout);
    const int child = fork();
    if (child == 0) store(10000), _exit(0);
    wait_for(child);
    printf(", with a process %ld", count(fd) - before), fflush(stdout);
    const int threaded = fork();
    if (threaded == 0) pthread_create(&thread, NULL, nested, NULL), pthread_join(thread, NULL), _exit(0);
    wait_for(threaded);
    printf(", its thread %ld", count(fd) - before), fflush(stdout);
    const int vforked = vfork();
    if (vforked == 0) store(7), _exit(0);
    wait_for(vforked);
    printf(", vfork %ld\n", count(fd) - before);
    close(fd);
  }
  return 0;
}
