// As random_ptrace.c, with what x86-64 has alone or has otherwise: debug registers, hits of breakpoints, single steps anywhere, SYSEMU, sets of registers.
//: isa x86-64
//: breakpoints
//: args 12 150
//: args 6 150
//: args 11 150
//: args 1 150
//: args 2 150
#define ONE_ISA
#include "random_ptrace.c"
