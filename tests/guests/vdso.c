// PPC64's vDSO: where it lies, and that handlers run from wherever it is, and not without it.
//: isa ppc64
//: expected
#define _GNU_SOURCE
#include <elf.h>
#include <sys/auxv.h>
#include "tasks.h"

static char* base;
static char* volatile returns_to;  // of a handler

__attribute__((noinline)) static void handler(int signal) { returns_to = __builtin_return_address(0); }

static void raise_it(void) {
  returns_to = NULL;
  raise(SIGUSR1);
  printf("handled, and back at vdso%+ld\n", (long)(returns_to - base));
}

static void show_mapping(void) {
  FILE* const maps = fopen("/proc/self/maps", "r");
  char line[200], permissions[5], name[100];
  unsigned long start, end;
  while (fgets(line, sizeof line, maps) != NULL) {
    if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %99s", &start, &end, permissions, name) != 4) continue;
    if (strcmp(name, "[vdso]") == 0) printf("%s: %s, %ld page, at base %d\n", name, permissions, (end - start) / getpagesize(), (char*)start == base);
  }
  fclose(maps);
}

static void in_child(const char* what, void (*does)(void)) {
  puts(what);
  const pid_t child = fork_flushed();
  if (child == 0) does(), leave(0);
  int status;
  waitpid(child, &status, 0);
  show_status("child", status);
}

static void moves(void) {
  char* const to = mmap(NULL, getpagesize(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char* const moved = mremap(base, getpagesize(), getpagesize(), MREMAP_MAYMOVE | MREMAP_FIXED, to);
  SHOW(moved == to && moved != base);
  base = moved;
  show_mapping();
  raise_it();
}
static void unmaps(void) {
  TRY(munmap(base, getpagesize()));
  show_mapping();
  struct timespec now;
  TRY(clock_gettime(CLOCK_MONOTONIC, &now));
  fflush(stdout);
  raise_it();  // the frame has the code, and the stack is not executable
}
static void writes(void) {
  no_core_file();
  fflush(stdout);
  *(volatile char*)base = 1;
}
static void executes(void) {
  *(volatile char*)(mprotect(base, getpagesize(), PROT_READ | PROT_WRITE | PROT_EXEC), base) = 1;
  char* arguments[] = {"vdso", "again", NULL};
  TRY(execve("/proc/self/exe", arguments, (char*[]){NULL}));
}

int main(int argc, char** argv) {
  base = (char*)getauxval(AT_SYSINFO_EHDR);
  signal(SIGUSR1, handler);
  const Elf64_Ehdr* const header = (const Elf64_Ehdr*)base;
  SHOW(memcmp(header->e_ident, ELFMAG, SELFMAG));
  SHOW(header->e_type == ET_DYN);
  show_mapping();
  raise_it();
  if (argc > 1) return 7;
  in_child("forked", raise_it);
  in_child("moved", moves);
  in_child("unmapped", unmaps);
  in_child("written", writes);
  in_child("executed", executes);
  raise_it();
  return 0;
}
