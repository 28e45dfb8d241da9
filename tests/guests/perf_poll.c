// poll(2) of an event: POLLHUP without a buffer; with one POLLIN, once, when wakeup_events or wakeup_watermark says so.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) {
  for (int i = 0; i < times; ++i) {
    watched = i;
    for (volatile int wait = 0; wait < 300; ++wait) {}
  }
}

static int fd;
static const char* polled_for(short events) {
  static char text[64];
  struct pollfd polled = {fd, events, 0};
  const int ready = poll(&polled, 1, 0);
  const struct { short bit; const char* name; } names[] = {
      {POLLIN, " IN"}, {POLLRDNORM, " RDNORM"}, {POLLOUT, " OUT"}, {POLLERR, " ERR"}, {POLLHUP, " HUP"}};
  int size = sprintf(text, "%d", ready);
  for (int i = 0; i < 5; ++i)
    if (polled.revents & names[i].bit) size += sprintf(text + size, "%s", names[i].name);
  return text;
}
static const char* polled(void) { return polled_for(POLLIN | POLLRDNORM | POLLOUT); }

// After how many hits of `times` poll says something.
static void tell(const char* what, struct perf_event_attr attr, unsigned pages, int times) {
  fd = must_open(attr);
  struct ring ring = map_ring(fd, pages);
  printf("%s:", what);
  for (int hit = 1; hit <= times; ++hit) {
    store(1);
    const char* const text = polled();
    if (*text != '0') printf(" %d(%s)", hit, text);
  }
  printf("\n");
  close(fd), unmap_ring(&ring);
}

// The same up to a buffer that is full, in samples relative to it.
static void tell_full(const char* what, struct perf_event_attr attr) {
  fd = must_open(attr);
  struct ring ring = map_ring(fd, 1);
  const int capacity = (int)(ring.size / 16);
  printf("%s:", what);
  for (int hit = 1; hit <= capacity + 2; ++hit) {
    watched = hit;
    const char* const text = polled();
    if (*text != '0') printf(" half + %d (%s)", hit - capacity / 2, text);
  }
  printf("\n");
  close(fd), unmap_ring(&ring);
}

int main(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_ADDR);  // 16 bytes a sample
  attr.wakeup_events = 1;
  fd = must_open(attr);
  printf("no buffer: %s", polled());
  store(3), printf(", after hits: %s\n", polled());
  struct ring ring = map_ring(fd, 1);
  printf("a new buffer: %s", polled());
  store(3), printf(", after hits: %s", polled()), printf(", then: %s", polled());
  store(1), printf(", for POLLOUT: %s", polled_for(POLLOUT)), printf(", then: %s", polled());
  store(1), printf(", for nothing: %s", polled_for(0)), printf(", then: %s\n", polled());
  take_samples(&ring);
  printf("all read: %s", polled());
  store(1), take_samples(&ring), printf(", hit and read: %s", polled());
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), printf(", disabled: %s", polled());
  unmap_ring(&ring), printf(", unmapped: %s\n", polled());
  close(fd);

  tell("wakeup_events 1", attr, 1, 5);
  attr.wakeup_events = 3;
  tell("wakeup_events 3", attr, 1, 12);
  attr.sample_period = 4;
  tell("wakeup_events 3, period 4", attr, 1, 30);
  attr.sample_period = 1;
  attr.wakeup_events = 0;
  tell("wakeup_events 0", attr, 1, 12);
  attr.watermark = 1;
  attr.wakeup_watermark = 1;
  tell("watermark 1", attr, 1, 5);
  attr.wakeup_watermark = 16;
  tell("watermark 16", attr, 1, 8);
  attr.wakeup_watermark = 17;
  tell("watermark 17", attr, 1, 8);
  attr.wakeup_watermark = 32;
  tell("watermark 32", attr, 1, 10);
  attr.wakeup_watermark = 100;
  tell("watermark 100", attr, 1, 40);
  attr.wakeup_watermark = 0;
  tell_full("watermark 0", attr);
  attr.wakeup_watermark = 100000000;
  tell_full("watermark of more than the buffer", attr);
  attr.watermark = 0;
  attr.wakeup_events = 0;
  tell_full("wakeup_events 0, until it is full", attr);
  attr.wakeup_events = 100000;
  tell_full("wakeup_events 100000, until it is full", attr);
  attr.sample_period = 0, attr.wakeup_events = 1;
  tell("a counting event", attr, 1, 5);
  return 0;
}
