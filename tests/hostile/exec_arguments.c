// As many and as long arguments as execve(2) takes, handed on to children.
//: args start
//: memory 160M
//: cycles 20000000000
//: prints E2BIG for one more
//: prints got them
//: prints E2BIG for one more
//: prints got them
#include "hostile.h"

enum { kMost = 1 << 20 };
static char* vector[kMost + 1];

static void go(const char* name, size_t length) {
  char* const text = memory(length + 4096);
  memset(text, 'x', length);
  vector[0] = (char*)name;
  int low = 1, high = kMost;
  for (int i = 1; i < kMost; ++i) vector[i] = text;
  if (fork() != 0) return (void)wait(NULL);
  // execve(2) tells whether there are too many: the largest number that it takes.
  while (low + 1 < high) {
    const int middle = (low + high) / 2;
    char* const kept = vector[middle];
    vector[middle] = NULL;
    const pid_t child = fork();
    if (child == 0) {
      char* const empty[] = {NULL};
      vector[0] = (char*)"try";
      execve("/proc/self/exe", vector, empty);
      _exit(errno == E2BIG ? 1 : 2);
    }
    int status;
    waitpid(child, &status, 0);
    if (status == 0) low = middle;
    else high = middle;
    vector[middle] = kept;
  }
  say("E2BIG for one more\n");
  vector[low - 1] = NULL;  // its own name is longer
  execv("/proc/self/exe", vector);
  say("execv: %s\n", strerrorname_np(errno));
  _exit(1);
}

int main(int argc, char** argv) {
  if (strcmp(argv[0], "try") == 0) return 0;
  if (argc < 2 || strcmp(argv[1], "start") != 0) {
    for (int i = 0; i < 200; ++i) {
      const pid_t child = fork();
      if (child == 0) for (;;) pause();
      if (child == -1) break;
    }
    say("got them\n");
    kill(0, SIGKILL);
  }
  for (int i = 0; i < 2; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      setpgid(0, 0);
      go("arguments", i == 0 ? 131000 : 1);
      _exit(0);
    }
    waitpid(child, NULL, 0);
    // What go() left running ends with its group.
    kill(-child, SIGKILL);
  }
}
