#include "emu/scenario/lab/explain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <variant>

namespace trapline::scenario::lab {

namespace {

using machine::Layer;
using machine::TraceEvent;

constexpr std::size_t kMostSteps = 40;  // of a hit that something goes wrong with

struct Sentence {
  std::string_view event;
  std::string_view text;  // {NAME} stands for a field of the event
};

// docs/scenarios.md, "Trace", has the events.
constexpr std::array kSentences{
    Sentence{"match",
             "The debug unit compares each access with its registers. This one, by the instruction at "
             "{instruction}, "
             "matches breakpoint register {slots}, and it tells so {timing} the instruction is carried out."},
    Sentence{"#DB",
             "The processor interrupts the program with #DB. DR6 = {DR6} says which register matched; the "
             "saved rip "
             "is {rip}."},
    Sentence{"DSI",
             "The processor interrupts the program with a data storage interrupt. DAR = {DAR} is the "
             "access's address, "
             "DSISR = {DSISR} why; nip = {nip} is the instruction, which has not been carried out."},
    Sentence{"trace",
             "The kernel had taken the breakpoint away and let one instruction run; this is the interrupt "
             "after it, and "
             "nip = {nip} is past it."},
    Sentence{"hw_breakpoint_exceptions_notify",
             "The kernel asks those who may have wanted this exception, in turn: here, the breakpoint code."},
    Sentence{"hw_breakpoint_handler",
             "It looks for the event that {register} is lent to (event {id}), and compares DAR = {DAR} with "
             "what that "
             "one asked for."},
    Sentence{"hw_breakpoint_handler: stray",
             "DAR is outside of the bytes that were asked for: a stray hit. The register watches more than "
             "the request. "
             "The instruction is stepped over, and nothing is counted."},
    Sentence{"hw_breakpoint_handler: ptrace", "A debugger asked for it: it is told before the access, once."},
    Sentence{"single_step_dabr_instruction",
             "The breakpoint goes back into {register}, now that the access is past."},
    Sentence{"arch_uninstall_hw_breakpoint", "{register} is emptied."},
    Sentence{"arch_install_hw_breakpoint", "{register} is filled for event {id}."},
    Sentence{"perf_bp_event", "From here on it is a perf event like any other: event {id}, with ip = {ip}."},
    Sentence{"perf_swevent_event", "Event {id} counts; it stands at {count}."},
    Sentence{"perf_event_output",
             "The period is over: an overflow, for whoever asked to be told (event {id})."},
    Sentence{"perf_sigtrap", "The event asked for SIGTRAP, at the thread itself."},
    Sentence{"force_sig_fault", "The signal {signal} is sent to the thread."},
    Sentence{"ptrace_stop", "Thread {tracee} stops, and its debugger is woken."},
};

// "0", "0 and 2"
std::string bit_numbers(std::uint64_t bits) {
  std::string text;
  for (unsigned n = 0; n < 64; ++n) {
    if ((bits >> n & 1) != 0) text += fmt::format("{}{}", text.empty() ? "" : " and ", n);
  }
  return text;
}

std::string value_of(const TraceEvent& event, std::string_view name) {
  const auto field =
      std::ranges::find(event.fields, name, [](const auto& one) { return std::string_view(one.first); });
  if (field == event.fields.end()) return "?";
  const auto* const bits = std::get_if<std::uint64_t>(&field->second);
  if (name == "slots" && bits) return bit_numbers(*bits);
  return std::visit(
      [](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, machine::Hex>) {
          return fmt::format("{:#x}", value.value);
        } else {
          return fmt::format("{}", value);
        }
      },
      field->second);
}

std::string sentence_of(const TraceEvent& event) {
  const auto* const known = std::ranges::find(kSentences, std::string_view(event.what), &Sentence::event);
  std::string text;
  if (known == kSentences.end()) {
    for (const auto& [name, value] : event.fields)
      text += fmt::format("{} = {}  ", name, value_of(event, name));
    return text;
  }
  std::string_view rest = known->text;
  while (true) {
    const std::size_t begin = rest.find('{');
    text += rest.substr(0, begin);
    if (begin == std::string_view::npos) return text;
    const std::size_t end = rest.find('}', begin);
    text += value_of(event, rest.substr(begin + 1, end - begin - 1));
    rest.remove_prefix(end + 1);
  }
}

// With line breaks at spaces.
std::string wrapped(std::string_view text, std::string_view indent) {
  constexpr std::size_t kWidth = 88;
  std::string result;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column == 0 || column + 1 + word.size() > kWidth) {
      result += fmt::format("{}{}{}", column == 0 ? "" : "\n", indent, word);
      column = word.size();
    } else {
      result += fmt::format(" {}", word);
      column += 1 + word.size();
    }
  }
  return result + "\n";
}

}  // namespace

void FirstHit::add(const TraceEvent& event) {
  const bool begins = event.layer == Layer::DebugUnit;
  if (over_ || (steps_.empty() && !begins)) return;
  if (!steps_.empty() && event.cpu != steps_.front().cpu) return;
  const bool told =
      !steps_.empty() && steps_.back().layer == Layer::FrontEnd && event.layer != Layer::FrontEnd;
  over_ = told || (begins && !steps_.empty()) || event.layer == Layer::Syscall ||
          event.layer == Layer::Task || steps_.size() == kMostSteps;
  if (!over_) steps_.push_back(event);
}

nlohmann::ordered_json FirstHit::json() const {
  auto list = nlohmann::ordered_json::array();
  for (const TraceEvent& step : steps_) {
    list.push_back({{"layer", std::string(name(step.layer))},
                    {"event", step.what},
                    {"cycle", step.cycle},
                    {"since", step.cycle - steps_.front().cycle}});
  }
  return list;
}

std::string FirstHit::text() const {
  std::string text;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const TraceEvent& step = steps_[i];
    const std::string layer(name(step.layer));
    const std::uint64_t passed = step.cycle - steps_.front().cycle;
    if (i > 0) text += "      |\n";
    text += fmt::format("  [{}]  {}  cycle {}, {} since the match\n", layer, step.what, step.cycle, passed);
    text += wrapped(sentence_of(step), "      |  ");
  }
  return text;
}

}  // namespace trapline::scenario::lab
