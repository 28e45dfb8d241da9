// A process that stops, with nobody to let it go on.
//: memory 64M
//: status 152
//: says every task waits
#include "hostile.h"

int main(void) { raise(SIGSTOP); }
