// trapline run: scenario files or folders of them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/kind.hpp"
#include "emu/scenario/numbers.hpp"
#include "emu/scenario/report.hpp"
#include "emu/scenario/runner.hpp"
#include "emu/scenario/utf8.hpp"
#include "tools/clean_end.hpp"
#include "tools/commands.hpp"
#include "tools/data_folder.hpp"
#include "tools/gear_option.hpp"
#include "tools/last_failures.hpp"
#include "tools/output_file.hpp"
#include "tools/scenario_jobs.hpp"
#include "tools/terminal.hpp"

namespace trapline::tools {

namespace {

namespace fs = std::filesystem;
using scenario::Document;
using scenario::InputError;
using scenario::Verdict;

struct Shard {
  std::size_t index = 1;  // from 1
  std::size_t of = 1;
};

struct RunArguments {
  std::vector<std::string> paths;
  unsigned jobs = 1;
  std::string isa;
  std::string format = "text";
  std::string output;
  std::string trace;
  std::string shard;
  std::string seeds;
  std::string gear;
  std::string cache;
  std::optional<std::size_t> hits;
  bool quiet = false;
  bool failed = false;
  bool trusted = false;
  bool strict = false;
  std::string expect;
  std::optional<std::uint64_t> memory_cap;
  std::optional<std::uint64_t> cycle_cap;
};

// "2/3"
std::optional<Shard> parse_shard(const std::string& text) {
  std::istringstream in(text);
  Shard shard;
  char slash = 0;
  if (!(in >> shard.index >> slash >> shard.of) || slash != '/' || !in.eof()) return std::nullopt;
  if (shard.index < 1 || shard.index > shard.of) return std::nullopt;
  return shard;
}

// Once: what a file has wrong for one instruction set it may have for the other, and for each seed.
class Complaints {
 public:
  void say(const std::vector<scenario::Problem>& problems, std::string_view kind = "error") {
    for (const scenario::Problem& problem : problems) {
      std::string text = problem.text(kind);
      if (said_.insert(text).second) std::cerr << scenario::printable(text, scenario::Lines::Kept) << '\n';
    }
  }

 private:
  std::set<std::string> said_;
};

struct Loaded {
  std::vector<Document> documents;
  std::vector<Verdict> bad;  // of the files that cannot be loaded
};

// One file: a document, or what it has wrong.
struct LoadedFile {
  std::optional<Document> document;
  std::vector<scenario::Problem> problems;
};

LoadedFile load_file(const fs::path& file, const scenario::LoadOptions& options) {
  try {
    return {scenario::load(file, options), {}};
  } catch (const InputError& error) {
    return {std::nullopt, error.problems()};
  } catch (const std::bad_alloc&) {
    return {std::nullopt, {{{file.string(), 0, 0}, "there is not enough memory to load it"}}};
  } catch (const std::exception& error) {
    return {std::nullopt, {{{file.string(), 0, 0}, error.what()}}};
  }
}

// Whatever one file has wrong, the others are loaded, as many at a time as run later. Throws InputError where
// there are none.
Loaded load_documents(const RunArguments& arguments, Complaints& complaints) {
  scenario::LoadOptions options{
      .trusted = arguments.trusted, .memory_cap = arguments.memory_cap, .cycle_cap = arguments.cycle_cap};
  if (!arguments.expect.empty()) options.expect = arguments.expect;
  const std::vector<fs::path> files = scenario_files(arguments.paths);
  std::vector<LoadedFile> found(files.size());
  for_each_of(files.size(), arguments.jobs, [&](std::size_t i) { found[i] = load_file(files[i], options); });
  Loaded loaded;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (found[i].document) {
      loaded.documents.push_back(std::move(*found[i].document));
      continue;
    }
    complaints.say(found[i].problems);
    loaded.bad.push_back(not_loaded(files[i], std::move(found[i].problems)));
  }
  return loaded;
}

// Where the report goes: a file that is complete or not there, or standard output.
class ReportTarget {
 public:
  ReportTarget(const std::string& path, scenario::Leftovers& leftovers) {
    if (!path.empty()) file_.emplace(path, &leftovers);
  }
  std::ostream& stream() { return file_ ? file_->stream() : std::cout; }
  bool takes_colours() const { return !file_ && tools::takes_colours(STDOUT_FILENO); }
  bool is_file() const { return file_.has_value(); }
  void finish() {
    if (file_) return file_->commit();
    std::cout.flush();
    if (!std::cout) throw std::runtime_error("cannot write the report to stdout");
  }

