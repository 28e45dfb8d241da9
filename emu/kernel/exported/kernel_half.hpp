// All that there is where guest code of the kernel runs: made when the first of it is loaded, so that
// machines without it have nothing of it.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/module/modules.hpp"
#include "emu/kernel/printk/printk.hpp"
#include "emu/kernel/task/timers.hpp"

namespace trapline::kernel {

class KernelHalf {
 public:
  explicit KernelHalf(Kernel& kernel);

  KernelCode& code() { return code_; }
  Modules& modules() { return modules_; }
  Printk& printk() { return printk_; }

  // Loads it and has `task` run its init function before anything else; `initialised` is told what that
  // returned, and of a negative number the module is gone again. Throws ModuleError.
  void insert(std::span<const std::byte> file, std::string_view name, std::string_view arguments, Task& task,
              std::function<void(int result)> initialised);
  // Has the task run its exit function, after which it is gone. ENOENT, EBUSY.
  Status remove(const std::string& name, Task& task);

  // A task is about to run on the CPU: jiffies is what it should be by now, and goes on.
  void tick_irq_enter(machine::Cpu& cpu, Task& task);

  // The kernel code of the task did what the processor refuses: says so, with all that is known of where, and
  // gives up what is under way. The task is to end. `what`: the first lines.
  void oops(machine::Cpu& cpu, Task& task, const std::vector<std::string>& what);
  // How many there have been: "Oops: … [#1]".
  unsigned oopses() const { return oopses_; }

 private:
  // A write of the model's own to a variable that kernel code sees, as breakpoints see it.
  void write_variable(machine::Cpu& cpu, Task& task, GuestVa variable, std::uint64_t value);
  void update_jiffies(machine::Cpu& cpu, Task& task, std::uint64_t now);
  void tick();

  Kernel& kernel_;
  Printk printk_;
  KernelCode code_;
  Modules modules_;
  Exported exported_;
  unsigned oopses_ = 0;
  GuestVa jiffies_;
  std::uint64_t ticks_ = 0;  // that jiffies knows of
  Timer tick_;               // while anything runs (CONFIG_NO_HZ_IDLE)
};

}  // namespace trapline::kernel
