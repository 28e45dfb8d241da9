#include "emu/kernel/exported/work.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

using Call = isa::linux_abi::Syscall;

// Functions further in, by the calls that come to them: the outermost first.
struct Inner {
  Call call;
  std::string_view name;
};
constexpr auto kInner = std::to_array<Inner>({
    {Call::sys_clone, "kernel_clone"},
    {Call::sys_clone3, "kernel_clone"},
    {Call::sys_fork, "kernel_clone"},
    {Call::sys_vfork, "kernel_clone"},
    {Call::sys_execve, "bprm_execve"},
    {Call::sys_execveat, "bprm_execve"},
    {Call::sys_open, "do_sys_openat2"},
    {Call::sys_openat, "do_sys_openat2"},
    {Call::sys_openat2, "do_sys_openat2"},
    {Call::sys_creat, "do_sys_openat2"},
    {Call::sys_open, "do_filp_open"},
    {Call::sys_openat, "do_filp_open"},
    {Call::sys_openat2, "do_filp_open"},
    {Call::sys_creat, "do_filp_open"},
    {Call::sys_read, "ksys_read"},
    {Call::sys_read, "vfs_read"},
    {Call::sys_pread64, "vfs_read"},
    {Call::sys_write, "ksys_write"},
    {Call::sys_write, "vfs_write"},
    {Call::sys_pwrite64, "vfs_write"},
    {Call::sys_mmap, "do_mmap"},
    {Call::sys_munmap, "__vm_munmap"},
    {Call::sys_nanosleep, "hrtimer_nanosleep"},
    {Call::sys_clock_nanosleep, "hrtimer_nanosleep"},
    {Call::sys_exit_group, "do_group_exit"},
});

constexpr std::string_view kExit = "do_exit";
constexpr auto kCalls = static_cast<std::size_t>(Call::kCount);

constexpr std::string_view prefix(isa::Isa isa) { return isa == isa::Isa::X86_64 ? "__x64_sys_" : "sys_"; }

// Of each system call, by its number in the enumeration.
const std::vector<std::string>& call_names(isa::Isa isa) {
  const auto make = [](isa::Isa of) {
    std::vector<std::string> names;
    for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(Call::kCount); ++i)
      names.push_back(std::string(prefix(of)) + std::string(name(static_cast<Call>(i))));
    return names;
  };
  static const std::array kNames{make(isa::Isa::X86_64), make(isa::Isa::Ppc64)};
  return kNames.at(isa == isa::Isa::X86_64 ? 0 : 1);
}

}  // namespace

ModelWork::ModelWork(KernelCode& code, Kprobes& kprobes)
    : code_(code),
      kprobes_(kprobes),
      first_(code.kallsyms().find(names(code.space().isa()).front())->address) {}

std::span<const std::string_view> ModelWork::names(isa::Isa isa) {
  const auto make = [](isa::Isa of) {
    std::vector<std::string_view> all(call_names(of).begin(), call_names(of).end());
    for (const Inner& inner : kInner) {
      if (std::ranges::find(all, inner.name) == all.end()) all.push_back(inner.name);
    }
    all.push_back(kExit);
    return all;
  };
  static const std::array kNames{make(isa::Isa::X86_64), make(isa::Isa::Ppc64)};
  return kNames.at(isa == isa::Isa::X86_64 ? 0 : 1);
}

bool ModelWork::attached(const machine::Cpu& cpu, GuestVa entry) const {
  if (kprobes_.probed(entry)) return true;
  return static_cast<bool>(cpu.debug_unit().match({entry, 4, isa::AccessKind::Execute},
                                                  {.privilege = debugunit::Privilege::Kernel}));
}

bool ModelWork::pass(const machine::Cpu& cpu, Task& task, std::size_t which,
                     std::vector<KernelCall::Argument> arguments) {
  const GuestVa entry = first_ + which * KernelCode::kEntrySize;
  if (!attached(cpu, entry)) return false;
  const std::string_view name = names(code_.space().isa())[which];
  GuestVa scratch;
  if (arguments.empty()) arguments = arguments_of(task, name, scratch);
  code_.call(task, {.function = code_.callable(entry),
                    .arguments = std::move(arguments),
                    .reason = std::string(name),
                    .returned =
                        [this, scratch](std::uint64_t) {
                          if (scratch.value != 0) (void)code_.space().kfree(scratch);
                        },
                    .stands_for_work = true});
  return true;
}

