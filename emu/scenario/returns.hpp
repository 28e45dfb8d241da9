// Waits for calls to return, from outside of the machine.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

class Returns {
 public:
  // Before the code goes on to which the call returns.
  using Reached = std::function<void(machine::Cpu&, kernel::Task&)>;

  explicit Returns(kernel::Kernel& kernel) : kernel_(kernel) {}
  ~Returns();
  Returns(const Returns&) = delete;
  Returns& operator=(const Returns&) = delete;

  // `callee` tells functions apart: a call of one takes the place of an earlier one that had the same frame,
  // which was left otherwise (longjmp(3), an exception). Two functions have one where the first ends in a
  // jump to the second.
  using Callee = std::uint64_t;
  void await(kernel::Task& task, const Frame& frame, Callee callee, Reached reached);
  // Whether a call of the function has this frame.
  bool awaits(const kernel::Task& task, const Frame& frame, Callee callee) const;
  // A child process returns as its parent does.
  void copy(int parent, int child);
  void forget(int task);

 private:
  struct Call {
    std::uint64_t frame = 0;  // its canonical frame address
    Callee callee = 0;
    Reached reached;
  };
  struct Place {
    machine::Observers::Id observer = 0;
    std::map<int, std::vector<Call>> calls;  // by task, the innermost last
  };

  void returned(std::uint64_t address, machine::Cpu& cpu);
  void drop_empty();

  kernel::Kernel& kernel_;
  std::map<std::uint64_t, Place> places_;  // by return address
};

}  // namespace trapline::scenario
