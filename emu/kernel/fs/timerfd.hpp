// Timers whose expiries are read from a file (timerfd_create(2)).
#pragma once

#include <cstdint>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/kernel/task/wait_queue.hpp"

namespace trapline::kernel {

class Scheduler;

// Its clocks count alike, the wall clocks from kWallClockStart; nobody can set them.
struct TimerFdTime {
  std::uint64_t value = 0;     // nanoseconds until it goes off; 0: it does not
  std::uint64_t interval = 0;  // between the times that it goes off from then on; 0: it goes off once
};

class TimerFd final : public File {
 public:
  TimerFd(Scheduler& scheduler, Timers& timers, int clock, std::uint64_t flags);

  int clock() const { return clock_; }
  // Sets it anew. `when`: in nanoseconds since the start, nothing to have it stand. What it showed before.
  TimerFdTime set(std::optional<std::uint64_t> when, std::uint64_t interval, std::uint64_t flags);
  TimerFdTime get();

  SyscallResult read(std::span<std::byte> out) override;
  SyscallResult ioctl(Syscall& call) override;
  SyscallResult seek(std::int64_t /*offset*/, Whence /*whence*/) override { return 0; }  // noop_llseek()
  Result<FileStatus> status() const override;
  std::uint32_t poll_events() override;
  WaitQueue* wait_queue() override { return &queue_; }
  bool stream() const override { return true; }
  std::string info() const override;

 private:
  void start(std::uint64_t when);
  void go_on();
  std::uint64_t left() const;

  Scheduler& scheduler_;
  Timers& timers_;
  int clock_;
  Timer timer_;
  std::optional<std::uint64_t> when_;  // of the last time that it was to go off
  std::uint64_t interval_ = 0;
  std::uint64_t settime_flags_ = 0;
  std::uint64_t ticks_ = 0;  // that nobody has read
  bool expired_ = false;     // and is to go on when somebody looks
  WaitQueue queue_;
};

}  // namespace trapline::kernel
