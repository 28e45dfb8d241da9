// Finding, loading and running scenario files, for the subcommands that do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/report.hpp"
#include "emu/scenario/runner.hpp"
#include "tools/spool.hpp"

namespace trapline::tools {

// What the commands that judge scenarios exit with.
enum Status : int { kAllPass = 0, kSomeFail = 1 };

// The scenario files that the paths name, in their order; those of a folder by name, subfolders included, but
// not exercises of the labs. Throws InputError for a folder without any.
std::vector<std::filesystem::path> scenario_files(const std::vector<std::string>& paths);

// One scenario on one instruction set, to run.
struct Job {
  const scenario::Document* document = nullptr;
  isa::Isa isa{};
  std::optional<std::uint64_t> seed{};  // in place of its own
};

struct Result {
  scenario::Verdict verdict;
  std::optional<Spool> trace;  // where it is asked for
};

// `action(i)` for each i below `count`, so many at a time.
void for_each_of(std::size_t count, unsigned at_a_time, const std::function<void(std::size_t)>& action);

// Of a file that cannot be loaded.
scenario::Verdict not_loaded(const std::filesystem::path& file, std::vector<scenario::Problem> problems);

// `strict`: scenarios that expect nothing fail. Runs `at_a_time` jobs at once and gives their results to
// `take`, in the order of the jobs and on this thread. Few are kept: a worker that is far ahead waits. What
// `take` throws, or a worker, ends all.
void run_jobs(const std::vector<Job>& jobs, const scenario::RunOptions& options, unsigned at_a_time,
              bool tracing, bool strict, const std::function<void(Result)>& take);

}  // namespace trapline::tools
