// Runs a program of the host to its end, bounded in time, memory and output.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::scenario {

struct Command {
  std::vector<std::string> argv;  // argv[0] is an absolute path
  std::filesystem::path directory;
  std::filesystem::path input = "/dev/null";  // its standard input
  std::vector<std::string> env;               // "NAME=value"; nothing else is inherited
  std::chrono::milliseconds time_limit;
};

struct ProcessResult {
  int status = 0;  // the exit status; 128 + the signal's number where one ended it
  bool timed_out = false;
  std::string output;  // standard output and standard error as they came, the first MiB
};

// Throws std::system_error where the host cannot start it.
ProcessResult run(const Command& command);

// The first executable file of this name on $PATH.
std::optional<std::filesystem::path> find_on_path(std::string_view name);

}  // namespace trapline::scenario
