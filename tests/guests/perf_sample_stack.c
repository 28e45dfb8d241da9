// PERF_SAMPLE_STACK_USER: the bytes from the stack pointer on, and how many were there, up to the stack's end.
//: breakpoints
#include "perf.h"
#include <asm/perf_regs.h>
#include <ucontext.h>

#if defined(__x86_64__)
enum { kSp = PERF_REG_X86_SP };
#else
enum { kSp = PERF_REG_POWERPC_R1 };
#endif

static volatile long long watched;
static HITS void store(void) { watched = 1; }
// With a pattern on the stack.
__attribute__((noinline, noclone)) static void fill(volatile uint64_t* pattern) {
  for (int i = 0; i < 8; ++i) pattern[i] = 0x1122334455667700 + i;
}
static HITS void store_above(void) {
  volatile uint64_t pattern[8];
  fill(pattern);
  watched = 2;
  fill(pattern);
}

static struct record record;
static void sample(unsigned size, void (*body)(void)) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER);
  attr.sample_regs_user = 1ull << kSp;
  attr.sample_stack_user = size;
  const int fd = must_open(attr);
  struct ring ring = map_ring(fd, 32);
  body();
  const bool got = next_record(&ring, &record);
  printf("%u asked for: record %d of size %u", size, got, record.header.size);
  printf(", abi %d, size %ld", (int)record.body[0], (long)record.body[2]);
  if (record.body[2]) {
    const uint64_t size_there = record.body[3 + record.body[2] / 8];  // behind the bytes
    printf(", all there %d", size_there == record.body[2]);
  }
  close(fd), unmap_ring(&ring);
}

static char stack[4 * 65536] __attribute__((aligned(65536)));
static ucontext_t context, back;
static void on_stack(void) { store_above(); }
static void run_there(void) {
  getcontext(&context);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = 65536;  // a page or more of what follows is not mapped
  context.uc_link = &back;
  makecontext(&context, on_stack, 0);
  swapcontext(&back, &context);
}

int main(void) {
  const unsigned sizes[] = {0, 8, 64, 512, 1024};
  for (int i = 0; i < 5; ++i) sample(sizes[i], store), printf("\n");
  sample(512, store_above);
  int found = 0;
  for (uint64_t i = 0; i < record.body[2] / 8; ++i) found += record.body[3 + i] >> 8 == 0x11223344556677;
  printf(", the pattern's words %d\n", found);

  // A stack that ends soon: fewer bytes are dumped than asked for, and the rest of the dump is whatever it is.
  munmap(stack + 65536, 65536);
  sample(32768, run_there);
  const uint64_t at = record.body[1], there = record.body[3 + record.body[2] / 8];
  printf("\n all that was there %d\n", at + there == (uintptr_t)stack + 65536);
  return 0;
}
