// Variables of the kernel's that are in its memory, as Linux has them: breakpoints see the model's writes to
// them, and what kernel code writes there the model shows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/release.hpp"
#include "emu/kernel/time_units.hpp"

namespace trapline::kernel {

class Kernel;
class Modules;

class KernelVariables {
 public:
  KernelVariables(Kernel& kernel, KernelCode& code, Modules& modules);
  KernelVariables(const KernelVariables&) = delete;
  KernelVariables& operator=(const KernelVariables&) = delete;

  // A write of the model's own, for the task, as breakpoints see it.
  void write(machine::Cpu& cpu, Task& task, GuestVa variable, std::uint64_t value, std::uint32_t bytes = 8);

  // total_forks and nr_threads.
  void task_made();
  void task_released();

  // jiffies is that many ticks from the start: avenrun is what it should be by now
  // (kernel/sched/loadavg.c).
  void calc_global_load(machine::Cpu& cpu, Task& task, std::uint64_t ticks);
  // The clock stands still until somebody runs again: who waits now does so meanwhile.
  void clock_stops() { idle_active_ = active(); }
  std::string loadavg_text() const;

  // init_uts_ns, as uname(2) shows it.
  UtsName uts_name() const;

 private:
  std::uint64_t read(GuestVa variable, std::uint32_t bytes = 8) const;
  // By whoever runs.
  void write(GuestVa variable, std::uint64_t value, std::uint32_t bytes = 8);
  void keep_sysctls();
  GuestVa place(std::string_view name, std::uint32_t bytes);
  std::uint64_t active() const;

  Kernel& kernel_;
  KernelCode& code_;
  Modules& modules_;
  GuestVa next_;  // room for the next variable
  GuestVa total_forks_;
  GuestVa nr_threads_;
  GuestVa avenrun_;
  GuestVa uts_name_;
  std::uint64_t ticks_ = 0;                                                   // seen last
  static constexpr std::uint64_t kLoadInterval = 5 * (kSecond / kJiffy) + 1;  // LOAD_FREQ
  std::uint64_t load_update_ = kLoadInterval;       // when the load is looked at next (calc_load_update)
  std::optional<std::uint64_t> calc_load_tasks_{};  // how many it was then
  std::uint64_t idle_active_ = 0;                   // how many while the clock stood still
};

}  // namespace trapline::kernel
