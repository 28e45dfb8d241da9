// What may be written to the debug registers of a tracee: DR7's conditions, DR4 and DR5, addresses, and that a refused write changes nothing.
//: isa x86-64
//: breakpoints
#include "dr.h"

static volatile char area[64] __attribute__((aligned(64)));
static int work(void) { return 0; }

static void write_(pid_t pid, int n, unsigned long value) {
  const long result = dr_write(pid, n, value);
  printf("DR%d = %#lx: %s; reads", n, n < 4 && value > 0xffff && value < 1ul << 46 ? 0 : value, errno_text(result));
  const unsigned long got = dr_read(pid, n);
  if (errno) printf(" %s\n", strerrorname_np(errno));
  else printf(" %s%#lx\n", n < 4 ? (got == value ? "the same " : "another ") : "", n < 4 ? 0 : got);
}

int main(void) {
  pid_t pid = tracee(work);
  for (int n = 0; n < 8; ++n) printf("DR%d: %#lx\n", n, dr_read(pid, n));
  for (int n = 0; n < 4; ++n) write_(pid, n, (unsigned long)area + 8 * n);
  write_(pid, 4, 1);
  write_(pid, 5, 1);
  write_(pid, 6, ~0ul);
  write_(pid, 6, 0);
  write_(pid, 0, 1ul << 47);
  write_(pid, 0, (1ul << 47) - 0x1000);
  write_(pid, 0, (1ul << 47) - 0x1000 - 1);
  write_(pid, 0, ~0ul);
  write_(pid, 0, (unsigned long)area);
  static const int lengths[] = {1, 2, 4, 8};
  for (int rw = 0; rw < 4; ++rw) {
    for (int i = 0; i < 4; ++i) write_(pid, 7, DR7(0, rw, lengths[i])), write_(pid, 7, 0);
  }
  // Disabled ones are not looked at; the rest of DR7.
  write_(pid, 7, DR7(0, kIo, 4) & ~3ul);
  write_(pid, 7, 0x100), write_(pid, 7, 0x200), write_(pid, 7, 0x400), write_(pid, 7, 0x800), write_(pid, 7, 0x2000), write_(pid, 7, 1ul << 32);
  write_(pid, 7, 0);
  // Addresses that the length does not fit.
  for (int offset = 1; offset < 8; ++offset) {
    for (int i = 1; i < 4; ++i) {
      dr_write(pid, 0, (unsigned long)area + offset);
      printf("+%d of %d: %s\n", offset, lengths[i], errno_text(dr_write(pid, 7, DR7(0, kWrite, lengths[i]))));
      dr_write(pid, 7, 0);
    }
  }
  // An enabled one moves: its condition is checked with the new address.
  dr_write(pid, 0, (unsigned long)area);
  write_(pid, 7, DR7(0, kWrite, 4));
  write_(pid, 0, (unsigned long)area + 4);
  write_(pid, 0, (unsigned long)area + 5);
  write_(pid, 7, DR7(0, kWrite, 4));
  // All or nothing: the second one is refused, and so is the first one's change.
  dr_write(pid, 7, 0);
  dr_write(pid, 0, (unsigned long)area), dr_write(pid, 1, (unsigned long)area + 1);
  write_(pid, 7, DR7(0, kWrite, 4) | DR7(1, kWrite, 4));
  write_(pid, 7, DR7(0, kWrite, 4));
  write_(pid, 7, DR7(0, kReadWrite, 8) | DR7(1, kIo, 1));
  // Enabled before it has an address.
  end(pid);
  pid = tracee(work);
  write_(pid, 7, DR7(2, kWrite, 8));
  write_(pid, 2, (unsigned long)area);
  write_(pid, 7, DR7(3, kExecute, 1));
  // Offsets that are none.
  printf("%s\n", errno_text(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, u_debugreg) + 4, 0)));
  printf("%s\n", errno_text(dr_write(pid, 8, 0)));
  printf("%s\n", errno_text((long)dr_read(pid, 8)));
  end(pid);
  return 0;
}
