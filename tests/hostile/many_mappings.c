// Mappings of a page each that cannot become one.
//: memory 64M
//: prints ENOMEM at vm.max_map_count
#include "hostile.h"

int main(void) {
  long count = 0;
  const size_t page = sysconf(_SC_PAGESIZE);
  while (map(page, count % 2 ? PROT_READ : PROT_READ | PROT_WRITE, 0) != MAP_FAILED) ++count;
  say("%s at %s\n", strerrorname_np(errno), count > 65000 && count <= 65530 ? "vm.max_map_count" : "another count");
}
