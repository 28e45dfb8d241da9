// A tracer that ends with stopped tracees, and chains of tracers whose tracees die with them.
//: args
//: args exitkill
//: memory 64M
//: prints done
#include "hostile.h"

enum { kExitKill = 1 << 20 };

int main(int argc, char** argv) {
  const int exit_kill = is("exitkill", argc, argv);
  for (int round = 0; round < 50; ++round) {
    int* const counter = shared(4096);
    const pid_t tracer = fork();
    if (tracer == 0) {
      // A chain: each traces the next.
      for (int depth = 0; depth < 20; ++depth) {
        const pid_t child = fork();
        if (child == 0) {
          if (!exit_kill) ptrace(PTRACE_TRACEME, 0, 0, 0);
          ++*counter;
          if (!exit_kill) raise(SIGSTOP);
          continue;
        }
        if (exit_kill) ptrace(PTRACE_SEIZE, child, 0, kExitKill);
        else waitpid(child, NULL, 0);
        if (depth % 2 == 0) for (;;) exit_kill ? pause() : _exit(0);
        ptrace(PTRACE_CONT, child, 0, SIGCONT);
        for (;;) {
          int status;
          if (wait(&status) == -1) break;
          if (WIFSTOPPED(status)) ptrace(PTRACE_CONT, child, 0, 0);
        }
        _exit(0);
      }
      _exit(0);
    }
    usleep(200);
    if (exit_kill) kill(tracer, SIGKILL);
    waitpid(tracer, NULL, 0);
    munmap(counter, 4096);
  }
  say("done\n");
}
