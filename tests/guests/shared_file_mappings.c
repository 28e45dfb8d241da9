// A file mapped by several, and written to: all see it at once, and what is past its end is SIGBUS.
//: scratch
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static sigjmp_buf out;
static void bus(int signal, siginfo_t* info, void* context) { siglongjmp(out, info->si_code); }
static int touch(volatile char* at) {
  const int code = sigsetjmp(out, 1);
  if (code == 0) (void)*at;
  return code;
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  const long P = sysconf(_SC_PAGESIZE);
  struct sigaction action = {.sa_sigaction = bus, .sa_flags = SA_SIGINFO};
  sigaction(SIGBUS, &action, NULL);
  int fd = open("f", O_RDWR | O_CREAT, 0600);
  SHOW(ftruncate(fd, 2 * P + 100) == 0);
  char* w = mmap(0, 3 * P, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char* r = mmap(0, 3 * P, PROT_READ, MAP_SHARED, fd, 0);
  char* p = mmap(0, 3 * P, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  char b[16] = "";
  strcpy(w + P, "stored");
  SHOW(pread(fd, b, 6, P)); puts(b); puts(r + P); puts(p + P);
  SHOW(pwrite(fd, "written", 8, P) == 8); puts(w + P); puts(r + P);
  strcpy(p + P, "private");
  SHOW(pwrite(fd, "again", 6, P) == 6); puts(p + P); puts(r + P);
  if (fork() == 0) {
    strcpy(w, "from the child");
    _exit(0);
  }
  wait(NULL);
  puts(r);
  SHOW(lseek(fd, 0, SEEK_SET)); SHOW(read(fd, b, 15)); puts(b);
  SHOW(msync(w, 3 * P, MS_SYNC)); SHOW(msync(w, P, MS_ASYNC)); SHOW(fsync(fd));

  // Past the end.
  w[2 * P + 200] = 'x';  // in the last page, and not in the file
  SHOW(touch(w + 2 * P)); SHOW(touch(w + 2 * P + 5));
  SHOW(ftruncate(fd, P + 10) == 0);
  SHOW(touch(w + 2 * P) == BUS_ADRERR); SHOW(touch(r + 2 * P) == BUS_ADRERR); SHOW(touch(p + 2 * P) == BUS_ADRERR);
  SHOW(touch(w + P)); puts(r + P);
  strcpy(w + P + 20, "lost");
  SHOW(ftruncate(fd, 3 * P) == 0);
  SHOW(w[2 * P + 200]); SHOW(touch(w + 2 * P));
  SHOW(ftruncate(fd, 0) == 0);
  SHOW(touch(w) == BUS_ADRERR);

  // What goes to the file stays there.
  SHOW(ftruncate(fd, P) == 0);
  strcpy(w, "kept");
  munmap(w, 3 * P); munmap(r, 3 * P); munmap(p, 3 * P); close(fd);
  fd = open("f", O_RDONLY);
  SHOW(read(fd, b, 5)); puts(b);
  TRY(mmap(0, P, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  r = mmap(0, P, PROT_READ, MAP_SHARED, fd, 0);
  TRY(mprotect(r, P, PROT_READ | PROT_WRITE));
  p = mmap(0, P, PROT_READ, MAP_PRIVATE, fd, 0);
  TRY(mprotect(p, P, PROT_READ | PROT_WRITE));
  strcpy(p, "mine"); puts(p); puts(r);

  // mremap, and an object that outlives its name.
  int g = open("g", O_RDWR | O_CREAT, 0600);
  ftruncate(g, 4 * P);
  char* m = mmap(0, P, PROT_READ | PROT_WRITE, MAP_SHARED, g, P);
  strcpy(m, "moved");
  m = mremap(m, P, 2 * P, MREMAP_MAYMOVE);
  strcpy(m + P, "grown"); puts(m);
  unlink("g");
  SHOW(pread(g, b, 6, 2 * P)); puts(b);
  SHOW(madvise(m, P, MADV_DONTNEED)); puts(m);
  SHOW(madvise(m, P, MADV_REMOVE)); SHOW(*m);
  SHOW(pread(g, b, 6, P)); SHOW(*b);
  strcpy(m, "here");
  SHOW(mprotect(m, P, PROT_READ)); SHOW(mprotect(m, P, PROT_READ | PROT_WRITE));
  m[0] = 'H';
  SHOW(pread(g, b, 6, P)); puts(b);
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[400];
  while (fgets(line, sizeof line, maps)) {
    char* name = strrchr(line, '/');
    if (name && (strcmp(name, "/f\n") == 0)) printf("%.4s %s", strchr(line, ' ') + 1, name);
  }
  return 0;
}
