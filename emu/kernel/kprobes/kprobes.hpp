// Probes of kernel code (kernel/kprobes.c, kernel/trace/rethook.c): guest functions that are called before
// and after an instruction, at a function's entry and when it returns. In text a probe is an int3 or a trap
// in the instruction's place. The model's own functions have an entry and no instructions: there the entry
// itself is the probe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "emu/kernel/module/kernel_code.hpp"
#include "isa/decode.hpp"

namespace trapline::kernel {

struct KprobeUses {
  KernelCode& code;
  // struct task_struct of a task.
  std::function<GuestVa(Task&)> task_struct;
  // What became of the probed instruction itself, beside that it was stepped.
  std::function<void(machine::Cpu&, Task&, const machine::Stop&)> exception;
};

class Kprobes {
 public:
  explicit Kprobes(KprobeUses uses);

  // What guest code registers: addresses of struct kprobe and struct kretprobe. 0 or a negative errno.
  int register_kprobe(GuestVa kprobe);
  void unregister_kprobe(GuestVa kprobe);
  int register_kretprobe(GuestVa kretprobe);
  void unregister_kretprobe(GuestVa kretprobe);
  int enable(GuestVa kprobe, bool on);
  // get_kprobe(), kprobe_running(); 0: none.
  GuestVa at(GuestVa address) const;
  GuestVa running(const machine::Cpu& cpu) const { return active_[cpu.index()].running; }

  bool probed(GuestVa address) const { return !probes_.empty() && probes_.contains(address.value); }

  // The CPU has met an int3 or a trap. False: no probe's.
  bool breakpoint(machine::Cpu& cpu, Task& task);
  // The PC is at a function of the model's that is called. True: its probes come first.
  bool entered(machine::Cpu& cpu, Task& task);
  // The PC is where functions return to that a kretprobe waits for.
  void returned(machine::Cpu& cpu, Task& task);
  // Work of the model's has this result, that entries stood for: kretprobes of those are told.
  void work_done(Task& task, std::uint64_t result);

  // The task ends: functions that it is in do not return.
  void forget(Task& task);
  // What is under way on the CPU is given up (an oops).
  void abandon(const machine::Cpu& cpu) { active_[cpu.index()] = {}; }

 private:
  struct Probe {
    std::vector<GuestVa> kprobes;                // those registered last first
    std::optional<std::uint32_t> instruction{};  // what the trap is in the place of; absent: an entry
    bool armed = false;
  };
  // A hit under way on a CPU. Another meanwhile calls nobody.
  struct Active {
    GuestVa address;  // 0: none
    std::vector<GuestVa> kprobes{};
    std::size_t next = 0;
    GuestVa running{};
  };
  struct Kretprobe {
    std::vector<GuestVa> instances;  // all; struct kretprobe_instance
    std::vector<GuestVa> free;
  };

  KernelSpace& space() const { return uses_.code.space(); }
  bool x86() const;
  std::uint64_t word(GuestVa at) const { return space().read_word(at).value_or(0); }
  std::uint32_t flags(GuestVa kprobe) const;
  bool enabled(GuestVa kprobe) const;
  bool is_registered(GuestVa address, GuestVa kprobe) const;
  std::optional<GuestVa> address_of(GuestVa kprobe, int& error) const;
  // x86-64: whether an instruction begins there.
  bool can_probe(GuestVa address) const;
  void arm(GuestVa address, Probe& probe);
  void put_instruction(GuestVa address, const Probe& probe, bool trap);
  void hit(machine::Cpu& cpu, Task& task, GuestVa address, const Probe& probe);
  void call_pre_handlers(machine::Cpu& cpu, Task& task);
  void call_post_handlers(machine::Cpu& cpu, Task& task);
  void step(machine::Cpu& cpu, Task& task);
  void single_step(machine::Cpu& cpu, Task& task, GuestVa address, const Probe& probe);
  bool enter_function(machine::Cpu& cpu, Task& task, GuestVa kretprobe);
  void wait_for_return(machine::Cpu& cpu, Task& task, GuestVa kretprobe, GuestVa instance);
  void call_return_handler(Task& task, const KretprobeInstance& waiting, std::optional<std::uint64_t> result);

  KprobeUses uses_;
  std::map<std::uint64_t, Probe> probes_;          // by address
  std::map<std::uint64_t, Kretprobe> kretprobes_;  // by struct kretprobe's address
  std::vector<Active> active_;                     // by CPU
  isa::Decoder decoder_;
};

}  // namespace trapline::kernel
