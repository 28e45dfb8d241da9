#include "emu/kernel/exported/work.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "emu/kernel/task/task.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/clone.hpp"

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
constexpr std::string_view kHandleFault = "handle_mm_fault";
constexpr std::string_view kCopy = "copy_page_range";
// What handles a page fault, in which handle_mm_fault() is called.
constexpr std::string_view fault_name(isa::Isa isa) {
  return isa == isa::Isa::X86_64 ? "do_user_addr_fault" : "___do_page_fault";
}
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

// struct vm_area_struct of the headers for modules.
void put_vma(KernelSpace& space, GuestVa at, const Vma& vma) {
  enum : std::uint64_t { kStart = 0, kEnd = 8, kFlags = 32, kPageOffset = 40 };
  const std::uint64_t flags = (vma.permissions.read ? 1U : 0U) | (vma.permissions.write ? 2U : 0U) |
                              (vma.permissions.execute ? 4U : 0U) | (vma.shared ? 8U : 0U) |
                              (vma.grows_down ? 0x100U : 0U);  // VM_READ, …
  (void)space.write_word(at + kStart, vma.start.value);
  (void)space.write_word(at + kEnd, vma.end.value);
  (void)space.write_word(at + kFlags, flags);
  (void)space.write_word(at + kPageOffset, vma.file_offset / space.page_size());
}

// The mapping that a page of is brought in; null: it is a mistake, of which handle_mm_fault() is not told.
const Vma* vma_to_fault_in(const Mm& mm, GuestVa address, isa::AccessKind kind) {
  const auto& all = mm.vmas();
  auto next = all.upper_bound(address.value);
  if (next != all.begin() && std::prev(next)->second.end > address) next = std::prev(next);
  if (next == all.end()) return nullptr;
  const Vma& vma = next->second;
  if (vma.start > address && !vma.grows_down) return nullptr;
  const bool allowed = kind == isa::AccessKind::Write     ? vma.permissions.write
                       : kind == isa::AccessKind::Execute ? vma.permissions.execute
                                                          : vma.accessible();
  return allowed ? &vma : nullptr;
}

}  // namespace

ModelWork::ModelWork(KernelCode& code, Kprobes& kprobes)
    : code_(code),
      kprobes_(kprobes),
      first_(code.kallsyms().find(names(code.space().isa()).front())->address) {
  const auto all = names(code.space().isa());
  const auto place = [&](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(all, name) - all.begin());
  };
  exit_ = place(kExit);
  fault_ = place(fault_name(code.space().isa()));
  handle_mm_fault_ = place(kHandleFault);
  copy_page_range_ = place(kCopy);
}

