#include "emu/scenario/bare/convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "emu/scenario/bare/names.hpp"

namespace trapline::scenario {

namespace {

using Names = std::span<const std::string_view>;

class BareConverter {
 public:
  explicit BareConverter(std::vector<Problem>& problems) : problems_(problems) {}

  void convert(const View& view, BareExpectation& expect) {
    if (const auto reveal = view.find("reveal")) expect.reveal = reveal->boolean();
    if (const auto end = view.find("end")) {
      const auto known = std::ranges::find(kBareEnds, std::string_view(end->text()), &NamedEnd::name);
      expect.end = {known->end, end->at()};
    }
    if (const auto exceptions = view.find("exceptions")) {
      expect.exceptions_at = exceptions->at();
      expect.exceptions.emplace();
      for (const View& item : exceptions->items()) expect.exceptions->push_back(convert_exception(item));
    }
    if (const auto more = view.find("more-exceptions")) expect.more_exceptions = more->boolean();
    if (const auto registers = view.find("registers")) {
      const Names known = machine::bare_register_names(view.isa());
      expect.registers = convert_named(*registers, known, "register", {});
    }
    if (const auto memory = view.find("memory")) {
      for (const View& item : memory->items()) expect.memory.push_back(convert_memory(item));
    }
  }

 private:
  void check_known(const std::string& word, Names known, std::string_view what, const View& view,
                   const Position& at) {
    if (std::ranges::find(known, word) != known.end()) return;
    const std::string near = schema::nearest(word, {known.begin(), known.end()});
    problems_.push_back({at, fmt::format("{} has no {} `{}`{}", isa::name(view.isa()), what, word,
                                         near.empty() ? "" : fmt::format("; did you mean `{}`?", near))});
  }

  ExceptionExpectation convert_exception(const View& view) {
    ExceptionExpectation exception;
    exception.at = view.at();
    exception.name = located(view, "name", to_text);
    if (exception.name) {
      check_known(exception.name->value, machine::bare_exception_names(view.isa()), "exception", view,
                  exception.name->at);
    }
    exception.vector = located(view, "vector", to_u64);
    exception.state =
        convert_named(view, machine::bare_state_names(view.isa()), "exception state", {"name", "vector"});
    return exception;
  }

  std::vector<NamedExpectation> convert_named(const View& view, Names known, std::string_view what,
                                              const std::vector<std::string_view>& except) {
    std::vector<NamedExpectation> named;
    for (const auto& [key, value] : view.entries()) {
      if (std::ranges::find(except, key->text) != except.end()) continue;
      check_known(key->text, known, what, view, view.position_of(*key));
      named.push_back({key->text, {convert_value(value), value.at()}});
    }
    return named;
  }

  static BareValue convert_value(const View& view) {
    if (!view.is_map()) return {to_number_or_place(view)};
    return {to_number_or_place(view.get("value")), view.get("mask").number()};
  }

  static Place to_number_or_place(const View& view) {
    const auto number = parse_unsigned(view.text());
    return number ? Place{"", *number} : to_place(view);
  }

  static MemoryExpectation convert_memory(const View& view) {
    MemoryExpectation memory;
    memory.at = view.at();
    memory.address = located(view, "at", to_place).value();
    memory.size = view.get("size").number<unsigned>();
    memory.value = located(view, "value", to_u64).value();
    return memory;
  }

  std::vector<Problem>& problems_;
};

}  // namespace

BareExpectation convert_bare_expectation(const std::optional<View>& expect, const Position& at,
                                         std::vector<Problem>& problems) {
  BareExpectation result;
  result.end.at = at;
  if (expect) BareConverter(problems).convert(*expect, result);
  return result;
}

}  // namespace trapline::scenario
