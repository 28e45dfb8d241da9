// What the perf core asks of what is around it: so it can be built, and tested, without the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/perf/callchain.hpp"
#include "emu/kernel/signal/sigio.hpp"
#include "isa/address.hpp"

namespace trapline::machine {
class Cpu;
class CpuState;
}  // namespace trapline::machine

namespace trapline::kernel {

class File;
class Mm;
class Scheduler;
class SigInfo;
class Task;
class TaskTable;
class Timers;

// What perf samples of a thread (asm/perf_regs.h, perf_callchain_user()).
class PerfArch {
 public:
  // The bits of PERF_REG_* that a program may ask for.
  virtual std::uint64_t perf_reg_mask() const = 0;
  // Those that only some kinds of events could show, none of which are here (PERF_REG_EXTENDED_MASK).
  virtual std::uint64_t perf_extended_regs() const { return 0; }
  // Those of `mask`, from the lowest bit on; how many they are.
  virtual std::size_t perf_regs(machine::Cpu& cpu, const ThreadArch& thread, std::uint64_t mask,
                                std::span<std::uint64_t> out) const = 0;
  // The callers of the function that the thread is in, as far as its stack tells without a page fault.
  virtual void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain) const = 0;
  virtual isa::GuestVa stack_pointer(machine::Cpu& cpu) const = 0;

 protected:
  ~PerfArch() = default;
};

// Those that sample_regs_user may name (perf_reg_validate()).
inline std::uint64_t known_registers(const PerfArch& arch) {
  return arch.perf_reg_mask() | arch.perf_extended_regs();
}

// Whom the core tells, and whom it asks for a name.
class PerfUpcalls {
 public:
  virtual void send_sigtrap(const SigInfo& info, Task& task) = 0;
  // To the owner of an event's file.
  virtual void send_sigio(const File& file, PollReason reason) = 0;
  // Where guest code of the kernel runs for the task: the PC and the return addresses up to the end of the
  // kernel's part, at most so many. Empty where none runs.
  virtual std::vector<isa::GuestVa> kernel_callers(machine::Cpu& cpu, const Task& task, std::size_t most) = 0;
  // And the registers of the program then; null: the CPU has them.
  virtual machine::CpuState* user_registers(const Task& task) = 0;
  // Of the file that a mapping is of.
  virtual std::uint64_t inode_of(Task& task, const std::string& path) = 0;

 protected:
  ~PerfUpcalls() = default;
};

struct PerfEnvironment {
  Scheduler& scheduler;
  Timers& timers;
  TaskTable& tasks;
  PerfArch& arch;
  PerfUpcalls& upcalls;
};

}  // namespace trapline::kernel
