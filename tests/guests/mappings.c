// mmap, munmap, mprotect, mremap, madvise: what they give and what they refuse.
//: args @root@
//: files
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static long page;
static const char* name_of(int number) { return number == 0 ? "ok" : strerrorname_np(number); }
static const char* outcome(int result) { return name_of(result == 0 ? 0 : errno); }
static char* map(void* at, long pages, int protection, int flags) {
  errno = 0;
  return mmap(at, (size_t)(pages * page), protection, flags | MAP_ANONYMOUS, -1, 0);
}

int main(int argc, char** argv) {
  page = sysconf(_SC_PAGESIZE);
  char* area = map(NULL, 8, PROT_READ | PROT_WRITE, MAP_PRIVATE);
  printf("aligned %d, zero %d\n", (uintptr_t)area % (uintptr_t)page == 0, area[0] | area[8 * page - 1]);
  area[5 * page] = 55;
  printf("hole %s, protect across it", outcome(munmap(area + 2 * page, (size_t)page)));
  printf(" %s", outcome(mprotect(area, (size_t)(4 * page), PROT_READ)));
  printf(", beside it %s, unmap again %s\n", outcome(mprotect(area, (size_t)(2 * page), PROT_READ)), outcome(munmap(area + 2 * page, (size_t)page)));
  char* fixed = map(area + 2 * page, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED);
  printf("into the hole %d", fixed == area + 2 * page);
  fixed = map(area + 3 * page, 1, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE);
  printf(", over another %d %s\n", fixed == MAP_FAILED, name_of(errno));
  fixed = map(area + 4 * page, 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED);
  printf("replaced %d, neighbour %d\n", fixed[0], area[5 * page]);
  char* moved = mremap(area + 5 * page, (size_t)(3 * page), (size_t)(64 * page), MREMAP_MAYMOVE);
  printf("grown %d %d", moved[0], moved[64 * page - 1]);
  char* shrunk = mremap(moved, (size_t)(64 * page), (size_t)page, 0);
  printf(", shrunk in place %d %d\n", shrunk == moved, shrunk[0]);
  printf("discard %s", outcome(madvise(moved, (size_t)page, MADV_DONTNEED)));
  printf(": %d\n", moved[0]);
  printf("no type %s", map(NULL, 1, PROT_READ, 0) == MAP_FAILED ? name_of(errno) : "ok");
  printf(", no size %s", map(NULL, 0, PROT_READ, MAP_PRIVATE) == MAP_FAILED ? name_of(errno) : "ok");
  printf(", absurd size %s", map(NULL, 1l << 45, PROT_READ, MAP_PRIVATE) == MAP_FAILED ? name_of(errno) : "ok");
  errno = 0;
  printf(", crooked %s", mmap(area + 1, (size_t)page, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? name_of(errno) : "ok");
  printf(", no file %s\n", mmap(NULL, (size_t)page, PROT_READ, MAP_PRIVATE, 77, 0) == MAP_FAILED ? name_of(errno) : "ok");
  printf("munmap: crooked %s, nothing %s, unmapped %s\n", outcome(munmap(area + 1, (size_t)page)), outcome(munmap(area, 0)),
         outcome(munmap((void*)(0x200000000), (size_t)page)));
  printf("mprotect: crooked %s, unmapped %s\n", outcome(mprotect(area + 1, (size_t)page, PROT_READ)),
         outcome(mprotect((void*)(0x200000000), (size_t)page, PROT_READ)));
  if (argc < 2) return 9;
  char path[4096];
  snprintf(path, sizeof path, "%s/numbers.txt", argv[1]);
  const int fd = open(path, O_RDONLY);
  char* file = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  file[0] = 'X';
  char* again = mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, fd, 0);
  printf("private %.3s, file %.3s\n", file, again);
  errno = 0;
  printf("shared and writable from a read-only file %s", mmap(NULL, (size_t)page, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? name_of(errno) : "ok");
  errno = 0;
  printf(", crooked offset %s\n", mmap(NULL, (size_t)page, PROT_READ, MAP_PRIVATE, fd, 100) == MAP_FAILED ? name_of(errno) : "ok");
  char* shared = map(NULL, 2, PROT_READ | PROT_WRITE, MAP_SHARED);
  shared[page] = 3;
  printf("shared anonymous %d\n", shared[page]);
  return 0;
}
