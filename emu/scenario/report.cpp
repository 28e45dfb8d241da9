#include "emu/scenario/report.hpp"

#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emu/scenario/bare/names.hpp"
#include "emu/scenario/bare/report.hpp"
#include "emu/scenario/perf/report.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::scenario {

namespace {

using Json = nlohmann::ordered_json;

std::string exit_text(const Outcome& outcome) {
  if (outcome.bare) return std::string(name(outcome.bare->end));
  if (outcome.cycles_used_up) return "stopped for want of cycles";
  if (outcome.exit.signal != 0) return fmt::format("killed by {}", isa::linux_abi::name(outcome.exit.signal));
  return fmt::format("exit {}", outcome.exit.code);
}

std::string counted(std::size_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string_view isa_name(const Verdict& verdict) { return verdict.isa ? isa::name(*verdict.isa) : "no ISA"; }

void text(std::ostream& out, const std::vector<Verdict>& verdicts, const ReportOptions& options) {
  const auto coloured = [colours = options.colours](std::string_view word, fmt::terminal_color colour) {
    return colours ? fmt::format(fmt::fg(colour) | fmt::emphasis::bold, "{}", word) : std::string(word);
  };
  std::size_t passed = 0;
  for (const Verdict& verdict : verdicts) {
    if (verdict.passed()) ++passed;
    const std::string word = verdict.passed()  ? coloured("PASS", fmt::terminal_color::green)
                             : verdict.outcome ? coloured("FAIL", fmt::terminal_color::red)
                                               : coloured("ERROR", fmt::terminal_color::red);
    out << fmt::format("{}  {} [{}]  {}\n", word, verdict.file, isa_name(verdict), verdict.title);
    if (!verdict.outcome && options.errors_said) continue;
    if (!verdict.outcome) {
      for (const Problem& problem : verdict.problems) out << "  " << problem.text() << '\n';
      continue;
    }
    if (verdict.outcome->bare) {
      bare_text(out, *verdict.outcome);
    } else {
      perf_text(out, *verdict.outcome);
    }
    out << fmt::format("  {} after {} cycles\n", exit_text(*verdict.outcome), verdict.outcome->cycles);
    for (const Problem& problem : verdict.problems) {
      out << "  " << problem.text() << '\n';
    }
  }
  out << fmt::format("{} of {} passed\n", passed, counted(verdicts.size(), "scenario", "scenarios"));
}

std::string hex(std::uint64_t value) { return fmt::format("{:#x}", value); }

Json to_json(const Verdict& verdict) {
  Json json{{"file", verdict.file},
            {"scenario", verdict.title},
            {"isa", verdict.isa ? Json(isa::name(*verdict.isa)) : Json(nullptr)},
            {"verdict", verdict.passed()  ? "pass"
                        : verdict.outcome ? "fail"
                                          : "error"}};
  Json problems = Json::array();
  for (const Problem& problem : verdict.problems) {
    problems.push_back({{"file", problem.at.file},
                        {"line", problem.at.line},
                        {"column", problem.at.column},
                        {"message", problem.message}});
  }
  json["problems"] = std::move(problems);
  if (!verdict.outcome) return json;
  const Outcome& outcome = *verdict.outcome;
  if (outcome.bare) {
    json.update(bare_json(outcome));
    return json;
  }
  if (outcome.exit.signal != 0) {
    json["signal"] = isa::linux_abi::name(outcome.exit.signal);
  } else {
    json["exit"] = outcome.exit.code;
  }
  json["cycles"] = outcome.cycles;
  json["output"] = outcome.output;
  json["stderr"] = outcome.error_output;
  json["memory"] = hex(outcome.memory_checksum);
  json.update(perf_json(outcome));
  return json;
}

// A guest may print anything; JSON and XML take text.
constexpr auto kReplaceBadUtf8 = Json::error_handler_t::replace;

void json(std::ostream& out, const std::vector<Verdict>& verdicts) {
  Json all = Json::array();
  for (const Verdict& verdict : verdicts) all.push_back(to_json(verdict));
  out << all.dump(2, ' ', false, kReplaceBadUtf8) << '\n';
}

// The length of the UTF-8 sequence that `text` starts with; 0 where it starts with none.
std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = 0;
  if (lead < 0x80) {
    length = 1;
  } else if (lead >= 0xc2 && lead < 0xe0) {
    length = 2;
  } else if (lead >= 0xe0 && lead < 0xf0) {
    length = 3;
  } else if (lead >= 0xf0 && lead < 0xf5) {
    length = 4;
  }
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

std::string xml(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length > 1) {
      out += text.substr(0, length);
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\n') {
      out += "&#10;";
    } else if (length == 0 || (static_cast<unsigned char>(c) < 0x20 && c != '\t')) {
      out += '?';  // what is no text may not stand in XML at all
    } else {
      out += c;
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string problem_text(const Verdict& verdict) {
  std::string text;
  for (const Problem& problem : verdict.problems) text += problem.text() + "\n";
  return text;
}

void junit(std::ostream& out, const std::vector<Verdict>& verdicts) {
  const auto failures =
      std::ranges::count_if(verdicts, [](const Verdict& v) { return !v.passed() && v.outcome; });
  const auto errors =
      std::ranges::count_if(verdicts, [](const Verdict& v) { return !v.passed() && !v.outcome; });
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out << fmt::format("<testsuite name=\"trapline\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
                     verdicts.size(), failures, errors);
  for (const Verdict& verdict : verdicts) {
    out << fmt::format("  <testcase classname=\"{}\" name=\"{} [{}]\"", xml(verdict.file), xml(verdict.title),
                       isa_name(verdict));
    if (verdict.passed()) {
      out << "/>\n";
      continue;
    }
    const std::string_view kind = verdict.outcome ? "failure" : "error";
    out << fmt::format(">\n    <{} message=\"{}\">{}</{}>\n  </testcase>\n", kind,
                       xml(verdict.problems.front().message), xml(problem_text(verdict)), kind);
  }
  out << "</testsuite>\n";
}

void tap(std::ostream& out, const std::vector<Verdict>& verdicts) {
  out << fmt::format("TAP version 13\n1..{}\n", verdicts.size());
  std::size_t n = 0;
  for (const Verdict& verdict : verdicts) {
    std::string title = verdict.title;
    std::ranges::replace(title, '#', '.');  // a directive otherwise
    out << fmt::format("{} {} - {} [{}] {}\n", verdict.passed() ? "ok" : "not ok", ++n, verdict.file,
                       isa_name(verdict), title);
    for (const Problem& problem : verdict.problems) out << "# " << problem.text() << '\n';
  }
}

}  // namespace

std::optional<Format> format_from_name(std::string_view name) {
  if (name == "text") return Format::Text;
  if (name == "json") return Format::Json;
  if (name == "junit") return Format::Junit;
  if (name == "tap") return Format::Tap;
  return std::nullopt;
}

void report(std::ostream& out, const std::vector<Verdict>& verdicts, const ReportOptions& options) {
  switch (options.format) {
    case Format::Text:
      return text(out, verdicts, options);
    case Format::Json:
      return json(out, verdicts);
    case Format::Junit:
      return junit(out, verdicts);
    case Format::Tap:
      return tap(out, verdicts);
  }
}

}  // namespace trapline::scenario
