// A store into two pages of which the second faults: nothing is stored before the fault, and the instruction, tried again, is done once.
//: isa x86-64
#define _GNU_SOURCE
#include <setjmp.h>
#include "tasks.h"

static unsigned char* pages;
static long page;
static volatile int faults;
static volatile long fault_at;
static sigjmp_buf out;

static void gives_up(int number, siginfo_t* info, void* context) {
  fault_at = ((char*)info->si_addr - (char*)pages) / page;
  siglongjmp(out, 1);
}
static void makes_writable(int number) {
  ++faults;
  mprotect(pages + page, (size_t)page, PROT_READ | PROT_WRITE);
}

// `before` bytes are on the first page.
#define FAULTS(name, before, code, ...)                                                                      \
  do {                                                                                                       \
    memset(pages, 0, (size_t)page);                                                                          \
    unsigned char* const at = pages + page - (before);                                                       \
    if (sigsetjmp(out, 1) == 0) {                                                                            \
      __asm__ volatile(code : : "r"(at), "a"(-1L) : "memory", "xmm0" __VA_ARGS__);                           \
      printf("%s: no fault\n", name);                                                                        \
    }                                                                                                        \
    int changed = 0;                                                                                         \
    for (long i = 0; i < page; ++i) changed += pages[i] != 0;                                                \
    printf("%s: %d bytes changed, fault on page %ld\n", name, changed, fault_at);                                 \
  } while (0)

static void once(const char* name, int kind) {
  volatile long* const word = (long*)(pages + page - 4);
  faults = 0;
  makes_writable(0);
  *word = 10;
  mprotect(pages + page, (size_t)page, PROT_READ);
  faults = 0;
  long value = 77;
  switch (kind) {
    case 0: __asm__ volatile("addq $1, %0" : "+m"(*word)); break;
    case 1: __asm__ volatile("lock addq $1, %0" : "+m"(*word)); break;
    case 2: __asm__ volatile("xchgq %1, %0" : "+m"(*word), "+r"(value)); break;
    case 3: __asm__ volatile("lock xaddq %1, %0" : "+m"(*word), "+r"(value)); break;
    case 4: __asm__ volatile("rclq $1, %0" : "+m"(*word)); break;
    case 5: __asm__ volatile("notq %0" : "+m"(*word)); break;
  }
  printf("%s: %ld, %ld, %d fault\n", name, *word & ~(long)(kind == 4), value, faults);
}

int main(void) {
  page = sysconf(_SC_PAGESIZE);
  pages = mmap(NULL, (size_t)(2 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  static char stack[65536];
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  struct sigaction action = {.sa_sigaction = gives_up, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  for (int kind = 0; kind < 2; ++kind) {
    mprotect(pages + page, (size_t)page, kind == 0 ? PROT_READ : PROT_NONE);
    FAULTS("movq", 4, "movq %1, (%0)");
    FAULTS("movq by a byte", 7, "movq %1, (%0)");
    FAULTS("movl", 2, "movl %%eax, (%0)");
    FAULTS("movw", 1, "movw %%ax, (%0)");
    FAULTS("addq", 4, "addq $-1, (%0)");
    FAULTS("xchg", 4, "xchgq %%rcx, (%0)", , "rcx");
    FAULTS("lock xadd", 4, "mov $-1, %%rcx; lock xaddq %%rcx, (%0)", , "rcx");
    FAULTS("movups", 4, "pcmpeqd %%xmm0, %%xmm0; movups %%xmm0, (%0)");
    FAULTS("fxsave", 256, "fxsave (%0)");
    // FSTP of 10 bytes is left out: processors differ in whether the first 8 are stored.
    FAULTS("fnstenv", 16, "fnstenv (%0)");
    FAULTS("fnsave", 30, "fnsave (%0)");
    FAULTS("push", 4, "mov %%rsp, %%rbx; lea 8(%0), %%rsp; pushq $-1; mov %%rbx, %%rsp", , "rbx");
  }
  __asm__ volatile("fninit");
  signal(SIGSEGV, makes_writable);
  once("add", 0);
  once("lock add", 1);
  once("xchg", 2);
  once("lock xadd", 3);
  once("rcl", 4);
  once("not", 5);
  return 0;
}
