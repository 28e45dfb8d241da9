// Children that cannot be asked to end, of a parent that ends or one that waits; and orphans of them.
//: args leave
//: args orphans
//: memory 64M
//: cycles 500000000
//: prints gone
#include "hostile.h"

static void live(void) {
  for (int number = 1; number <= 64; ++number) signal(number, SIG_IGN);
  for (;;);
}

int main(int argc, char** argv) {
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      if (is("orphans", argc, argv) && fork() != 0) _exit(0);
      live();
    }
    if (is("orphans", argc, argv)) waitpid(child, NULL, 0);
    else kill(child, SIGTERM);
  }
  usleep(1000);
  if (is("orphans", argc, argv) && wait(NULL) != -1) return 1;
  say("gone\n");
}
