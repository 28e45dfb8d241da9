#include "emu/scenario/bare/format.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/machine/bare/bare_machine.hpp"
#include "emu/scenario/bare/names.hpp"
#include "emu/scenario/format_types.hpp"
#include "emu/scenario/trace_expectation.hpp"

namespace trapline::scenario {

namespace {

using schema::Choice;
using schema::Either;
using schema::Field;
using schema::Integer;
using schema::List;
using schema::make;
using schema::Object;
using schema::Pattern;
using schema::Size;
using schema::TypeRef;

constexpr std::uint64_t kMinBareMemory = std::uint64_t{4} << 20;  // the program's low MiB and a stack
constexpr std::uint64_t kMaxVector = 0xffff;

// The names that any instruction set has, each once; loading checks those of the scenario's own.
using NamesOf = std::span<const std::string_view> (*)(isa::Isa);
std::vector<std::string> names_of_all(NamesOf names_of) {
  std::vector<std::string> names;
  for (const isa::Isa isa : isa::kAllIsas) {
    for (const std::string_view name : names_of(isa)) {
      if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
    }
  }
  return names;
}

TypeRef value() {
  const TypeRef number_or_place =
      make(Pattern{.pattern = "0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,19}|" + symbol_pattern(),
                   .wanted = "a number, a symbol, or a symbol with an offset such as store+4",
                   .number_too = true,
                   .number_max = std::numeric_limits<std::uint64_t>::max()},
           "number-or-place");
  const TypeRef masked =
      make(Object{.fields = {{"mask", make(Integer{}), "the bits that are compared", kRequired},
                             {"value", per_isa(number_or_place), "what they must be", kRequired}}});
  return make(schema::PerIsa{make(Either{{number_or_place, masked}})}, "bare-value");
}

std::vector<Field> named_values(NamesOf names_of, const std::string& about) {
  std::vector<Field> fields;
  for (const std::string& name : names_of_all(names_of)) fields.push_back({name, value(), about});
  return fields;
}

TypeRef bare_machine() {
  return make(
      Object{
          .fields = {{"memory", per_isa(make(Size{.min = kMinBareMemory, .max = kMaxMemory})),
                      "the guest's memory; default 16MiB"},
                     {"max-cycles", integer(1), "where a run that does not end is stopped; default 10000000"},
                     {"debug-unit", debug_unit(), "the debug registers; default: dr (x86-64), dabr (ppc64)"},
                     {"debug-features", per_isa(make(List{make(Choice{{"rtm", "bus-lock"}}), 0, true})),
                      "what only some x86 processors have; default: none"},
                     {"costs", costs(), "cycles that replace the defaults"}}},
      "bare-machine");
}

TypeRef bare_program() {
  const auto sources = source_fields(false);
  Object program{.fields = sources, .exactly_one = {keys_of(sources)}};
  program.fields.push_back({"flags", compiler_flags(), "more flags for the compiler"});
  program.fields.push_back({"link-flags", link_flags(), "more flags for the compiler where it links"});
  return make(std::move(program), "bare-program");
}

// As Linux and gdb call them.
std::vector<std::pair<std::string, std::string>> elsewhere() {
  return {{"DSI", "data-storage"},
          {"ISI", "instruction-storage"},
          {"DSISR", "data-storage"},
          {"DSegI", "data-segment"},
          {"ISegI", "instruction-segment"},
          {"HEA", "hypervisor-emulation-assistance"},
          {"SC", "system-call"},
          {"DB", "#DB"},
          {"#db", "#DB"},
          {"BP", "#BP"},
          {"PF", "#PF"},
          {"GP", "#GP"},
          {"UD", "#UD"}};
}

TypeRef bare_expectation() {
  Object exception{
      .fields = {
          {"name",
           per_isa(make(Choice{names_of_all(machine::bare_exception_names), elsewhere()}, "exception-name")),
           "which exception"},
          {"vector", integer(0, kMaxVector), "its number (x86-64), or its address (ppc64)"}}};
  for (Field& field : named_values(machine::bare_state_names, "as the handler finds it")) {
    exception.fields.push_back(std::move(field));
  }
  const TypeRef memory =
      make(Object{.fields = {{"at", place(), "the first byte", kRequired},
                             {"size", integer(1, 8), "bytes", kRequired},
                             {"value", per_isa(make(Integer{.negative_too = true})),
                              "the bytes as a number, in the guest's byte order", kRequired}}},
           "memory-expectation");
  Choice ends;
  for (const NamedEnd& entry : kBareEnds) ends.names.emplace_back(entry.name);
  return per_isa(make(
      Object{
          .fields = {{"end", per_isa(make(std::move(ends))), "how the run ends; default halted"},
                     {"exceptions", per_isa(make(List{make(std::move(exception), "exception")})),
                      "the exceptions in order; absent: any"},
                     {"more-exceptions", boolean(),
                      "whether further ones may follow those listed; default false"},
                     {"registers",
                      per_isa(make(Object{.fields = named_values(machine::bare_register_names,
                                                                 "its value at the end")},
                                   "registers")),
                      "registers at the end"},
                     {"memory", per_isa(make(List{memory})), "memory at the end"},
                     {"trace",
                      trace_expectation(named_values(machine::bare_state_names, "as the handler finds it")),
                      "lines of the trace, one after another; others may be between"},
                     {"reveal", boolean(), "whether failures tell what was expected; default true"}}},
      "bare-expectation"));
}

}  // namespace

TypeRef bare_format() {
  Object scenario{.fields = heading_fields()};
  scenario.fields.insert(scenario.fields.end(), {{"machine", bare_machine(), "the machine"},
                                                 {"program", bare_program(), "what runs on it", kRequired},
                                                 {"expect", bare_expectation(), "what must come out"}});
  return make(std::move(scenario), "bare-scenario");
}

}  // namespace trapline::scenario
