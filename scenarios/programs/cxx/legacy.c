/* C, by its name: in C++ `class` would be no parameter. */
volatile int faults;

__attribute__((noinline)) void count_fault(int class) { faults += class; }
