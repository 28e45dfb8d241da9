// remap_file_pages(2): pages of a shared mapping in another order; what it refuses.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "show.h"

int main(void) {
  const size_t page = sysconf(_SC_PAGESIZE);
  const int fd = memfd_create("pages", 0);
  ftruncate(fd, 4 * page);
  char* const at = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  for (int i = 0; i < 4; ++i) at[i * page] = '0' + i;
  TRY(remap_file_pages(at, page, 0, 3, 0));
  TRY(remap_file_pages(at + 3 * page, page, 0, 0, 0));
  printf("%c%c%c%c\n", at[0], at[page], at[2 * page], at[3 * page]);
  at[0] = 'x';
  char last;
  pread(fd, &last, 1, 3 * page);
  printf("the file's last page: %c\n", last);
  // Over mappings that follow each other without holes.
  TRY(remap_file_pages(at, 4 * page, 0, 0, MAP_NONBLOCK));
  printf("%c%c%c%c\n", at[0], at[page], at[2 * page], at[3 * page]);
  TRY(remap_file_pages(at, page, PROT_READ, 0, 0));
  TRY(remap_file_pages(at, page - 1, 0, 0, 0));
  TRY(remap_file_pages(at, -page, 0, 0, 0));
  TRY(remap_file_pages(at, page, 0, -1L, 0));
  TRY(remap_file_pages(at, 5 * page, 0, 0, 0));
  mprotect(at + page, page, PROT_READ);
  TRY(remap_file_pages(at, 3 * page, 0, 0, 0));
  munmap(at + page, page);
  TRY(remap_file_pages(at, 3 * page, 0, 0, 0));
  TRY(remap_file_pages(at + page, page, 0, 0, 0));
  char* const own = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  TRY(remap_file_pages(own, page, 0, 1, 0));
  TRY(remap_file_pages(NULL, 0, 0, 0, 0));
  return 0;
}
