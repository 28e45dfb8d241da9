// Who a process is, what it may use, and how it ends.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/release.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel {

namespace {

SyscallResult sys_getpid(Syscall& call) { return static_cast<std::uint64_t>(call.task.tgid()); }
SyscallResult sys_gettid(Syscall& call) { return static_cast<std::uint64_t>(call.task.tid()); }
SyscallResult sys_getppid(Syscall& call) {
  const Process* const parent = call.task.process->parent;
  return parent == nullptr ? std::uint64_t{TaskTable::kInit} : static_cast<std::uint64_t>(parent->pid);
}
SyscallResult sys_set_tid_address(Syscall& call) {
  call.task.clear_child_tid = call.address(0);
  return static_cast<std::uint64_t>(call.task.tid());
}

// x86: FS and GS base.
SyscallResult sys_arch_prctl(Syscall& call) {
  using isa::x86::Reg;
  enum : std::uint64_t { kSetGs = 0x1001, kSetFs = 0x1002, kGetFs = 0x1003, kGetGs = 0x1004 };
  const GuestVa task_size = call.mm().layout().task_size;
  switch (call.args[0]) {
    case kSetGs:
    case kSetFs:
      if (call.address(1) >= task_size) return Error{EPERM};
      call.cpu.set(call.args[0] == kSetFs ? Reg::fs_base : Reg::gs_base, call.args[1]);
      return 0;
    case kGetFs:
    case kGetGs: {
      const std::uint64_t base = call.cpu.get(call.args[0] == kGetFs ? Reg::fs_base : Reg::gs_base);
      if (!call.mm().write_word(call.address(1), base, 8)) return Error{EFAULT};
      return 0;
    }
    default:
      return Error{EINVAL};
  }
}

SyscallResult sys_uname(Syscall& call) {
  const UtsName bytes = call.kernel.has_modules() ? call.kernel.kernel_half().variables().uts_name()
                                                  : uts_name(call.kernel.arch().machine_name());
  if (!call.mm().write(call.address(0), bytes)) return Error{EFAULT};
  return 0;
}

SyscallResult put_limit(Syscall& call, const Process& process, unsigned resource, GuestVa address) {
  const Limit& limit = process.limits[static_cast<Resource>(resource)];
  if (!call.mm().write_word(address, limit.soft, 8) || !call.mm().write_word(address + 8, limit.hard, 8)) {
    return Error{EFAULT};
  }
  return 0;
}

SyscallResult set_limit(Syscall& call, Process& process, unsigned resource, GuestVa address) {
  const auto soft = call.mm().read_word(address, 8);
  const auto hard = call.mm().read_word(address + 8, 8);
  if (!soft || !hard) return Error{EFAULT};
  if (*soft > *hard) return Error{EINVAL};
  const auto which = static_cast<Resource>(resource);
  Limit& limit = process.limits[which];
  // What bounds the machine itself only its owner can raise.
  const bool bound =
      which == Resource::Processes || which == Resource::Files || which == Resource::PendingSignals;
  if (bound && *hard > limit.hard) return Error{EPERM};
  limit = {*soft, *hard};
  for (const Task* const thread : process.threads) {
    if (!thread->mm) continue;
    thread->mm->set_stack_limit(process.limits[Resource::Stack].soft);
    thread->mm->set_limits(process.limits);
  }
  return 0;
}

SyscallResult sys_getrlimit(Syscall& call) {
  const auto resource = static_cast<unsigned>(call.args[0]);
  if (resource >= kResources) return Error{EINVAL};
  return put_limit(call, *call.task.process, resource, call.address(1));
}

SyscallResult sys_setrlimit(Syscall& call) {
  const auto resource = static_cast<unsigned>(call.args[0]);
  if (resource >= kResources) return Error{EINVAL};
  return set_limit(call, *call.task.process, resource, call.address(1));
}

SyscallResult sys_prlimit64(Syscall& call) {
  const int pid = call.integer(0);
  const auto resource = static_cast<unsigned>(call.args[1]);
  if (resource >= kResources) return Error{EINVAL};
  const Task* const task = pid == 0 ? &call.task : call.kernel.tasks().find(pid);
  if (task == nullptr) return Error{ESRCH};
  Process& process = *task->process;
  const Limit old = process.limits[static_cast<Resource>(resource)];
  if (call.args[2] != 0) {
    const SyscallResult set = set_limit(call, process, resource, call.address(2));
    if (!set) return set;
  }
  if (call.args[3] == 0) return 0;
  if (!call.mm().write_word(call.address(3), old.soft, 8) ||
      !call.mm().write_word(call.address(3) + 8, old.hard, 8)) {
    return Error{EFAULT};
  }
  return 0;
}

// --- Process groups and sessions ---

// The process of a number, with 0 for the caller's own.
Process* process_argument(Syscall& call, unsigned n) {
  const int pid = call.integer(n);
  const Task* const task = pid == 0 ? &call.task : call.kernel.tasks().find(pid);
  return task == nullptr ? nullptr : task->process.get();
}

SyscallResult sys_getpgid(Syscall& call) {
  const Process* const process = process_argument(call, 0);
  if (process == nullptr) return Error{ESRCH};
  return static_cast<std::uint64_t>(process->group);
}
SyscallResult sys_getpgrp(Syscall& call) { return static_cast<std::uint64_t>(call.task.process->group); }
SyscallResult sys_getsid(Syscall& call) {
  const Process* const process = process_argument(call, 0);
  if (process == nullptr) return Error{ESRCH};
  return static_cast<std::uint64_t>(process->session);
}

SyscallResult sys_setpgid(Syscall& call) {
  Process& mine = *call.task.process;
  const int pid = call.integer(0) == 0 ? mine.pid : call.integer(0);
  const int group = call.integer(1) == 0 ? pid : call.integer(1);
  if (group < 0) return Error{EINVAL};
  Task* const task = call.kernel.tasks().find(pid);
  if (task == nullptr) return Error{ESRCH};
  if (!task->leader()) return Error{EINVAL};
  Process& process = *task->process;
  if (process.parent == &mine) {
    if (process.session != mine.session) return Error{EPERM};
    if (process.has_executed) return Error{EACCES};
  } else if (&process != &mine) {
    return Error{ESRCH};
  }
  if (process.session == process.pid) return Error{EPERM};  // a session's leader stays where it is
  if (group != pid) {
    const auto members = call.kernel.tasks().group(group);
    const bool here =
        std::ranges::any_of(members, [&](const Process* p) { return p->session == mine.session; });
    if (!here) return Error{EPERM};
  }
  process.group = group;
  return 0;
}

SyscallResult sys_setsid(Syscall& call) {
  Process& process = *call.task.process;
  if (!call.kernel.tasks().group(process.pid).empty()) return Error{EPERM};
  process.group = process.session = process.pid;
  return static_cast<std::uint64_t>(process.pid);
}

SyscallResult sys_getcpu(Syscall& call) {
  if (call.args[0] != 0 && !call.mm().write_word(call.address(0), call.cpu.index(), 4)) return Error{EFAULT};
  if (call.args[1] != 0 && !call.mm().write_word(call.address(1), 0, 4)) return Error{EFAULT};
  return 0;
}

// The bytes are the same in every run: a small counter-based generator (SplitMix64, Steele et al. 2014).
SyscallResult sys_getrandom(Syscall& call) {
  constexpr std::uint64_t kKnownFlags = 7;
  if ((call.args[2] & ~kKnownFlags) != 0) return Error{EINVAL};
  constexpr std::uint64_t kMost = 33554431;
  const std::uint64_t size = std::min(call.args[1], kMost);
  std::uint64_t done = 0;
  std::uint64_t state = call.now();
  std::array<std::byte, 512> bytes{};
  while (done < size) {
    const std::uint64_t here = std::min<std::uint64_t>(bytes.size(), size - done);
    for (std::uint64_t at = 0; at < here; at += 8) {
      state += 0x9e3779b97f4a7c15;
      std::uint64_t z = state;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      isa::store_word(std::span(bytes).subspan(at, 8), z ^ (z >> 31), std::endian::little);
    }
    const std::uint64_t possible = call.mm().accessible(call.address(0) + done, here, isa::AccessKind::Write);
    const auto given = std::span(bytes).first(possible);
    if (!call.mm().write(call.address(0) + done, given)) break;
    done += given.size();
    if (given.size() < here) break;
  }
  call.cpu.charge(done / costs::kRandomBytes);
  return done == 0 && size != 0 ? SyscallResult(Error{EFAULT}) : done;
}

// struct sysinfo: uptime, loads, memory in bytes, processes.
SyscallResult sys_sysinfo(Syscall& call) {
  std::array<std::byte, 112> bytes{};
  const std::endian order = isa::byte_order(call.isa());
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    isa::store_word(std::span(bytes).subspan(at, size), value, order);
  };
  const machine::PhysicalMemory& memory = call.kernel.machine().memory();
  put(0, call.now() / 1'000'000'000, 8);
  put(32, memory.size(), 8);
  put(40, memory.free_frames() * memory.frame_size(), 8);
  put(80, call.kernel.tasks().size(), 2);
  put(104, 1, 4);
  if (!call.mm().write(call.address(0), bytes)) return Error{EFAULT};
  return 0;
}

// PR_CAP_AMBIENT: capabilities(7), "Ambient".
SyscallResult ambient_capabilities(Syscall& call) {
  enum : std::uint64_t { kIsSet = 1, kRaise = 2, kLower = 3, kClearAll = 4 };
  Capabilities& capabilities = call.task.capabilities;
  if (call.args[1] == kClearAll) {
    if (call.args[2] != 0 || call.args[3] != 0 || call.args[4] != 0) return Error{EINVAL};
    capabilities.ambient = 0;
    return 0;
  }
  if (call.args[2] > kLastCapability || call.args[3] != 0 || call.args[4] != 0) return Error{EINVAL};
  const std::uint64_t bit = std::uint64_t{1} << call.args[2];
  switch (call.args[1]) {
    case kIsSet:
      return (capabilities.ambient & bit) != 0 ? 1 : 0;
    case kRaise:
      if ((capabilities.permitted & capabilities.inheritable & bit) == 0 ||
          (call.task.secure_bits & kNoAmbientRaise) != 0)
        return Error{EPERM};
      capabilities.ambient |= bit;
      return 0;
    case kLower:
      capabilities.ambient &= ~bit;
      return 0;
    default:
      return Error{EINVAL};
  }
}

// Each bit has another one above it that locks it (linux/securebits.h).
SyscallResult set_secure_bits(Task& task, std::uint64_t bits) {
  constexpr std::uint64_t kLocks = 0xaa;
  constexpr std::uint64_t kSecureBits = 0xff;
  const std::uint64_t locked = task.secure_bits & kLocks;
  const bool unlocks = (locked & ~bits) != 0;
  const bool changes_locked = (locked >> 1 & (task.secure_bits ^ bits)) != 0;
  if (unlocks || changes_locked || (bits & ~kSecureBits) != 0) return Error{EPERM};
  task.secure_bits = static_cast<std::uint32_t>(bits);
  return 0;
}

// PR_MCE_KILL_GET and PR_MCE_KILL: whether the thread is told early of memory that fails; remembered only.
SyscallResult mce_kill(Syscall& call) {
  enum : std::uint64_t { kGet = 34, kClear = 0, kSet = 1, kLate = 0, kEarly = 1, kDefault = 2 };
  if (call.args[3] != 0 || call.args[4] != 0) return Error{EINVAL};
  if (call.args[0] == kGet) {
    if (call.args[1] != 0 || call.args[2] != 0) return Error{EINVAL};
    return call.task.mce_kill;
  }
  switch (call.args[1]) {
    case kClear:
      if (call.args[2] != 0) return Error{EINVAL};
      call.task.mce_kill = kDefault;
      return 0;
    case kSet:
      if (call.args[2] != kLate && call.args[2] != kEarly && call.args[2] != kDefault) return Error{EINVAL};
      call.task.mce_kill = static_cast<std::uint8_t>(call.args[2]);
      return 0;
    default:
      return Error{EINVAL};
  }
}

// PR_SET_MM_MAP (struct prctl_mm_map): where a program says its parts lie, which /proc/PID/cmdline and its
// like go by. One that leaves the heap alone: nothing here restores checkpoints.
SyscallResult set_mm_map(Syscall& call) {
  enum : std::size_t {
    kStartCode,
    kEndCode,
    kStartData,
    kEndData,
    kStartBrk,
    kBrk,
    kStartStack,
    kArgStart,
    kArgEnd,
    kEnvStart,
    kEnvEnd,
    kAddresses
  };
  constexpr std::uint64_t kSize = 104, kAuxv = 88, kAuxvSize = 96, kExecutable = 100;
  constexpr std::uint64_t kMostAuxv = 52 * 8;  // AT_VECTOR_SIZE words
  constexpr std::uint32_t kNone = ~0u;
  constexpr std::uint64_t kLowest = 0x10000;  // mmap_min_addr
  if (call.args[3] != kSize) return Error{EINVAL};
  Mm& mm = call.mm();
  std::array<std::uint64_t, kAddresses> at{};
  for (std::size_t i = 0; i < kAddresses; ++i) {
    const auto address = mm.read_word(call.address(2) + 8 * i, 8);
    if (!address) return Error{EFAULT};
    at[i] = *address;
  }
  const auto auxv = mm.read_word(call.address(2) + kAuxv, 8);
  const auto auxv_size = mm.read_word(call.address(2) + kAuxvSize, 4);
  const auto executable = mm.read_word(call.address(2) + kExecutable, 4);
  if (!auxv || !auxv_size || !executable) return Error{EFAULT};
  const auto outside = [&](std::uint64_t address) {
    return address < kLowest || address >= mm.layout().task_size.value;
  };
  if (std::ranges::any_of(at, outside) || at[kStartCode] >= at[kEndCode] || at[kStartData] > at[kEndData] ||
      at[kStartBrk] > at[kBrk] || at[kArgStart] > at[kArgEnd] || at[kEnvStart] > at[kEnvEnd])
    return Error{EINVAL};
  if (*auxv_size != 0 && (*auxv == 0 || *auxv_size > kMostAuxv)) return Error{EINVAL};
  if (at[kStartBrk] != mm.brk_start().value || at[kBrk] != mm.brk().value || *executable != kNone)
    return Error{EPERM};
  std::vector<std::byte> vector(*auxv_size);
  if (!mm.read(GuestVa(*auxv), vector)) return Error{EFAULT};
  Mm::ProgramPlaces& places = mm.places;
  places.start_code = GuestVa(at[kStartCode]);
  places.end_code = GuestVa(at[kEndCode]);
  places.start_data = GuestVa(at[kStartData]);
  places.end_data = GuestVa(at[kEndData]);
  places.start_stack = GuestVa(at[kStartStack]);
  places.arg_start = GuestVa(at[kArgStart]);
  places.arg_end = GuestVa(at[kArgEnd]);
  places.env_start = GuestVa(at[kEnvStart]);
  places.env_end = GuestVa(at[kEnvEnd]);
  if (!vector.empty()) places.auxv = std::move(vector);
  return 0;
}

// All but the whole map takes CAP_SYS_RESOURCE outside of every user namespace.
SyscallResult set_mm(Syscall& call) {
  enum : std::uint64_t { kAuxv = 12, kMap = 14, kMapSize = 15 };
  constexpr std::uint64_t kSize = 104;  // struct prctl_mm_map
  const std::uint64_t option = call.args[1] & 0xffffffff;
  const bool takes_size = option == kAuxv || option == kMap || option == kMapSize;
  if (call.args[4] != 0 || (call.args[3] != 0 && !takes_size)) return Error{EINVAL};
  if (option == kMap) return set_mm_map(call);
  if (option != kMapSize) return Error{EPERM};
  return call.mm().write_word(call.address(2), kSize, 4) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
}

// set_syscall_user_dispatch(): from when on, and from where, calls are not made but sent back as SIGSYS.
SyscallResult set_syscall_user_dispatch(Syscall& call) {
  enum : std::uint64_t { kOff = 0, kOn = 1 };
  if (!isa::linux_abi::differing(call.isa()).has_syscall_user_dispatch) return Error{EINVAL};
  const std::uint64_t mode = call.args[1], start = call.args[2], length = call.args[3],
                      selector = call.args[4];
  if (mode == kOff) {
    if (start != 0 || length != 0 || selector != 0) return Error{EINVAL};
    call.task.syscall_dispatch = {};
    return 0;
  }
  if (mode != kOn || (start != 0 && start + length <= start)) return Error{EINVAL};
  if (selector >= call.mm().layout().task_size.value) return Error{EFAULT};
  call.task.syscall_dispatch = {.on = true, .start = start, .length = length, .selector = GuestVa(selector)};
  return 0;
}

// PR_*, linux/prctl.h
SyscallResult sys_prctl(Syscall& call) {
  enum : std::uint64_t {
    kSetParentDeath = 1,
    kGetParentDeath = 2,
    kGetDumpable = 3,
    kSetDumpable = 4,
    kGetKeepCaps = 7,
    kSetKeepCaps = 8,
    kGetTiming = 13,
    kSetTiming = 14,
    kSetName = 15,
    kGetName = 16,
    kGetSeccomp = 21,
    kCapBsetRead = 23,
    kCapBsetDrop = 24,
    kGetTsc = 25,
    kSetTsc = 26,
    kGetSecureBits = 27,
    kSetSecureBits = 28,
    kSetTimerSlack = 29,
    kGetTimerSlack = 30,
    kTaskPerfEventsDisable = 31,
    kTaskPerfEventsEnable = 32,
    kMceKill = 33,
    kMceKillGet = 34,
    kSetMm = 35,
    kSetSubreaper = 36,
    kGetSubreaper = 37,
    kSetNoNewPrivs = 38,
    kGetNoNewPrivs = 39,
    kGetTidAddress = 40,
    kSetThpDisable = 41,
    kGetThpDisable = 42,
    kCapAmbient = 47,
    kSetSyscallUserDispatch = 59,
  };
  constexpr std::size_t kCommSize = 16;
  Task& task = call.task;
  const auto put_int = [&](std::uint64_t value) {
    return call.mm().write_word(call.address(1), value, 4) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
  };
  switch (call.args[0]) {
    case kSetParentDeath:
      if (call.args[1] > static_cast<std::uint64_t>(isa::linux_abi::kSignals)) return Error{EINVAL};
      task.parent_death_signal = static_cast<int>(call.args[1]);
      return 0;
    case kGetParentDeath:
      return put_int(static_cast<std::uint64_t>(task.parent_death_signal));
    case kGetDumpable:
      return task.process->dumpable;
    case kSetDumpable:
      if (call.args[1] > 1) return Error{EINVAL};
      task.process->dumpable = call.args[1];
      return 0;
    case kGetKeepCaps:
      return (task.secure_bits & kKeepCaps) != 0 ? 1 : 0;
    case kSetKeepCaps:
      if (call.args[1] > 1) return Error{EINVAL};
      if ((task.secure_bits & kKeepCaps << 1) != 0) return Error{EPERM};
      task.secure_bits = (task.secure_bits & ~kKeepCaps) | (call.args[1] != 0 ? kKeepCaps : 0);
      return 0;
    case kGetTiming:
    case kGetSeccomp:
      return 0;
    case kSetTiming:
      return call.args[1] == 0 ? SyscallResult(std::uint64_t{0}) : Error{EINVAL};
    case kSetTimerSlack:
      task.timer_slack = call.args[1] == 0 ? task.default_timer_slack : call.args[1];
      return 0;
    case kGetTimerSlack:
      return task.timer_slack;
    case kSetSubreaper:
      task.process->subreaper = call.args[1] != 0;
      return 0;
    case kGetSubreaper:
      return put_int(task.process->subreaper ? 1 : 0);
    case kSetNoNewPrivs:
      if (call.args[1] != 1 || call.args[2] != 0 || call.args[3] != 0 || call.args[4] != 0)
        return Error{EINVAL};
      task.no_new_privileges = true;
      return 0;
    case kGetNoNewPrivs:
      if (call.args[1] != 0 || call.args[2] != 0 || call.args[3] != 0 || call.args[4] != 0)
        return Error{EINVAL};
      return task.no_new_privileges ? 1 : 0;
    case kGetTidAddress:
      return call.mm().write_word(call.address(1), task.clear_child_tid.value, 8)
                 ? SyscallResult(std::uint64_t{0})
                 : Error{EFAULT};
    case kCapBsetRead:
    case kCapBsetDrop:
      if (call.args[1] > kLastCapability) return Error{EINVAL};
      if (call.args[0] == kCapBsetRead) return task.capabilities.bounding >> call.args[1] & 1;
      task.capabilities.bounding &= ~(std::uint64_t{1} << call.args[1]);
      return 0;
    case kSetMm:
      return set_mm(call);
    case kSetSyscallUserDispatch:
      return set_syscall_user_dispatch(call);
    case kCapAmbient:
      return ambient_capabilities(call);
    case kGetTsc:  // PR_TSC_ENABLE
      if (!isa::linux_abi::differing(call.isa()).has_tsc_mode) return Error{EINVAL};
      return put_int(1);
    case kSetTsc:
      if (!isa::linux_abi::differing(call.isa()).has_tsc_mode || call.args[1] != 1) return Error{EINVAL};
      return 0;
    case kGetSecureBits:
      return task.secure_bits;
    case kSetSecureBits:
      return set_secure_bits(task, call.args[1]);
    case kMceKill:
    case kMceKillGet:
      return mce_kill(call);
    case kSetThpDisable:
    case kGetThpDisable: {
      const bool get = call.args[0] == kGetThpDisable;
      if ((get && call.args[1] != 0) || call.args[2] != 0 || call.args[3] != 0 || call.args[4] != 0)
        return Error{EINVAL};
      if (!get) task.mm->thp_disabled = call.args[1] != 0;
      return get && task.mm->thp_disabled ? 1 : 0;
    }
    case kSetName: {
      std::string name;
      while (name.size() < kCommSize - 1) {
        const auto c = call.mm().read_word(call.address(1) + name.size(), 1);
        if (!c) return Error{EFAULT};
        if (*c == 0) break;
        name += static_cast<char>(*c);
      }
      call.task.comm = name;
      call.kernel.perf().output().comm(task, false);
      return 0;
    }
    // What this thread opened, and nothing of what others did.
    case kTaskPerfEventsDisable:
    case kTaskPerfEventsEnable:
      call.cpu.charge(costs::beyond_free(task.perf.owned.size()) * costs::kMoved);
      for (PerfEvent* const event : task.perf.owned) {
        if (call.args[0] == kTaskPerfEventsEnable)
          call.kernel.perf().enable(*event);
        else
          call.kernel.perf().disable(*event);
      }
      return 0;
    case kGetName: {
      std::array<std::byte, kCommSize> bytes{};
      std::ranges::transform(call.task.comm, bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
      if (!call.mm().write(call.address(1), bytes)) return Error{EFAULT};
      return 0;
    }
    default:
      return Error{EINVAL};
  }
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> process_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_getpid, sys_getpid},
      SyscallEntry{Name::sys_gettid, sys_gettid},
      SyscallEntry{Name::sys_getppid, sys_getppid},
      SyscallEntry{Name::sys_set_tid_address, sys_set_tid_address},
      SyscallEntry{Name::sys_arch_prctl, sys_arch_prctl},
      SyscallEntry{Name::sys_uname, sys_uname},
      SyscallEntry{Name::sys_getrlimit, sys_getrlimit},
      SyscallEntry{Name::sys_ugetrlimit, sys_getrlimit},
      SyscallEntry{Name::sys_prlimit64, sys_prlimit64},
      SyscallEntry{Name::sys_setrlimit, sys_setrlimit},
      SyscallEntry{Name::sys_getpgid, sys_getpgid},
      SyscallEntry{Name::sys_getpgrp, sys_getpgrp},
      SyscallEntry{Name::sys_setpgid, sys_setpgid},
      SyscallEntry{Name::sys_getsid, sys_getsid},
      SyscallEntry{Name::sys_setsid, sys_setsid},
      SyscallEntry{Name::sys_getcpu, sys_getcpu},
      SyscallEntry{Name::sys_getrandom, sys_getrandom},
      SyscallEntry{Name::sys_sysinfo, sys_sysinfo},
      SyscallEntry{Name::sys_prctl, sys_prctl},
  };
  return kTable;
}

}  // namespace trapline::kernel
