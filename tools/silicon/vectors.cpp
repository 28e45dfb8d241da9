#include "tools/silicon/vectors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

namespace trapline::tools::silicon {

namespace {

constexpr std::string_view kMagic = "trapline silicon vectors 1";

// Takes words and numbers off the front of a line.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  template <class Number>
  bool number(Number& value, int base) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (error != std::errc{}) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

 private:
  std::string_view rest_;
};

bool parse_stop(Line& line, Stop& stop) {
  for (const StopKind kind : {StopKind::Trap, StopKind::End, StopKind::Fault}) {
    if (!line.skip(std::string_view(reinterpret_cast<const char*>(&kind), 1))) continue;
    stop.kind = kind;
    return line.number(stop.pc, 16) && line.skip("/") && line.number(stop.slots, 16) && line.skip("/") &&
           line.number(stop.flags, 16) && line.skip("/") && line.number(stop.registers, 16);
  }
  return false;
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  Line line(text);
  Outcome outcome;
  while (!line.skip("= ")) {
    if (!parse_stop(line, outcome.stops.emplace_back()) || !line.skip(" ")) return std::nullopt;
  }
  if (!line.number(outcome.memory, 16) || !line.skip(" ") || !line.number(outcome.results, 16) ||
      !line.done())
    return std::nullopt;
  return outcome;
}

}  // namespace

Vectors read_vectors(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string text;
  std::size_t number = 0;
  const auto fail = [&](std::string_view what) {
    throw VectorError(fmt::format("{}:{}: error: {}", path.string(), number, what));
  };
  const auto next = [&] {
    ++number;
    return static_cast<bool>(std::getline(in, text));
  };

  Vectors vectors;
  if (!next() || text != kMagic) fail(fmt::format("the first line is not `{}`", kMagic));
  if (!next()) fail("the seed is missing");
  Line seed(text);
  if (!seed.skip("seed ") || !seed.number(vectors.seed, 10) || !seed.done())
    fail("this is not `seed NUMBER`");
  if (!next() || !text.starts_with("cpu ")) fail("this is not `cpu NAME`");
  vectors.processor = text.substr(4);
  while (next()) {
    Line line(text);
    std::uint32_t sum = 0;
    std::uint64_t cases = 0;
    if (!line.skip("form ") || !line.number(sum, 16) || !line.skip(" ") || !line.number(cases, 10) ||
        !line.skip(" "))
      fail("this is not `form CHECKSUM CASES NAME`");
    const Form* const form = find_form(line.rest());
    if (form == nullptr) fail(fmt::format("there is no form `{}`", line.rest()));
    if (checksum(*form) != sum) {
      fail(fmt::format("the cases of `{}` are not those that were recorded; record the file anew",
                       form->name));
    }
    Vectors::Recorded& recorded = vectors.forms.emplace_back();
    recorded.form = form;
    for (std::uint64_t i = 0; i < cases; ++i) {
      std::optional<Outcome> outcome;
      if (next()) outcome = parse_outcome(text);
      if (!outcome) fail("this is not the outcome of a case");
      recorded.outcomes.push_back(std::move(*outcome));
    }
  }
  return vectors;
}

VectorWriter::VectorWriter(std::ostream& out, std::uint64_t seed, std::string_view processor) : out_(out) {
  out_ << fmt::format("{}\nseed {}\ncpu {}\n", kMagic, seed, processor);
}

void VectorWriter::begin(const Form& form, std::uint64_t cases) {
  out_ << fmt::format("form {:08x} {} {}\n", checksum(form), cases, form.name);
}

void VectorWriter::add(const Outcome& outcome) {
  for (const Stop& stop : outcome.stops) {
    out_ << fmt::format("{}{:x}/{:x}/{:x}/{:08x} ", static_cast<char>(stop.kind), stop.pc, stop.slots,
                        stop.flags, stop.registers);
  }
  out_ << fmt::format("= {:08x} {:08x}\n", outcome.memory, outcome.results);
}

}  // namespace trapline::tools::silicon
