// syslog(2), which the C library calls klogctl(3).
#include <array>
#include <span>
#include <string>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/printk/syslog.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

// SYSLOG_ACTION_*
enum LogAction : int {
  kLogClose,
  kLogOpen,
  kLogRead,
  kLogReadAll,
  kLogReadClear,
  kLogClear,
  kLogConsoleOff,
  kLogConsoleOn,
  kLogConsoleLevel,
  kLogSizeUnread,
  kLogSizeBuffer,
};

// To find out how long each record is when it is printed.
std::uint64_t cost_of_sizes(Syslog& syslog) {
  constexpr std::uint64_t kPrefix = 20;  // bytes
  return (syslog.log().ring().next() - syslog.log().ring().first()) * kPrefix * costs::kFormatByte;
}

SyscallResult read_log(Syscall& call, LogAction action, int size) {
  Syslog& syslog = call.kernel.syslog();
  if (call.args[1] == 0 || size < 0) return Error{EINVAL};
  if (size == 0) return 0;
  if (action == kLogRead && !syslog.unread()) return call.sleep({&syslog.log().readers()});
  const auto most = static_cast<std::size_t>(size);
  const std::string text =
      action == kLogRead ? syslog.read(most) : syslog.read_all(most, action == kLogReadClear);
  if (action != kLogRead) call.cpu.charge(cost_of_sizes(syslog));
  call.cpu.charge(text.size() * costs::kTextByte);
  if (!call.mm().write(call.address(1), std::as_bytes(std::span(text)))) return Error{EFAULT};
  return text.size();
}

SyscallResult sys_syslog(Syscall& call) {
  Syslog& syslog = call.kernel.syslog();
  const int action = call.integer(0);
  const int number = call.integer(2);
  switch (action) {
    case kLogClose:
    case kLogOpen:
      return 0;
    case kLogRead:
    case kLogReadAll:
    case kLogReadClear:
      return read_log(call, static_cast<LogAction>(action), number);
    case kLogClear:
      syslog.clear();
      return 0;
    case kLogConsoleOff:
      syslog.console_off();
      return 0;
    case kLogConsoleOn:
      syslog.console_on();
      return 0;
    case kLogConsoleLevel: {
      constexpr int kHighest = 8;
      if (number < 1 || number > kHighest) return Error{EINVAL};
      syslog.set_console_level(number);
      return 0;
    }
    case kLogSizeUnread:
      call.cpu.charge(cost_of_sizes(syslog));
      return syslog.unread_size();
    case kLogSizeBuffer:
      return LogRing::kBytes;
    default:
      return Error{EINVAL};
  }
}

}  // namespace

std::span<const SyscallEntry> log_syscalls() {
  static constexpr std::array kTable{SyscallEntry{isa::linux_abi::Syscall::sys_syslog, sys_syslog}};
  return kTable;
}

}  // namespace trapline::kernel
