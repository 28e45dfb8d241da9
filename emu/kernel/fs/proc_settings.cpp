// What /proc tells of a task in a line or two, and what can be set there (proc(5)).
#include <fmt/format.h>

#include <charconv>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/fs/proc_text.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// A whole number, with what kstrtoint() lets stand around it.
std::optional<std::int64_t> setting(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string proc_cgroup(const ProcContext&) { return "0::/\n"; }
std::string proc_cpuset(const ProcContext&) { return "/\n"; }
// Nobody has logged in, in the audit system's sense: AUDIT_UID_UNSET.
std::string proc_no_audit_id(const ProcContext&) { return "4294967295"; }

std::string proc_personality(const ProcContext& context) {
  return fmt::format("{:08x}\n", context.task->personality);
}

std::string proc_schedstat(const ProcContext& context) {
  const SchedEntity& sched = context.task->sched;
  return fmt::format("{} 0 {}\n", context.sources.scheduler.cpu_time(*context.task),
                     sched.voluntary_switches + sched.involuntary_switches);
}

std::string proc_io(const ProcContext& context) {
  const IoCounts& io = context.task->process->io;
  return fmt::format(
      "rchar: {}\nwchar: {}\nsyscr: {}\nsyscw: {}\nread_bytes: 0\nwrite_bytes: 0\n"
      "cancelled_write_bytes: 0\n",
      io.read_bytes, io.written_bytes, io.reads, io.writes);
}

// lib/syscall.c: the call that it is in, or -1 where it is stopped outside of one.
std::string proc_syscall(const ProcContext& context) {
  Task& task = *context.task;
  if (!task.alive()) return "running\n";
  const bool in_call = task.step == Step::Syscall;
  if (!in_call && task.state == TaskState::Running) return "running\n";
  const auto [sp, pc] = context.sources.scheduler.with_registers(task, [&](machine::Cpu& cpu) {
    return std::pair(context.sources.arch.stack_pointer(cpu).value, cpu.pc().value);
  });
  if (!in_call) return fmt::format("-1 {:#x} {:#x}\n", sp, pc);
  std::string text = fmt::format("{}", task.call.number);
  for (const std::uint64_t argument : task.call.args) text += fmt::format(" {:#x}", argument);
  return text + fmt::format(" {:#x} {:#x}\n", sp, pc);
}

// --- The out-of-memory killer's choice (oom_badness())
// ----------------------------------------------------------------------------------------------------

std::string proc_oom_score(const ProcContext& context) {
  constexpr std::int64_t kScale = 1000;
  const auto total = static_cast<std::int64_t>(context.sources.machine.memory().size());
  const Task& task = *context.task;
  const std::int64_t used =
      task.alive() && task.mm ? static_cast<std::int64_t>(task.mm->rss() + task.mm->page_tables()) : 0;
  const std::int64_t adjust = task.process->oom_score_adj;
  if (adjust == -kScale) return "0\n";
  const std::int64_t points = used * kScale / total + adjust;
  return fmt::format("{}\n", (kScale + points) * 2 / 3);
}

std::string proc_oom_score_adj(const ProcContext& context) {
  return fmt::format("{}\n", context.task->process->oom_score_adj);
}

Status set_oom_score_adj(const ProcContext& context, std::string_view text) {
  constexpr std::int64_t kMost = 1000;
  const auto number = setting(text);
  if (!number || *number < -kMost || *number > kMost) return Error{EINVAL};
  context.task->process->oom_score_adj = static_cast<int>(*number);
  return Done{};
}

std::string proc_coredump_filter(const ProcContext& context) {
  return fmt::format("{:08x}\n", context.task->process->coredump_filter);
}

Status set_coredump_filter(const ProcContext& context, std::string_view text) {
  constexpr std::int64_t kBits = 0x1ff;
  const auto number = setting(text);
  if (!number) return Error{EINVAL};
  context.task->process->coredump_filter = static_cast<unsigned>(*number & kBits);
  return Done{};
}

std::string proc_timerslack_ns(const ProcContext& context) {
  return fmt::format("{}\n", context.task->timer_slack);
}

Status set_timerslack_ns(const ProcContext& context, std::string_view text) {
  const auto number = setting(text);
  if (!number || *number < 0) return Error{EINVAL};
  context.task->timer_slack = *number == 0 ? kDefaultTimerSlack : static_cast<std::uint64_t>(*number);
  return Done{};
}

// Which pages were used is not kept, so there is nothing to clear.
Status clear_refs(const ProcContext&, std::string_view text) {
  const auto number = setting(text);
  if (!number || *number < 1 || *number > 5) return Error{EINVAL};
  return Done{};
}

}  // namespace trapline::kernel
