// A handler that raises its own signal, which is not blocked meanwhile.
//: args
//: args alternate
//: memory 64M
//: status 139
#include "hostile.h"

static void handler(int number) {
  volatile char frame[3000];
  frame[0] = 1;
  raise(number);
}

int main(int argc, char** argv) {
  if (is("alternate", argc, argv)) {
    // What the handler itself needs may lie below the stack's end.
    char* const area = memory(131072);
    mprotect(area, 65536, PROT_NONE);
    sigaltstack(&(stack_t){.ss_sp = area + 65536, .ss_size = 65536}, NULL);
  }
  sigaction(SIGUSR1, &(struct sigaction){.sa_handler = handler, .sa_flags = SA_NODEFER | SA_ONSTACK}, NULL);
  raise(SIGUSR1);
}
