// The model's own work in kernel text: a function's entry for each system call, and for well-known functions
// further in. Nothing is executed there. Where something is attached to one (a probe, a breakpoint on
// execution), the task passes it before the work is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "emu/kernel/kprobes/kprobes.hpp"
#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/module/modules.hpp"
#include "emu/machine/stop.hpp"
#include "isa/linux/syscalls.hpp"

namespace trapline::kernel {

class ModelWork {
 public:
  ModelWork(KernelCode& code, Kprobes& kprobes);

  // What kallsyms calls the functions, in the order of export_functions().
  static std::span<const std::string_view> names(isa::Isa isa);

  // The task is about to do what its system call is for, or to end (do_exit()). True: it passes functions
  // first.
  bool begins(machine::Cpu& cpu, Task& task);
  bool begins_exit(machine::Cpu& cpu, Task& task);
  // Likewise for a program's page fault: `handle` does so then, and gives what handle_mm_fault() returns.
  bool begins_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault,
                    const std::function<std::uint64_t()>& handle);

  // Whether a probe or a breakpoint on execution is there.
  bool attached(const machine::Cpu& cpu, GuestVa entry) const;

  // A module's function (SYSCALL_DEFINE) serves the call in place of the model's own, unless it returns
  // SYSCALL_PASS. Those of its name that are no call's are not taken.
  void serve(const Module& module);
  void no_longer_serve(const Module& module);
  // True: such a function comes first.
  bool serves(Task& task);

 private:
  GuestVa entry(std::size_t which) const { return first_ + which * KernelCode::kEntrySize; }
  // The function of that place among names(), where something is attached to it.
  bool pass(const machine::Cpu& cpu, Task& task, std::size_t which,
            std::vector<KernelCall::Argument> arguments);
  // copy_page_range() of each mapping from there on that a child gets.
  bool copies(const machine::Cpu& cpu, const Task& task) const;
  void copy_page_ranges(Task& task, GuestVa from);
  std::vector<KernelCall::Argument> arguments_of(Task& task, std::string_view name, GuestVa& scratch);

  struct Server {
    const Module* module = nullptr;
    GuestVa function;
  };

  KernelCode& code_;
  Kprobes& kprobes_;
  GuestVa first_;         // the entry of the first of names(); the others follow
  std::size_t exit_ = 0;  // places among names(): do_exit(), and the next
  std::size_t fault_ = 0;
  std::size_t handle_mm_fault_ = 0;
  std::size_t copy_page_range_ = 0;
  std::map<isa::linux_abi::Syscall, Server> servers_;
};

}  // namespace trapline::kernel
