// trapline conformance: the rules that scenarios cite, and whether they hold, as Markdown.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/utf8.hpp"
#include "tools/clean_end.hpp"
#include "tools/commands.hpp"
#include "tools/data_folder.hpp"
#include "tools/scenario_jobs.hpp"

namespace trapline::tools {

namespace {

namespace fs = std::filesystem;
using scenario::Document;
using scenario::InputError;
using scenario::Verdict;

// All below the top of the tree.
constexpr const char* kDefaultFolder = "scenarios/conformance";
// Where the printed text is kept: links are as seen from there.
constexpr const char* kHome = "docs";
constexpr const char* kNotes = "docs/conformance-notes.md";

struct ConformanceArguments {
  std::vector<std::string> paths;
  unsigned jobs = 1;
  std::string cache;
  std::string check;
  bool trusted = false;
};

// A scenario that cites a rule.
struct Rule {
  Document document;
  std::vector<Verdict> verdicts;  // one for each of its instruction sets
};

// By unit: the folder below the given path.
using Units = std::map<std::string, std::deque<Rule>>;

struct Counts {
  std::size_t rules = 0;
  std::size_t runs = 0;
  std::size_t passed = 0;

  void add(const Rule& rule) {
    ++rules;
    runs += rule.verdicts.size();
    passed += static_cast<std::size_t>(std::ranges::count_if(rule.verdicts, &Verdict::passed));
  }
};

// Text as one line that no table takes for its own.
std::string in_a_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else if (c == '<') {
      line += "&lt;";
    } else {
      if (c == '|' || c == '*') line += '\\';
      line += c;
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

// The top of the tree: here (empty), or the folder that comes with the command where only that has the
// scenarios that nobody names.
fs::path find_top(const ConformanceArguments& arguments) {
  if (!arguments.paths.empty() || fs::is_directory(kDefaultFolder)) return {};
  return data_folder().value_or(fs::path());
}

std::string link(const fs::path& file, const fs::path& top) {
  const fs::path from_home =
      fs::absolute(file).lexically_normal().lexically_relative(fs::absolute(top / kHome));
  return fmt::format("[{}]({})", file.stem().string(), from_home.generic_string());
}

std::string verdicts(const Rule& rule) {
  constexpr std::array<std::string_view, 5> kWords{"pass", "**fail**", "**error**", "fails, as is known",
                                                   "**passes, against expectation**"};
  std::string text;
  for (const Verdict& verdict : rule.verdicts) {
    if (!text.empty()) text += ", ";
    text +=
        fmt::format("{}: {}", isa::name(*verdict.isa), kWords[static_cast<std::size_t>(verdict.result())]);
  }
  return text;
}

std::string cites(const Rule& rule) {
  std::string text;
  for (const std::string& cite : rule.document.cites) {
    if (!text.empty()) text += "<br>";
    text += in_a_line(cite);
  }
  return text;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(fmt::format("cannot read {}", path.string()));
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string totals(const Units& units) {
  std::string rows;
  Counts all;
  for (const auto& [unit, rules] : units) {
    Counts counts;
    for (const Rule& rule : rules) {
      counts.add(rule);
      all.add(rule);
    }
    rows += fmt::format("| {} | {} | {} | {} |\n", unit, counts.rules, counts.runs, counts.passed);
  }
  return fmt::format(
      "| unit | rules | runs | passed |\n| --- | --- | --- | --- |\n{}| all | {} | {} | {} |\n", rows,
      all.rules, all.runs, all.passed);
}

std::string table(const std::deque<Rule>& rules, const fs::path& top) {
  std::string text = "| rule | source | scenario | verdict |\n| --- | --- | --- | --- |\n";
  for (const Rule& rule : rules) {
    text += fmt::format("| {} | {} | {} | {} |\n", in_a_line(rule.document.title), cites(rule),
                        link(rule.document.path, top), verdicts(rule));
  }
  return text;
}

std::string choices(const Units& units, const fs::path& top) {
  std::string text;
  for (const auto& [unit, rules] : units) {
    for (const Rule& rule : rules) {
      if (rule.document.choice.empty()) continue;
      text += fmt::format("- **{}** ({}): {}\n", in_a_line(rule.document.title),
                          link(rule.document.path, top), in_a_line(rule.document.choice));
    }
  }
  return text;
}

std::string markdown(const Units& units, const fs::path& top) {
  std::string text =
      "# Conformance\n\nWhat the manuals say of the debug units, each rule with its source and the scenario "
      "that "
      "holds Trapline to it.\nMade by `trapline conformance`; not to be edited.\n\n";
  text += totals(units);
  for (const auto& [unit, rules] : units) text += fmt::format("\n## {}\n\n{}", unit, table(rules, top));
  if (const std::string open = choices(units, top); !open.empty()) {
    text += "\n## Where the manuals leave a choice\n\n" + open;
  }
  if (fs::exists(top / kNotes)) text += "\n" + file_text(top / kNotes);
  return text;
}

std::vector<std::string> paths_or_default(const ConformanceArguments& arguments, const fs::path& top) {
  if (!arguments.paths.empty()) return arguments.paths;
  if (const fs::path folder = top / kDefaultFolder; fs::is_directory(folder)) return {folder.string()};
  throw std::runtime_error(
      fmt::format("there is no folder {}; give the folder of the scenarios", kDefaultFolder));
}

// The rules without verdicts. Throws InputError with the problems of the first bad file.
Units load_units(const std::vector<std::string>& paths, bool trusted) {
  Units units;
  for (const std::string& path : paths) {
    for (const fs::path& file : scenario_files({path})) {
      Document document = scenario::load(file, {.trusted = trusted});
      if (document.cites.empty()) continue;
      const fs::path base = fs::is_directory(path) ? fs::path(path) : file.parent_path();
      const std::string unit = file.parent_path().lexically_relative(base).generic_string();
      units[unit].push_back({std::move(document), {}});
    }
  }
  if (units.empty()) throw std::runtime_error("none of the scenarios has the key `cites`");
  return units;
}

void run(Units& units, const ConformanceArguments& arguments, scenario::Leftovers& leftovers) {
  std::vector<Job> jobs;
  std::vector<Rule*> of_job;
  for (auto& [unit, rules] : units) {
    for (Rule& rule : rules) {
      for (const isa::Isa isa : rule.document.isas) {
        jobs.push_back({&rule.document, isa});
        of_job.push_back(&rule);
      }
    }
  }
  scenario::RunOptions options;
  if (!arguments.cache.empty()) options.build.cache = arguments.cache;
  options.build.leftovers = &leftovers;
  std::size_t i = 0;
  run_jobs(jobs, options, arguments.jobs, false, false, [&](Result result) {
    for (const scenario::Problem& problem : result.verdict.problems)
      std::cerr << scenario::printable(problem.text(), scenario::Lines::Kept) << '\n';
    if (result.verdict.outcome) result.verdict.outcome.emplace();  // only that it ran is told
    of_job[i++]->verdicts.push_back(std::move(result.verdict));
  });
}

int status_of(const Units& units) {
  int status = kAllPass;
  for (const auto& [unit, rules] : units) {
    for (const Rule& rule : rules) {
      for (const Verdict& verdict : rule.verdicts) {
        if (!verdict.passed()) status = std::max<int>(status, kSomeFail);
        if (verdict.result() == scenario::Result::Error) status = kBadInput;
      }
    }
  }
  return status;
}

int check_file(const std::string& file, const std::string& text) {
  if (file_text(file) == text) return kAllPass;
  std::cerr << fmt::format("trapline: error: {} is not what `trapline conformance` prints; make it anew\n",
                           file);
  return kSomeFail;
}

int run_conformance(const ConformanceArguments& arguments) {
  CleanEnd end;
  const fs::path top = find_top(arguments);
  Units units;
  try {
    units = load_units(paths_or_default(arguments, top), arguments.trusted);
  } catch (const InputError& error) {
    std::cerr << error.what() << '\n';
    return kBadInput;
  }
  run(units, arguments, end.leftovers());
  const std::string text = markdown(units, top);
  const int status = status_of(units);
  if (!arguments.check.empty()) return std::max(status, check_file(arguments.check, text));
  std::cout << text << std::flush;
  if (!std::cout) throw std::runtime_error("cannot write the table to stdout");
  return status;
}

}  // namespace

void add_conformance(CommandLine& line) {
  auto arguments = std::make_shared<ConformanceArguments>();
  Command command =
      line.command("conformance", "Print the rules that scenarios cite, with verdicts, as Markdown");
  command
      .option("path", &arguments->paths,
              fmt::format("Folders of scenario files; default {}, here or as it came with the command",
                          kDefaultFolder))
      .existing(Existing::Path);
  command.option("-j,--jobs", &arguments->jobs, "Scenarios to run at a time").between(1, 256).shows_default();
  command.option("--cache", &arguments->cache, "Keep built guest programs in this folder");
  command.option("--trust", &arguments->trusted,
                 "The scenarios are your own: they may use files outside of their folders");
  command.option("--check", &arguments->check, "Print nothing; exit with 1 if this file holds other text")
      .existing(Existing::File);
  command.footer(
      "Exits with 0 if all scenarios pass, 1 if an expectation fails, 2 if the input is bad.\n"
      "Example:\n  trapline conformance -j 2 > docs/conformance.md");
  command.runs([arguments] { return run_conformance(*arguments); });
}

}  // namespace trapline::tools
