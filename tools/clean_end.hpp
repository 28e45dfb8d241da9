// While it lives, SIGINT, SIGTERM and SIGHUP end the process as they always do, but clear its leftovers
// before.
#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

#include "emu/scenario/leftovers.hpp"

namespace trapline::tools {

class CleanEnd {
 public:
  // Before there are other threads, which then leave the signals to this one's.
  CleanEnd();
  ~CleanEnd();
  CleanEnd(const CleanEnd&) = delete;
  CleanEnd& operator=(const CleanEnd&) = delete;

  scenario::Leftovers& leftovers() { return leftovers_; }

 private:
  void wait(const std::stop_token& stop);

  scenario::Leftovers leftovers_;
  sigset_t signals_{};  // those that were not ignored when Trapline started, as nohup(1) has it
  sigset_t mask_{};     // as it was
  std::jthread waiter_;
};

}  // namespace trapline::tools
