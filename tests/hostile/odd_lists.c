// Robust lists in circles and out of memory, and places for thread numbers that are none.
//: memory 64M
//: prints still there
#include "hostile.h"
#include <linux/futex.h>

static int leave(void* unused) { return 0; }

int main(void) {
  for (int kind = 0; kind < 14; ++kind) {
    const pid_t child = fork();
    if (child == 0) {
      struct robust_list_head* const head = memory(65536);
      struct robust_list* const entry = (struct robust_list*)(head + 4);
      entry[0].next = &entry[1];
      entry[1].next = &entry[0];  // a circle without its head
      head->list.next = entry;
      head->futex_offset = (long[]){0, 4, -8, 1L << 62, 3}[kind % 5];
      head->list_op_pending = kind % 2 ? (void*)~0UL : entry;
      if (kind == 5) head->list.next = (void*)1;
      if (kind == 6) head->list.next = (void*)(1UL << 63);
      if (kind == 7) entry[0].next = (void*)((char*)head + 65536 - 4);
      if (kind == 8) munmap(head, 65536);
      if (kind == 9) mprotect(head, 65536, PROT_READ);
      void* at = head;
      if (kind >= 10) at = (void*)(unsigned long[]){1, ~0UL, 1UL << 47, ~0UL - 23}[kind - 10];
      syscall(SYS_set_robust_list, at, sizeof *head);
      syscall(SYS_set_tid_address, (unsigned long[]){0, 1, ~0UL, 1UL << 47, 1UL << 63, ~3UL}[kind % 6]);
      if (kind % 3 == 0) {
        clone(leave, (char*)memory(65536) + 65536, CLONE_VM | SIGCHLD, NULL);
      }
      syscall(SYS_exit, 0);
    }
    waitpid(child, NULL, 0);
  }
  say("still there\n");
}
