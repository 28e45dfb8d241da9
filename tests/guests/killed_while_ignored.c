// Ignored and invalid signals; a fault's signal kills even where it is ignored or blocked.
//: args ignore
//: args block
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>
#include "show.h"

int main(int argc, char** argv) {
  signal(SIGTERM, SIG_IGN);
  TRY(kill(getpid(), SIGTERM));
  TRY(kill(getpid(), 0));
  TRY(kill(getpid(), 65));
  TRY(kill(0x3ffffff, SIGTERM));
  SHOW(signal(SIGKILL, SIG_IGN) == SIG_ERR);
  fflush(stdout);
  if (argc > 1 && strcmp(argv[1], "block") == 0) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
  } else {
    signal(SIGSEGV, SIG_IGN);
  }
  volatile int* volatile nowhere = NULL;
  return *nowhere;
}
