// A task: one thread of one process (struct task_struct), and what threads of a process share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/perf/context.hpp"
#include "emu/kernel/signal/signal.hpp"
#include "emu/machine/cpu_state.hpp"

namespace trapline::kernel {

struct ExitStatus {
  int code = 0;    // of exit(2)
  int signal = 0;  // nonzero: killed by it
};

class Task {
 public:
  Task(int tid, std::string comm_) : tid_(tid), comm(std::move(comm_)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  int tid() const { return tid_; }
  int tgid() const { return tid_; }

 private:
  int tid_;

 public:
  std::string comm;  // at most 15 characters
  std::string executable;
  std::vector<std::string> arguments;
  std::shared_ptr<Mm> mm;
  std::shared_ptr<FdTable> files;
  std::string working_directory = "/";
  SignalActions actions;
  std::uint64_t blocked_signals = 0;  // bit n - 1: signal n
  std::uint64_t pending_signals = 0;  // sent while blocked
  GuestVa clear_child_tid;
  ThreadArch arch;       // what the instruction set keeps for each thread (struct thread_struct)
  PerfTaskContext perf;  // the perf events on this task
  std::optional<ExitStatus> exit;
};

}  // namespace trapline::kernel
