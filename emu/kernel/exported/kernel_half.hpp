// All that there is where guest code of the kernel runs: made when the first of it is loaded, so that
// machines without it have nothing of it.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/exported/debugger_hooks.hpp"
#include "emu/kernel/exported/die_notifiers.hpp"
#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/exported/guest_files.hpp"
#include "emu/kernel/exported/interrupts.hpp"
#include "emu/kernel/exported/kexec.hpp"
#include "emu/kernel/exported/variables.hpp"
#include "emu/kernel/exported/work.hpp"
#include "emu/kernel/kprobes/kprobes.hpp"
#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/module/modules.hpp"
#include "emu/kernel/printk/printk.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/timers.hpp"

namespace trapline::kernel {

class KernelHalf final : private TaskListener {
 public:
  explicit KernelHalf(Kernel& kernel);
  ~KernelHalf();
  KernelHalf(const KernelHalf&) = delete;
  KernelHalf& operator=(const KernelHalf&) = delete;

  KernelCode& code() { return code_; }
  Modules& modules() { return modules_; }
  Printk& printk() { return printk_; }

  // Loads it and has `task` run its init function before anything else; `initialised` is told what that
  // returned, and of a negative number the module is gone again. Throws ModuleError.
  void insert(std::span<const std::byte> file, std::string_view name, std::string_view arguments, Task& task,
              const std::function<void(int result)>& initialised);
  // The same of a kernel image: its start_kernel(), where it has one, and then its initcalls; its functions
  // of system calls' names serve these.
  void boot(std::span<const std::byte> image, Task& task);
  // Has the task run its exit function, after which it is gone. ENOENT, EBUSY.
  Status remove(const std::string& name, Task& task);

  Kexec& kexec() { return kexec_; }
  Interrupts& interrupts() { return interrupts_; }
  Kprobes& kprobes() { return kprobes_; }
  GuestFiles& files() { return files_; }
  DieNotifiers& die_notifiers() { return die_notifiers_; }
  KernelVariables& variables() { return variables_; }
  Exported& exported() { return exported_; }
  // An int3 or a trap that is no kprobe's. True: it is somebody's.
  bool told_of_breakpoint(machine::Cpu& cpu, Task& task);
  DebuggerHooks& debugger() { return debugger_; }
  ModelWork& work() { return work_; }
  // Whether kernel code is to run in the task's place.
  bool wanted(unsigned cpu, const Task& task) const {
    return KernelCode::wanted(task) || interrupts_.pending(cpu, task);
  }
  // The task's kernel code gives its CPU up, as its innermost frame says.
  void schedule(machine::Cpu& cpu, Task& task);
  // The task is about to sleep in a system call, or to make way for another. True: it does so in the
  // library's schedule(), since somebody watches that.
  bool sleeps_in_schedule(const machine::Cpu& cpu, Task& task);
  bool makes_way_in_schedule(const machine::Cpu& cpu, Task& task);

  // Of a sequence that begins alike in each run (Steele and others, "Fast splittable pseudorandom number
  // generators", 2014).
  void random_bytes(std::span<std::byte> out);

  // A task is about to run on the CPU: jiffies is what it should be by now, and goes on.
  void tick_irq_enter(machine::Cpu& cpu, Task& task);

  // The kernel code of the task did what the processor refuses: says so, with all that is known of where, and
  // gives up what is under way. The task is to end. `what`: the first lines.
  void oops(machine::Cpu& cpu, Task& task, const std::vector<std::string>& what);
  // Calls panic_notifier_list.
  void tell_of_panic(machine::Cpu& cpu, std::string_view why);
  // How many there have been: "Oops: … [#1]".
  unsigned oopses() const { return oopses_; }

 private:
  void made(Task& task, Task& parent) override;
  void executed(Task& task) override;
  void ends(Task& task) override;
  void released(Task& task) override;

  void make_init_task();
  bool schedule_is_watched(const machine::Cpu& cpu) const {
    return schedule_.entry.value != 0 && work_.attached(cpu, schedule_.entry);
  }
  // The module comes, lives or goes (MODULE_STATE_*): register_module_notifier()'s functions are called, and
  // `then` is told what they said; at once where there are none.
  bool module_notifiers();
  KernelCall module_notification(Module& module, Module::State state,
                                 std::function<void(std::uint64_t error)> then);
  void tell_of_module(Module& module, Module::State state, Task& task, const std::function<void()>& then);
  Notify told_of_debug(DieArgs& args);
  // /proc/kallsyms and /proc/modules.
  std::string kallsyms_text();
  std::string modules_text();
  void update_jiffies(machine::Cpu& cpu, Task& task, std::uint64_t now);
  void tick();

  Kernel& kernel_;
  Printk& printk_;
  KernelCode code_;
  Modules modules_;
  Interrupts interrupts_;
  Exported exported_;
  Kprobes kprobes_;
  ModelWork work_{code_, kprobes_};
  GuestFiles files_;
  DieNotifiers die_notifiers_;
  DebuggerHooks debugger_{kernel_, code_, modules_};
  Kexec kexec_{kernel_};
  KernelVariables variables_;
  struct {
    GuestVa function;  // as it is called
    GuestVa entry;
  } schedule_;  // the library's
  unsigned oopses_ = 0;
  std::uint64_t random_ = 0;
  GuestVa jiffies_;
  std::uint64_t ticks_ = 0;  // that jiffies knows of
  Timer tick_;               // while anything runs (CONFIG_NO_HZ_IDLE)
};

}  // namespace trapline::kernel
