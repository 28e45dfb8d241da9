// Runs short random programs, one after the other, each until it faults, and says for each what its signal handler was told:
//
//   random_code known|any SEED FIRST COUNT [registers]
//
// A program lies in one of the slots of a page of code (the last of which ends where the page does), its registers point at
// or near the edges of a window of pages that may be written, read, or not touched at all, and its stack is in there, too. It is entered and left
// through signal frames alone, so that nothing here but the numbers in the frame depends on the instruction set. A line a program: its number,
// signal, si_code, si_addr, what the frame says of the exception, PC, flags, and digests of the other registers, the
// floating point and vector registers and the window; with "registers", those too. A program that loops is given up after a while.
#define _GNU_SOURCE
#include "random_code.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { kPage = 4096, kSlots = 8 };
#define FILLER 0xcc /* int3 */
#else
enum { kPage = 65536, kSlots = 8 };
#define FILLER_WORD 0x7fe00008 /* trap */
#endif
enum { kSlot = 256, kEdge = 128 };

// Far from everything else, so that no jump with a 32-bit displacement leaves for this program's own code.
static unsigned char* const code = (unsigned char*)0x100000000000;
// No access, two pages to write, one to read, no access.
static unsigned char* const window = (unsigned char*)0x20000000;

static struct random choices;
static volatile sig_atomic_t running, ticks;
static unsigned char* program;
static mcontext_t outside;
#if defined(__x86_64__)
static struct _libc_fpstate outside_fp;
#endif

// What was found in the frame. The handlers call nothing of the library, which would want its thread pointer.
static struct {
  int signal, code;
  uint64_t address;
  int looped;
  mcontext_t registers;
#if defined(__x86_64__)
  struct _libc_fpstate fp;
#else
  vrregset_t vectors;
#endif
} found;

static void copy(void* to, const void* from, size_t size) {
  unsigned char* volatile out = to;
  for (size_t i = 0; i < size; ++i) out[i] = ((const unsigned char*)from)[i];
}

// Mostly something that is worth being an address, or a small number.
static uint64_t value(void) {
  static const uint64_t odd[] = {0,          1,          ~0ull,      0x7fffffff, 0x80000000, 0x7fffffffffffffff, 0x8000000000000000,
                                 0x7ffffffff000, 0x800000000000, 0xffff800000000000, 0xfffffffffffff000};
  switch (below(&choices, 8)) {
    case 0:
      return odd[below(&choices, sizeof odd / sizeof *odd)];
    case 1:
      return below(&choices, 20);
    case 2:
      return draw(&choices);
    case 3:
      return (uint64_t)program + below(&choices, kSlot);
    default: {
      const uint64_t edge = (uint64_t)window + kPage * (1 + below(&choices, 4));
      const uint64_t at = edge + below(&choices, 80) - 40;
      return one_in(&choices, 2) ? at & ~15ull : at;
    }
  }
}

static uint64_t stack_pointer(void) {
  return one_in(&choices, 4) ? value() : (uint64_t)window + 2 * kPage - 8 * below(&choices, 40);
}

#if defined(__x86_64__)
static void enter(mcontext_t* m) {
  outside = *m;
  copy(&outside_fp, m->fpregs, sizeof outside_fp);
  for (int i = REG_R8; i <= REG_RCX; ++i) m->gregs[i] = (long)value();
  m->gregs[REG_RSP] = (long)stack_pointer();
  m->gregs[REG_RIP] = (long)program;
  m->gregs[REG_EFL] = (long)(0x202 | (draw(&choices) & 0x8d5) | (one_in(&choices, 4) ? 0x400 : 0));
  for (int i = 0; i < 16; ++i) {
    for (int j = 0; j < 4; ++j) m->fpregs->_xmm[i].element[j] = (unsigned)value();
  }
}
static void leave(mcontext_t* m) {
  struct _libc_fpstate* const fp = m->fpregs;
  copy(fp, &outside_fp, sizeof outside_fp);
  copy(m->gregs, outside.gregs, sizeof m->gregs);
}
static void find(const mcontext_t* m) {
  copy(&found.registers, m, sizeof *m);
  copy(&found.fp, m->fpregs, sizeof found.fp);
}
#else
static void enter(mcontext_t* m) {
  copy(&outside, m, sizeof outside);
  for (int i = 0; i < 32; ++i) m->gp_regs[i] = value();
  m->gp_regs[PT_NIP] = (uint64_t)program;
  m->gp_regs[PT_CTR] = one_in(&choices, 2) ? below(&choices, 9) : value();
  m->gp_regs[PT_LNK] = value();
  m->gp_regs[PT_XER] = draw(&choices) & 0xe000007f;
  m->gp_regs[PT_CCR] = draw(&choices) & 0xffffffff;
  m->gp_regs[1] = stack_pointer();
  for (int i = 0; i < 32; ++i) {
    const uint64_t bits = value();
    copy(&m->fp_regs[i], &bits, 8);
  }
}
static void leave(mcontext_t* m) {
  copy(m->gp_regs, outside.gp_regs, sizeof m->gp_regs);
  copy(m->fp_regs, outside.fp_regs, sizeof m->fp_regs);
}
static void find(const mcontext_t* m) {
  copy(&found.registers, m, sizeof *m);
  copy(&found.vectors, m->v_regs, sizeof found.vectors);
}
#endif

