// Where a program, its interpreter, its heap and its stack lie, and what it is told of that.
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static int variable = 3;
static int zeroes[100000];

int main(int argc, char **argv) {
  char line[400], exe[400] = "";
  // The page: what the C library puts before it depends on the processor.
  unsigned long heap = (unsigned long)malloc(100) & ~0xffful;
  printf("main %p variable %p zeroes %p heap %lx\n", (void *)main, (void *)&variable, (void *)zeroes, heap);
  printf("base %lx entry %lx headers %lx count %lu\n", getauxval(AT_BASE), getauxval(AT_ENTRY), getauxval(AT_PHDR),
         getauxval(AT_PHNUM));
  readlink("/proc/self/exe", exe, sizeof exe - 1);
  printf("argv[0] %s, AT_EXECFN %s, exe %s, access %d\n", argv[0], (char *)getauxval(AT_EXECFN), exe, access(exe, R_OK));
  FILE *maps = fopen("/proc/self/maps", "r");
  while (fgets(line, sizeof line, maps) != NULL) {
    unsigned long start, end, offset;
    char permissions[8], name[300] = "";
    sscanf(line, "%lx-%lx %7s %lx %*s %*s %299s", &start, &end, permissions, &offset, name);
    // Libraries lie below the vDSO, whose size differs by kernel; whether zeroed memory and the heap are one mapping
    // does, too.
    if (strstr(name, "[v") != NULL || strstr(name, "/libc.so") != NULL || name[0] == 0 || strcmp(name, "[heap]") == 0) continue;
    printf("%lx-%lx %s %lx %s\n", start, end, permissions, offset, name);
  }
  return 0;
}
