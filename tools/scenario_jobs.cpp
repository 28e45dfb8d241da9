#include "tools/scenario_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "emu/scenario/judge.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;
using scenario::InputError;

namespace {

Result run_job(const Job& job, const scenario::RunOptions& base, bool tracing) {
  Result result;
  result.verdict.file = job.document->path.string();
  result.verdict.title = job.document->title;
  result.verdict.isa = job.isa;
  scenario::RunOptions options = base;
  if (tracing) {
    result.trace = fmt::format("{{\"scenario\":{},\"isa\":\"{}\"}}\n",
                               nlohmann::json(result.verdict.file).dump(), isa::name(job.isa));
    options.trace = [&result](const kernel::TraceEvent& event) { result.trace += to_json(event) + "\n"; };
  }
  const scenario::Scenario& scenario = job.document->scenarios.at(job.isa);
  try {
    result.verdict.outcome = scenario::run(scenario, job.isa, options);
    result.verdict.problems = scenario::judge(scenario, *result.verdict.outcome);
  } catch (const InputError& error) {
    result.verdict.problems = error.problems();
  } catch (const std::exception& error) {
    result.verdict.problems = {{{job.document->path.string(), 0, 0}, error.what()}};
  }
  return result;
}

}  // namespace

// The scenario files that the paths name, in their order; those of a folder by name, subfolders included.
std::vector<fs::path> scenario_files(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const fs::path path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      // A link that leads nowhere is a bad scenario file, not none.
      if (entry.path().extension() == ".yaml" && !entry.is_directory(error)) found.push_back(entry.path());
    }
    if (found.empty())
      throw InputError({path.string(), 0, 0}, "there are no scenario files (*.yaml) in this folder");
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::vector<Result> run_jobs(const std::vector<Job>& jobs, const scenario::RunOptions& options,
                             unsigned at_a_time, bool tracing) {
  std::vector<Result> results(jobs.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) results[i] = run_job(jobs[i], options, tracing);
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 1; i < at_a_time; ++i) workers.emplace_back(work);
  work();
  workers.clear();  // joins
  return results;
}

}  // namespace trapline::tools
