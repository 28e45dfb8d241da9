// Buffers and counts that reach out of where user memory may be, whatever is there to transfer; positions that overflow.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include "show.h"

int main(void) {
  const int f = memfd_create("m", 0);
  int ends[2];
  pipe(ends);
  static char b[64];
  write(f, "0123456789", 10);
  TRY(pread(f, b, -1, 0));
  TRY(read(f, b, -1));
  TRY(write(ends[1], b, -1));
  TRY(pwrite(f, b, -1, 0));
  TRY(pread(f, b, 1UL << 60, 0));
  TRY(read(f, (void*)-1, 0));
  TRY(write(f, (void*)-1, 0));
  struct iovec two[2] = {{b, 1UL << 62}, {b, 1}};
  TRY(readv(f, two, 2));
  two[0] = (struct iovec){(void*)-1, 0};
  TRY(writev(ends[1], two, 2));
  two[1].iov_len = -1;
  TRY(readv(f, two, 2));
  lseek(f, 0x7fffffffffffffff, SEEK_SET);
  TRY(lseek(f, 1, SEEK_CUR));
  TRY(lseek(f, 0, SEEK_CUR));
  return 0;
}
