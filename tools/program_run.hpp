// Running a program of the user's, for `exec` and `watch`: what can be asked for, and doing it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "tools/command_line.hpp"

namespace trapline::tools {

struct ExecOptions {
  std::string program;
  std::vector<std::string> arguments;
  unsigned cpus = 1;
  std::uint64_t memory = 1ull << 30;
  std::uint64_t max_cycles = 100'000'000'000;
  std::optional<unsigned> slots;
  bool share_slots = false;
  kernel::InterleavingSpec interleaving;
  std::string trace;
  std::string root;
  bool writable = false;
  std::string working_directory;
  std::vector<std::string> environment;
  std::string gear;
  std::string debug_unit;
};

// The options that all have who run a program.
void add_program_options(Command& command, ExecOptions& options);

// Who looks on from outside.
class Onlooker {
 public:
  // Before the program's first instruction. `image` is null where the program lies in the root folder. Throws
  // std::runtime_error where there is nothing to look at.
  virtual void begin(kernel::Kernel& kernel, kernel::Task& main, const kernel::FileBytes& image) = 0;
  // Asked where somebody has halted the run: whether it need not go on.
  virtual bool has_seen_enough() const = 0;
  // All is over, and everything still there.
  virtual void end() = 0;

 protected:
  ~Onlooker() = default;
};

// The exit status: the program's, or 128 and the number of the signal that killed it.
int run_program(const ExecOptions& options, Onlooker* onlooker = nullptr);

}  // namespace trapline::tools
