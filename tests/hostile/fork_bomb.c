// Every process forks for as long as it can.
//: args
//: args populated
//: args descriptors
//: memory 160M
//: cycles 3000000000
//: prints fork: a limit
#include "hostile.h"

int main(int argc, char** argv) {
  if (is("populated", argc, argv)) touch(memory(64 << 20), 64 << 20);
  if (is("descriptors", argc, argv)) while (dup(1) != -1);
  const pid_t first = getpid();
  while (fork() != -1);
  const int error = errno;
  if (getpid() != first) for (;;) pause();
  // The others had their turns, and now and then one more.
  for (int i = 0; i < 20; ++i) {
    usleep(1000);
    if (fork() == 0) for (;;) pause();
  }
  say("fork: %s\n", limit_name(error));
}
