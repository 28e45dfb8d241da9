// perf_event_open(2) and the file behind its descriptor.
#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/perf/perf_event.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

namespace abi = isa::linux_abi;

class PerfEventFile final : public File {
 public:
  PerfEventFile(PerfCore& core, isa::Isa isa, PerfEventRef event)
      : File("anon_inode:[perf_event]", abi::kORdWr), core_(core), isa_(isa), event_(std::move(event)) {}

  // The values in the order of perf_event_open(2), "Reading results".
  SyscallResult read(std::span<std::byte> out) override {
    const std::uint64_t format = event_->attr.read_format;
    const PerfCore::Reading reading = core_.read(*event_);
    std::vector<std::uint64_t> values;
    if ((format & kFormatGroup) != 0)
      values.push_back(1);
    else
      values.push_back(reading.count);
    if ((format & kFormatTotalTimeEnabled) != 0) values.push_back(reading.time_enabled);
    if ((format & kFormatTotalTimeRunning) != 0) values.push_back(reading.time_running);
    if ((format & kFormatGroup) != 0) values.push_back(reading.count);
    if ((format & kFormatId) != 0) values.push_back(event_->id);
    if ((format & kFormatLost) != 0) values.push_back(0);
    if (out.size() < 8 * values.size()) return Error{ENOSPC};
    // A pinned event that could not be scheduled reads as end of file.
    if (event_->state == EventState::Error) return 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      isa::store_word(out.subspan(8 * i, 8), values[i], isa::byte_order(isa_));
    }
    return 8 * values.size();
  }

  Result<FileStatus> status() const override {
    FileStatus status;
    status.mode = 0600;  // anonymous inodes have no type
    return status;
  }

  SyscallResult ioctl(Syscall& call) override {
    using abi::IoDirection;
    const auto code = [&](unsigned number, IoDirection direction, unsigned size) {
      return abi::io_code(call.isa(), direction, '$', number, size);
    };
    const std::uint64_t command = call.args[1] & 0xffffffff;
    if (command == code(0, IoDirection::None, 0)) {  // PERF_EVENT_IOC_ENABLE
      core_.enable(*event_);
      return 0;
    }
    if (command == code(1, IoDirection::None, 0)) {  // PERF_EVENT_IOC_DISABLE
      core_.disable(*event_);
      return 0;
    }
    if (command == code(3, IoDirection::None, 0)) {  // PERF_EVENT_IOC_RESET
      core_.reset(*event_);
      return 0;
    }
    if (command == code(7, IoDirection::Read, 8)) {  // PERF_EVENT_IOC_ID
      return call.mm().write_word(call.address(2), event_->id, 8) ? SyscallResult(0) : Error{EFAULT};
    }
    if (command == code(11, IoDirection::Write, 8)) return modify_attributes(call);
    // PERF_EVENT_IOC_REFRESH, PERIOD, SET_OUTPUT, SET_FILTER, SET_BPF, PAUSE_OUTPUT, QUERY_BPF: with sampling
    constexpr std::array<unsigned, 7> kOfSampling{2, 4, 5, 6, 8, 9, 10};
    constexpr std::uint64_t kNumberMask = 0xff;
    const bool ours = (command >> 8 & 0xff) == '$';
    const bool known = std::ranges::find(kOfSampling, command & kNumberMask) != kOfSampling.end();
    return Error{ours && known ? EOPNOTSUPP : ENOTTY};
  }

 private:
  // PERF_EVENT_IOC_MODIFY_ATTRIBUTES: for breakpoints only. What is not the breakpoint's must stay.
  SyscallResult modify_attributes(Syscall& call) {
    const auto attr = copy_perf_event_attr(call.mm(), call.address(2));
    if (!attr) return attr.error();
    if (attr->type != event_->attr.type) return Error{EINVAL};
    const Status modified = call.kernel.hw_breakpoints().modify_user_hw_breakpoint(*event_, *attr);
    if (!modified) return modified.error();
    return 0;
  }

  PerfCore& core_;
  isa::Isa isa_;
  PerfEventRef event_;
};

SyscallResult sys_perf_event_open(Syscall& call) {
  constexpr std::uint64_t kFlagNoGroup = 1, kFlagOutput = 2, kFlagPidCgroup = 4, kFlagCloexec = 8;
  const std::uint64_t flags = call.args[4];
  if ((flags & ~(kFlagNoGroup | kFlagOutput | kFlagPidCgroup | kFlagCloexec)) != 0) return Error{EINVAL};
  const auto attr = copy_perf_event_attr(call.mm(), call.address(0));
  if (!attr) return attr.error();
  const int pid = call.integer(1);
  const int cpu = call.integer(2);
  const int group = call.integer(3);
  constexpr std::uint64_t kFormats =
      kFormatTotalTimeEnabled | kFormatTotalTimeRunning | kFormatId | kFormatGroup | kFormatLost;
  if ((attr->read_format & ~kFormats) != 0) return Error{EINVAL};
  constexpr std::uint64_t kReservedFlags = ~0ull << 38;
  constexpr std::uint64_t kSigtrap = 1ull << 37;
  if ((attr->other_flags & kReservedFlags) != 0) return Error{EINVAL};
  if ((flags & kFlagPidCgroup) != 0 && (pid == -1 || cpu == -1)) return Error{EINVAL};
  if (group != -1) {
    const FdTable::Entry* const leader = call.task.files->find(group);
    if (leader == nullptr || dynamic_cast<PerfEventFile*>(leader->file.get()) == nullptr) return Error{EBADF};
  }
  // Samples go nowhere without a ring buffer, which cannot be mapped yet; but a signal and a group would
  // show.
  if ((attr->other_flags & kSigtrap) != 0 || group != -1 || (flags & kFlagPidCgroup) != 0)
    return Error{EOPNOTSUPP};

  if (cpu < -1) return Error{EINVAL};
  Task* task = nullptr;
  if (pid != -1) {
    task = pid == 0 ? &call.task : call.kernel.tasks().find(pid);
    if (task == nullptr || !task->alive()) return Error{ESRCH};
  } else if (cpu < 0) {
    return Error{EINVAL};
  }
  if (cpu >= static_cast<int>(call.kernel.machine().cpus())) return Error{EINVAL};

  auto event = call.kernel.perf().create(*attr, task, cpu, nullptr);
  if (!event) return event.error();
  auto file = std::make_shared<PerfEventFile>(call.kernel.perf(), call.isa(), std::move(*event));
  const auto fd = add_descriptor(call, std::move(file), (flags & kFlagCloexec) != 0);
  if (!fd) return fd.error();
  return static_cast<std::uint64_t>(*fd);
}

constexpr std::array kTable{SyscallEntry{abi::Syscall::sys_perf_event_open, sys_perf_event_open}};

}  // namespace

std::span<const SyscallEntry> perf_syscalls() { return kTable; }

}  // namespace trapline::kernel
