// Children that end and are never waited for.
//: memory 96M
//: prints fork: a limit after many
//: prints reaped them all
#include "hostile.h"

int main(void) {
  int made = 0;
  for (;; ++made) {
    const pid_t child = fork();
    if (child == -1) break;
    if (child == 0) _exit(0);
  }
  say("fork: %s after %s\n", limit_name(errno), made > 300 ? "many" : "too few");
  int reaped = 0;
  while (wait(NULL) > 0) ++reaped;
  say("reaped %s\n", reaped == made ? "them all" : "too few");
}