static void on_start(int number, siginfo_t* info, void* context) {
  (void)number, (void)info;
  enter(&((ucontext_t*)context)->uc_mcontext);
  running = 1;
}

static void on_fault(int number, siginfo_t* info, void* context) {
  if (!running) {
    static const char text[] = "a fault outside of the programs\n";
    write(STDERR_FILENO, text, sizeof text - 1);
    _exit(3);
  }
  running = 0;
  found.signal = number, found.code = info->si_code, found.address = (uint64_t)info->si_addr;
  find(&((ucontext_t*)context)->uc_mcontext);
  leave(&((ucontext_t*)context)->uc_mcontext);
}

static void on_tick(int number, siginfo_t* info, void* context) {
  (void)number, (void)info;
  if (!running || ++ticks < 3) return;
  running = 0;
  found.looped = 1;
  leave(&((ucontext_t*)context)->uc_mcontext);
}

static uint64_t digest(uint64_t hash, const void* bytes, size_t size) {
  for (size_t i = 0; i < size; i += 8) {
    uint64_t word = 0;
    memcpy(&word, (const char*)bytes + i, size - i < 8 ? size - i : 8);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    hash ^= hash >> 29;
  }
  return hash;
}

// The parts of the window that registers point at.
static void fill_window(void) {
  for (int page = 1; page <= 2; ++page) {
    unsigned char* const at = window + page * kPage;
    for (int i = 0; i < kEdge; i += 8) {
      const uint64_t low = value(), high = value();
      memcpy(at + i, &low, 8);
      memcpy(at + kPage - kEdge + i, &high, 8);
    }
  }
}
static uint64_t window_digest(void) {
  uint64_t hash = 0;
  for (int page = 1; page <= 2; ++page) {
    hash = digest(hash, window + page * kPage, kEdge);
    hash = digest(hash, window + (page + 1) * kPage - kEdge, kEdge);
  }
  return hash;
}

