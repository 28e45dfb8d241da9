// Alternate signal stacks that are too small, unmapped, or wrap around.
//: memory 64M
//: prints still there
#include "hostile.h"

static void handler(int number) { (void)number; }

int main(void) {
  const size_t page = sysconf(_SC_PAGESIZE);
  char* const area = memory(4 * page);
  mprotect(area, page, PROT_READ);
  const unsigned long starts[] = {0, 1, 4096, 1UL << 46, 1UL << 47, ~0UL - 8191, ~0UL, (unsigned long)area, (unsigned long)area + page + 3};
  const unsigned long sizes[] = {0, 1, 2048, 8192, 65536, 1UL << 40, 1UL << 63, ~0UL};
  for (unsigned i = 0; i < sizeof starts / sizeof *starts; ++i) {
    for (unsigned j = 0; j < sizeof sizes / sizeof *sizes; ++j) {
      const pid_t child = fork();
      if (child == 0) {
        close(2);  // Some lie on this one's top, and the C library would say that it is smashed.
        struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_SIGINFO};
        sigaction(SIGUSR1, &action, NULL);
        if (j % 2) sigaction(SIGSEGV, &action, NULL);
        syscall(SYS_sigaltstack, &(stack_t){.ss_sp = (void*)starts[i], .ss_size = sizes[j], .ss_flags = i % 2 ? 0 : 1 << 31}, NULL);
        raise(SIGUSR1);
        _exit(0);
      }
      usleep(300);
      kill(child, SIGKILL);
      waitpid(child, NULL, 0);
    }
  }
  say("still there\n");
}
