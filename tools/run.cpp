// trapline run: scenario files or folders of them.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/report.hpp"
#include "emu/scenario/runner.hpp"
#include "tools/commands.hpp"
#include "tools/gear_option.hpp"
#include "tools/output_file.hpp"
#include "tools/scenario_jobs.hpp"

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
  std::string gear;
  std::string cache;
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

int run_scenarios(const RunArguments& arguments) {
  std::optional<Shard> shard = Shard{};
  if (!arguments.shard.empty()) shard = parse_shard(arguments.shard);
  if (!shard) {
    std::cerr << "trapline: error: --shard takes I/N with 1 <= I <= N, as in 2/3\n";
    return kBadInput;
  }
  bool bad = false;
  std::vector<Verdict> verdicts;  // of the files that cannot be loaded, then of the runs
  std::vector<Document> documents;
  try {
    for (const fs::path& file : scenario_files(arguments.paths)) {
      try {
        documents.push_back(scenario::load(file));
      } catch (const InputError& error) {
        std::cerr << error.what() << '\n';
        bad = true;
        Verdict& verdict = verdicts.emplace_back();
        verdict.file = file.string();
        verdict.title = "cannot be loaded";
        verdict.problems = error.problems();
      }
    }
  } catch (const InputError& error) {
    std::cerr << error.what() << '\n';
    return kBadInput;
  }

  const auto only = arguments.isa.empty() ? std::nullopt : isa::from_name(arguments.isa);
  std::vector<Job> jobs;
  std::size_t n = 0;
  for (const Document& document : documents) {
    for (const isa::Isa isa : document.isas) {
      if (only && *only != isa) continue;
      if (n++ % shard->of == shard->index - 1) jobs.push_back({&document, isa});
    }
  }
  if (n == 0 && !bad) {
    std::cerr << fmt::format("trapline: error: none of the scenarios is for {}\n", arguments.isa);
    return kBadInput;
  }
  scenario::RunOptions base;
  base.gear = gear_from_name(arguments.gear);
  if (!arguments.cache.empty()) base.build.cache = arguments.cache;
  std::vector<Result> results = run_jobs(jobs, base, arguments.jobs, !arguments.trace.empty());

  bool failed = false;
  std::string trace;
  for (Result& result : results) {
    if (!result.verdict.outcome) {
      bad = true;
      for (const scenario::Problem& problem : result.verdict.problems) std::cerr << problem.text() << '\n';
    }
    failed |= !result.verdict.passed();
    trace += result.trace;
    verdicts.push_back(std::move(result.verdict));
  }
  if (!arguments.trace.empty()) {
    OutputFile file(arguments.trace);
    file.stream() << trace;
    file.commit();
  }
  scenario::ReportOptions options{.format = *scenario::format_from_name(arguments.format)};
  if (arguments.output.empty()) {
    options.errors_said = true;
    options.colours = isatty(STDOUT_FILENO) != 0;
    scenario::report(std::cout, verdicts, options);
    std::cout.flush();
    if (!std::cout) throw std::runtime_error("cannot write the report to stdout");
  } else {
    OutputFile file(arguments.output);
    scenario::report(file.stream(), verdicts, options);
    file.commit();
  }
  return bad ? kBadInput : failed ? kSomeFail : kAllPass;
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* const command = app.add_subcommand("run", "Run scenario files, or all that a folder holds");
  command->add_option("path", arguments->paths, "Scenario files (*.yaml) or folders")
      ->required()
      ->check(CLI::ExistingPath);
  command->add_option("-j,--jobs", arguments->jobs, "Scenarios to run at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  std::vector<std::string> isas;
  for (const isa::Isa isa : isa::kAllIsas) isas.emplace_back(isa::name(isa));
  command->add_option("--isa", arguments->isa, "Only on this instruction set")->check(CLI::IsMember(isas));
  command->add_option("--format", arguments->format, "How to report")
      ->check(CLI::IsMember({"text", "json", "junit", "tap"}))
      ->capture_default_str();
  command->add_option("--output", arguments->output, "Write the report to this file instead of stdout");
  command->add_option("--trace", arguments->trace,
                      "Write each step of each hit to this file, a JSON object a line");
  command->add_option("--shard", arguments->shard, "Run only part I of N of the scenarios, given as I/N");
  add_gear_option(*command, arguments->gear);
  command->add_option("--cache", arguments->cache, "Keep built guest programs in this folder");
  command->footer(
      "Exits with 0 if all scenarios pass, 1 if an expectation fails, 2 if the input is bad.\n"
      "Example:\n  trapline run scenarios -j 4 --format junit --output report.xml");
  command->callback([arguments, &status] { status = run_scenarios(*arguments); });
}

}  // namespace trapline::tools
