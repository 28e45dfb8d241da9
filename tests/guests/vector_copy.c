// x86: a large copy by SSE moves and by rep movsb, movsq and stosb over one watched byte.
//: breakpoints
//: isa x86-64
#include "breakpoint.h"

enum { kSize = 65536 };
static unsigned char from[kSize] __attribute__((aligned(4096))), to[kSize] __attribute__((aligned(4096)));

static void by_sse(void) {
  for (int at = 0; at < kSize; at += 32) {
    __asm__ volatile("movups (%0), %%xmm0\n\tmovups 16(%0), %%xmm1\n\tmovaps %%xmm0, (%1)\n\tmovaps %%xmm1, 16(%1)"
                     : : "r"(from + at), "r"(to + at) : "xmm0", "xmm1", "memory");
  }
}
static void by_streaming(void) {
  for (int at = 0; at < kSize; at += 16) {
    __asm__ volatile("movdqa (%0), %%xmm0\n\tmovntdq %%xmm0, (%1)" : : "r"(from + at), "r"(to + at) : "xmm0", "memory");
  }
  __asm__ volatile("sfence" : : : "memory");
}
static void by_string(const char* how) {
  const void* source = from;
  void* target = to;
  unsigned long rounds = how[0] == 'q' ? kSize / 8 : kSize;
  if (how[0] == 'b') __asm__ volatile("rep movsb" : "+S"(source), "+D"(target), "+c"(rounds) : : "memory");
  if (how[0] == 'q') __asm__ volatile("rep movsq" : "+S"(source), "+D"(target), "+c"(rounds) : : "memory");
  if (how[0] == 's') __asm__ volatile("rep stosb" : "+D"(target), "+c"(rounds) : "a"(0) : "memory");
}

static void show(const char* how, int writes, int reads, int exact) {
  const long w = count(writes), r = count(reads);
  if (exact) printf("%s %ld %ld\n", how, w, r);
  else printf("%s %d %d\n", how, w > 0, r > 0);  // SDM vol. 3B 17.2.4: fast-string operation may report late or together
  ioctl(writes, PERF_EVENT_IOC_RESET, 0), ioctl(reads, PERF_EVENT_IOC_RESET, 0);
}

int main(void) {
  const int writes = open_breakpoint(to + 40001, 1, HW_BREAKPOINT_W);
  const int reads = open_breakpoint(from + 30007, 1, HW_BREAKPOINT_RW);
  by_sse(), show("sse", writes, reads, 1);
  by_streaming(), show("streaming", writes, reads, 1);
  by_string("b"), show("rep movsb", writes, reads, 0);
  by_string("q"), show("rep movsq", writes, reads, 0);
  by_string("s"), show("rep stosb", writes, reads, 0);
  return 0;
}
