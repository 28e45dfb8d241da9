#include "emu/scenario/format.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "emu/scenario/bare/format.hpp"
#include "emu/scenario/format_types.hpp"
#include "emu/scenario/names.hpp"
#include "isa/cost.hpp"
#include "isa/decode.hpp"

namespace trapline::scenario {
namespace {

using schema::Choice;
using schema::Either;
using schema::Integer;
using schema::List;
using schema::make;
using schema::Object;
using schema::Pattern;
using schema::Size;
using schema::Table;
using schema::Text;
using schema::TypeRef;

constexpr std::uint64_t kMaxCpus = 64;
constexpr std::uint64_t kMaxSlots =
    4;  // of any unit; each instruction set's own number is checked on loading
constexpr std::uint64_t kMaxLength = 1024;  // more than any unit watches: what it cannot, the kernel refuses
constexpr std::uint64_t kMaxAccess = 4096;
constexpr std::uint64_t kMaxMemory = std::uint64_t{64} << 30;
constexpr std::uint64_t kMinMemory = std::uint64_t{1} << 20;

template <class NamedNumbers>
TypeRef name_from(const NamedNumbers& table, std::string name) {
  Choice choice;
  for (const NamedNumber& entry : table) choice.names.emplace_back(entry.name);
  return per_isa(make(std::move(choice), std::move(name)));
}

// An event's name may not be an instruction set's: a mapping with such a key is taken to be per ISA.
TypeRef event_name() {
  return make(
      Pattern{.pattern = fmt::format("(?!({})$)[A-Za-z_][A-Za-z0-9_.-]*", schema::joined(isa_names(), "|")),
              .wanted = "a name of letters, digits, '_', '.' and '-'"},
      "event-name");
}

TypeRef machine() {
  return make(
      Object{
          .fields =
              {{"cpus", integer(1, kMaxCpus), "the number of CPUs; default 1"},
               {"memory", per_isa(make(Size{.min = kMinMemory, .max = kMaxMemory})),
                "the guest's memory; default 256MiB"},
               {"slots", integer(0, kMaxSlots),
                "breakpoint registers that may be used; 0: a machine without hardware breakpoints; default: "
                "all that the debug unit has"},
               {"debug-unit", debug_unit(),
                "the debug registers; default: dr (x86-64), dabr (ppc64, a POWER7); dawr: a POWER8, dawr2: a "
                "POWER10"},
               {"max-cycles", integer(1), "where a run that does not end is stopped; default 1000000000"},
               {"costs", costs(), "cycles that replace the defaults"}}},
      "machine");
}

TypeRef program() {
  const TypeRef env_name = make(Pattern{.pattern = "[A-Za-z_][A-Za-z0-9_]*",
                                        .wanted = "a variable's name, of letters, digits and '_'"});
  Object program{.fields = source_fields(), .exactly_one = source_keys()};
  program.fields.insert(
      program.fields.end(),
      {{"libc", boolean(), "link with the C library; default: for C true, for assembly false"},
       {"flags", compiler_flags(), "more flags for the compiler"},
       {"args", per_isa(make(List{text()})), "the program's arguments"},
       {"env", per_isa(make(Table{env_name, text()})), "the program's environment; default: empty"},
       {"stdin", bytes(), "what the program reads from its standard input; default: nothing"},
       {"root", per_isa(line()), "the folder that the guest sees, read-only, as /"}});
  return make(std::move(program), "program");
}

TypeRef events() {
  const TypeRef event = make(
      Object{.fields = {{"watch", place(), "the address, or the symbol at it", kRequired},
                        {"type", per_isa(make(Choice{{"r", "w", "rw", "x"}})), "which accesses; default w"},
                        {"length", integer(1, kMaxLength), "bytes; default 4, for x 8"},
                        {"task", per_isa(make(Choice{{"main"}})), "the task it is bound to; default main"},
                        {"cpu", integer(0, kMaxCpus - 1), "the CPU that it is bound to instead of a task"},
                        {"enabled", boolean(), "whether it counts from the start; default true"},
                        {"expect-error", name_from(kErrnos, "errno"), "opening it fails with this error"}},
             .at_most_one = {"task", "cpu"}},
      "event");
  return per_isa(make(Table{event_name(), event}, "events"));
}

TypeRef output(const std::string& name) {
  return per_isa(make(Either{{make(Text{.nul = true}),
                              make(Object{.fields = {{"contains", per_isa(make(List{bytes(), 1})),
                                                      "texts that are each somewhere in it", kRequired}}})}},
                      name));
}

TypeRef hit() {
  const TypeRef value = per_isa(make(Integer{.negative_too = true}));
  return make(Object{.fields = {{"at", place(), "the address of the access"},
                                {"pc", place(), "the instruction that made it"},
                                {"function", per_isa(line()), "the function that the instruction is in"},
                                {"old", value, "the bytes before, as a number"},
                                {"new", value, "the bytes after, as a number"},
                                {"access", per_isa(make(Choice{{"r", "w", "x"}})), "what it was"},
                                {"size", integer(1, kMaxAccess), "its length in bytes"},
                                {"cycle", integer(), "when it was"},
                                {"cpu", integer(0, kMaxCpus - 1), "on which CPU"},
                                {"task", per_isa(line()), "in which task"}}},
              "hit");
}

TypeRef expectation() {
  const TypeRef exit = make(
      Either{{make(Integer{.max = 255}), make(Object{.fields = {{"signal", name_from(kSignals, "signal"),
                                                                 "the signal that ends it", kRequired}}})}});
  const TypeRef event = make(
      Object{.fields = {{"count", integer(), "how many hits were counted"},
                        {"hits", per_isa(make(List{hit()})), "the hits in order"},
                        {"more", boolean(), "whether further hits may follow those listed; default false"}}},
      "event-expectation");
  return per_isa(make(Object{.fields = {{"exit", per_isa(exit), "the exit status, or {signal: NAME}"},
                                        {"output", output("output"), "the standard output"},
                                        {"stderr", output("output"), "the standard error"},
                                        {"events", per_isa(make(Table{event_name(), event})), "by event"}}},
                      "expectation"));
}

TypeRef linux_format() {
  Object scenario{.fields = heading_fields()};
  scenario.fields.insert(
      scenario.fields.end(),
      {{"machine", machine(), "the machine"},
       {"program", program(), "what the guest runs", kRequired},
       {"events", events(), "perf events on the guest, opened in this order before it starts"},
       {"expect", expectation(), "what must come out"}});
  return make(std::move(scenario), "linux-scenario");
}

}  // namespace

TypeRef scenario_format() {
  return make(schema::ByKind{.key = "kind", .forms = {{"linux", linux_format()}, {"bare", bare_format()}}});
}

}  // namespace trapline::scenario