std::span<const std::string_view> ModelWork::names(isa::Isa isa) {
  const auto make = [](isa::Isa of) {
    std::vector<std::string_view> all(call_names(of).begin(), call_names(of).end());
    for (const Inner& inner : kInner) {
      if (std::ranges::find(all, inner.name) == all.end()) all.push_back(inner.name);
    }
    all.insert(all.end(), {kExit, fault_name(of), kHandleFault, kCopy});
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
  if (!attached(cpu, entry(which))) return false;
  const std::string_view name = names(code_.space().isa())[which];
  GuestVa scratch;
  if (arguments.empty()) arguments = arguments_of(task, name, scratch);
  code_.call(task, {.function = code_.callable(entry(which)),
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
  if (copies(cpu, task)) {
    copy_page_ranges(task, GuestVa(0));
    passes = true;
  }
  return passes;
}

// --- The copy of an address space (dup_mmap()) ---

bool ModelWork::copies(const machine::Cpu& cpu, const Task& task) const {
  if (!attached(cpu, entry(copy_page_range_))) return false;
  const auto& args = task.call.args;
  switch (*task.call.call) {
    case Call::sys_fork:
      return true;
    case Call::sys_clone:
      return (args[0] & isa::linux_abi::kCloneVm) == 0;
    case Call::sys_clone3: {
      // Without a word to who watches the program's memory: the call itself reads them.
      const auto flags = task.mm->space().translate(GuestVa(args[0]));
      if (!flags) return false;
      machine::Machine& machine = code_.space().machine();
      const auto bytes = machine.memory().bytes(flags->address, 8);
      return (isa::load_word(bytes, isa::byte_order(machine.isa())) & isa::linux_abi::kCloneVm) == 0;
    }
    default:
      return false;
  }
}

void ModelWork::copy_page_ranges(Task& task, GuestVa from) {
  const auto copied = [](const auto& each) {
    return (each.second.flags & (kVmDontCopy | kVmWipeOnFork)) == 0;
  };
  const auto& all = task.mm->vmas();
  const auto next = std::find_if(all.lower_bound(from.value), all.end(), copied);
  if (next == all.end()) return;
  // struct vm_area_struct, of the child and of the parent.
  constexpr std::uint64_t kVmaSize = 64;
  const GuestVa scratch = code_.space().kmalloc(2 * kVmaSize);
  if (scratch.value == 0) return;
  for (const GuestVa vma : {scratch, scratch + kVmaSize}) put_vma(code_.space(), vma, next->second);
  code_.call(task, {.function = code_.callable(entry(copy_page_range_)),
                    .arguments = {scratch.value, (scratch + kVmaSize).value},
                    .reason = std::string(kCopy),
                    .returned = [this, &task, scratch, end = next->second.end](std::uint64_t) {
                      (void)code_.space().kfree(scratch);
                      copy_page_ranges(task, end);
                    }});
}

// --- Page faults (arch/x86/mm/fault.c, arch/powerpc/mm/fault.c) ---

bool ModelWork::begins_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault,
                             const std::function<std::uint64_t()>& handle) {
  const bool outer = attached(cpu, entry(fault_));
  if (!outer && !attached(cpu, entry(handle_mm_fault_))) return false;
  const GuestVa address = cpu.locate_fault(fault);
  const bool writes = fault.kind == isa::AccessKind::Write;
  const bool fetches = fault.kind == isa::AccessKind::Execute;
  const Vma* const vma = vma_to_fault_in(*task.mm, address, fault.kind);
  const bool inner = vma != nullptr && attached(cpu, entry(handle_mm_fault_));
  if (!outer && !inner) return false;

  const auto page = task.mm->space().translate(address);
  const bool present = page && page->permissions != machine::Permissions{};
  GuestVa scratch;
  const auto call = [&](std::size_t which, std::vector<KernelCall::Argument> arguments, bool last) {
    std::function<void(std::uint64_t)> returned;
    if (last) {
      returned = [this, &task, handle, scratch](std::uint64_t) {
        if (scratch.value != 0) (void)code_.space().kfree(scratch);
        kprobes_.work_done(task, handle());
      };
    }
    code_.call(task, {.function = code_.callable(entry(which)),
                      .arguments = std::move(arguments),
                      .reason = "a page fault",
                      .returned = std::move(returned),
                      .stands_for_work = true});
  };
  if (outer) {
    const auto bit = [](bool set, std::uint64_t value) { return set ? value : 0; };
    if (code_.space().isa() == isa::Isa::X86_64) {
      // X86_PF_USER, _PROT, _WRITE, _INSTR
      const std::uint64_t error = 4 | bit(present, 1) | bit(writes, 2) | bit(fetches, 16);
      call(fault_, {KernelCall::Registers{}, error, address.value}, !inner);
    } else {
      // DSISR_PROTFAULT, _NOHPTE, _ISSTORE
      const std::uint64_t error = (present ? 0x08000000U : 0x40000000U) | bit(writes, 0x02000000);
      call(fault_, {KernelCall::Registers{}, address.value, error}, !inner);
    }
  }
  if (inner) {
    // FAULT_FLAG_*: what may be retried, by whom, and for what.
    constexpr std::uint64_t kDefault = 0x214;
    constexpr std::uint64_t kUser = 0x40;
    constexpr std::uint64_t kInstruction = 0x100;
    constexpr std::uint64_t kVmaSize = 64;
    scratch = code_.space().kmalloc(kVmaSize);
    if (scratch.value != 0) put_vma(code_.space(), scratch, *vma);
    const std::uint64_t flags = kDefault | kUser | (writes ? 1 : 0) | (fetches ? kInstruction : 0);
    call(handle_mm_fault_, {scratch.value, address.value, flags, KernelCall::Registers{}}, true);
  }
  return true;
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
  return pass(cpu, task, exit_, {static_cast<std::uint64_t>(task.exit_status.wait_status())});
}

}  // namespace trapline::kernel
