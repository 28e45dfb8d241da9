// membarrier(2): what there is, and that a private one wants to be registered first.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRY(call) do { errno = 0; const long result = (call); printf("%-72s %ld %s\n", #call, result, result < 0 ? strerror(errno) : ""); } while (0)

static long barrier(int command, int flags) { return syscall(SYS_membarrier, command, flags, 0); }

int main(void) {
  printf("some %d\n", (barrier(MEMBARRIER_CMD_QUERY, 0) & 0x7f) == 0x7f);
  TRY(barrier(MEMBARRIER_CMD_QUERY, 1));
  TRY(barrier(3, 0));
  TRY(barrier(MEMBARRIER_CMD_GLOBAL, 0));
  TRY(barrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0));
  TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  TRY(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0));
  TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  TRY(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  TRY(barrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0));
  TRY(barrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 4));
  fflush(stdout);
  if (fork() == 0) {
    TRY(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
    fflush(stdout);
    _exit(0);
  }
  wait(0);
}
