// A size that a call is given is no memory of ours before it is looked at: one of 4 GiB for an auxiliary vector.
//: memory 160M
//: cycles 20000000
//: status 152
//: says stopped after 20000000 cycles
#include "hostile.h"

#include <linux/prctl.h>
#include <sys/prctl.h>

// Where the heap begins (proc(5), stat: start_brk is the 47th field).
static unsigned long start_of_heap(void) {
  char text[1024] = "";
  read(open("/proc/self/stat", O_RDONLY), text, sizeof text - 1);
  char* at = text;
  for (int field = 1; field < 47; ++field) at = strchr(at, ' ') + 1;
  return strtoul(at, NULL, 10);
}

int main(void) {
  const unsigned long at = start_of_heap();  // any address of a program will do
  struct prctl_mm_map map = {.start_code = at, .end_code = at + 1, .start_data = at, .end_data = at, .start_brk = at,
                             .brk = (unsigned long)sbrk(0), .start_stack = at, .arg_start = at, .arg_end = at,
                             .env_start = at, .env_end = at, .auxv = (void*)at, .auxv_size = 0xfffffff0, .exe_fd = -1};
  for (;;) prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0);
}
