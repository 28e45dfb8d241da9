// Signals that are read from a file (signalfd(2)): those pending for whoever reads it.
#pragma once

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/signal/signal.hpp"

namespace trapline::kernel {

class Signals;

class SignalFd final : public File {
 public:
  SignalFd(Signals& signals, isa::Isa isa, SignalSet set, std::uint64_t flags);

  // `by`: who waits already for signals of its process looks again.
  void set_signals(SignalSet set, Task& by);

  SyscallResult read_by(Task& reader, std::span<std::byte> out) override;
  std::uint32_t poll_events_for(const Task& who) override;
  Result<FileStatus> status() const override;
  SyscallResult seek(std::int64_t /*offset*/, Whence /*whence*/) override { return 0; }  // noop_llseek()
  WaitQueue* wait_queue_for(Task& who) override;
  bool stream() const override { return true; }
  std::string info() const override;

 private:
  Signals& signals_;
  isa::Isa isa_;
  SignalSet set_;
};

}  // namespace trapline::kernel
