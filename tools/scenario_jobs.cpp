#include "tools/scenario_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "emu/scenario/lab/exercise.hpp"
#include "emu/scenario/schema.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;
using scenario::InputError;

namespace {

constexpr auto kReplaceBadUtf8 = nlohmann::json::error_handler_t::replace;  // a file's name may be anything

Result run_job(const Job& job, const scenario::RunOptions& base, bool tracing, bool strict) {
  Result result;
  result.verdict.file = job.document->path.string();
  result.verdict.title = job.document->title;
  result.verdict.isa = job.isa;
  result.verdict.seed = job.seed;
  scenario::RunOptions options = base;
  if (job.seed) options.schedule_seed = job.seed;
  if (tracing) {
    Spool& trace = result.trace.emplace();
    trace.add(fmt::format("{{\"scenario\":{},\"isa\":\"{}\"{}}}\n",
                          nlohmann::json(result.verdict.file).dump(-1, ' ', false, kReplaceBadUtf8),
                          isa::name(job.isa),
                          job.seed ? fmt::format(",\"schedule-seed\":{}", *job.seed) : ""));
    options.trace = [&trace](const machine::TraceEvent& event) { trace.add(to_json(event) + "\n"); };
  }
  const scenario::Scenario& scenario = job.document->scenarios.at(job.isa);
  options.build.warnings = &result.verdict.warnings;
  try {
    result.verdict.outcome = scenario::run(scenario, job.isa, options);
    conclude(result.verdict, scenario, strict);
  } catch (const InputError& error) {
    result.verdict.problems = error.problems();
  } catch (const std::bad_alloc&) {
    result.verdict.outcome.reset();
    result.verdict.problems = {{{result.verdict.file, 0, 0}, "there is not enough memory to run it"}};
  } catch (const std::exception& error) {
    result.verdict.outcome.reset();
    result.verdict.problems = {{{result.verdict.file, 0, 0}, error.what()}};
  }
  return result;
}

// What the workers have done and what is taken of it.
class Queue {
 public:
  Queue(std::size_t jobs, std::size_t most_ahead) : slots_(jobs), most_ahead_(most_ahead) {}

  // The next job, once it is not too far ahead; nothing where there are no more, or all is over.
  std::optional<std::size_t> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_ || begun_ == slots_.size() || begun_ < taken_ + most_ahead_; });
    if (over_ || begun_ == slots_.size()) return std::nullopt;
    return begun_++;
  }

  void finish(std::size_t job, std::optional<Result> result, const std::exception_ptr& error) {
    const std::scoped_lock lock(mutex_);
    slots_[job] = std::move(result);
    if (error) error_ = error;
    changed_.notify_all();
  }

  // The job's result, which is waited for. Throws what a worker threw.
  Result take(std::size_t job) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return error_ || slots_[job]; });
    if (error_) std::rethrow_exception(error_);
    Result result = std::move(*slots_[job]);
    slots_[job].reset();
    ++taken_;
    changed_.notify_all();
    return result;
  }

  void stop() {
    const std::scoped_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<Result>> slots_;
  std::size_t most_ahead_;
  std::size_t begun_ = 0;
  std::size_t taken_ = 0;
  bool over_ = false;
  std::exception_ptr error_;
};

class Workers {
 public:
  Workers(Queue& queue, unsigned count, const std::function<Result(std::size_t)>& run) : queue_(queue) {
    threads_.reserve(count);
    while (threads_.size() < count) {
      try {
        threads_.emplace_back([this, run] { work(run); });
      } catch (const std::system_error&) {
        if (threads_.empty()) throw;
        return;  // fewer will do
      }
    }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() { queue_.stop(); }

 private:
  void work(const std::function<Result(std::size_t)>& run) {
    while (const auto job = queue_.next()) {
      try {
        queue_.finish(*job, run(*job), nullptr);
      } catch (...) {
        queue_.finish(*job, std::nullopt, std::current_exception());
      }
    }
  }

  Queue& queue_;
  std::vector<std::jthread> threads_;  // joined before the queue goes
};

}  // namespace

namespace {

bool is_scenario_name(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

// With the scenario beside it that may be meant.
std::string no_such_file(const fs::path& path) {
  std::vector<std::string> beside;
  std::error_code error;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (is_scenario_name(entry.path()) || entry.is_directory(error))
      beside.push_back(entry.path().filename().string());
  }
  std::ranges::sort(beside);
  const std::string near = scenario::schema::nearest(path.filename().string(), beside);
  return near.empty() ? "no such file or folder"
                      : fmt::format("no such file or folder; did you mean {}?",
                                    path.has_parent_path() ? (path.parent_path() / near).string() : near);
}

}  // namespace

// The scenario files that the paths name, in their order; those of a folder by name, subfolders included.
std::vector<fs::path> scenario_files(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const fs::path path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) throw InputError({path.string(), 0, 0}, no_such_file(path));
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<fs::path> found;
    for (auto entries = fs::recursive_directory_iterator(path); entries != fs::recursive_directory_iterator();
         ++entries) {
      const fs::directory_entry& entry = *entries;
      if (entry.is_directory(error) && scenario::lab::is_exercise(entry.path()))
        entries.disable_recursion_pending();
      // A link that leads nowhere is a bad scenario file, not none.
      if (is_scenario_name(entry.path()) && !entry.is_directory(error)) found.push_back(entry.path());
    }
    if (found.empty())
      throw InputError({path.string(), 0, 0}, "there are no scenario files (*.yaml, *.yml) in this folder");
    std::ranges::sort(found);
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

void for_each_of(std::size_t count, unsigned at_a_time, const std::function<void(std::size_t)>& action) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr error;  // the first that a thread met
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) action(i);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      if (!error) error = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  while (others.size() + 1 < std::min<std::size_t>(at_a_time, count)) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // fewer will do
    }
  }
  work();
  others.clear();  // joined
  if (error) std::rethrow_exception(error);
}

scenario::Verdict not_loaded(const fs::path& file, std::vector<scenario::Problem> problems) {
  scenario::Verdict verdict;
  verdict.file = file.string();
  verdict.title = "cannot be loaded";
  verdict.problems = std::move(problems);
  return verdict;
}

void run_jobs(const std::vector<Job>& jobs, const scenario::RunOptions& options, unsigned at_a_time,
              bool tracing, bool strict, const std::function<void(Result)>& take) {
  const auto count = static_cast<unsigned>(std::min<std::size_t>(at_a_time, jobs.size()));
  if (count == 0) return;
  // One that takes long does not hold the others up at once.
  Queue queue(jobs.size(), std::size_t{2} * at_a_time);
  const Workers workers(queue, count,
                        [&](std::size_t i) { return run_job(jobs[i], options, tracing, strict); });
  for (std::size_t i = 0; i < jobs.size(); ++i) take(queue.take(i));
}

}  // namespace trapline::tools
