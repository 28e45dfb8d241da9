// CPUs that go and come under a program with perf events on them: what it sees of it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile long word;

static void show(const char* name) {
  char path[100], text[100];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/%s", name);
  const int fd = open(path, O_RDONLY);
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  text[size < 0 ? 0 : size] = '\0';
  printf("%s: %s", name, text);
}

static int put(int cpu, const char* text) {
  char path[100];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/online", cpu);
  const int fd = open(path, O_WRONLY);
  if (fd < 0) return -errno;
  const ssize_t done = write(fd, text, strlen(text));
  const int result = done < 0 ? -errno : (int)done;
  close(fd);
  return result;
}

static int counter(int cpu) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_BREAKPOINT;
  attr.size = sizeof attr;
  attr.bp_type = HW_BREAKPOINT_W;
  attr.bp_addr = (uintptr_t)&word;
  attr.bp_len = sizeof word;
  const int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, 0);
  return fd < 0 ? -errno : fd;
}

static long count(int fd) {
  uint64_t value = 0;
  return read(fd, &value, sizeof value) == sizeof value ? (long)value : -errno;
}

static int pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  show("online");
  show("offline");
  show("possible");
  const int first = counter(1);
  printf("pinned %d\n", pin(1));
  ++word;
  ++word;
  printf("counted %ld on CPU %d\n", count(first), sched_getcpu());
  // What runs there goes on elsewhere; the event is off.
  printf("offline %d\n", put(1, "0\n"));
  printf("elsewhere %d, %ld CPUs\n", sched_getcpu() != 1, sysconf(_SC_NPROCESSORS_ONLN));
  show("online");
  show("offline");
  show("cpu1/online");
  ++word;
  printf("counted %ld\n", count(first));
  close(first);
  printf("an event there %d", counter(1));
  printf(", a task %d", pin(1));
  printf(", again %d", put(1, "off"));
  printf(", nonsense %d\n", put(1, "x"));
  // It comes back without.
  printf("online %d", put(1, "on"));
  printf(", pinned %d\n", pin(1));
  const int second = counter(1);
  ++word;
  put(1, "n");
  put(1, "y");
  pin(1);
  ++word;
  printf("enabled %d\n", ioctl(second, PERF_EVENT_IOC_ENABLE, 0));
  ++word;
  printf("counted %ld\n", count(second));
  for (int cpu = 3; cpu >= 0; --cpu) printf("CPU %d offline: %d\n", cpu, put(cpu, "0"));
  show("online");
  for (int cpu = 3; cpu >= 0; --cpu) put(cpu, "1");
  show("online");
  return 0;
}
