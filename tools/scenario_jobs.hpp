// Finding, loading and running scenario files, for the subcommands that do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/report.hpp"
#include "emu/scenario/runner.hpp"

namespace trapline::tools {

// What the commands that judge scenarios exit with.
enum Status : int { kAllPass = 0, kSomeFail = 1, kBadInput = 2 };

// The scenario files that the paths name, in their order; those of a folder by name, subfolders included.
// Throws InputError for a folder without any.
std::vector<std::filesystem::path> scenario_files(const std::vector<std::string>& paths);

// One scenario on one instruction set, to run.
struct Job {
  const scenario::Document* document;
  isa::Isa isa;
};

struct Result {
  scenario::Verdict verdict;
  std::string trace;  // where it is asked for
};

// The results in the order of the jobs, of which `at_a_time` run at once.
std::vector<Result> run_jobs(const std::vector<Job>& jobs, const scenario::RunOptions& options,
                             unsigned at_a_time, bool tracing = false);

}  // namespace trapline::tools
