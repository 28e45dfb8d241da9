// How the CPU's faults end a program: the signal of each.
//: args null-read
//: args null-write
//: args null-call
//: args read-only
//: args nowhere
//: args stack
//: args data-call
//: args kernel-read
//: args illegal
//: args guard
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const int constant[4] = {1, 2, 3, 4};
static long words[4] = {1, 2, 3, 4};

__attribute__((noinline)) static long deep(volatile long* above) {
  volatile long here[512];
  here[0] = above[0] + 1;
  return deep(here) + here[1];
}

static void jump(unsigned long address) {
#if defined(__x86_64__)
  __asm__ volatile("jmp *%0" : : "r"(address));
#else
  __asm__ volatile("mtctr %0\n\tbctr" : : "r"(address) : "ctr");
#endif
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  printf("%s\n", what);
  fflush(stdout);
  volatile long start[1] = {0};
  if (strcmp(what, "null-read") == 0) return (int)*(volatile long*)start[0];
  if (strcmp(what, "null-write") == 0) *(volatile long*)start[0] = 1;
  if (strcmp(what, "null-call") == 0) jump(0);
  if (strcmp(what, "read-only") == 0) *(volatile int*)(unsigned long)&constant[start[0]] = 5;
  if (strcmp(what, "nowhere") == 0) jump(0x0dead000);
  if (strcmp(what, "stack") == 0) return (int)deep(start);
  if (strcmp(what, "data-call") == 0) jump((unsigned long)words);
  if (strcmp(what, "kernel-read") == 0) return (int)*(volatile long*)(0xc000000000000000 + (unsigned long)start[0]);
#if defined(__x86_64__)
  if (strcmp(what, "illegal") == 0) __asm__ volatile("ud2");
#else
  if (strcmp(what, "illegal") == 0) __asm__ volatile(".long 0");
#endif
  if (strcmp(what, "guard") == 0) {
    const long page = sysconf(_SC_PAGESIZE);
    char* area = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area + page, page, PROT_NONE);
    memset(area, 1, page), memset(area + 2 * page, 1, page);
    write(1, "around it\n", 10);
    ((volatile char*)area)[page] = 1;
  }
  puts("survived");
  return 0;
}