static void print_found(long number, int with_registers) {
  if (found.looped) {
    printf("%ld loops\n", number);
    return;
  }
  printf("%ld %d/%d at %llx", number, found.signal, found.code, (unsigned long long)found.address);
#if defined(__x86_64__)
  const long long* const r = found.registers.gregs;
  uint64_t fp = digest(0, found.fp._xmm, sizeof found.fp._xmm);
  for (int i = 0; i < 8; ++i) fp = digest(fp, &found.fp._st[i], 10);
  printf(" trap %lld error %llx cr2 %llx pc %llx flags %llx", r[REG_TRAPNO], r[REG_ERR], r[REG_CR2], r[REG_RIP] - (long)program, r[REG_EFL]);
  printf(" registers %08x fp %08x", (unsigned)digest(0, r, 8 * (REG_RSP + 1)), (unsigned)fp);
  printf(" window %08x\n", (unsigned)window_digest());
  if (!with_registers) return;
  static const char* const names[] = {"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rdi", "rsi", "rbp", "rbx", "rdx", "rax", "rcx", "rsp"};
  for (int i = REG_R8; i <= REG_RSP; ++i) printf(" %s %llx", names[i], r[i]);
  for (int i = 0; i < 16; ++i) {
    const unsigned* const x = found.fp._xmm[i].element;
    printf(" xmm%d %08x%08x%08x%08x", i, x[3], x[2], x[1], x[0]);
  }
#else
  const unsigned long* const r = found.registers.gp_regs;
  printf(" trap %lx dar %lx dsisr %lx pc %lx cr %lx xer %lx", r[PT_TRAP], r[PT_DAR], r[PT_DSISR], r[PT_NIP] - (long)program, r[PT_CCR], r[PT_XER]);
  const uint64_t special = digest(digest(0, &r[PT_CTR], 8), &r[PT_LNK], 8);
  const uint64_t fp = digest(digest(0, found.registers.fp_regs, 33 * 8), &found.vectors, 33 * 16);
  printf(" registers %08x fp %08x window %08x\n", (unsigned)digest(special, r, 32 * 8), (unsigned)fp, (unsigned)window_digest());
  if (!with_registers) return;
  for (int i = 0; i < 32; ++i) printf(" r%d %lx", i, r[i]);
  printf(" ctr %lx lr %lx", r[PT_CTR], r[PT_LNK]);
  for (int i = 0; i < 33; ++i) {
    uint64_t bits;
    memcpy(&bits, &found.registers.fp_regs[i], 8);
    printf(" f%d %llx", i, (unsigned long long)bits);
  }
  for (int i = 0; i < 33; ++i) {
    uint64_t bits[2];
    memcpy(bits, &found.vectors.vrregs[i < 32 ? i : 31], 16);
    printf(" v%d %llx%016llx", i, (unsigned long long)bits[0], (unsigned long long)bits[1]);
  }
#endif
  printf("\n code");
  for (int i = 0; i < kSlot && program + i < code + kPage; ++i) printf(" %02x", program[i]);
  printf("\n");
}

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const enum kind kind = strcmp(argv[1], "known") == 0 ? kKnown : kAny;
  const uint64_t seed = strtoull(argv[2], NULL, 0);
  const long first = atol(argv[3]), count = atol(argv[4]);
  const int with_registers = argc > 5;

  static char signal_stack[65536];
  const stack_t alternate = {.ss_sp = signal_stack, .ss_size = sizeof signal_stack};
  sigaltstack(&alternate, NULL);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; ++i) sigaction(faults[i], &action, NULL);
  action.sa_sigaction = on_start;
  sigaction(SIGUSR1, &action, NULL);
  action.sa_sigaction = on_tick;
  sigaction(SIGVTALRM, &action, NULL);
  const struct itimerval often = {{0, 2000}, {0, 2000}};
  setitimer(ITIMER_VIRTUAL, &often, NULL);

  const int map = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  if (mmap(code, 2 * kPage, PROT_NONE, map, -1, 0) != code || mmap(window, 5 * kPage, PROT_NONE, map, -1, 0) != window) return 2;
  mprotect(window + kPage, 3 * kPage, PROT_READ | PROT_WRITE);
  choices.state = seed * 2 + 1;
  for (int i = 0; i < kPage; i += 8) {
    const uint64_t word = value();
    memcpy(window + 3 * kPage + i, &word, 8);
  }
  mprotect(window + 3 * kPage, kPage, PROT_READ);

  // Slots are filled together: fewer changes of the page's protection. Each program depends on the seed and its number alone.
  for (long group = first / kSlots * kSlots; group < first + count; group += kSlots) {
    mprotect(code, kPage, PROT_READ | PROT_WRITE);
    for (int slot = 0; slot < kSlots; ++slot) {
      unsigned char* const end = code + kPage - kSlot * (kSlots - 1 - slot);
#if defined(__x86_64__)
      memset(end - kSlot, FILLER, kSlot);
#else
      for (int i = 0; i < kSlot; i += 4) *(uint32_t*)(end - kSlot + i) = FILLER_WORD;
#endif
      choices.state = (seed * 1000003 + (uint64_t)(group + slot)) * 2 + 1;
      for (int i = 0; i < 8; ++i) draw(&choices);
      unsigned char made[kSlot];
      const size_t size = make_program(&choices, kind, made, kSlot - 32);
      // The last slot's program ends with the page, the others' behind them.
      memcpy(slot == kSlots - 1 ? end - size : end - kSlot, made, size);
      if (slot == kSlots - 1) program = end - size;
    }
    unsigned char* const last = program;
    mprotect(code, kPage, PROT_READ | PROT_EXEC | (group / kSlots % 8 == 7 ? PROT_WRITE : 0));
    for (int slot = 0; slot < kSlots; ++slot) {
      const long number = group + slot;
      if (number < first || number >= first + count) continue;
      program = slot == kSlots - 1 ? last : code + kPage - kSlot * (kSlots - slot);
      choices.state = (seed * 7368787 + (uint64_t)number) * 2 + 1;
      for (int i = 0; i < 8; ++i) draw(&choices);
      fill_window();
      memset(&found, 0, sizeof found);
      ticks = 0;
      raise(SIGUSR1);
      print_found(number, with_registers);
    }
  }
  return 0;
}
