// set_robust_list(2) by hand: what the kernel does to the words of a thread that dies, in every state that they can be in.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include "tasks.h"

typedef struct { struct robust_list list; uint32_t word; } Lock;
typedef struct { struct robust_list_head head; Lock locks[6]; uint32_t exited; } Shared;
static Shared* shared;

static void show_words(const char* when) {
  printf("%s:", when);
  for (int i = 0; i < 6; ++i) {
    const uint32_t word = shared->locks[i].word;
    printf(" %s%s%s", word & FUTEX_WAITERS ? "waiters|" : "", word & FUTEX_OWNER_DIED ? "died|" : "", (word & FUTEX_TID_MASK) != 0 ? "owned" : "0");
  }
  printf("\n");
}
// A list of some locks, all held by the caller, with another one pending.
static void hold(int number, int pending) {
  const uint32_t me = (uint32_t)gettid();
  shared->head.futex_offset = offsetof(Lock, word);
  struct robust_list** last = &shared->head.list.next;
  for (int i = 0; i < number; ++i) *last = &shared->locks[i].list, last = &shared->locks[i].list.next, shared->locks[i].word = me;
  *last = &shared->head.list;
  shared->head.list_op_pending = pending < 0 ? NULL : &shared->locks[pending].list;
  if (pending >= 0) shared->locks[pending].word = me;
  if (syscall(SYS_set_robust_list, &shared->head, sizeof shared->head) != 0) puts("refused");
}
static void* thread_dies(void* unused) {
  hold(3, 4);
  shared->locks[1].word |= FUTEX_WAITERS;
  shared->locks[2].word = 12345;  // somebody else's
  return unused;
}

int main(void) {
  shared = shared_memory(sizeof *shared);
  struct robust_list_head* head = NULL;
  size_t size = 0;
  TRY(syscall(SYS_get_robust_list, 0, &head, &size));
  SHOW(head != NULL && size == sizeof *head);  // the library's own
  TRY(syscall(SYS_set_robust_list, &shared->head, 4));
  TRY(syscall(SYS_set_robust_list, &shared->head, sizeof shared->head + 8));
  TRY(syscall(SYS_get_robust_list, 0, 8, &size));
  TRY(syscall(SYS_get_robust_list, 0, &head, 8));
  TRY(syscall(SYS_get_robust_list, 0x3ffffff, &head, &size));

  pthread_t thread;
  pthread_create(&thread, NULL, thread_dies, NULL);
  pthread_join(thread, NULL);
  show_words("a thread");
  SHOW(shared->locks[2].word);

  for (int how = 0; how < 4; ++how) {
    memset(shared, 0, sizeof *shared);
    const pid_t child = fork_flushed();
    if (child == 0) {
      hold(4, how == 1 ? 5 : -1);
      if (how == 0) _exit(0);
      if (how == 1) raise(SIGKILL);
      if (how == 2) execl("/no/such/file", "none", NULL), _exit(1);
      shared->locks[1].list.next = (struct robust_list*)8;  // a broken list is followed as far as it goes
      _exit(2);
    }
    show_end("holder", child);
    show_words("a process");
  }
  // A list that never ends is given up.
  memset(shared, 0, sizeof *shared);
  const pid_t endless = fork_flushed();
  if (endless == 0) {
    hold(3, -1);
    shared->locks[2].list.next = &shared->locks[0].list;
    _exit(3);
  }
  show_end("endless", endless);
  show_words("a process");

  // Who waits for it is woken, without anybody's FUTEX_WAKE.
  memset(shared, 0, sizeof *shared);
  const pid_t owner = fork_flushed();
  if (owner == 0) {
    hold(1, -1);
    __atomic_or_fetch(&shared->locks[0].word, FUTEX_WAITERS, __ATOMIC_SEQ_CST);
    for (;;) pause();
  }
  uint32_t seen;
  while (((seen = __atomic_load_n(&shared->locks[0].word, __ATOMIC_SEQ_CST)) & FUTEX_WAITERS) == 0) pause_briefly();
  SHOW((seen & FUTEX_TID_MASK) == (uint32_t)owner);
  const pid_t killer = fork_flushed();
  if (killer == 0) {
    for (int i = 0; i < 5; ++i) pause_briefly();
    kill(owner, SIGTERM);
    _exit(0);
  }
  long got = 0;
  while (__atomic_load_n(&shared->locks[0].word, __ATOMIC_SEQ_CST) == seen) {
    got |= syscall(SYS_futex, &shared->locks[0].word, FUTEX_WAIT, seen, NULL, NULL, 0) != 0 && errno != EAGAIN;
  }
  SHOW(got);
  SHOW((shared->locks[0].word & FUTEX_OWNER_DIED) != 0);
  show_end("owner", owner);
  show_end("killer", killer);
  return 0;
}
