// As many descriptors as there are, looked at again and again, by many.
//: memory 64M
//: cycles 200000000
//: status 152
//: says stopped after 200000000 cycles
#include "hostile.h"

int main(void) {
  struct pollfd polled[1024];
  int ends[2], count = 0;
  for (; count < 1024 && pipe(ends) != -1; count += 2) {
    polled[count] = (struct pollfd){ends[0], POLLIN};
    polled[count + 1] = (struct pollfd){ends[0], POLLPRI};
  }
  for (int i = 0; i < 4; ++i) fork();
  for (int i = 0; i < 200000; ++i) poll(polled, count, i % 8 == 0 ? 1 : 0);
}
