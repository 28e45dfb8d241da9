#include "tools/watcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "emu/scenario/numbers.hpp"
#include "emu/scenario/perf/report.hpp"
#include "emu/scenario/target.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::tools {

namespace {

using scenario::Place;
using scenario::PlaceError;

constexpr std::array<std::string_view, 4> kTypes{"r", "w", "rw", "x"};
constexpr std::uint64_t kLengthOfNothingKnown = 4;  // bytes
constexpr std::uint64_t kMostLength = std::uint64_t{1} << 20;

// The last part of a text with colons.
std::pair<std::string, std::string> split_last(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text[colon - 1] == ':') return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_type(const std::string& text) { return std::ranges::find(kTypes, text) != kTypes.end(); }

std::vector<char> read_whole(const kernel::FileContent& content) {
  std::vector<char> bytes(content.size());
  const auto size = content.read(0, std::as_writable_bytes(std::span(bytes)));
  if (!size) throw std::runtime_error("its program file cannot be read");
  bytes.resize(*size);
  return bytes;
}

bool is_elf(const kernel::FileContent& content) {
  std::array<char, 4> start{};
  const auto size = content.read(0, std::as_writable_bytes(std::span(start)));
  return size && *size == start.size() &&
         std::string_view(start.data(), start.size()) ==
             "\x7f"
             "ELF";
}

// What runs: of a script the interpreter.
std::vector<char> program_file(kernel::Kernel& kernel, kernel::Task& main, const kernel::FileBytes& image) {
  if (image != nullptr && is_elf(*image)) return read_whole(*image);
  const auto file = kernel.file_system().open(main, main.executable, 0, 0);
  const auto content = file ? (*file)->contents() : kernel::Result<kernel::FileBytes>(file.error());
  if (!content) throw std::runtime_error("its program file cannot be read again");
  return read_whole(**content);
}

}  // namespace

Watcher::Watcher(const WatchOptions& options, std::ostream& out) : options_(options), out_(out) {
  for (const std::string& text : options.places) watched_.push_back(parse(text));
  if (options.condition.empty()) return;
  try {
    condition_.emplace(options.condition);
  } catch (const scenario::ConditionError& error) {
    throw std::runtime_error(fmt::format("--if, character {}: {}\n  {}\n  {:>{}}", error.column(),
                                         error.what(), options.condition, "^", error.column()));
  }
}

// PLACE, PLACE:TYPE, PLACE:TYPE:LENGTH. After a line a word is a variable: "a.c:12:x" has no type.
Watcher::Watched Watcher::parse(const std::string& text) {
  Watched watched{.text = text};
  auto [before, last] = split_last(text);
  if (const auto length = scenario::parse_size(last); length && is_type(split_last(before).second)) {
    if (*length == 0 || *length > kMostLength)
      throw std::runtime_error(fmt::format("{}: a length is 1 to {} bytes", text, kMostLength));
    watched.length = *length;
    std::tie(before, last) = split_last(std::string(before));
  }
  const bool typed =
      is_type(last) && (watched.length != 0 || !scenario::parse_place(before).value_or(Place{}).code());
  if (typed) {
    watched.text = before;
    watched.type = last;
  }
  const auto place = scenario::parse_place(watched.text);
  if (!place) {
    throw std::runtime_error(
        fmt::format("`{}` is no place; places are such as counter, table[2], list->head, function::local, "
                    "file.c:12, 0x404010, "
                    "each with a type (:r, :w, :rw, :x) and a length (:w:8) if you like",
                    text));
  }
  watched.place = *place;
  return watched;
}

void Watcher::begin(kernel::Kernel& kernel, kernel::Task& main, const kernel::FileBytes& image) {
  kernel_ = &kernel;
  const std::vector<char> file = program_file(kernel, main, image);
  symbols_.emplace(scenario::SymbolTable::load(file, main.executable));
  symbols_->relocate(main.mm->places.load_bias);
  unwinder_.emplace(file, main.executable);
  unwinder_->relocate(main.mm->places.load_bias);
  chains_.emplace(*symbols_, *unwinder_, kernel);
  teller_.emplace(kernel, *symbols_, *chains_);
  teller_->set_main(main);
  for (Watched& watched : watched_) {
    try {
      watch(watched, main);
    } catch (const PlaceError& error) {
      throw std::runtime_error(fmt::format("{}: {}", watched.text, error.what()));
    }
  }
}

void Watcher::watch(Watched& watched, kernel::Task& main) {
  scenario::PlaceWatch::Request request{.target = symbols_->target(watched.place)};
  const scenario::Target& target = request.target;
  watched.is_signed = target.is_signed;
  const std::string type = !watched.type.empty() ? watched.type : target.code() ? "x" : "w";
  request.reads = type == "r" || type == "rw";
  request.writes = type == "w" || type == "rw";
  request.executes = type == "x";
  request.length = watched.length != 0 ? watched.length : target.size;
  if (request.length == 0 && !target.heap()) request.length = kLengthOfNothingKnown;
  watched.watch = std::make_unique<scenario::PlaceWatch>(
      *kernel_, *symbols_, *unwinder_, std::move(request),
      [this, &watched](const machine::Observation& what, isa::GuestVa first) { saw(watched, what, first); });
  watched.watch->start(main);
}

void Watcher::saw(Watched& watched, const machine::Observation& what, isa::GuestVa first) {
  if (has_seen_enough()) return;
  scenario::Hit hit = teller_->tell(what, watched.place, first);
  hit.is_signed = watched.is_signed;
  if (condition_ && !condition_->holds({hit, watched.hits + 1})) return;
  ++watched.hits;
  ++hits_;
  print(watched, hit);
  if (has_seen_enough()) kernel_->halt();
}

bool Watcher::has_seen_enough() const { return options_.stop_after && hits_ >= *options_.stop_after; }

void Watcher::print(const Watched& watched, const scenario::Hit& hit) {
  if (options_.json) {
    nlohmann::ordered_json json{{"place", watched.text}};
    json.update(scenario::hit_json(hit));
    out_ << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n' << std::flush;
    return;
  }
  const std::string callers = scenario::callers_line(hit);
  out_ << scenario::hit_line(hit) << '\n';
  if (!callers.empty()) out_ << "         called by " << callers << '\n';
  out_ << std::flush;
}

int run_watched(const ExecOptions& program, const WatchOptions& watch, std::ostream& out) {
  try {
    Watcher watcher(watch, out);
    return run_program(program, &watcher);
  } catch (const std::runtime_error& error) {
    std::cerr << fmt::format("trapline: error: {}\n", error.what());
    return kBadInput;
  }
}

void Watcher::end() {
  for (Watched& watched : watched_) {
    if (options_.json) {
      out_ << nlohmann::ordered_json{{"place", watched.text}, {"hits", watched.hits}}.dump() << '\n';
    } else {
      out_ << fmt::format("{}: {}\n", watched.text,
                          watched.hits == 0 ? "no hits" + watched.watch->why_no_hits()
                                            : scenario::counted(watched.hits, "hit", "hits"));
    }
    watched.watch.reset();
  }
  out_ << std::flush;
}

}  // namespace trapline::tools
