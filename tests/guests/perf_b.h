// What the guests perf_*.c, sigtrap_*.c and seed003_*.c share: events of every kind, ring buffers, SIGTRAP's data.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // CPU_SET, REG_RIP, strerrorname_np
#endif
#include "breakpoint.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

static inline int open_on(const struct perf_event_attr* attr, int pid, int cpu, int group) {
  return (int)syscall(SYS_perf_event_open, attr, pid, cpu, group, (unsigned long)PERF_FLAG_FD_CLOEXEC);
}
// Opens or ends the program.
static inline int must_open(const struct perf_event_attr* attr, int pid, int cpu, int group) {
  const int fd = open_on(attr, pid, cpu, group);
  if (fd < 0) perror("perf_event_open"), exit(3);
  return fd;
}
static inline struct perf_event_attr software_attr(unsigned config) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.size = sizeof attr;
  attr.config = config;
  return attr;
}
static inline const char* outcome_of(long result) { return result >= 0 ? "ok" : strerrorname_np(errno); }

// Opens an event that is not inherited. Without one, the kernel may exchange the contexts of a parent and its child when it
// switches from one to the other, and with them the counts of inherited events: their sum is the same, but not what a reset does.
static inline int no_exchange(void) {
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_DUMMY);
  return must_open(&attr, 0, -1, -1);
}

// The status of a child that has ended: its exit status, or 1000 and the signal.
static inline int wait_for(int pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0) if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

// The ring buffer of an event: `pages` pages of data, a power of two.
struct ring { struct perf_event_mmap_page* page; unsigned char* data; uint64_t size, at; };
static inline struct ring map_ring(int fd, unsigned pages) {
  const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  void* mapped = mmap(NULL, size * (pages + 1), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) perror("mmap"), exit(5);
  return (struct ring){mapped, (unsigned char*)mapped + size, size * pages, 0};
}
// The next record, copied to where it does not wrap, or NULL.
static inline const struct perf_event_header* next_record(struct ring* ring) {
  static _Alignas(8) unsigned char copy[65536];
  const uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
  if (ring->at >= head) return NULL;
  for (unsigned i = 0; i < 8; ++i) copy[i] = ring->data[(ring->at + i) % ring->size];
  const unsigned size = ((const struct perf_event_header*)copy)->size;
  for (unsigned i = 0; i < size; ++i) copy[i] = ring->data[(ring->at + i) % ring->size];
  ring->at += size;
  __atomic_store_n(&ring->page->data_tail, ring->at, __ATOMIC_RELEASE);
  return (const struct perf_event_header*)copy;
}
static inline uint64_t word64(const void* record, unsigned offset) {
  uint64_t value;
  memcpy(&value, (const char*)record + offset, 8);
  return value;
}
static inline uint32_t word32(const void* record, unsigned offset) {
  uint32_t value;
  memcpy(&value, (const char*)record + offset, 4);
  return value;
}
// How many of the ring's records have a type, all being read.
static inline int count_records(struct ring* ring, unsigned type) {
  int found = 0;
  for (const struct perf_event_header* record; (record = next_record(ring)) != NULL;) found += record->type == type;
  return found;
}

// SIGTRAP by an event; the library's siginfo_t has no names for the _perf part.
enum { kTrapPerf = 6 };
static inline struct perf_event_attr sigtrap_attr(volatile const void* address, unsigned length, unsigned type) {
  struct perf_event_attr attr = breakpoint_attr(address, length, type);
  attr.sigtrap = 1;
  attr.remove_on_exec = 1;
  attr.sample_period = 1;
  return attr;
}
static inline uint64_t perf_data(const siginfo_t* info) { return word64(info, 24); }
static inline uint32_t perf_type(const siginfo_t* info) { return word32(info, 32); }
static inline uint32_t perf_flags(const siginfo_t* info) { return word32(info, 36); }

static inline void handle(int signal, void (*handler)(int, siginfo_t*, void*), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  sigaction(signal, &action, NULL);
}
// The program counter in a signal handler's context.
#if defined(__x86_64__)
#define PC_OF(context) (*(unsigned long*)&((ucontext_t*)(context))->uc_mcontext.gregs[REG_RIP])
#else
#define PC_OF(context) (*(unsigned long*)&((ucontext_t*)(context))->uc_mcontext.gp_regs[32])
#endif
// Code that stores 1 to `at`, adds 1 to `counter`, and has labels: name_store, name_add and name_end. For use in one function.
#if defined(__x86_64__)
#define STORE_AND_ADD(name, at, counter)                                                                             \
  asm volatile(#name "_store: movl $1, (%0)\n" #name "_add: addl $1, (%1)\n" #name "_end: nop" : : "r"(at), "r"(counter) \
               : "memory")
#else
#define STORE_AND_ADD(name, at, counter)                                                                          \
  asm volatile("li 9, 1\n" #name "_store: stw 9, 0(%0)\n" #name "_add: lwz 9, 0(%1)\n addi 9, 9, 1\n stw 9, 0(%1)\n" \
               #name "_end: nop" : : "b"(at), "b"(counter) : "memory", "r9")
#endif
#define LABELS(name) extern char name##_store[], name##_add[], name##_end[]
