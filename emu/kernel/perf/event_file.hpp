// The file behind a descriptor of perf_event_open(2).
#pragma once

#include <memory>
#include <vector>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class HwBreakpoints;
class PerfCore;

class PerfEventFile final : public File {
 public:
  PerfEventFile(machine::Machine& machine, PerfCore& core, HwBreakpoints& breakpoints, PerfEventRef event);
  ~PerfEventFile() override;

  PerfEvent& event() const { return *event_; }

  SyscallResult read(std::span<std::byte> out) override;
  Result<FileStatus> status() const override;
  SyscallResult ioctl(Syscall& call) override;
  std::uint32_t poll_events() override;
  WaitQueue* wait_queue() override { return &event_->waiters; }
  Result<std::shared_ptr<SharedMemory>> map(const Mapping& mapping) override;
  std::uint32_t mapping_flags() const override;

  // --- What ioctl(2) does, where it may be refused ---
  Status refresh(int count);
  Status set_period(std::uint64_t period);
  Status pause_output(bool pause);
  Status modify_attributes(const PerfEventAttr& attr);

 private:
  struct Mapped;
  std::shared_ptr<SharedMemory> show(std::shared_ptr<SharedMemory> memory);
  Status set_period(Syscall& call);
  Status set_output(Syscall& call);
  Status modify_attributes(Syscall& call);

  machine::Machine& machine_;
  PerfCore& core_;
  HwBreakpoints& breakpoints_;
  PerfEventRef event_;
};

}  // namespace trapline::kernel
