#include "emu/scenario/report.hpp"

#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "emu/scenario/kind.hpp"
#include "emu/scenario/utf8.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

using Json = nlohmann::ordered_json;

std::string_view isa_name(const Verdict& verdict) { return verdict.isa ? isa::name(*verdict.isa) : "no ISA"; }

constexpr std::array<std::string_view, 5> kWords{"PASS", "FAIL", "ERROR", "XFAIL", "XPASS"};

std::string_view word(const Verdict& verdict) { return kWords[static_cast<std::size_t>(verdict.result())]; }

// What it was run on, and with which seed.
std::string variant(const Verdict& verdict) {
  std::string text(isa_name(verdict));
  if (verdict.seed) text += fmt::format(", seed {}", *verdict.seed);
  return text;
}

// Without its first word. Of many seeds, only what is wrong with some.
void write_verdict(std::ostream& out, const Verdict& verdict, const ReportOptions& options) {
  out << fmt::format("  {} [{}]  {}\n", printable(verdict.file), variant(verdict), printable(verdict.title));
  if (!verdict.outcome && options.errors_said) return;
  if (verdict.outcome && !(verdict.seed && verdict.passed())) {
    const Outcome& outcome = *verdict.outcome;
    outcome.kind->text(out, outcome, options.hits);
    out << fmt::format("  {} after {} cycles\n", outcome.kind->end(outcome), outcome.cycles);
  }
  for (const Problem& problem : verdict.problems) out << "  " << problem.text() << '\n';
  if (verdict.result() == Result::XFail) out << fmt::format("  expected to fail: {}\n", *verdict.fails);
}

