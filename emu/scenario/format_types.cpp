#include "emu/scenario/format_types.hpp"

#include <fmt/format.h>

#include "debugunit/debug_unit.hpp"
#include "emu/scenario/names.hpp"
#include "isa/cost.hpp"
#include "isa/decode.hpp"

namespace trapline::scenario {

using schema::Boolean;
using schema::Choice;
using schema::Either;
using schema::Field;
using schema::Integer;
using schema::List;
using schema::make;
using schema::Object;
using schema::Pattern;
using schema::Text;
using schema::TypeRef;

namespace {

template <class NamedNumbers>
TypeRef name_from(const NamedNumbers& table, std::string name) {
  Choice choice;
  for (const NamedNumber& entry : table) choice.names.emplace_back(entry.name);
  return per_isa(make(std::move(choice), std::move(name)));
}

}  // namespace

TypeRef per_isa(TypeRef value) { return make(schema::PerIsa{std::move(value)}); }
TypeRef text() { return per_isa(make(Text{})); }
TypeRef bytes() { return per_isa(make(Text{.nul = true})); }
TypeRef line() { return make(Text{.single_line = true}); }
TypeRef boolean() { return make(schema::PerIsa{make(Boolean{})}, "boolean"); }
TypeRef integer(std::uint64_t min, std::uint64_t max) {
  return per_isa(make(Integer{.min = min, .max = max}));
}

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const isa::Isa isa : isa::kAllIsas) names.emplace_back(isa::name(isa));
  return names;
}

std::string symbol_pattern() {
  return "[A-Za-z_.$][A-Za-z0-9_.$@]*(\\+(0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,18}))?";
}

TypeRef place() {
  return per_isa(make(
      Pattern{.pattern = "0x[0-9a-fA-F]{1,16}|" + symbol_pattern(),
              .wanted = "a symbol, a symbol with an offset such as counter+4, or an address such as 0x404010",
              .number_too = true,
              .number_max = std::numeric_limits<std::uint64_t>::max()},
      "place"));
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

// Only what cannot make the compiler write elsewhere, run other programs or answer in another form.
TypeRef compiler_flags() {
  const TypeRef flag = make(
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
  return per_isa(make(List{per_isa(flag)}));
}

std::vector<Field> heading_fields() {
  const TypeRef isa = make(Choice{isa_names()}, "isa");
  return {
      {"scenario", line(), "what it shows, in one line", kRequired},
      {"about", make(Text{}), "more about it"},
      {"isa", make(Either{{isa, make(List{isa, 1, true})}}), "the instruction sets it runs on; default: all"},
      {"kind", make(Choice{{"linux", "bare"}}),
       "what is below the program: linux, a kernel model; bare, nothing but the machine; default linux"},
      {"cites", make(List{line(), 1}), "the rule's documents and sections, one a line"},
      {"choice", make(Text{}),
       "where the manuals leave a choice: which processors do what, and what is done here"}};
}

std::vector<Field> source_fields() {
  const TypeRef c =
      make(Either{{line(), make(Object{.fields = {{"source", text(), "the text itself", kRequired}}})}});
  const TypeRef assembly = make(
      Either{{make(Text{}),
              make(Object{.fields = {{"file", per_isa(line()), "a file beside the scenario", kRequired}}})}});
  return {{"c", per_isa(c), "a C file beside the scenario, or {source: the text}"},
          {"assembly", per_isa(assembly), "assembly text, or {file: a file beside the scenario}"},
          {"elf", per_isa(line()), "a static ELF file"}};
}

std::vector<std::string> source_keys() { return {"c", "assembly", "elf"}; }

TypeRef debug_unit() {
  Choice units;
  for (const debugunit::Model model : debugunit::kAllModels) units.names.emplace_back(debugunit::name(model));
  return per_isa(make(std::move(units)));
}

TypeRef errno_name() { return name_from(kErrnos, "errno"); }
TypeRef signal_name() { return name_from(kSignals, "signal"); }

}  // namespace trapline::scenario
