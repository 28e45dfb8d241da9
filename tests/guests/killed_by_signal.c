// Signals that a program sends itself: by default some kill, some are ignored.
//: args 1
//: args 2
//: args 3
//: args 5
//: args 6
//: args 9
//: args 10
//: args 13
//: args 14
//: args 15
//: args 17
//: args 23
//: args 24
//: args 28
//: args 31
//: args 34
//: args 64
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  const int signal_number = argc > 1 ? atoi(argv[1]) : 0;
  printf("raise %d\n", signal_number);
  fflush(stdout);
  raise(signal_number);
  signal(signal_number, SIG_IGN);
  puts("survived");
  return 0;
}
