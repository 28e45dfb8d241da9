// A page of a mapping behind the end of its file is SIGBUS; the end of the last page of the file reads as zero.
//: args @root@
//: files
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  char path[4096];
  snprintf(path, sizeof path, "%s/poem.txt", argv[1]);
  const int fd = open(path, O_RDONLY);
  const long page = sysconf(_SC_PAGESIZE);
  volatile char* text = mmap(NULL, 2 * page, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  printf("%.9s, tail %d\n", (const char*)text, text[page - 1]);
  fflush(stdout);
  printf("%d\n", text[page]);
  return 0;
}
