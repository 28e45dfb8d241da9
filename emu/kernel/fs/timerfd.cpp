#include "emu/kernel/fs/timerfd.hpp"

#include <fmt/format.h>

#include <utility>

#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

TimerFd::TimerFd(Scheduler& scheduler, Timers& timers, int clock, std::uint64_t flags)
    : File("anon_inode:[timerfd]", flags | isa::linux_abi::kORdWr),
      scheduler_(scheduler),
      timers_(timers),
      clock_(clock) {}

void TimerFd::start(std::uint64_t when) {
  when_ = when;
  timer_ = timers_.set(when, [this] {
    timer_.cancel();
    expired_ = true;
    ++ticks_;
    queue_.wake_all();
  });
}

// A periodic timer begins its next period only when somebody looks at it, and counts those that have passed:
// a short one must not leave time for nothing else.
void TimerFd::go_on() {
  if (!std::exchange(expired_, false) || interval_ == 0) return;
  // It may have gone off by the clock of a CPU that is ahead of this one.
  const std::uint64_t now = scheduler_.now();
  const std::uint64_t passed = now > *when_ ? (now - *when_) / interval_ : 0;
  ticks_ += passed;
  start(*when_ + (passed + 1) * interval_);
}

std::uint64_t TimerFd::left() const {
  const std::uint64_t now = scheduler_.now();
  return when_ && *when_ > now ? *when_ - now : 0;
}

TimerFdTime TimerFd::get() {
  go_on();
  return {left(), interval_};
}

TimerFdTime TimerFd::set(std::optional<std::uint64_t> when, std::uint64_t interval, std::uint64_t flags) {
  const TimerFdTime old = get();
  timer_.cancel();
  when_.reset();
  ticks_ = 0;
  interval_ = interval;
  settime_flags_ = flags;
  if (when) start(*when);
  return old;
}

SyscallResult TimerFd::read(std::span<std::byte> out) {
  constexpr std::size_t kSize = 8;
  if (out.size() < kSize) return Error{EINVAL};
  if (ticks_ == 0) return Error{EAGAIN};
  go_on();
  isa::store_word(out.first(kSize), std::exchange(ticks_, 0), isa::byte_order(scheduler_.machine().isa()));
  return kSize;
}

SyscallResult TimerFd::ioctl(Syscall& call) {
  using isa::linux_abi::IoDirection;
  const std::uint64_t set_ticks =  // TFD_IOC_SET_TICKS
      isa::linux_abi::io_code(call.isa(), IoDirection::Write, 'T', 0, 8);
  if ((call.args[1] & 0xffffffff) != set_ticks) return Error{ENOTTY};
  const auto ticks = call.mm().read_word(call.address(2), 8);
  if (!ticks) return Error{EFAULT};
  if (*ticks == 0) return Error{EINVAL};
  ticks_ = *ticks;
  queue_.wake_all();
  return 0;
}

Result<FileStatus> TimerFd::status() const {
  FileStatus status{.device = kAnonInodeDevice};
  status.mode = 0600;  // anonymous inodes have no type
  return status;
}

std::uint32_t TimerFd::poll_events() { return ticks_ != 0 ? isa::linux_abi::kPollIn : 0; }

std::string TimerFd::info() const {
  const std::uint64_t value = left();
  return fmt::format(
      "clockid: {}\nticks: {}\nsettime flags: 0{:o}\nit_value: ({}, {})\nit_interval: ({}, {})\n", clock_,
      ticks_, settime_flags_, value / kSecond, value % kSecond, interval_ / kSecond, interval_ % kSecond);
}

}  // namespace trapline::kernel
