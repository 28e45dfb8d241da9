// What a task has while guest code of the kernel runs for it: a kernel stack, and on it one frame for each
// call that has not returned.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "emu/kernel/task/wait_queue.hpp"
#include "emu/machine/address_space.hpp"
#include "emu/machine/cpu_state.hpp"

namespace trapline::machine {
class Cpu;
}

namespace trapline::kernel {

using isa::GuestVa;

class KernelSpace;
enum class Step : std::uint8_t;

// A function of the guest's kernel code that the model calls.
struct KernelCall {
  // What it is given: a number; the registers of what it interrupts (struct pt_regs).
  struct Registers {};
  using Argument = std::variant<std::uint64_t, Registers>;

  GuestVa function;  // PPC64: its descriptor
  std::vector<Argument> arguments{};
  std::string reason{};  // for people: "the hit of …"
  // Told of what it returned, with the task's registers as they were before the call.
  std::function<void(std::uint64_t result)> returned{};
  // Asked before it begins: whether it is still to be made.
  std::function<bool()> still{};
  // How many calls were under way when it was asked for: it begins when there are as many again, so that
  // those of one exception come one after another, and those of an exception within one of them before the
  // next.
  std::size_t depth = 0;
  // In what it runs: but for a task's own work nobody sleeps there.
  enum class Context : std::uint8_t { Task, Exception, SoftInterrupt, Interrupt };
  Context context = Context::Task;
  bool atomic() const { return context != Context::Task; }
  bool disarmed = false;  // with the CPU's breakpoints off
  // Where the address of struct pt_regs goes, too; 0: nowhere.
  GuestVa registers_to{};
  // Of work of the model's own, which comes after it.
  bool stands_for_work = false;
  // schedule(), where the system call of the task's sleeps that is under way.
  bool sleeps_in_call = false;
  // struct pt_regs shows this as what a function returned.
  std::optional<std::uint64_t> result{};
  // Changes of struct pt_regs are not those of what was interrupted.
  bool changes_nothing = false;
};

// schedule() under way.
struct KernelSleep {
  enum class Kind : std::uint8_t {
    Sleep,        // as task_struct::__state says
    CondResched,  // makes way where it has to
    Yield,
  };
  Kind kind = Kind::Sleep;
  std::uint64_t until = ~std::uint64_t{0};  // nanoseconds since the start
  bool timed_out = false;
};

struct KernelFrame {
  machine::CpuState interrupted;
  Step step{};  // of the task, before
  KernelCall call;
  GuestVa registers{};               // struct pt_regs, on the stack
  std::vector<std::byte> pt_regs{};  // what it was
  std::optional<KernelSleep> sleep{};
};

// A function under way that a kretprobe waits for (struct kretprobe_instance).
struct KretprobeInstance {
  GuestVa instance;
  GuestVa kretprobe;
  GuestVa return_to{};
  bool work = false;  // KernelCall::stands_for_work
};

// A function of kernel code that the model waits for in a system call, which is made again then.
struct AwaitedCall {
  const void* who = nullptr;
  GuestVa buffer{};  // that it was given
  std::uint64_t size = 0;
  std::optional<std::uint64_t> result{};
};

// poll(2) under way, as far as guest code has a part in it (GuestFiles).
struct PollInKernelCode {
  struct Asked {
    std::shared_ptr<void> file;  // stays open meanwhile
    bool asking = false;
    std::optional<std::uint32_t> events{};  // since the call slept last
  };
  GuestVa table{};  // struct poll_wqueues
  std::map<const void*, Asked> files{};
  bool woken = false;  // something changed, while the call did not sleep
  WaitQueue queue{};
};

// What kernel code has to do with the system call under way (ModelWork).
struct CallInKernelCode {
  bool passed_entries = false;            // of the functions that its work has in kernel text
  bool offered = false;                   // to a module that serves it
  std::optional<std::uint64_t> served{};  // what that returned
};

struct KernelContext {
  explicit KernelContext(KernelSpace& space_) : space(space_) {}
  ~KernelContext();
  KernelContext(const KernelContext&) = delete;
  KernelContext& operator=(const KernelContext&) = delete;

  KernelSpace& space;
  std::deque<KernelCall> pending;  // to be called before anything else runs for the task
  std::vector<KernelFrame> frames;
  // The first of `pending` whose turn it is; its end: none.
  std::deque<KernelCall>::iterator next() {
    return std::ranges::find(pending, frames.size(), &KernelCall::depth);
  }

  unsigned preempt_count = 0;              // preempt_disable()
  bool irqs_disabled = false;              // local_irq_disable()
  GuestVa past_probe;                      // the entry whose probes have been called
  std::vector<KretprobeInstance> returns;  // the innermost last
  std::optional<AwaitedCall> awaited;
  CallInKernelCode call;
  std::unique_ptr<PollInKernelCode> poll;  // null: none
  // A file's flush() that close(2) waits for, and what it said.
  std::optional<std::optional<std::uint64_t>> flush;
  WaitQueue sleeping;                           // the task, while a system call of its sleeps in schedule()
  bool exiting = false;                         // do_exit() was entered
  bool started = false;                         // a kernel thread that has run
  GuestVa stack;                                // its end
  GuestVa task_struct;                          // what kernel code sees of the task; 0: nothing yet
  std::unique_ptr<machine::AddressSpace> view;  // while there are frames
};

}  // namespace trapline::kernel
