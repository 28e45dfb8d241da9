// What /proc tells of a task and its process.
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

#include "emu/kernel/fs/proc_text.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

// fs/proc/array.c: task_state_array
std::string_view state_name(const Task& task) {
  switch (task.state) {
    case TaskState::Running:
      return "R (running)";
    case TaskState::Interruptible:
      return "S (sleeping)";
    case TaskState::Killable:
      return "D (disk sleep)";
    case TaskState::Stopped:
      return "T (stopped)";
    case TaskState::Traced:
      return "t (tracing stop)";
    case TaskState::Zombie:
      return "Z (zombie)";
    case TaskState::Dead:
      break;
  }
  return "X (dead)";
}

int parent_pid(const Task& task) {
  constexpr int kKthreadd = 2;  // who makes the kernel's tasks, and is not here itself
  if (task.is_kernel_thread) return kKthreadd;
  return task.process->parent == nullptr ? TaskTable::kInit : task.process->parent->pid;
}

// Each of them is root's.
std::string group_list(std::uint32_t groups) {
  std::string list;
  for (; groups != 0; --groups) list += list.empty() ? "0" : " 0";
  return list;
}

// In a line of its own, so that what would end it is written otherwise.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\\') {
      text += "\\\\";
    } else {
      text += c;
    }
  }
  return text;
}

struct Dispositions {
  SignalSet ignored = 0;
  SignalSet caught = 0;
};
Dispositions dispositions(const Task& task) {
  Dispositions found;
  if (!task.actions) return found;
  for (int signal = 1; signal <= isa::linux_abi::kSignals; ++signal) {
    const std::uint64_t handler = (*task.actions)[static_cast<std::size_t>(signal)].handler;
    if (handler == kSigIgn) {
      found.ignored |= signal_bit(signal);
    } else if (handler != kSigDfl) {
      found.caught |= signal_bit(signal);
    }
  }
  return found;
}

std::size_t queued_signals(const TaskTable& tasks) {
  std::size_t count = 0;
  for (const auto& [tid, task] : tasks.all()) {
    count += task->pending.queued() + (task->leader() ? task->process->pending.queued() : 0);
  }
  return count;
}

// A bitmap as "%*pb" prints it: in hexadecimal, as wide as there are CPUs.
std::string cpu_bits(std::uint64_t mask, unsigned cpus) {
  constexpr unsigned kWord = 32, kDigit = 4;
  const auto digits = [](unsigned bits) { return (bits + kDigit - 1) / kDigit; };
  if (cpus <= kWord) return fmt::format("{:0{}x}", mask, digits(cpus));
  return fmt::format("{:0{}x},{:08x}", mask >> kWord, digits(cpus - kWord), mask & 0xffffffff);
}

std::string cpu_ranges(std::uint64_t mask) {
  std::string text;
  for (unsigned cpu = 0; cpu < 64;) {
    if ((mask >> cpu & 1) == 0) {
      ++cpu;
      continue;
    }
    unsigned last = cpu;
    while (last + 1 < 64 && (mask >> (last + 1) & 1) != 0) ++last;
    if (!text.empty()) text += ',';
    text += last == cpu ? fmt::format("{}", cpu) : fmt::format("{}-{}", cpu, last);
    cpu = last + 1;
  }
  return text;
}

// What the scheduler calls it: 20 for a nice value of 0, below -1 for real time.
int shown_priority(const Task& task) {
  constexpr int kDefault = 20;
  const SchedParameters& parameters = task.sched.parameters;
  return real_time(parameters.policy) ? -1 - parameters.priority : kDefault + parameters.nice;
}

// PF_* of include/linux/sched.h that have a meaning here.
unsigned process_flags(const Task& task) {
  constexpr unsigned kExiting = 0x4, kForkNoExec = 0x40;
  return (task.alive() ? 0 : kExiting) |
         ((task.real_parent != 0 || !task.leader()) && !task.process->has_executed ? kForkNoExec : 0);
}

