// What the handler of a fault learns: the signal, si_code and si_addr, for each way to fault; what a fault does that is blocked or ignored.
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include "tasks.h"

static sigjmp_buf out;
static volatile int signal_number, code;
static char* volatile address;

static void handler(int number, siginfo_t* info, void* context) {
  (void)context;
  signal_number = number, code = info->si_code, address = info->si_addr;
  siglongjmp(out, 1);
}
#if defined(__x86_64__)
#define ILLEGAL "ud2"
#define ILLEGAL_CODE ILL_ILLOPN
#define TRAP "int3"
#else
#define ILLEGAL ".long 0"
#define ILLEGAL_CODE ILL_ILLOPC
#define TRAP "trap"
#endif
extern char illegal_instruction[];

#define FAULT(name, base, statement)                                                                             \
  do {                                                                                                           \
    signal_number = 0, code = 0, address = (char*)(base);                                                                          \
    if (sigsetjmp(out, 1) == 0) { statement; }                                                                   \
    printf("%s: signal %d code %d, at %ld\n", name, signal_number, code, (long)(address - (char*)(base)));        \
  } while (0)

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL), sigaction(SIGBUS, &action, NULL), sigaction(SIGILL, &action, NULL);
  sigaction(SIGFPE, &action, NULL), sigaction(SIGTRAP, &action, NULL);
  const long page = sysconf(_SC_PAGESIZE);
  volatile char* const pages = mmap(NULL, (size_t)(4 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect((void*)pages, (size_t)page, PROT_READ);
  mprotect((void*)(pages + page), (size_t)page, PROT_NONE);
  munmap((void*)(pages + 2 * page), (size_t)page);
  volatile char byte = 0;
  FAULT("null read", NULL, byte = *(volatile char*)NULL);
  FAULT("null write", NULL, *(volatile char*)16 = byte);
  FAULT("write of read-only", pages, pages[5] = 1);
  FAULT("read of none", pages + page, byte = pages[page + 7]);
  FAULT("write of none", pages + page, pages[page + 8] = 1);
  FAULT("read of unmapped", pages + 2 * page, byte = pages[2 * page + 9]);
  FAULT("write of unmapped", pages + 2 * page, pages[2 * page] = 1);
  static const char constant[100] = "constant";
  FAULT("write of a constant", constant, *(volatile char*)(constant + 11) = 1);
  FAULT("no fault", NULL, byte = pages[0]);

  // Beyond the end of a file: the rest of its last page is zero, the page behind it is not there.
  const int self = open("/proc/self/exe", O_RDONLY);
  const long size = lseek(self, 0, SEEK_END), whole = (size + page - 1) / page * page;
  volatile char* const file = mmap(NULL, (size_t)(whole + page), PROT_READ | PROT_WRITE, MAP_PRIVATE, self, 0);
  SHOW(file[1] == 'E' && file[whole - 1] == 0);
  FAULT("read beyond the file", file + whole, byte = file[whole + 3]);
  FAULT("write beyond the file", file + whole, file[whole] = 1);
  FAULT("read before that", file, byte = file[size - 1]);

  // An instruction's own faults.
  if (sigsetjmp(out, 1) == 0) __asm__ volatile(".globl illegal_instruction\nillegal_instruction: " ILLEGAL);
  SHOW(signal_number);
  SHOW(code == ILLEGAL_CODE);
  SHOW(address == illegal_instruction);
  // What user mode may not do.
#if defined(__x86_64__)
  if (sigsetjmp(out, 1) == 0) __asm__ volatile("rdpmc" ::: "rax", "rdx");
  const int refused = signal_number == SIGSEGV && code == SI_KERNEL && address == NULL;
#else
  if (sigsetjmp(out, 1) == 0) __asm__ volatile("privileged: mfmsr 3" ::: "3");
  extern char privileged[];
  const int refused = signal_number == SIGILL && code == ILL_PRVOPC && address == privileged;
#endif
  SHOW(refused);
  if (sigsetjmp(out, 1) == 0) __asm__ volatile(TRAP);
  SHOW(signal_number);
  SHOW(code == TRAP_BRKPT || code == SI_KERNEL);

  // Blocked or ignored, a fault kills; sent by kill, it waits or is ignored.
  for (int kind = 0; kind < 4; ++kind) {
    const pid_t child = fork_flushed();
    if (child == 0) {
      no_core_file();
      sigset_t all;
      sigfillset(&all);
      if (kind % 2 == 0) sigprocmask(SIG_SETMASK, &all, NULL);
      else signal(SIGSEGV, SIG_IGN);
      if (kind < 2) pages[0] = 1;
      else kill(getpid(), SIGSEGV);
      _exit(10 + kind);
    }
    show_end(kind % 2 == 0 ? "blocked" : "ignored", child);
  }
  // Blocked, it even resets the handler; a fault inside its own handler is the same.
  const pid_t child = fork_flushed();
  if (child == 0) {
    no_core_file();
    sigset_t segv;
    sigemptyset(&segv), sigaddset(&segv, SIGSEGV);
    sigprocmask(SIG_BLOCK, &segv, NULL);
    if (sigsetjmp(out, 1) == 0) pages[0] = 1;
    _exit(20);
  }
  show_end("blocked, with a handler", child);
  return 0;
}
