// What execve(2) refuses, and that the process goes on unchanged: descriptors, handlers and memory.
//: args @root@
//: files
#define _GNU_SOURCE
#include <fcntl.h>
#include "tasks.h"

static void handler(int number) { (void)number; }

int main(int argc, char** argv) {
  if (argc < 2) return 9;
  if (strcmp(argv[1], "started") == 0) return 8;
  char text[4096], below_text[4096], folder[4096];
  snprintf(text, sizeof text, "%s/poem.txt", argv[1]);
  snprintf(below_text, sizeof below_text, "%s/poem.txt/below", argv[1]);
  snprintf(folder, sizeof folder, "%s/folder", argv[1]);
  char* const arguments[] = {"name", "started", NULL};
  char* const none[] = {NULL};
  const int descriptor = open(text, O_RDONLY | O_CLOEXEC);
  signal(SIGUSR1, handler);

  TRY(execve("/no/such/file", arguments, none));
  TRY(execve("", arguments, none));
  TRY(execve(text, arguments, none));
  TRY(execve(below_text, arguments, none));
  TRY(execve(folder, arguments, none));
  TRY(execve("/", arguments, none));
  TRY(execve(NULL, arguments, none));
  TRY(execve((char*)8, arguments, none));
  TRY(execve("/proc/self/exe", (char**)8, none));
  TRY(execve("/proc/self/exe", arguments, (char**)8));
  TRY(execve("/proc/self/exe", (char*[]){"name", (char*)8, NULL}, none));
  TRY(execve("/proc/self/exe", arguments, (char*[]){(char*)8, NULL}));
  char* const long_name = malloc(5001);
  memset(long_name, 'n', 5000), long_name[5000] = 0;
  TRY(execve(long_name, arguments, none));
  char below_root[300] = "/";
  memset(below_root + 1, 'n', 256), below_root[257] = 0;
  TRY(execve(below_root, arguments, none));
  // One string of more than 32 pages.
  const size_t most = 32 * (size_t)sysconf(_SC_PAGESIZE);
  char* const huge = malloc(most + 1);
  memset(huge, 'h', most), huge[most] = 0;
  TRY(execve("/proc/self/exe", (char*[]){"name", huge, NULL}, none));
  TRY(execve("/proc/self/exe", arguments, (char*[]){huge, NULL}));
  // All together more than a quarter of the stack's limit, or than three quarters of 8 MiB.
  huge[most - 1] = 0;
  const size_t number = (8u << 20) / most * 2;
  char** const many = calloc(number + 1, sizeof *many);
  for (size_t i = 0; i < number; ++i) many[i] = huge;
  TRY(execve("/proc/self/exe", many, none));

  struct sigaction now;
  sigaction(SIGUSR1, NULL, &now);
  SHOW(now.sa_handler == handler);
  SHOW(fcntl(descriptor, F_GETFD) == FD_CLOEXEC);
  TRY(execveat(-1, "relative", arguments, none, 0));
  TRY(execveat(descriptor, "below", arguments, none, 0));
  TRY(execveat(descriptor, "", arguments, none, AT_EMPTY_PATH));
  TRY(execveat(AT_FDCWD, "/proc/self/exe", arguments, none, 0x40000));
  TRY(execveat(99, "", arguments, none, AT_EMPTY_PATH));
  fflush(stdout);
  execve("/proc/self/exe", arguments, none);
  return 1;
}
