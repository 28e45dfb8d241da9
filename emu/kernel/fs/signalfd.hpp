// Signals that are read from a file (signalfd(2)): those pending for whoever reads it.
#pragma once

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/signal/signal.hpp"

namespace trapline::kernel {

class Kernel;

class SignalFd final : public File {
 public:
  SignalFd(Kernel& kernel, SignalSet signals, std::uint64_t flags);

  void set_signals(SignalSet signals);

  SyscallResult read_by(Task& reader, std::span<std::byte> out) override;
  std::uint32_t poll_events_for(const Task& who) override;
  Result<FileStatus> status() const override;
  WaitQueue* wait_queue() override;
  bool stream() const override { return true; }
  std::string info() const override;

 private:
  Kernel& kernel_;
  SignalSet signals_;
};

}  // namespace trapline::kernel
