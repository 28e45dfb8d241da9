// Every request that makes a tracee go on, out of every stop, with and without a signal: what comes next, and how it ends.
// On PPC64 a step over an emulated call is reported, the arguments of an emulated brk(2) are its result, and `trap` is executed again.
//: differs ppc64
#include "stops.h"

static const struct { const char* name; int number; } requests[] = {
    {"CONT", PTRACE_CONT}, {"SYSCALL", PTRACE_SYSCALL}, {"SINGLESTEP", PTRACE_SINGLESTEP}, {"SINGLEBLOCK", kBlockStep},
    {"SYSEMU", kSysemu}, {"SYSEMU_SINGLESTEP", kSysemuStep}, {"DETACH", PTRACE_DETACH}, {"KILL", PTRACE_KILL},
    {"INTERRUPT", PTRACE_INTERRUPT}, {"LISTEN", PTRACE_LISTEN}};
static const unsigned long with[] = {0, SIGUSR2, SIGCHLD, 65, ~0ul};

// A stop: its status, and what its siginfo says.
static void show_stop(pid_t pid, int status) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  const long got = request(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&info);
  printf(" %s", status_text(status));
  if (got != 0) return;
  // TRAP_BRKPT or TRAP_TRACE, as the instruction set has it.
  if (info.si_signo == SIGTRAP && (info.si_code == 1 || info.si_code == 2)) printf(" of a step");
  else printf(" code %#x", info.si_code);
}


// Steps and calls on the way are not counted one by one.
static void follow(pid_t pid, int stops) {
  int status = 0;
  for (int i = 0; i < stops; ++i) {
    if (waitpid(pid, &status, __WALL) != pid) {
      printf(" %s", strerrorname_np(errno));
      return;
    }
    if (i != 0) printf(",");
    if (!WIFSTOPPED(status)) {
      printf(" %s", status_text(status));
      return;
    }
    show_stop(pid, status);
    const int signal = WSTOPSIG(status) & 0x7f;
    request(PTRACE_CONT, pid, 0, event_of(status) == 0 && signal != SIGTRAP && signal != SIGSTOP ? signal : 0);
  }
  printf(" ...");
}

// Those that the tracee waits for; the others stay where they are.
static void others_go_on(enum Stop kind) {
  if (kind != kVforkEvent) return;
  for (int i = 0; i < other_count; ++i) request(PTRACE_DETACH, others[i], 0, 0);
}

// What does not end by itself.
static int endless(enum Stop kind) {
  return kind == kInterrupted || kind == kInterruptedCall || kind == kRunning || kind == kNotOurs || kind == kGroupSeized || kind == kListening;
}

static void try(enum Stop kind, unsigned how, unsigned long signal) {
  const pid_t pid = stopped(kind);
  errno = 0;
  const long done = request(requests[how].number, pid, 0, signal);
  printf("  %s %ld: %s", requests[how].name, (long)signal, done == 0 ? "ok" : strerrorname_np(errno));
  const int number = requests[how].number;
  const int steps = number == PTRACE_SINGLESTEP || number == kSysemuStep || number == kBlockStep;
  const int runs = done == 0 && !(kind == kInterruptedCall && (steps || number == PTRACE_SYSCALL || number == kSysemu)) && number != PTRACE_LISTEN && number != PTRACE_INTERRUPT && kind != kZombie && kind != kNotOurs && kind != kListening && kind != kRunning;
  others_go_on(kind);
  // Without these nothing would happen, or without end.
  const int one_step = endless(kind) && steps;
  if (runs && endless(kind) && !one_step && number != PTRACE_KILL) kill(pid, SIGUSR2);
  if (runs && number == PTRACE_DETACH) kill(pid, SIGCONT);
  if (runs && number == PTRACE_KILL && kind == kExitEvent) request(PTRACE_CONT, pid, 0, 0);
  if (runs) follow(pid, one_step ? 1 : 4);
  printf("\n");
  fflush(stdout);
  end_all_of(pid);
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "executed") == 0) return 7;
  self = argv[0];
  const int from = argc > 1 ? atoi(argv[1]) : 0, to = argc > 2 ? atoi(argv[2]) : kStops;
  for (int kind = from; kind < to; ++kind) {
    printf("%s\n", stop_names[kind]);
    for (unsigned how = 0; how < sizeof requests / sizeof *requests; ++how) {
      // Numbers that are no signals: what is said of one request is said of all of its kind.
      const int all = requests[how].number == PTRACE_CONT || requests[how].number == PTRACE_DETACH;
      for (int i = 0; i < (all ? 5 : requests[how].number < 0x4200 ? 2 : 1); ++i) try(kind, how, with[i]);
    }
  }
  return 0;
}
