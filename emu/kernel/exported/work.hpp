// The model's own work in kernel text: a function's entry for each system call, and for well-known functions
// further in. Nothing is executed there. Where something is attached to one (a probe, a breakpoint on
// execution), the task passes it before the work is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "emu/kernel/kprobes/kprobes.hpp"
#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/module/modules.hpp"
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

  // A module's function (SYSCALL_DEFINE) serves the call in place of the model's own, unless it returns
  // SYSCALL_PASS. Those of its name that are no call's are not taken.
  void serve(const Module& module);
  void no_longer_serve(const Module& module);
  // True: such a function comes first.
  bool serves(Task& task);

 private:
  bool attached(const machine::Cpu& cpu, GuestVa entry) const;
  // The function of that place among names(), where something is attached to it.
  bool pass(const machine::Cpu& cpu, Task& task, std::size_t which,
            std::vector<KernelCall::Argument> arguments);
  std::vector<KernelCall::Argument> arguments_of(Task& task, std::string_view name, GuestVa& scratch);

  struct Server {
    const Module* module = nullptr;
    GuestVa function;
  };

  KernelCode& code_;
  Kprobes& kprobes_;
  GuestVa first_;  // the entry of the first of names(); the others follow
  std::map<isa::linux_abi::Syscall, Server> servers_;
};

}  // namespace trapline::kernel
