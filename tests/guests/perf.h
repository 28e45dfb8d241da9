// Sampling breakpoints by perf_event_open(2): opening events, the outcomes of calls, and the records of a ring buffer.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "breakpoint.h"

// The functions that hit a breakpoint: all in one section, so that addresses can be found to be inside.
#define HITS __attribute__((noinline, noclone, section("hitting")))
extern char __start_hitting[], __stop_hitting[];
static inline bool in_hits(uint64_t at) { return at >= (uintptr_t)__start_hitting && at < (uintptr_t)__stop_hitting; }

static inline const char* outcome(long result) { return result >= 0 ? "ok" : strerrorname_np(errno); }

static inline long open_as(struct perf_event_attr* attr, int pid, int cpu, int group, unsigned long flags) {
  return syscall(SYS_perf_event_open, attr, pid, cpu, group, flags);
}

// Says how the event can be opened, and closes it.
static inline void tell_open(const char* what, long fd) {
  printf("%s: %s\n", what, outcome(fd));
  if (fd >= 0) close((int)fd);
}
static inline void tell_attr(const char* what, struct perf_event_attr attr) {
  tell_open(what, open_as(&attr, 0, -1, -1, 0));
}

// A breakpoint on writes that makes a sample of every `period`th hit.
static inline struct perf_event_attr sampling(volatile const void* address, unsigned length, uint64_t period, uint64_t type) {
  struct perf_event_attr attr = breakpoint_attr(address, length, HW_BREAKPOINT_W);
  attr.sample_period = period;
  attr.sample_type = type;
  return attr;
}

static inline int must_open(struct perf_event_attr attr) {
  const int fd = open_event(&attr);
  if (fd < 0) perror("perf_event_open"), exit(3);
  return fd;
}

struct ring {
  volatile struct perf_event_mmap_page* page;
  unsigned char* data;
  uint64_t size;  // of the data
  uint64_t tail;  // up to where it has been read
};

static inline size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

static inline struct ring map_ring_as(int fd, unsigned pages, int protection) {
  struct ring ring = {.size = pages * page_size()};
  void* const at = mmap(NULL, page_size() + ring.size, protection, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) perror("mmap"), exit(5);
  ring.page = at;
  ring.data = (unsigned char*)at + page_size();
  return ring;
}
static inline struct ring map_ring(int fd, unsigned pages) { return map_ring_as(fd, pages, PROT_READ | PROT_WRITE); }
static inline int unmap_ring(struct ring* ring) { return munmap((void*)ring->page, page_size() + ring->size); }

static inline uint64_t head_of(const struct ring* ring) { return __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE); }

static inline void ring_copy(const struct ring* ring, uint64_t from, void* to, size_t size) {
  for (size_t i = 0; i < size; ++i) ((unsigned char*)to)[i] = ring->data[(from + i) % ring->size];
}

struct record {
  struct perf_event_header header;
  uint64_t body[8191];
};

// The record at `tail`, which moves on; false if there is none. The kernel is not told: see release.
static inline bool next_record(struct ring* ring, struct record* record) {
  if (ring->tail == head_of(ring)) return false;
  ring_copy(ring, ring->tail, &record->header, sizeof record->header);
  ring_copy(ring, ring->tail, record, record->header.size);
  ring->tail += record->header.size;
  return true;
}
static inline void release(struct ring* ring) { __atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE); }

// How many records of a type are unread; they are read and released.
static inline long take_records(struct ring* ring, unsigned type) {
  struct record record;
  long number = 0;
  while (next_record(ring, &record)) number += record.header.type == type;
  release(ring);
  return number;
}
static inline long take_samples(struct ring* ring) { return take_records(ring, PERF_RECORD_SAMPLE); }
