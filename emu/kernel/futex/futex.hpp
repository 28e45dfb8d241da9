// Futexes: tasks that wait for a word of memory to change (kernel/futex, futex(2)).
#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class Scheduler;
struct Syscall;
class Task;

class Futexes {
 public:
  explicit Futexes(Scheduler& scheduler) : scheduler_(scheduler) {}

  SyscallResult call(Syscall& call);
  SyscallResult wait_for_any(Syscall& call);  // futex_waitv(2)
  // Wakes at most `count` waiters of a word; how many there were.
  unsigned wake(Mm& mm, GuestVa address, bool shared, unsigned count, std::uint32_t bits = ~0u);
  // The locks that a thread holds as it ends are marked, and somebody who waits for each goes on
  // (get_robust_list(2)).
  void exit_robust_list(Task& task);

 private:
  struct Waiter {
    Task* task = nullptr;
    std::uint32_t bits = ~0u;
    unsigned index = 0;  // of futex_waitv(2): which of its words
  };
  struct Place {
    FutexKey key;
    unsigned index = 0;
  };
  using Queue = std::list<Waiter>;  // in the order in which they came

  SyscallResult wait(Syscall& call, bool shared, std::uint32_t bits);
  SyscallResult requeue(Syscall& call, bool shared, bool compare);
  SyscallResult wake_op(Syscall& call, bool shared);
  void enter(const FutexKey& key, const Waiter& waiter);
  void leave(Task& task);
  unsigned wake(const FutexKey& key, unsigned count, std::uint32_t bits);
  bool handle_death(Task& task, GuestVa word, bool pending);

  Scheduler& scheduler_;
  std::unordered_map<FutexKey, Queue> queues_;  // never iterated
  // The queues that a task is in: several only with futex_waitv(2). Never iterated.
  std::unordered_map<const Task*, absl::InlinedVector<Place, 1>> waits_for_;
};

}  // namespace trapline::kernel
