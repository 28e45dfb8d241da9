// Runs a program of the host to its end, bounded in time, memory and output.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/confinement.hpp"
#include "emu/scenario/leftovers.hpp"

namespace trapline::scenario {

struct Command {
  std::vector<std::string> argv;              // argv[0] is an absolute path
  std::filesystem::path directory;            // with `confinement` without links in its name
  std::filesystem::path input = "/dev/null";  // its standard input
  std::vector<std::string> env;               // "NAME=value"; nothing else is inherited
  std::chrono::milliseconds time_limit;
  std::optional<Confinement> confinement = {};  // absent: it reaches what its user does
  Leftovers* leftovers = nullptr;               // may be absent
};

struct ProcessResult {
  int status = 0;  // the exit status; 128 + the signal's number where one ended it
  bool timed_out = false;
  std::string output;  // standard output and standard error as they came, the first MiB
  std::vector<std::filesystem::path> refused;  // Supervisor::refused()
  std::set<std::filesystem::path> looked_at;   // Supervisor::looked_at(); empty without a confinement
};

// Throws std::system_error where the host cannot start it, or not confine it as is asked.
ProcessResult run(const Command& command);

// The executable files of this name on $PATH, in its order.
std::vector<std::filesystem::path> all_on_path(std::string_view name);
// The first of them.
std::optional<std::filesystem::path> find_on_path(std::string_view name);

// $PATH without the entries that depend on where a process runs.
std::string absolute_path_variable();

}  // namespace trapline::scenario
