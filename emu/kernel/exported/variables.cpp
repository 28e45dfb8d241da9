#include "emu/kernel/exported/variables.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "emu/kernel/exported/task_struct.hpp"
#include "emu/kernel/fs/sysctl.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/module/modules.hpp"

namespace trapline::kernel {

namespace {

// include/linux/sched/loadavg.h: fixed point with 11 bits.
constexpr unsigned kShift = 11;  // FSHIFT
constexpr std::uint64_t kOne = std::uint64_t{1} << kShift;
constexpr std::array<std::uint64_t, 3> kDecays{1884, 2014, 2037};  // in 5 s, of 1, 5 and 15 minutes: EXP_1, …

std::uint64_t calc_load(std::uint64_t load, std::uint64_t decay, std::uint64_t active) {
  return (load * decay + active * (kOne - decay) + (active >= load ? kOne - 1 : 0)) / kOne;
}

// fixed_power_int(): so many intervals at once.
std::uint64_t power(std::uint64_t x, std::uint64_t n) {
  constexpr std::uint64_t kHalf = kOne / 2;
  std::uint64_t result = kOne;
  for (; n != 0; n >>= 1) {
    if ((n & 1) != 0) result = (result * x + kHalf) >> kShift;
    x = (x * x + kHalf) >> kShift;
  }
  return result;
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

KernelVariables::KernelVariables(Kernel& kernel, KernelCode& code, Modules& modules)
    : kernel_(kernel), code_(code), modules_(modules) {
  constexpr std::uint64_t kRoom = 4096;
  next_ =
      code.space().map(KernelSpace::Area::Data, kRoom, {.read = true, .write = true}).value_or(GuestVa(0));
  if (next_.value == 0) return;
  total_forks_ = place("total_forks", 8);
  nr_threads_ = place("nr_threads", 4);
  avenrun_ = place("avenrun", 24);
  uts_name_ = place("init_uts_ns", sizeof(UtsName));
  modules.add_variable("__init_utsname", uts_name_, sizeof(UtsName));  // its name, of utsname()
  (void)code.space().write_word(total_forks_, kernel.tasks().made());
  (void)code.space().write_word(nr_threads_, kernel.tasks().size(), 4);
  (void)code.space().write(uts_name_, kernel::uts_name(kernel.arch().machine_name()));
  keep_sysctls();
}

GuestVa KernelVariables::place(std::string_view name, std::uint32_t bytes) {
  constexpr std::uint64_t kAlignment = 8;
  const GuestVa at = next_;
  next_ = next_ + (bytes + kAlignment - 1) / kAlignment * kAlignment;
  modules_.add_variable(name, at, bytes);
  return at;
}

void KernelVariables::keep_sysctls() {
  Sysctls& settings = kernel_.file_system().sysctls();
  for (const Sysctl& setting : sysctls()) {
    if (setting.variable.empty()) continue;
    const GuestVa at = place(setting.variable, setting.bytes);
    const std::uint32_t bytes = setting.bytes;
    (void)code_.space().write_word(at, static_cast<std::uint64_t>(number_in(settings.read(setting))), bytes);
    const auto read_it = [this, at, bytes] {
      const std::uint64_t value = read(at, bytes);
      return bytes == 4 ? std::to_string(static_cast<std::int32_t>(value)) : std::to_string(value);
    };
    const bool is_pid_max = setting.variable == "pid_max";
    const auto write_it = [this, at, bytes, is_pid_max](const std::string& text) {
      const std::int64_t value = number_in(text);
      write(at, static_cast<std::uint64_t>(value), bytes);
      if (is_pid_max) kernel_.tasks().set_pid_max(static_cast<int>(value));
      return Status(Done{});
    };
    settings.keep(setting.path, {.read = read_it, .write = write_it});
  }
}

std::uint64_t KernelVariables::read(GuestVa variable, std::uint32_t bytes) const {
  return code_.space().read_word(variable, bytes).value_or(0);
}

void KernelVariables::write(GuestVa variable, std::uint64_t value, std::uint32_t bytes) {
  const auto cpu = kernel_.scheduler().active_cpu();
  Task* const task = cpu ? kernel_.scheduler().running(*cpu) : nullptr;
  if (task != nullptr) return write(kernel_.machine().cpu(*cpu), *task, variable, value, bytes);
  (void)code_.space().write_word(variable, value, bytes);
}

void KernelVariables::write(machine::Cpu& cpu, Task& task, GuestVa variable, std::uint64_t value,
                            std::uint32_t bytes) {
  const isa::Access access{variable, bytes, isa::AccessKind::Write};
  const bool watched =
      cpu.watches_data() && cpu.debug_unit().match(access, {.privilege = debugunit::Privilege::Kernel});
  if (!watched) {
    (void)code_.space().write_word(variable, value, bytes);
    return;
  }
  cpu.set_address_space(&code_.space().space());
  const machine::Cpu::Before before = cpu.watched_bytes();
  (void)code_.space().write_word(variable, value, bytes);
  kernel_.arch().kernel_access(cpu, task, access, before);
  KernelCode::set_mode(cpu, task);
}

// --- Tasks (kernel/fork.c, kernel/exit.c) ---

void KernelVariables::task_made() {
  write(nr_threads_, read(nr_threads_, 4) + 1, 4);
  write(total_forks_, read(total_forks_) + 1);
}

void KernelVariables::task_released() { write(nr_threads_, read(nr_threads_, 4) - 1, 4); }

// --- The load ---

// Who runs or would, and who waits for what takes no signals.
std::uint64_t KernelVariables::active() const {
  constexpr std::uint64_t kNoLoad = 0x400;  // TASK_NOLOAD
  std::uint64_t count = 0;
  for (const auto& [tid, task] : kernel_.tasks().all()) {
    const std::uint64_t state = task->kernel && task->kernel->task_struct.value != 0
                                    ? read(task->kernel->task_struct + task_fields::kState, 4)
                                    : 0;
    const bool waits = task->state == TaskState::Killable && (state & kNoLoad) == 0;
    if (task->state == TaskState::Running || waits) ++count;
  }
  return count;
}

void KernelVariables::calc_global_load(machine::Cpu& cpu, Task& task, std::uint64_t ticks) {
  constexpr std::uint64_t kLater = 10;  // ticks: by then each CPU has said how many it has
  const std::uint64_t before = std::exchange(ticks_, ticks);
  if (ticks < load_update_) return;
  if (!calc_load_tasks_) {
    const bool stood_still = load_update_ != ticks && before + 1 < ticks;
    calc_load_tasks_ = stood_still ? idle_active_ : active();
  }
  if (ticks < load_update_ + kLater) return;
  const auto update = [&](std::uint64_t tasks, std::uint64_t intervals) {
    for (std::size_t i = 0; i < kDecays.size(); ++i) {
      const GuestVa at = avenrun_ + 8 * i;
      write(cpu, task, at, calc_load(read(at), power(kDecays.at(i), intervals), tasks * kOne));
    }
    load_update_ += intervals * kLoadInterval;
  };
  update(*std::exchange(calc_load_tasks_, std::nullopt), 1);
  if (ticks >= load_update_ + kLater)
    update(idle_active_, 1 + (ticks - load_update_ - kLater) / kLoadInterval);
}

std::string KernelVariables::loadavg_text() const {
  std::string text;
  for (std::size_t i = 0; i < kDecays.size(); ++i) {
    const std::uint64_t load = read(avenrun_ + 8 * i) + kOne / 200;
    text += fmt::format("{}.{:02} ", load >> kShift, ((load & (kOne - 1)) * 100) >> kShift);
  }
  return text + fmt::format("{}/{} {}\n", kernel_.scheduler().runnable(),
                            static_cast<std::int32_t>(read(nr_threads_, 4)), kernel_.tasks().last());
}

UtsName KernelVariables::uts_name() const {
  UtsName name{};
  (void)code_.space().read(uts_name_, name);
  return name;
}

}  // namespace trapline::kernel
