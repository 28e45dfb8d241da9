// Running a program of the user's, for `exec` and `watch`: what can be asked for, and doing it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "tools/command_line.hpp"
#include "tools/program_names.hpp"

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
  std::vector<std::string> kernel;   // image_named(); empty: none
  std::vector<std::string> modules;  // module_named()
  std::string gear;
  std::string debug_unit;
};

// The options that all have who run a program.
void add_program_options(Command& command, ExecOptions& options);

// Who looks on from outside, from before the program's first instruction on.
class Onlooker {
 public:
  virtual ~Onlooker() = default;
  // Asked where somebody has halted the run: whether it need not go on.
  virtual bool has_seen_enough() const = 0;
  // All is over, and everything still there.
  virtual void end() = 0;
};
// It is gone before the kernel is. Throws std::runtime_error where there is nothing to look at.
using MakeOnlooker =
    std::function<std::unique_ptr<Onlooker>(kernel::Kernel& kernel, kernel::Task& main, ProgramNames& names)>;

// The exit status: the program's, or 128 and the number of the signal that killed it.
int run_program(const ExecOptions& options, const MakeOnlooker& make_onlooker = nullptr);

}  // namespace trapline::tools