 private:
  std::optional<OutputFile> file_;
};

struct Seeds {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

// "1..100"
std::optional<Seeds> parse_seeds(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto first = scenario::parse_unsigned(text.substr(0, dots));
  const auto last = scenario::parse_unsigned(text.substr(dots + 2));
  constexpr std::uint64_t kMost = 100'000;
  if (!first || !last || *first > *last || *last - *first >= kMost) return std::nullopt;
  return Seeds{*first, *last};
}

// Those that failed the last time; all, where none of them did.
std::vector<Job> only_failed(std::vector<Job> jobs, const LastFailures& failures) {
  if (std::ranges::none_of(jobs, [&](const Job& job) { return failures.has(job); })) {
    std::cerr << "trapline: none of these is known to have failed: running all\n";
    return jobs;
  }
  std::erase_if(jobs, [&](const Job& job) { return !failures.has(job); });
  return jobs;
}

int run_scenarios(const RunArguments& arguments) {
  CleanEnd end;
  if (arguments.quiet && arguments.format != "text") {
    std::cerr << "trapline: error: --quiet is for --format text; the other formats tell of all\n";
    return kBadInput;
  }
  std::optional<Shard> shard = Shard{};
  if (!arguments.shard.empty()) shard = parse_shard(arguments.shard);
  if (!shard) {
    std::cerr << "trapline: error: --shard takes I/N with 1 <= I <= N, as in 2/3\n";
    return kBadInput;
  }
  const auto seeds = parse_seeds(arguments.seeds);
  if (!seeds && !arguments.seeds.empty()) {
    std::cerr
        << "trapline: error: --schedule-seeds takes A..B with A <= B, up to 100000 of them, as in 1..100\n";
    return kBadInput;
  }
  Loaded loaded;
  Complaints complaints;
  try {
    loaded = load_documents(arguments, complaints);
  } catch (const InputError& error) {
    complaints.say(error.problems());
    return kBadInput;
  }

  const auto only = arguments.isa.empty() ? std::nullopt : isa::from_name(arguments.isa);
  std::vector<Job> jobs;
  std::size_t n = 0;
  for (const Document& document : loaded.documents) {
    for (const isa::Isa isa : document.isas) {
      if (only && *only != isa) continue;
      if (n++ % shard->of != shard->index - 1) continue;
      if (!seeds || !document.scenarios.at(isa).kind->has_scheduler()) {
        jobs.push_back({&document, isa});
      } else {
        for (std::uint64_t i = 0; i <= seeds->last - seeds->first; ++i)
          jobs.push_back({&document, isa, seeds->first + i});
      }
    }
  }
  bool bad = !loaded.bad.empty();
  if (n == 0 && !bad) {
    std::cerr << fmt::format("trapline: error: none of the scenarios is for {}\n", arguments.isa);
    return kBadInput;
  }
  scenario::RunOptions base;
  base.gear = gear_from_name(arguments.gear);
  base.build.leftovers = &end.leftovers();
  if (const auto folder = data_folder()) base.build.kernel_folder = *folder / "scenarios" / "kernel";
  if (!arguments.cache.empty()) base.build.cache = arguments.cache;
  LastFailures failures(base.build.cache);
  if (arguments.failed) jobs = only_failed(std::move(jobs), failures);

  std::optional<OutputFile> trace;
  if (!arguments.trace.empty()) trace.emplace(arguments.trace, &end.leftovers());
  ReportTarget target(arguments.output, end.leftovers());
  const scenario::ReportOptions options{.format = *scenario::format_from_name(arguments.format),
                                        .colours = target.takes_colours(),
                                        .quiet = arguments.quiet,
                                        .hits = arguments.hits,
                                        .errors_said = !target.is_file()};
  scenario::Reporter reporter(target.stream(), options, loaded.bad.size() + jobs.size());
  for (const Verdict& verdict : loaded.bad) {
    failures.note_not_loaded(verdict.file);
    reporter.add(verdict);
  }
  bool failed = false;
  std::size_t done = 0;
  run_jobs(jobs, base, arguments.jobs, trace.has_value(), arguments.strict, [&](Result result) {
    complaints.say(result.verdict.warnings, "warning");
    if (!result.verdict.outcome) {
      bad = true;
      complaints.say(result.verdict.problems);
    }
    failed |= !result.verdict.passed();
    failures.note(jobs[done++], result.verdict.passed());
    reporter.add(result.verdict);
    if (trace) result.trace->copy_to(trace->stream());
    // A full disk is told now, not after the last scenario.
    if (!target.stream()) target.finish();
    if (trace && !trace->stream()) trace->commit();
  });
  failures.keep();
  reporter.finish();
  if (trace) trace->commit();
  target.finish();
  return bad ? kBadInput : failed ? kSomeFail : kAllPass;
}

}  // namespace

void add_run(CommandLine& line) {
  auto arguments = std::make_shared<RunArguments>();
  Command command = line.command("run", "Run scenario files, or all that a folder holds");
  command.option("path", &arguments->paths, "Scenario files (*.yaml, *.yml) or folders").required();
  command.option("-j,--jobs", &arguments->jobs, "Scenarios to run at a time").between(1, 256).shows_default();
  std::vector<std::string> isas;
  for (const isa::Isa isa : isa::kAllIsas) isas.emplace_back(isa::name(isa));
  command.option("--isa", &arguments->isa, "Only on this instruction set").one_of(isas);
  command.option("--format", &arguments->format, "How to report")
      .one_of({"text", "json", "junit", "tap"})
      .shows_default();
  command.option("-q,--quiet", &arguments->quiet, "Tell only of what fails, and how many pass");
  command.option("--failed", &arguments->failed,
                 "Only what failed when it last ran, as the cache folder knows; all, where nothing did");
  command.option("--output", &arguments->output, "Write the report to this file instead of stdout");
  command.option("--hits", &arguments->hits, "Show so many hits and records of each event")
      .between(std::size_t{0}, scenario::kMostHits);
  command.option("--trace", &arguments->trace,
                 "Write each step of each hit to this file, a JSON object a line; -: to stdout");
  command.option("--shard", &arguments->shard, "Run only part I of N of the scenarios, given as I/N");
  command.option("--schedule-seeds", &arguments->seeds,
                 "Run each scenario with each of these seeds, given as A..B, and say which fail");
  add_gear_option(command, arguments->gear);
  command.option("--strict", &arguments->strict, "A scenario that checks nothing fails");
  command
      .option("--expect", &arguments->expect,
              "Hold the scenarios to what this file expects, instead of to what they expect themselves")
      .existing(Existing::File);
  command.option("--cache", &arguments->cache, "Keep built guest programs in this folder");
  command.option("--trust", &arguments->trusted,
                 "The scenarios are your own: they may use files outside of their folders");
  command
      .option("--memory-cap", &arguments->memory_cap,
              "Refuse scenarios that ask for more memory, in bytes or with K, M, G")
      .bytes()
      .between(std::uint64_t{1} << 20, std::uint64_t{64} << 30);
  command.option("--cycle-cap", &arguments->cycle_cap, "Refuse scenarios that ask for more cycles")
      .between(1, std::numeric_limits<std::uint64_t>::max());
  command.footer(
      "Exits with 0 if all scenarios pass, 1 if an expectation fails, 2 if the input is bad.\n"
      "Example:\n  trapline run scenarios -j 4 --format junit --output report.xml");
  command.runs([arguments] { return run_scenarios(*arguments); });
}

}  // namespace trapline::tools
