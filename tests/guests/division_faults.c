// x86: the SIGFPE of a division, with its si_code and address, stepped over and given a result; with every register kept.
//: isa x86-64
#define _GNU_SOURCE
#include <ucontext.h>
#include "tasks.h"

extern char divide_at[], divide_end[];
static volatile int runs, code, right_place;

static void handler(int number, siginfo_t* info, void* at) {
  greg_t* const registers = ((ucontext_t*)at)->uc_mcontext.gregs;
  (void)number;
  ++runs;
  code = info->si_code;
  right_place += info->si_addr == (void*)divide_at && registers[REG_RIP] == (greg_t)divide_at && registers[REG_TRAPNO] == 0;
  registers[REG_RAX] = -1, registers[REG_RDX] = 7;
  registers[REG_RIP] = (greg_t)divide_end;
}
static __attribute__((noinline)) long divide(long high, long low, long divisor, long* rest) {
  long result, remainder;
  __asm__ volatile(".globl divide_at, divide_end\ndivide_at: idivq %[divisor]\ndivide_end:"
                   : "=a"(result), "=d"(remainder) : "a"(low), "d"(high), [divisor] "r"(divisor) : "cc");
  *rest = remainder;
  return result;
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, NULL);
  static const long cases[][3] = {{0, 17, 5}, {0, 17, 0}, {-1, -17, 5}, {-1, (long)0x8000000000000000, -1}, {5, 0, 5}, {1, 0, 3}, {0, 1, -1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    long rest;
    const int before = runs;
    const long result = divide(cases[i][0], cases[i][1], cases[i][2], &rest);
    printf("%zu: %ld rest %ld, faults %d code %d\n", i, result, rest, runs - before, runs - before ? code : 0);
  }
  SHOW(right_place);
  long sum = 0, rest;
  for (int i = 0; i < 500; ++i) sum += divide(0, i * 100, i % 2 == 0 ? 0 : i, &rest) + rest;
  SHOW(sum);
  SHOW(runs);
  // Blocked, it kills.
  const pid_t child = fork_flushed();
  if (child == 0) {
    no_core_file();
    sigset_t set;
    sigemptyset(&set), sigaddset(&set, SIGFPE);
    sigprocmask(SIG_BLOCK, &set, NULL);
    divide(0, 1, 0, &rest);
    _exit(0);
  }
  show_end("blocked", child);
  return 0;
}
