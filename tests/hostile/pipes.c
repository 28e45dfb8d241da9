// Hundreds of full pipes in each of many processes.
//: memory 96M
//: cycles 20000000000
//: status 0|137
//: prints-maybe no more
#include "hostile.h"

int main(void) {
  for (int process = 0; process < 200; ++process) {
    int ready[2];
    if (pipe(ready) == -1) break;
    const pid_t child = fork();
    if (child == -1) break;
    if (child == 0) {
      static char bytes[65536];
      int ends[2], none = 0;
      for (int pair = 0; pair < 500; ++pair) {
        if (pipe2(ends, O_NONBLOCK) == -1) break;
        fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
        while (!none && write(ends[1], bytes, sizeof bytes) > 0);
        none |= errno == ENOMEM;
      }
      close(ready[1]);
      for (;;) pause();
    }
    close(ready[1]);
    char byte;
    if (read(ready[0], &byte, 1) == -1) break;
    close(ready[0]);
  }
  say("no more\n");
}
