// Only the low byte of an exit code reaches the parent.
//: args 0
//: args 1
//: args 2
//: args 42
//: args 126
//: args 127
//: args 128
//: args 139
//: args 255
//: args 256
//: args 263
//: args -1
#include <stdlib.h>

int main(int argc, char** argv) { return argc > 1 ? atoi(argv[1]) : 99; }
