// An inherited event counts in the children, and in theirs, too: its value is the sum of all, while they live and after their
// exit; ioctl(2) reaches those that live, and a reset leaves what those that are gone have added.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static int go[2], done[2];
static void wait_byte(int fd) { char byte; if (read(fd, &byte, 1) != 1) _exit(9); }
static void send_byte(int fd) { if (write(fd, "", 1) != 1) _exit(9); }
static void let_child() { send_byte(go[1]), wait_byte(done[0]); }

int main(void) {
  if (pipe(go) != 0 || pipe(done) != 0) return 1;
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  no_exchange();
  attr.inherit = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  store(3);
  const int child = fork();
  if (child == 0) {
    for (int round = 0; round < 6; ++round) wait_byte(go[0]), store(10), send_byte(done[1]);
    wait_byte(go[0]);
    const int grandchild = fork();
    if (grandchild == 0) store(1000), _exit(0);
    wait_for(grandchild), send_byte(done[1]);
    close(fd);  // one of two descriptors
    wait_byte(go[0]), store(100), _exit(0);
  }
  printf("%ld", count(fd));
  let_child(), printf(" child %ld", count(fd));
  store(1), printf(" own %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  let_child(), store(1), printf("disabled %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  let_child(), store(1), printf("enabled %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  printf("reset %ld", count(fd));
  let_child(), store(1), printf(" then %ld\n", count(fd));
  let_child(), let_child(), printf("twice more %ld\n", count(fd));
  let_child(), printf("with the grandchild, gone %ld\n", count(fd));
  send_byte(go[1]);
  printf("child %d", wait_for(child)), printf(": %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  printf("reset after its end %ld\n", count(fd));
  store(5), printf("%ld\n", count(fd));
  // A child is born while the event is disabled, and enabled with it.
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  const long before = count(fd);
  const int second = fork();
  if (second == 0) {
    store(10), send_byte(done[1]), wait_byte(go[0]), store(20), send_byte(done[1]), wait_byte(go[0]), store(40), _exit(0);
  }
  wait_byte(done[0]), printf("born disabled %ld", count(fd) - before);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  let_child(), printf(", enabled %ld", count(fd) - before);
  close(fd);  // the child's goes with it, at its parent's close
  send_byte(go[1]), printf(", closed %d\n", wait_for(second));
  return 0;
}