// What the functions are called with, as far as there is something of the kind here.
std::vector<KernelCall::Argument> ModelWork::arguments_of(Task& task, std::string_view name,
                                                          GuestVa& scratch) {
  KernelSpace& space = code_.space();
  constexpr std::uint64_t kScratch = 256;
  const auto& args = task.call.args;
  scratch = space.kmalloc(kScratch);
  if (scratch.value == 0) return {std::uint64_t{0}};
  if (name == "kernel_clone") {
    // struct kernel_clone_args
    const bool is_clone = task.call.call == Call::sys_clone;
    constexpr std::uint64_t kExitSignals = 0xff;  // CSIGNAL
    (void)space.write_word(scratch, is_clone ? args[0] & ~kExitSignals : 0);
    (void)space.write_word(scratch + 32, is_clone ? args[0] & kExitSignals : 0, 4);
    (void)space.write_word(scratch + 40, is_clone ? args[1] : 0);
    return {scratch.value};
  }
  if (name == "vfs_read" || name == "vfs_write") {
    // struct file, and where it is at
    constexpr std::uint64_t kPosition = 128;
    return {scratch.value, args[1], args[2], (scratch + kPosition).value};
  }
  return {args[0], args[1], args[2], args[3]};
}

bool ModelWork::begins(machine::Cpu& cpu, Task& task) {
  if (!task.call.call || std::exchange(code_.context_of(task).call.passed_entries, true)) return false;
  const Call call = *task.call.call;
  const bool x86 = code_.space().isa() == isa::Isa::X86_64;
  const auto& args = task.call.args;
  // x86-64 hands a call's registers over, PPC64 its arguments.
  std::vector<KernelCall::Argument> outermost{KernelCall::Registers{}};
  if (!x86) outermost.assign(args.begin(), args.end());
  bool passes = pass(cpu, task, static_cast<std::size_t>(call), std::move(outermost));
  const auto all = names(code_.space().isa());
  for (const Inner& inner : kInner) {
    if (inner.call != call) continue;
    const auto place = std::ranges::find(all.subspan(kCalls), inner.name) - all.begin();
    passes |= pass(cpu, task, static_cast<std::size_t>(place), {});
  }
  return passes;
}

void ModelWork::serve(const Module& module) {
  const std::vector<std::string>& names = call_names(code_.space().isa());
  for (const auto& [name, function] : module.functions) {
    const auto found = std::ranges::find(names, name);
    if (found != names.end())
      servers_.insert_or_assign(static_cast<Call>(found - names.begin()), Server{&module, function});
  }
}

void ModelWork::no_longer_serve(const Module& module) {
  std::erase_if(servers_, [&module](const auto& entry) { return entry.second.module == &module; });
}

bool ModelWork::serves(Task& task) {
  if (servers_.empty() || !task.call.call) return false;
  CallInKernelCode& progress = code_.context_of(task).call;
  if (std::exchange(progress.offered, true)) return false;
  const auto server = servers_.find(*task.call.call);
  if (server == servers_.end()) return false;
  std::vector<KernelCall::Argument> arguments{KernelCall::Registers{}};
  if (code_.space().isa() == isa::Isa::Ppc64) arguments.assign(task.call.args.begin(), task.call.args.end());
  constexpr std::int64_t kPass = -600;  // SYSCALL_PASS
  code_.call(task, {.function = server->second.function,
                    .arguments = std::move(arguments),
                    .reason = std::string(name(*task.call.call)) + "(2)",
                    .returned =
                        [&progress](std::uint64_t result) {
                          if (static_cast<std::int64_t>(result) != kPass) progress.served = result;
                        },
                    .changes_nothing = true});
  return true;
}

bool ModelWork::begins_exit(machine::Cpu& cpu, Task& task) {
  if (std::exchange(code_.context_of(task).exiting, true)) return false;
  return pass(cpu, task, names(code_.space().isa()).size() - 1,
              {static_cast<std::uint64_t>(task.exit_status.wait_status())});
}

}  // namespace trapline::kernel
