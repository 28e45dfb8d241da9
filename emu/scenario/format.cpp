#include "emu/scenario/format.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "emu/scenario/names.hpp"
#include "isa/cost.hpp"
#include "isa/decode.hpp"

namespace trapline::scenario {
namespace {

using schema::Boolean;
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

constexpr bool kRequired = true;
constexpr std::uint64_t kMaxCpus = 64;
constexpr std::uint64_t kMaxSlots =
    4;  // of any unit; each instruction set's own number is checked on loading
constexpr std::uint64_t kMaxLength = 8;
constexpr std::uint64_t kMaxAccess = 4096;
constexpr std::uint64_t kMaxMemory = std::uint64_t{64} << 30;
constexpr std::uint64_t kMinMemory = std::uint64_t{1} << 20;

TypeRef per_isa(TypeRef value) { return make(schema::PerIsa{std::move(value)}); }
TypeRef text() { return per_isa(make(Text{})); }
TypeRef bytes() { return per_isa(make(Text{.nul = true})); }
TypeRef line() { return make(Text{.single_line = true}); }
TypeRef boolean() { return per_isa(make(Boolean{})); }
TypeRef integer(std::uint64_t min = 0, std::uint64_t max = std::numeric_limits<std::uint64_t>::max()) {
  return per_isa(make(Integer{.min = min, .max = max}));
}

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const isa::Isa isa : isa::kAllIsas) names.emplace_back(isa::name(isa));
  return names;
}

template <class NamedNumbers>
TypeRef name_from(const NamedNumbers& table, std::string name) {
  Choice choice;
  for (const NamedNumber& entry : table) choice.names.emplace_back(entry.name);
  return per_isa(make(std::move(choice), std::move(name)));
}

TypeRef place() {
  const std::string number = "(0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,18})";
  return per_isa(make(
      Pattern{.pattern = fmt::format("0x[0-9a-fA-F]{{1,16}}|[A-Za-z_.$][A-Za-z0-9_.$@]*(\\+{})?", number),
              .wanted = "a symbol, a symbol with an offset such as counter+4, or an address such as 0x404010",
              .number_too = true,
              .number_max = std::numeric_limits<std::uint64_t>::max()},
      "place"));
}

// An event's name may not be an instruction set's: a mapping with such a key is taken to be per ISA.
TypeRef event_name() {
  return make(
      Pattern{.pattern = fmt::format("(?!({})$)[A-Za-z_][A-Za-z0-9_.-]*", schema::joined(isa_names(), "|")),
              .wanted = "a name of letters, digits, '_', '.' and '-'"},
      "event-name");
}

TypeRef costs() {
  const TypeRef cycles = make(Integer{.max = std::numeric_limits<std::uint32_t>::max()}, "cycles");
  // Not 0: a loop of such instructions would never come to machine.max-cycles.
  const TypeRef instruction_cycles =
      make(Integer{.min = 1, .max = std::numeric_limits<std::uint32_t>::max()}, "cycles");
  Object instructions;
  for (std::size_t i = 0; i < isa::kInstructionClasses; ++i) {
    const std::string name(isa::name(static_cast<isa::InstructionClass>(i)));
    instructions.fields.push_back(
        {name, per_isa(instruction_cycles), "cycles of one instruction of this class"});
  }
  return make(
      Object{.fields = {{"trap", per_isa(cycles), "cycles of an exception's entry and return"},
                        {"syscall", per_isa(cycles), "cycles of a system call's entry and return"},
                        {"context-switch", per_isa(cycles), "cycles from one task to the next"},
                        {"debug-register-write", per_isa(cycles), "cycles of one write to a debug register"},
                        {"instructions", make(std::move(instructions)), "cycles by class of instruction"}}},
      "costs");
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
               {"max-cycles", integer(1), "where a run that does not end is stopped; default 1000000000"},
               {"costs", costs(), "cycles that replace the defaults"}}},
      "machine");
}

// Only what cannot make the compiler write elsewhere, run other programs or answer in another form.
TypeRef compiler_flag() {
  return make(
      Pattern{.pattern =
                  "-O[0-3sg]?|-Ofast|-[DU][A-Za-z_][^\\n]*|-I[^/"
                  "][^\\n]*|-g[0-3]?|-std=[a-z0-9+:]+|-ansi|-pthread|-w|"
                  "-W(?!l,|a,|p,)[a-z][A-Za-z0-9=+-]*|-m[a-z][A-Za-z0-9=.,+-]*|-l[A-Za-z0-9_+.-]+|"
                  "-f(?!plugin|dump|profile|callgraph|save|opt-info|diagnostics|compare|[a-z]*-prefix-map|"
                  "lto|pie|PIE|pic|PIC|random)[a-z][A-Za-z0-9=+-]*|-nostdlib|-nostartfiles|"
                  "-Wl,(-T(text|data|bss|text-segment)=|--section-start=|--defsym=|-z,|-e,)[A-Za-z0-9_.=+-]+",
              .wanted = "a compiler flag of the kinds -O -D -U -I -std= -f… -m… -W… -g -l -pthread -nostdlib "
                        "-nostartfiles -Wl,-Ttext= -Wl,--section-start= -Wl,--defsym= -Wl,-z, -Wl,-e,"},
      "compiler-flag");
}

TypeRef program() {
  const TypeRef c =
      make(Either{{line(), make(Object{.fields = {{"source", text(), "the text itself", kRequired}}})}});
  const TypeRef assembly = make(
      Either{{make(Text{}),
              make(Object{.fields = {{"file", per_isa(line()), "a file beside the scenario", kRequired}}})}});
  const TypeRef env_name = make(Pattern{.pattern = "[A-Za-z_][A-Za-z0-9_]*",
                                        .wanted = "a variable's name, of letters, digits and '_'"});
  return make(
      Object{
          .fields = {{"c", per_isa(c), "a C file beside the scenario, or {source: the text}"},
                     {"assembly", per_isa(assembly), "assembly text, or {file: a file beside the scenario}"},
                     {"elf", per_isa(line()), "a static ELF file"},
                     {"libc", boolean(), "link with the C library; default: for C true, for assembly false"},
                     {"flags", per_isa(make(List{per_isa(compiler_flag())})), "more flags for the compiler"},
                     {"args", per_isa(make(List{text()})), "the program's arguments"},
                     {"env", per_isa(make(Table{env_name, text()})),
                      "the program's environment; default: empty"},
                     {"stdin", bytes(), "what the program reads from its standard input; default: nothing"},
                     {"root", per_isa(line()), "the folder that the guest sees, read-only, as /"}},
          .exactly_one = {"c", "assembly", "elf"}},
      "program");
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

}  // namespace

TypeRef scenario_format() {
  const TypeRef isa = make(Choice{isa_names()}, "isa");
  return make(Object{
      .fields = {{"scenario", line(), "what it shows, in one line", kRequired},
                 {"about", make(Text{}), "more about it, with citations"},
                 {"isa", make(Either{{isa, make(List{isa, 1, true})}}),
                  "the instruction sets it runs on; default: all"},
                 {"machine", machine(), "the machine"},
                 {"program", program(), "what the guest runs", kRequired},
                 {"events", events(), "perf events on the guest, opened in this order before it starts"},
                 {"expect", expectation(), "what must come out"}}});
}

}  // namespace trapline::scenario
