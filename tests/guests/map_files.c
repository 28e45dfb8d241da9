// /proc/PID/map_files: a link for each mapping of a file, by its exact addresses, and for no other.
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "show.h"

static char program[4096], target[4096];

static long link_of(const char *format, unsigned long start, unsigned long end) {
  char path[128];
  snprintf(path, sizeof path, format, start, end);
  memset(target, 0, sizeof target);
  return readlink(path, target, sizeof target - 1);
}

int main(void) {
  readlink("/proc/self/exe", program, sizeof program - 1);
  const long page = sysconf(_SC_PAGESIZE);
  const int file = memfd_create("some", 0);
  ftruncate(file, 4 * page);
  char *const shared = mmap(0, 2 * page, PROT_READ, MAP_SHARED, file, 0);
  char *const anonymous = mmap(0, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const unsigned long start = (unsigned long)shared, end = start + 2 * page;
  SHOW(link_of("/proc/self/map_files/%lx-%lx", start, end) > 0);
  printf("%s\n", target);
  TRY(link_of("/proc/self/map_files/%lx-%lx", start, end - page));
  TRY(link_of("/proc/self/map_files/%lx-%lx", start + page, end));
  TRY(link_of("/proc/self/map_files/ %lx-%lx", start, end));
  TRY(link_of("/proc/self/map_files/%lx-%lx ", start, end));
  TRY(link_of("/proc/self/map_files/0%lx-%lx", start, end));
  TRY(link_of("/proc/self/map_files/%lx-0%lx", start, end));
  TRY(link_of("/proc/self/map_files/%lx_%lx", start, end));
  TRY(link_of("/proc/self/map_files/%lx-%lx", (unsigned long)anonymous, (unsigned long)anonymous + page));
  TRY(link_of("/proc/thread-self/map_files/%lx-%lx", start, end));

  // The permissions of the link are those that the file was opened with.
  char path[128];
  struct stat status;
  snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", start, end);
  lstat(path, &status);
  printf("%o\n", status.st_mode);
  mprotect(shared, 2 * page, PROT_READ | PROT_WRITE);
  lstat(path, &status);
  printf("%o\n", status.st_mode);

  // The folder lists them all, the program's own among them.
  DIR *const folder = opendir("/proc/self/map_files");
  int programs = 0, others = 0;
  for (const struct dirent *entry; (entry = readdir(folder)) != 0;) {
    unsigned long first, last;
    if (sscanf(entry->d_name, "%lx-%lx", &first, &last) != 2) continue;
    link_of("/proc/self/map_files/%lx-%lx", first, last);
    if (strcmp(target, program) == 0) ++programs;
    else ++others;
  }
  printf("the program: %d, others: %d\n", programs > 1, others);
  munmap(shared, 2 * page);
  TRY(lstat(path, &status));
  return 0;
}
