// ioctl(2) commands that an event does not know, or that are not for a breakpoint.
//: breakpoints
#include "perf.h"
#include <sys/ioctl.h>

static volatile long long watched;
static int fd;
static void tell(const char* what, unsigned long command, unsigned long argument) {
  errno = 0;
  printf("%s: %s\n", what, outcome(ioctl(fd, command, argument)));
}

int main(void) {
  for (int period = 0; period < 2; ++period) {
    fd = must_open(sampling(&watched, 8, period, PERF_SAMPLE_IP));
    printf(period ? "sampling\n" : "counting\n");
    tell("0", 0, 0);
    tell("0x2400 + 12", _IO('$', 12), 0);
    tell("ENABLE with a size", _IOW('$', 0, int), 0);
    tell("ENABLE with a strange flag", PERF_EVENT_IOC_ENABLE, 6);
    tell("terminal's", 0x5401, 0);
    tell("bytes to read", FIONREAD, (unsigned long)&(int){0});
    tell("non-blocking", FIONBIO, (unsigned long)&(int){0});
    tell("SET_FILTER", PERF_EVENT_IOC_SET_FILTER, (unsigned long)"ip == 0");
    tell("SET_FILTER, no memory", PERF_EVENT_IOC_SET_FILTER, 8);
    tell("SET_BPF", PERF_EVENT_IOC_SET_BPF, 77);
    tell("SET_OUTPUT to a closed descriptor", PERF_EVENT_IOC_SET_OUTPUT, 77);
    tell("SET_OUTPUT to standard output", PERF_EVENT_IOC_SET_OUTPUT, 1);
    tell("SET_OUTPUT to itself", PERF_EVENT_IOC_SET_OUTPUT, fd);
    tell("SET_OUTPUT to none", PERF_EVENT_IOC_SET_OUTPUT, -1);
    tell("PAUSE_OUTPUT without a buffer", PERF_EVENT_IOC_PAUSE_OUTPUT, 1);
    tell("ID to no memory", PERF_EVENT_IOC_ID, 8);
    tell("PERIOD from no memory", PERF_EVENT_IOC_PERIOD, 8);
    tell("MODIFY_ATTRIBUTES from no memory", PERF_EVENT_IOC_MODIFY_ATTRIBUTES, 8);
    char byte;
    printf("write %s, lseek %s, ", outcome(write(fd, &byte, 1)), outcome(lseek(fd, 0, SEEK_SET)));
    printf("pread %s, fsync %s, ftruncate %s\n", outcome(pread(fd, &byte, 8, 0)), outcome(fsync(fd)), outcome(ftruncate(fd, 0)));
    close(fd);
  }
  return 0;
}
