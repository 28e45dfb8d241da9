// Pipes by the rules: O_NONBLOCK, partial and atomic writes, sizes, what the ends refuse, and pipe2's flags.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include "tasks.h"

static long fill(int fd, size_t chunk) {
  char* const bytes = calloc(1, chunk);
  long sum = 0;
  for (ssize_t put; (put = write(fd, bytes, chunk)) > 0;) sum += put;
  printf("full: %s\n", strerrorname_np(errno));
  free(bytes);
  return sum;
}

int main(void) {
  int ends[2];
  TRY(pipe((int*)8));
  TRY(pipe2(ends, 1));
  TRY(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
  SHOW((fcntl(ends[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDONLY | O_NONBLOCK));
  SHOW((fcntl(ends[1], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_WRONLY | O_NONBLOCK));
  SHOW(fcntl(ends[0], F_GETFD) == FD_CLOEXEC && fcntl(ends[1], F_GETFD) == FD_CLOEXEC);
  char bytes[100];
  TRY(read(ends[0], bytes, 100));
  TRY(read(ends[0], bytes, 0));
  TRY(read(ends[1], bytes, 1));
  TRY(write(ends[0], bytes, 1));
  TRY(lseek(ends[0], 0, SEEK_CUR));
  TRY(pread(ends[0], bytes, 1, 0));
  TRY(pwrite(ends[1], bytes, 1, 0));
  TRY(ftruncate(ends[1], 1));
  TRY(fsync(ends[1]));
  TRY(read(ends[0], (char*)8, 1));
  TRY(write(ends[1], (char*)8, 1));
  SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, ends[0], 0) == MAP_FAILED && errno == ENODEV);
  struct stat about;
  TRY(fstat(ends[0], &about));
  SHOW(S_ISFIFO(about.st_mode));
  SHOW(about.st_nlink == 1 && about.st_size == 0);

  // Sizes: pages, and a power of two of them.
  const long size = fcntl(ends[0], F_GETPIPE_SZ), page = sysconf(_SC_PAGESIZE);
  SHOW(size >= page && size % page == 0 && (size & (size - 1)) == 0);
  SHOW(fill(ends[1], 1) == size);
  int waiting = 0;
  TRY(ioctl(ends[0], FIONREAD, &waiting));
  SHOW(waiting == size);
  TRY(write(ends[1], bytes, 1));
  for (int i = 0; i < waiting; i += 64) read(ends[0], bytes, 64);
  TRY(read(ends[0], bytes, 1));
  TRY(fcntl(ends[1], F_SETPIPE_SZ, 100000));
  TRY(fcntl(ends[0], F_GETPIPE_SZ));
  TRY(fcntl(ends[1], F_SETPIPE_SZ, -1));
  TRY(fcntl(0, F_GETPIPE_SZ));
  SHOW(fill(ends[1], 1000) > 120000);
  TRY(ioctl(ends[1], FIONREAD, &waiting));
  SHOW(waiting > 120000 && waiting <= 131072);
  while (read(ends[0], bytes, sizeof bytes) > 0) {}

  // Written in full or not at all up to PIPE_BUF; above that, as much as there is room for.
  static char large[300000];
  const long put = write(ends[1], large, sizeof large);
  SHOW(put);
  TRY(write(ends[1], large, 4096));
  while (read(ends[0], large, sizeof large) > 0) {}
  // Vectors go in and come out as one run of bytes.
  struct iovec parts[3] = {{"one", 3}, {NULL, 0}, {"two!", 4}};
  TRY(writev(ends[1], parts, 3));
  char a[5] = "", b[5] = "";
  struct iovec targets[2] = {{a, 4}, {b, 4}};
  TRY(readv(ends[0], targets, 2));
  printf("%s %s\n", a, b);
  // A descriptor can be made blocking and not, for all its duplicates.
  const int duplicate = dup(ends[0]);
  TRY(fcntl(duplicate, F_SETFL, 0));
  SHOW(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
  TRY(close(ends[1]));
  TRY(read(duplicate, bytes, 1));
  TRY(fcntl(duplicate, F_SETFL, O_NONBLOCK));
  TRY(read(ends[0], bytes, 1));
  TRY(close(ends[1]));
  return 0;
}
