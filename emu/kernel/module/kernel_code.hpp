// Guest code of the kernel, run for a task: the model calls a function of it, the function runs on the task's
// kernel stack with the kernel's privilege, calls the model back through entries that the model exports, and
// returns. It may be left at any instruction, and sleep in what it calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emu/kernel/module/kallsyms.hpp"
#include "emu/kernel/module/kernel_abi.hpp"
#include "emu/kernel/module/kernel_context.hpp"
#include "emu/kernel/module/kernel_space.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"
#include "emu/machine/stop.hpp"

namespace trapline::kernel {

class Arch;
class Task;

// What the model does where kernel code enters one of its functions.
class ExportedFunctions {
 public:
  // What it returns; nothing: it is entered again, now or when the task is woken.
  virtual std::optional<std::uint64_t> enter(std::size_t index, machine::Cpu& cpu, Task& task) = 0;

 protected:
  ~ExportedFunctions() = default;
};

// What a function says that returns a negative errno where it fails (IS_ERR_VALUE()).
inline SyscallResult result_of_kernel_code(std::uint64_t value) {
  const auto number = static_cast<std::int64_t>(value);
  constexpr std::int64_t kMostErrors = 4095;
  if (number < 0 && number >= -kMostErrors) return Error{static_cast<int>(-number)};
  return value;
}

// As Linux 6.1 calls it (arch/x86/kernel/rethook.c, arch/powerpc/kernel/kprobes.c).
constexpr std::string_view return_trampoline_name(isa::Isa isa) {
  return isa == isa::Isa::X86_64 ? "arch_rethook_trampoline" : "__kretprobe_trampoline";
}

class KernelCode {
 public:
  KernelCode(machine::Machine& machine, Arch& arch);

  KernelSpace& space() { return space_; }
  Kallsyms& kallsyms() { return kallsyms_; }
  const KernelAbi& abi() const { return *abi_; }

  // Gives the functions addresses, in this order; each is a symbol.
  void export_functions(std::span<const std::string_view> names, ExportedFunctions& functions);
  // Whether it is the address of one of them.
  bool is_entry(GuestVa address) const {
    return address >= entries_ && address < return_entry_ && address.offset_in(kEntrySize) == 0;
  }
  // As kernel code calls the one that begins there: PPC64's is a descriptor.
  GuestVa callable(GuestVa entry) const;
  // Where functions return to that a kretprobe waits for: one of them, too.
  GuestVa return_trampoline() const { return return_trampoline_; }
  // callable() of the one of that name.
  std::optional<GuestVa> exported(std::string_view name) const;

  // Before the task runs on; behind what it is to call already, or before that.
  void call(Task& task, KernelCall call);
  void call_first(Task& task, KernelCall call);
  static bool wanted(const Task& task);
  KernelContext& context_of(Task& task);
  // Whether the task is in kernel code (after begin()).
  static bool inside(const Task& task);
  // Begins the next call that is wanted.
  enum class Begun : std::uint8_t {
    Yes,
    Nothing,        // none is wanted any more
    NoMemory,       // for a stack; it is still wanted
    StackOverflow,  // under way, and can go no further, as where
    NoFunction,     // there is no function to call: PPC64, its descriptor is not there
  };
  Begun begin(machine::Cpu& cpu, Task& task);
  // The CPU works for the task in that mode from now on.
  static void set_mode(machine::Cpu& cpu, Task& task);

  // What became of a stop in kernel code.
  enum class Outcome : std::uint8_t {
    Done,
    NotHandled,  // an exception of its own, which is for whoever knows more
  };
  Outcome page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault);

  // The kernel functions that the task is in, from where it is outwards, through what the model called (a
  // hit's callback) to what that interrupted. At most so many; addresses where the kernel has no symbol, as a
  // program's, are left out.
  struct Caller {
    GuestVa address;
    std::string name;  // sprint_symbol() of where it is, sprint_backtrace() of who called
  };
  std::vector<Caller> backtrace(machine::Cpu& cpu, const Task& task, std::size_t most) const;

  // All that the task has under way is given up, and its registers are those of its own again.
  void abandon(machine::Cpu& cpu, Task& task);

  static constexpr std::uint64_t kEntrySize = 16;  // from one to the next, as functions are aligned

 private:
  void finish(machine::Cpu& cpu, Task& task);
  void restore_registers(machine::Cpu& cpu, const KernelFrame& frame);
  // PPC64: what a descriptor is of.
  GuestVa code_address(GuestVa function) const;

  machine::Machine& machine_;
  Arch& arch_;
  KernelSpace space_;
  Kallsyms kallsyms_;
  std::unique_ptr<KernelAbi> abi_;
  ExportedFunctions* functions_ = nullptr;
  GuestVa entries_;      // of the exported functions, kEntrySize bytes each
  GuestVa descriptors_;  // PPC64
  GuestVa return_trampoline_;
  GuestVa return_entry_;  // where a function that the model called returns to
};

}  // namespace trapline::kernel
