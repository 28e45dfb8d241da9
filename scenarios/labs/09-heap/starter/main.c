// A heap that is as simple as can be, and a program that keeps notes on it. Right as it is; notes.c is not.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char heap[256] __attribute__((aligned(16)));
static unsigned used;
static unsigned long sizes[2];  // of the blocks, once more
static unsigned blocks;

__attribute__((noinline)) static char *allocate(unsigned long size) {
  size = (size + 7) & ~7ul;
  unsigned long *header = (unsigned long *)(heap + used);
  *header = size;
  used += sizeof *header + size;
  sizes[blocks++] = size;
  return (char *)(header + 1);
}

static void release(char *block, unsigned number) {
  if (*((unsigned long *)block - 1) == sizes[number]) return;
  printf("heap corrupted\n");
  exit(3);
}

#include "notes.c"

static void show(const char *note, const char *name) {
  printf("the %s note has %u letters\n", name, (unsigned)strlen(note));
}

int main(void) {
  char *first = write_note(@{size}, @{letter});
  char *second = write_note(@{size}, @{letter} - 32);
  end_note(first, @{size});
  end_note(second, @{size});
  show(first, "first");
  show(second, "second");
  release(second, 1);
  release(first, 0);
  return 0;
}
