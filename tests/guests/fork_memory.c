// fork(2) copies private memory at that moment and shares shared memory: data, stack, heap, mappings and thread locals.
#define _GNU_SOURCE
#include "tasks.h"

static int data = 1, zero;
static __thread int local = 3;
enum { kLarge = 1 << 20 };
static unsigned char large[kLarge];

static unsigned sum_of_large(void) {
  unsigned sum = 0;
  for (int i = 0; i < kLarge; ++i) sum = sum * 31 + large[i];
  return sum;
}

int main(void) {
  volatile int on_stack = 4;
  int* const on_heap = malloc(sizeof *on_heap);
  *on_heap = 5;
  int* const mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *mapped = 6;
  volatile int* const shared = shared_memory(3 * 65536);
  shared[0] = 7;
  for (int i = 0; i < kLarge; ++i) large[i] = (unsigned char)(i * 7 + i / 256);
  int go[2];
  pipe(go);

  printf("before: %d %d %d %d %d %d %d %u\n", data, zero, local, on_stack, *on_heap, *mapped, shared[0], sum_of_large());
  pid_t child = fork_flushed();
  if (child == 0) {
    data += 100, zero += 100, local += 100, on_stack += 100, *on_heap += 100, *mapped += 100, shared[0] += 100, shared[20000] = 9;
    memset(large, 0x5a, kLarge);
    printf("child:  %d %d %d %d %d %d %d %u\n", data, zero, local, on_stack, *on_heap, *mapped, shared[0], sum_of_large());
    leave(1);
  }
  show_end("it", child);
  printf("parent: %d %d %d %d %d %d %d %u\n", data, zero, local, on_stack, *on_heap, *mapped, shared[0], sum_of_large());
  SHOW(shared[20000]);

  // The other way round: the parent writes first, and the child sees what was there at the fork.
  child = fork_flushed();
  if (child == 0) {
    char byte;
    read(go[0], &byte, 1);
    printf("child:  %d %d %d %d %d %d %d %u\n", data, zero, local, on_stack, *on_heap, *mapped, shared[0], sum_of_large());
    leave(2);
  }
  data = -1, zero = -1, local = -1, on_stack = -1, *on_heap = -1, *mapped = -1, shared[0] = -1;
  memset(large, 0xa5, kLarge);
  write(go[1], "x", 1);
  show_end("it", child);
  printf("parent: %d %d %d %d %d %d %d %u\n", data, zero, local, on_stack, *on_heap, *mapped, shared[0], sum_of_large());
  return 0;
}
