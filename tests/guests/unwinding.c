// Unwinding through the frames of signals: faults, signals within handlers, handlers on another stack, and forced unwinding out of one.
#define _GNU_SOURCE
#include <execinfo.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unwind.h>
#include "show.h"

#define NOINLINE __attribute__((noinline, noclone, noipa))

static void by_fault(int, siginfo_t*, void*);
static void by_raise(int, siginfo_t*, void*);
static void looks(int, siginfo_t*, void*);
static void leaves(int, siginfo_t*, void*);
NOINLINE static void faults(void);
NOINLINE static void raises(int signal);
NOINLINE static void calls_through(void (*function)(int), int value);
static void main_part(void);

static sigjmp_buf back;
static volatile int in_fault, sink;

static const struct { const char* name; void* function; } functions[] = {
  {"by_fault", by_fault}, {"by_raise", by_raise}, {"looks", looks}, {"leaves", leaves},
  {"faults", faults}, {"raises", raises}, {"calls_through", calls_through}, {"main_part", main_part},
};

// What is not from here has no name: the library's frames are not the same everywhere.
static const char* name_of(void* address) {
  void* const start = _Unwind_FindEnclosingFunction(address);
  for (unsigned i = 0; i < sizeof functions / sizeof *functions; ++i) {
    void* code = functions[i].function;
#if defined __powerpc64__ && _CALL_ELF != 2
    code = *(void**)code;  // of the descriptor
#endif
    if (start == code) return functions[i].name;
  }
  return NULL;
}

static _Unwind_Reason_Code shows(struct _Unwind_Context* context, void* unused) {
  int interrupted;
  char* const at = (char*)_Unwind_GetIPInfo(context, &interrupted);
  const char* const name = name_of(interrupted ? at : at - 1);
  if (name != NULL) printf(" %s%s", name, interrupted ? "(interrupted)" : "");
  return _URC_NO_REASON;
}

static void show_frames(const char* what) {
  printf("%s:", what);
  const int reason = _Unwind_Backtrace(shows, NULL);
  printf(", %s\n", reason == _URC_END_OF_STACK ? "and that is all" : "and no end");
}

static void show_backtrace(void) {
  void* addresses[100];
  const int count = backtrace(addresses, 100);
  printf("backtrace(3):");
  for (int i = 0; i < count; ++i) {
    const char* const name = name_of((char*)addresses[i] - 1);
    if (name != NULL) printf(" %s", name);
  }
  puts(""), sink = 4;
}


static void looks(int signal, siginfo_t* info, void* context) {
  show_frames(signal == SIGUSR2 ? "within a handler" : "in a handler");
  show_backtrace(), sink = 5;  // that there is no tail call
}
static void by_raise(int signal, siginfo_t* info, void* context) { calls_through(raises, SIGUSR2), sink = 6; }
static void by_fault(int signal, siginfo_t* info, void* context) {
  show_frames("at a fault");
  show_backtrace();
  if (in_fault) siglongjmp(back, 1);
}

// Unwinds up to the frame of main_part, and goes on there.
static _Unwind_Reason_Code stops(int version, _Unwind_Action actions, _Unwind_Exception_Class kind, struct _Unwind_Exception* exception,
                                 struct _Unwind_Context* context, void* unused) {
  if ((actions & _UA_END_OF_STACK) != 0) puts(" end of stack"), abort();
  shows(context, NULL);
  const char* const name = name_of((char*)_Unwind_GetIP(context) - 1);
  if (name != NULL && strcmp(name, "main_part") == 0) puts(""), siglongjmp(back, 2);
  return _URC_NO_REASON;
}
static void leaves(int signal, siginfo_t* info, void* context) {
  static struct _Unwind_Exception exception;
  printf("forced:");
  const int reason = _Unwind_ForcedUnwind(&exception, stops, NULL);
  printf(" gives %d\n", reason);
  abort();
}

static void faults(void) { in_fault = 1, sink = *(volatile int*)0, in_fault = 0; }
static void raises(int signal) { raise(signal), sink = 1; }
static void calls_through(void (*function)(int), int value) { function(value), sink = 2; }

static void on(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
  sigaction(signal, &action, NULL);
}

NOINLINE static void main_part(void) {
  show_frames("without a signal");
  on(SIGUSR1, looks, 0);
  calls_through(raises, SIGUSR1);

  puts("on another stack");
  stack_t other = {.ss_sp = malloc(1 << 18), .ss_size = 1 << 18};
  sigaltstack(&other, NULL);
  on(SIGUSR1, looks, SA_ONSTACK);
  calls_through(raises, SIGUSR1);

  puts("two signals");
  on(SIGUSR1, by_raise, SA_ONSTACK);
  on(SIGUSR2, looks, 0);
  calls_through(raises, SIGUSR1);

  on(SIGSEGV, by_fault, 0);
  if (sigsetjmp(back, 1) == 0) calls_through((void (*)(int))faults, 0);

  on(SIGUSR1, leaves, 0);
  if (sigsetjmp(back, 1) == 0) calls_through(raises, SIGUSR1);
  puts("out of it");
}

int main(void) {
  main_part();
  sink = 3;
  return 0;
}