std::string lower_case(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

Json verdict_json(const Verdict& verdict, std::optional<std::size_t> hits) {
  Json json{{"file", verdict.file},
            {"scenario", verdict.title},
            {"isa", verdict.isa ? Json(isa::name(*verdict.isa)) : Json(nullptr)},
            {"verdict", lower_case(word(verdict))}};
  if (verdict.fails) json["fails"] = *verdict.fails;
  if (verdict.outcome && !verdict.checks) json["checks"] = false;
  if (verdict.seed) json["schedule-seed"] = *verdict.seed;
  Json problems = Json::array();
  for (const Problem& problem : verdict.problems) {
    problems.push_back({{"file", problem.at.file},
                        {"line", problem.at.line},
                        {"column", problem.at.column},
                        {"message", problem.message}});
  }
  json["problems"] = std::move(problems);
  for (const Problem& warning : verdict.warnings) {
    json["warnings"].push_back({{"file", warning.at.file},
                                {"line", warning.at.line},
                                {"column", warning.at.column},
                                {"message", warning.message}});
  }
  if (verdict.outcome) json.update(verdict.outcome->kind->json(*verdict.outcome, hits));
  return json;
}

// A guest may print anything; JSON and XML take text.
constexpr auto kReplaceBadUtf8 = Json::error_handler_t::replace;

std::string indented(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

std::string problem_text(const Verdict& verdict) {
  std::string text;
  for (const Problem& problem : verdict.problems) text += problem.text() + "\n";
  return text;
}

std::string junit_case(const Verdict& verdict) {
  std::string text = fmt::format("  <testcase classname=\"{}\" name=\"{} [{}]\"", xml(verdict.file),
                                 xml(verdict.title), variant(verdict));
  if (verdict.result() == Result::XFail) {
    return text +
           fmt::format(">\n    <skipped message=\"expected to fail: {}\">{}</skipped>\n  </testcase>\n",
                       xml(*verdict.fails), xml(problem_text(verdict)));
  }
  if (verdict.passed()) return text + "/>\n";
  const std::string_view kind = verdict.outcome ? "failure" : "error";
  return text + fmt::format(">\n    <{} message=\"{}\">{}</{}>\n  </testcase>\n", kind,
                            xml(verdict.problems.front().message), xml(problem_text(verdict)), kind);
}

void tap(std::ostream& out, const Verdict& verdict, std::size_t number) {
  std::string name = printable(fmt::format("{} [{}] {}", verdict.file, variant(verdict), verdict.title));
  std::ranges::replace(name, '#', '.');  // a directive otherwise
  // Of what is to do TAP expects that it fails. That it does not must not go unseen, so there it has no such
  // directive.
  const bool foreseen = verdict.result() == Result::XFail;
  out << fmt::format("{} {} - {}{}\n", verdict.passed() && !foreseen ? "ok" : "not ok", number, name,
                     foreseen ? " # TODO " + printable(*verdict.fails) : "");
  std::istringstream lines(printable(problem_text(verdict), Lines::Kept));
  for (std::string line; std::getline(lines, line);) out << "# " << line << '\n';
}

}  // namespace

std::optional<Format> format_from_name(std::string_view name) {
  if (name == "text") return Format::Text;
  if (name == "json") return Format::Json;
  if (name == "junit") return Format::Junit;
  if (name == "tap") return Format::Tap;
  return std::nullopt;
}

Reporter::Reporter(std::ostream& out, const ReportOptions& options, std::size_t verdicts)
    : out_(out), options_(options), verdicts_(verdicts) {
  if (options.format == Format::Json) out << (verdicts == 0 ? "[" : "[\n");
  if (options.format == Format::Tap) out << fmt::format("TAP version 13\n1..{}\n", verdicts);
}

// How many seeds of a scenario on an instruction set fail, and which.
void Reporter::finish_seeds() {
  const auto done = std::exchange(seeds_, {});
  if (!done || options_.format != Format::Text) return;
  if (options_.quiet && done->failing.empty()) return;
  std::string failing;
  for (const std::uint64_t seed : done->failing)
    failing += fmt::format("{}{}", failing.empty() ? ": " : ", ", seed);
  out_ << fmt::format("SEEDS {}  {} of {} fail{}\n", done->name, done->failing.size(),
                      counted(done->count, "seed", "seeds"), failing);
}

void Reporter::note_seed(const Verdict& verdict) {
  const std::string name = fmt::format("{} [{}]", printable(verdict.file), isa_name(verdict));
  if (seeds_ && (!verdict.seed || seeds_->name != name)) finish_seeds();
  if (!verdict.seed) return;
  if (!seeds_) seeds_ = Seeds{.name = name};
  ++seeds_->count;
  if (!verdict.passed()) seeds_->failing.push_back(*verdict.seed);
}

void Reporter::add(const Verdict& verdict) {
  note_seed(verdict);
  ++added_;
  if (verdict.result() == Result::Pass) ++passed_;
  if (verdict.result() == Result::XFail) ++failed_as_expected_;
  if (verdict.result() == Result::Error) ++errors_;
  if (verdict.outcome && !verdict.checks) ++checked_nothing_;
  switch (options_.format) {
    case Format::Text: {
      if (options_.quiet && verdict.passed()) return;
      const std::string_view first = word(verdict);
      const auto colour = verdict.passed() ? fmt::terminal_color::green : fmt::terminal_color::red;
      out_ << (options_.colours ? fmt::format(fmt::fg(colour) | fmt::emphasis::bold, "{}", first)
                                : std::string(first));
      std::ostringstream rest;
      write_verdict(rest, verdict, options_);
      out_ << printable(rest.str(), Lines::Kept);  // names of tasks are the guest's
      return;
    }
    case Format::Json:
      out_ << "  " << indented(verdict_json(verdict, options_.hits).dump(2, ' ', false, kReplaceBadUtf8))
           << (added_ < verdicts_ ? ",\n" : "\n");
      return;
    case Format::Junit:
      cases_ += junit_case(verdict);
      return;
    case Format::Tap:
      return tap(out_, verdict, added_);
  }
}

void Reporter::finish() {
  finish_seeds();
  switch (options_.format) {
    case Format::Text:
      out_ << fmt::format("{} of {} passed", passed_, counted(verdicts_, "scenario", "scenarios"));
      if (failed_as_expected_ != 0) out_ << fmt::format(", {} failed as expected", failed_as_expected_);
      if (checked_nothing_ != 0) out_ << fmt::format(", {} checked nothing", checked_nothing_);
      out_ << '\n';
      return;
    case Format::Json:
      out_ << "]\n";
      return;
    case Format::Junit:
      out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
      out_ << fmt::format(
          "<testsuite name=\"trapline\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
          verdicts_, verdicts_ - passed_ - failed_as_expected_ - errors_, errors_, failed_as_expected_);
      out_ << cases_ << "</testsuite>\n";
      return;
    case Format::Tap:
      return;
  }
}

void report(std::ostream& out, const std::vector<Verdict>& verdicts, const ReportOptions& options) {
  Reporter reporter(out, options, verdicts.size());
  for (const Verdict& verdict : verdicts) reporter.add(verdict);
  reporter.finish();
}

}  // namespace trapline::scenario
