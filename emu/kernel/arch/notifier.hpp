// The notifier chain of exceptions (die_chain): whoever may own a debug exception is asked in turn, until one
// stops the walk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "emu/machine/stop.hpp"

namespace trapline::machine {
class Cpu;
}

namespace trapline::kernel {

class Task;

// enum die_val: what happened.
enum class DieVal : std::uint8_t {
  Debug,      // x86 #DB (DIE_DEBUG)
  DabrMatch,  // PPC64 data storage interrupt by a breakpoint (DIE_DABR_MATCH)
  SStep,      // PPC64 trace interrupt (DIE_SSTEP)
};

struct DieArgs {
  DieVal val{};
  machine::Cpu& cpu;
  Task& task;
  const machine::DebugException& exception;
  std::uint64_t dr6 = 0;  // x86: the bits not yet accounted for; a handler clears what is its own
};

enum class Notify : std::uint8_t {
  Done,  // NOTIFY_DONE: not mine, or not mine alone
  Stop,  // NOTIFY_STOP: handled
};

class NotifierChain {
 public:
  using Callback = std::function<Notify(DieArgs&)>;

  // Higher priorities are asked first; equal ones in the order of registration.
  void add(std::string name, int priority, Callback callback);

  // `asked` is told of each member before it is called.
  Notify call(DieArgs& args, const std::function<void(const std::string& name)>& asked) const;

 private:
  struct Block {
    std::string name;
    int priority;
    Callback callback;
  };
  std::vector<Block> blocks_;
};

}  // namespace trapline::kernel
