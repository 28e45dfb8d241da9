#include <signal.h>
#include <stdio.h>

volatile long produced, consumed, failures;
static volatile int alarms;

static void on_trap(int signal) {
  (void)signal;
  alarms += 1;
}

int main(void) {
  signal(SIGTRAP, on_trap);
  for (int i = 0; i < @{4 * period}; ++i) {
    produced = i + 1;
    if (i % 3 == 2) consumed += 1;
  }
  for (int i = 0; i < @{fails}; ++i) failures += 1;
  printf("%d alarms\n", alarms);
  return 0;
}
