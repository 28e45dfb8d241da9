// Only the watched field counts, not its neighbours in the same doubleword.
//: breakpoints
#include "breakpoint.h"

static volatile struct { char first; char second; short third; int fourth; long fifth; } _Alignas(8) record;

static void touch_all(void) { record.first = 1, record.second = 2, record.third = 3, record.fourth = 4, record.fifth = 5; }

static void watch(const char* name, volatile void* field, unsigned length) {
  const int fd = open_breakpoint(field, length, HW_BREAKPOINT_W);
  for (int i = 0; i < 13; ++i) touch_all();
  printf("%s %ld\n", name, count(fd));
  close(fd);
}

int main(void) {
  watch("first", &record.first, 1), watch("second", &record.second, 1), watch("third", &record.third, 2);
  watch("fourth", &record.fourth, 4), watch("fifth", &record.fifth, 8), watch("all of the first eight", &record.first, 8);
  return 0;
}
