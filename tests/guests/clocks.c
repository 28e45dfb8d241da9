// Clocks go on and never back; conversions of dates are right.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <errno.h>

static double seconds(clockid_t clock) {
  struct timespec now;
  return clock_gettime(clock, &now) != 0 ? -1 : (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void steps(const char* name, clockid_t clock) {
  int back = 0, moved = 0;
  const double start = seconds(clock);
  double last = start;
  for (int i = 0; i < 1000; ++i) {
    const double now = seconds(clock);
    back |= now < last, moved |= now > start;
    last = now;
  }
  struct timespec resolution;
  printf("%s: back %d, moved %d, getres %d\n", name, back, moved, clock_getres(clock, &resolution));
}

int main(void) {
  steps("realtime", CLOCK_REALTIME), steps("monotonic", CLOCK_MONOTONIC), steps("boottime", CLOCK_BOOTTIME);
  steps("process", CLOCK_PROCESS_CPUTIME_ID), steps("thread", CLOCK_THREAD_CPUTIME_ID);
  const double before = seconds(CLOCK_MONOTONIC);
  const struct timespec wait = {0, 20000000};
  printf("nanosleep %d", nanosleep(&wait, NULL));
  printf(", long enough %d\n", seconds(CLOCK_MONOTONIC) - before >= 0.02);
  const struct timespec wrong = {0, 1000000000};
  printf("wrong %d", nanosleep(&wrong, NULL));
  printf(" errno %d\n", errno);
  struct timeval day;
  gettimeofday(&day, NULL);
  const time_t now = time(NULL);
  printf("this century %d, agree %d\n", day.tv_sec >= 946684800, now - day.tv_sec <= 1);
  printf("steady clock set %d\n", clock_settime(CLOCK_MONOTONIC, &wrong) == -1 && errno == EINVAL);
  struct tms times_now;
  struct rusage usage;
  printf("times %d, rusage %d, clock %d\n", times(&times_now) != (clock_t)-1, getrusage(RUSAGE_SELF, &usage), clock() != (clock_t)-1);
  const time_t moment = 1234567890;
  struct tm parts;
  gmtime_r(&moment, &parts);
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %A %j %U", &parts);
  printf("%s, back %lld\n", text, (long long)timegm(&parts));
  parts = (struct tm){.tm_year = 124, .tm_mon = 1, .tm_mday = 30, .tm_hour = 25};
  const time_t normal = timegm(&parts);
  printf("%s", asctime(gmtime(&normal)));
  return 0;
}
