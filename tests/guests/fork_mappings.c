// A child changes its own address space only: what it maps, unmaps, protects, and how far its break goes; madvise's exceptions.
#define _GNU_SOURCE
#include "tasks.h"

// Whether the page can be read, found without a fault.
static int readable(const void* at) {
  int ends[2];
  pipe(ends);
  const int yes = write(ends[1], at, 1) == 1;
  close(ends[0]), close(ends[1]);
  return yes;
}

int main(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char* const pages = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 4; ++i) pages[(size_t)i * page] = (char)('a' + i);
  char* const wiped = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char* const missing = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *wiped = 'w', *missing = 'm';
  TRY(madvise(wiped, page, MADV_WIPEONFORK));
  TRY(madvise(missing, page, MADV_DONTFORK));
  char* const late = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char* const old_break = sbrk(0);
  sbrk((long)page);
  *old_break = 'b';

  pid_t child = fork_flushed();
  if (child == 0) {
    SHOW(*wiped);
    SHOW(readable(missing));
    TRY(munmap(pages, page));
    TRY(mprotect(pages + page, page, PROT_NONE));
    TRY(mprotect(late, page, PROT_READ));
    TRY(madvise(pages + 2 * page, page, MADV_DONTNEED));
    printf("child: %d %d %d %d, late %d\n", readable(pages), readable(pages + page), pages[2 * page], pages[3 * page], readable(late));
    SHOW(*old_break);
    SHOW(sbrk(-(long)page) != (void*)-1);
    SHOW(sbrk(0) == old_break);
    leave(0);
  }
  show_end("child", child);
  printf("parent: %c %c %c %c, late %d\n", pages[0], pages[page], pages[2 * page], pages[3 * page], readable(late));
  printf("parent: %c %c %c\n", *wiped, *missing, *old_break);
  SHOW(sbrk(0) == old_break + page);

  // A shared mapping stays one, however far down, and after the mapping of the one that made it is gone.
  volatile int* const shared = shared_memory(page);
  child = fork_flushed();
  if (child == 0) {
    const pid_t grandchild = fork_flushed();
    if (grandchild == 0) {
      ++*shared;
      mprotect((void*)shared, page, PROT_READ);
      leave(0);
    }
    waitpid(grandchild, NULL, 0);
    ++*shared;
    munmap((void*)shared, page);
    leave(0);
  }
  show_end("child", child);
  SHOW(++*shared);

  // A forked copy that faults dies alone.
  mprotect(pages, page, PROT_READ);
  child = fork_flushed();
  if (child == 0) no_core_file(), *(volatile char*)pages = 1, leave(0);
  show_end("writer", child);
  return 0;
}