void memory_lines(std::string& text, const Mm& mm) {
  const auto line = [&](std::string_view name, std::uint64_t bytes) {
    fmt::format_to(std::back_inserter(text), "{}:\t{:8} kB\n", name, bytes / 1024);
  };
  const MemoryUse use = memory_use(mm);
  line("VmPeak", mm.peak_mapped());
  line("VmSize", mm.mapped());
  line("VmLck", mm.locked());
  line("VmPin", 0);
  line("VmHWM", mm.peak_rss());
  line("VmRSS", mm.rss());
  line("RssAnon", use.anonymous);
  line("RssFile", use.file);
  line("RssShmem", use.shared);
  line("VmData", use.data);
  line("VmStk", use.stack);
  line("VmExe", use.code);
  line("VmLib", use.libraries);
  line("VmPTE", mm.page_tables());
  line("VmSwap", 0);
  line("HugetlbPages", 0);
  text += "CoreDumping:\t0\nTHP_enabled:\t0\n";
}

}  // namespace

std::string proc_comm(const ProcContext& context) { return context.task->comm + '\n'; }

// A task that does not run is in some function of the kernel, which is not for programs to know.
std::string proc_wchan(const ProcContext&) { return "0"; }

std::string proc_status(const ProcContext& context) {
  const Task& task = *context.task;
  const Process& process = *task.process;
  const Task* const tracer = task.ptrace.tracer;
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "Name:\t{}\n", escaped(task.comm));
  if (task.fs) fmt::format_to(out, "Umask:\t{:04o}\n", task.fs->umask);
  fmt::format_to(out, "State:\t{}\nTgid:\t{}\nNgid:\t0\nPid:\t{}\nPPid:\t{}\nTracerPid:\t{}\n",
                 state_name(task), task.tgid(), task.tid(), parent_pid(task),
                 tracer == nullptr ? 0 : tracer->tid());
  // The table grows by doubling, from one word of bits.
  std::size_t table = 0;
  if (task.files) {
    const int highest = task.files->entries().empty() ? 0 : task.files->entries().rbegin()->first;
    for (table = 64; table <= static_cast<std::size_t>(highest);) table *= 2;
  }
  fmt::format_to(out,
                 "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t{}\nGroups:\t{} \nNStgid:\t{}\nNSpid:\t{}\n"
                 "NSpgid:\t{}\nNSsid:\t{}\n",
                 table, group_list(task.groups), task.tgid(), task.tid(), process.group, process.session);
  if (task.alive() && task.mm) {
    context.sources.scheduler.spend(task.mm->work_to_end());
    memory_lines(text, *task.mm);
  }
  const Dispositions dispositions = kernel::dispositions(task);
  const Capabilities& has = task.capabilities;
  fmt::format_to(out,
                 "Threads:\t{}\nSigQ:\t{}/{}\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\n"
                 "SigIgn:\t{:016x}\nSigCgt:\t{:016x}\n",
                 process.threads.size(), queued_signals(context.sources.tasks),
                 process.limits[Resource::PendingSignals].soft, task.pending.set(), process.pending.set(),
                 task.blocked, dispositions.ignored, dispositions.caught);
  fmt::format_to(out,
                 "CapInh:\t{:016x}\nCapPrm:\t{:016x}\nCapEff:\t{:016x}\nCapBnd:\t{:016x}\n"
                 "CapAmb:\t{:016x}\n",
                 has.inheritable, has.permitted, has.effective, has.bounding, has.ambient);
  const std::uint64_t mask = task.affinity & context.sources.scheduler.possible_mask();
  fmt::format_to(out,
                 "NoNewPrivs:\t{}\nSeccomp:\t0\nSeccomp_filters:\t0\n"
                 "Speculation_Store_Bypass:\tvulnerable\nSpeculationIndirectBranch:\talways enabled\n"
                 "Cpus_allowed:\t{}\nCpus_allowed_list:\t{}\nMems_allowed:\t1\nMems_allowed_list:\t0\n"
                 "voluntary_ctxt_switches:\t{}\nnonvoluntary_ctxt_switches:\t{}\n",
                 task.no_new_privileges ? 1 : 0, cpu_bits(mask, context.sources.machine.cpus()),
                 cpu_ranges(mask), task.sched.voluntary_switches, task.sched.involuntary_switches);
  return text;
}

