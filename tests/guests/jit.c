// A program that writes its own code, protects it, runs it, rewrites it, and runs it again.
//: args rewrite
//: args in-place
//: args no-execute
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int Function(void);
static unsigned char* code;
static long page;

// int f(void) { return number; }
static void emit(uint16_t number) {
#if defined(__x86_64__)
  const unsigned char bytes[] = {0xb8, (unsigned char)number, (unsigned char)(number >> 8), 0, 0, 0xc3};  // mov $number, %eax; ret
  memcpy(code, bytes, sizeof bytes);
#else
  const uint32_t words[] = {0x38600000u | number, 0x4e800020u};  // li r3, number; blr
  memcpy(code, words, sizeof words);
  __asm__ volatile("dcbst 0,%0\n\tsync\n\ticbi 0,%0\n\tsync\n\tisync" : : "r"(code) : "memory");
#endif
}

static int run(void) {
#if defined(__x86_64__)
  return ((Function*)(void*)code)();
#else
  struct { void* entry; uint64_t toc, environment; } volatile descriptor = {code, 0, 0};  // ELFv1
  Function* const function = (Function*)(void*)(uintptr_t)&descriptor;
  return function();
#endif
}

int main(int argc, char** argv) {
  page = sysconf(_SC_PAGESIZE);
  const char* how = argc > 1 ? argv[1] : "rewrite";
  const int in_place = strcmp(how, "in-place") == 0;
  code = mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE | (in_place ? PROT_EXEC : 0), MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("%s:", how);
  fflush(stdout);
  if (strcmp(how, "no-execute") == 0) return emit(1), run();
  for (uint16_t number = 40; number < 45; ++number) {
    if (!in_place) mprotect(code, (size_t)page, PROT_READ | PROT_WRITE);
    emit(number);
    if (!in_place) mprotect(code, (size_t)page, PROT_READ | PROT_EXEC);
    int sum = 0;
    for (int i = 0; i < 100; ++i) sum += run();
    printf(" %d %d", run(), sum);
  }
  unsigned sum = 0;
  if (in_place) for (unsigned i = 0; i < 500; ++i) emit((uint16_t)(i & 0x3ff)), sum = sum * 31 + (unsigned)run();
  printf(" %u\n", sum);
  return 0;
}
