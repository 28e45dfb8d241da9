// What a tracer reads of the debug registers of a new thread, of a child and of another program: the addresses are gone, DR6 and DR7
// (PPC64: the DABR's value) are still as they were of whoever made it, and gone with an execve(2) on x86-64 alone.
//: breakpoints
//: differs ppc64
#include "tracing.h"
#include <pthread.h>

static volatile long watched __attribute__((aligned(8)));

static void* thread(void* unused) { return NULL; }
static int makes_thread(void) {
  watched = 1;
  pthread_t made;
  pthread_create(&made, NULL, thread, NULL);
  pthread_join(made, NULL);
  return 7;
}
static int makes_child(void) {
  watched = 1;
  const pid_t pid = fork();
  if (pid == 0) {
    watched = 2;
    _exit(1);
  }
  waitpid(pid, NULL, 0);
  return 7;
}
static int executes(void) {
  watched = 1;
  execl("/proc/self/exe", "itself", "again", NULL);
  return 1;
}

#if defined(__x86_64__)
#define DR(n) offsetof(struct user, u_debugreg[n])
static void arm(pid_t pid) {
  ptrace(PTRACE_POKEUSER, pid, DR(0), &watched);
  ptrace(PTRACE_POKEUSER, pid, DR(1), &watched);
  ptrace(PTRACE_POKEUSER, pid, DR(7), 1ul | 9ul << 16);
}
static void show_registers(const char* who, pid_t pid) {
  static const int numbers[] = {0, 1, 6, 7};
  printf("%s:", who);
  for (int i = 0; i < 4; ++i) {
    unsigned long value = 0;
    request(PTRACE_PEEKUSER, pid, DR(numbers[i]), (unsigned long)&value);
    printf(" DR%d %s%lx", numbers[i], value == (unsigned long)&watched ? "watched " : "", value == (unsigned long)&watched ? 0 : value);
  }
  printf("\n");
}
static void write_back(pid_t pid) {
  unsigned long value = 0;
  request(PTRACE_PEEKUSER, pid, DR(7), (unsigned long)&value);
  const long done = request(PTRACE_POKEUSER, pid, DR(7), value);
  printf("written back: %s\n", done == 0 ? "ok" : strerrorname_np(errno));
  show_registers("then", pid);
}
#else
enum { kGetDebugReg = 25, kSetDebugReg = 26 };
static void arm(pid_t pid) { request(kSetDebugReg, pid, 0, (unsigned long)&watched | 7); }
static void show_registers(const char* who, pid_t pid) {
  unsigned long value = 0;
  request(kGetDebugReg, pid, 0, (unsigned long)&value);
  printf("%s: DABR %s%lx\n", who, (value & ~7ul) == (unsigned long)&watched ? "watched | " : "", (value & ~7ul) == (unsigned long)&watched ? value & 7 : value);
}
static void write_back(pid_t pid) {}
#endif

int main(int argc, char** argv) {
  if (argc > 1) return watched = 3, 9;
  static int (*const works[])(void) = {makes_thread, makes_child, executes};
  static const char* const names[] = {"thread", "child", "program"};
  for (int i = 0; i < 3; ++i) {
    printf("--- %s\n", names[i]);
    const pid_t pid = tracee(works[i]);
    request(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    arm(pid);
    ptrace(PTRACE_CONT, pid, 0, 0);
    show_wait("hit", pid);
    show_registers("maker", pid);
    ptrace(PTRACE_CONT, pid, 0, 0);
    show_wait("event", pid);
    pid_t other = pid;
    if (i != 2) {
      unsigned long message = 0;
      ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
      other = message;
      show_wait("new", other);
    }
    show_registers("new", other);
    write_back(other);
    ptrace(PTRACE_CONT, other, 0, 0);
    int status;
    waitpid(other, &status, __WALL);
    printf("then: %s\n", status_text(status));
    kill(pid, SIGKILL);
    while (waitpid(-1, &status, __WALL) > 0) {}
    fflush(stdout);
  }
  return 0;
}