// The 52 fields of proc(5), /proc/pid/stat.
std::string proc_stat(const ProcContext& context) {
  const Task& task = *context.task;
  const Process& process = *task.process;
  const Mm* const mm = task.alive() ? task.mm.get() : nullptr;
  const Mm::ProgramPlaces places = mm == nullptr ? Mm::ProgramPlaces{} : mm->places;
  const std::uint64_t time =
      context.whole ? context.sources.scheduler.cpu_time(process) : context.sources.scheduler.cpu_time(task);
  const Dispositions dispositions = kernel::dispositions(task);
  // What does not fit the 31 bits of the oldest signals is in status alone.
  constexpr SignalSet kOldSignals = 0x7fffffff;
  const bool sleeps = task.alive() && task.state != TaskState::Running;
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{} ({}) {} {} {} {} 0 -1 {} 0 0 0 0 {} 0 {} 0 {} {} {} 0 {} ", task.tid(), task.comm,
                 state_name(task)[0], parent_pid(task), process.group, process.session, process_flags(task),
                 time / kClockTick, context.whole ? process.usage_of_children.time / kClockTick : 0,
                 shown_priority(task), task.sched.parameters.nice, process.threads.size(),
                 task.start_time / kClockTick);
  fmt::format_to(out, "{} {} {} {} {} {} 0 0 ", mm == nullptr ? 0 : mm->mapped(),
                 mm == nullptr ? 0 : mm->rss() / mm->page_size(), process.limits[Resource::Rss].soft,
                 places.start_code.value, places.end_code.value, places.start_stack.value);
  fmt::format_to(out, "{} {} {} {} {} 0 0 {} {} {} {} 0 0 0 ", task.pending.set() & kOldSignals,
                 task.blocked & kOldSignals, dispositions.ignored & kOldSignals,
                 dispositions.caught & kOldSignals, sleeps ? 1 : 0, task.leader() ? process.exit_signal : -1,
                 task.cpu, task.sched.parameters.priority, static_cast<int>(task.sched.parameters.policy));
  fmt::format_to(out, "{} {} {} {} {} {} {} {}\n", places.start_data.value, places.end_data.value,
                 mm == nullptr ? 0 : mm->brk_start().value, places.arg_start.value, places.arg_end.value,
                 places.env_start.value, places.env_end.value,
                 task.alive() ? 0 : task.exit_status.wait_status());
  return text;
}

std::string proc_limits(const ProcContext& context) {
  struct Row {
    std::string_view name;
    std::string_view unit;
  };
  // In the order of Resource.
  constexpr std::array<Row, kResources> kRows{{
      {"Max cpu time", "seconds"},
      {"Max file size", "bytes"},
      {"Max data size", "bytes"},
      {"Max stack size", "bytes"},
      {"Max core file size", "bytes"},
      {"Max resident set", "bytes"},
      {"Max processes", "processes"},
      {"Max open files", "files"},
      {"Max locked memory", "bytes"},
      {"Max address space", "bytes"},
      {"Max file locks", "locks"},
      {"Max pending signals", "signals"},
      {"Max msgqueue size", "bytes"},
      {"Max nice priority", ""},
      {"Max realtime priority", ""},
      {"Max realtime timeout", "us"},
  }};
  const auto value = [](std::uint64_t limit) {
    return limit == kNoLimit ? std::string("unlimited") : std::to_string(limit);
  };
  std::string text =
      fmt::format("{:<25} {:<20} {:<20} {:<10}\n", "Limit", "Soft Limit", "Hard Limit", "Units");
  for (unsigned i = 0; i < kResources; ++i) {
    const Limit& limit = context.task->process->limits[static_cast<Resource>(i)];
    fmt::format_to(std::back_inserter(text), "{:<25} {:<20} {:<20} ", kRows[i].name, value(limit.soft),
                   value(limit.hard));
    if (!kRows[i].unit.empty()) fmt::format_to(std::back_inserter(text), "{:<10}", kRows[i].unit);
    text += '\n';
  }
  return text;
}

std::string proc_fdinfo(const ProcContext& context, int fd) {
  const FdTable::Entry* const entry = context.task->files ? context.task->files->find(fd) : nullptr;
  if (entry == nullptr) return {};
  File& file = *entry->file;
  const auto position = file.seek(0, Whence::Current);
  const auto status = file.status();
  const std::uint64_t device = status ? status->device : 0;
  const std::uint64_t inode = status ? status->inode : 0;
  constexpr std::uint64_t kFirstMount = 20;
  return fmt::format("pos:\t{}\nflags:\t0{:o}\nmnt_id:\t{}\nino:\t{}\n{}", position ? *position : 0,
                     file.flags() | (entry->close_on_exec ? isa::linux_abi::kOCloExec : 0),
                     kFirstMount + device, inode, file.info());
}

}  // namespace trapline::kernel
