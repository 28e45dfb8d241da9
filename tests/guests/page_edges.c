// Accesses that lie partly in an unmapped page: the part that is mapped does not change, and the signal is SIGSEGV.
//: args inside
//: args read-over
//: args write-over
//: args read-under
//: args write-under
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint64_t Word __attribute__((aligned(1)));

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  const long page = sysconf(_SC_PAGESIZE);
  unsigned char* area = mmap(NULL, (size_t)(4 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(area, (size_t)page), munmap(area + 3 * page, (size_t)page);
  unsigned char* const start = area + page;
  unsigned char* const end = area + 3 * page;
  memset(start, 7, (size_t)(2 * page));
  *(volatile Word*)(start + page - 3) = 0x0101010101010101;
  printf("%s %d %d %d\n", what, start[page - 4], start[page - 3], start[page + 4]);
  fflush(stdout);
  if (strcmp(what, "read-over") == 0) return (int)*(volatile Word*)(end - 3);
  if (strcmp(what, "write-over") == 0) *(volatile Word*)(end - 3) = 0;
  if (strcmp(what, "read-under") == 0) return (int)*(volatile Word*)(start - 3);
  if (strcmp(what, "write-under") == 0) *(volatile Word*)(start - 3) = 0;
  return start[0];
}
