#include "emu/scenario/linux/format.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "emu/kernel/hw_breakpoint/policy.hpp"
#include "emu/scenario/format_types.hpp"
#include "emu/scenario/perf/format.hpp"
#include "emu/scenario/trace_expectation.hpp"
#include "isa/cost.hpp"
#include "isa/decode.hpp"

namespace trapline::scenario {
namespace {

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

constexpr std::uint64_t kMaxSlots =
    4;  // of any unit; each instruction set's own number is checked on loading
constexpr std::uint64_t kMinMemory = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxExit = 255;
constexpr std::uint64_t kMaxQuantum = 1'000'000'000;

TypeRef policy() {
  schema::Choice names;
  for (const std::string_view name : kernel::kPolicyNames) names.names.emplace_back(name);
  return per_isa(make(std::move(names)));
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
               {"share-slots", boolean(),
                "breakpoints that are not pinned take turns on the registers, which Linux's do not; default: "
                "false"},
               {"debug-unit", debug_unit(),
                "the debug registers; default: dr (x86-64), dabr (ppc64, a POWER7); dawr: a POWER8, dawr2: a "
                "POWER10"},
               {"quantum", integer(1, kMaxQuantum),
                "by how many cycles a CPU may be ahead of another; 1: instructions come in the order in "
                "which "
                "they complete; default 20000"},
               {"max-cycles", integer(1), "where a run that does not end is stopped; default 1000000000"},
               {"policy", policy(),
                "whose behaviour hardware breakpoints have: linux (6.1), or a version of K. Prasad's patches "
                "for PPC64, "
                "ver-II to ver-X (docs/ppc64-changelog.md); default: linux"},
               {"costs", costs(), "cycles that replace the defaults"}}},
      "machine");
}

TypeRef module_name_type() {
  return make(
      Pattern{.pattern = "[A-Za-z_][A-Za-z0-9_]*", .wanted = "a module's name, of letters, digits and '_'"});
}

TypeRef program() {
  const TypeRef env_name = make(Pattern{.pattern = "[A-Za-z_][A-Za-z0-9_]*",
                                        .wanted = "a variable's name, of letters, digits and '_'"});
  const auto sources = source_fields(true);
  Object program{.fields = sources, .exactly_one = {keys_of(sources)}};
  program.fields.insert(
      program.fields.end(),
      {{"libc", boolean(), "link with the C library; default: for C and C++ true, for assembly false"},
       {"static", boolean(),
        "link statically; default: true; else the interpreter and the libraries are looked for in `root`"},
       {"flags", compiler_flags(), "more flags for the compiler"},
       {"link-flags", link_flags(), "more flags for the compiler where it links"},
       {"args", per_isa(make(List{text()})), "the program's arguments"},
       {"env", per_isa(make(Table{env_name, text()})), "the program's environment; default: empty"},
       {"stdin", bytes(), "what the program reads from its standard input; default: nothing"},
       {"root", per_isa(line()), "the folder that the guest sees, read-only, as /"}});
  return make(std::move(program), "program");
}

TypeRef module() {
  return make(
      Object{.fields = {{"c", line(), "its source file"},
                        {"source", per_isa(text()), "its source itself"},
                        {"name", module_name_type(), "how it is called; default: as its file, or `module`"},
                        {"parameters", line(), "what its parameters are set to: NAME=VALUE NAME=VALUE"}},
             .exactly_one = {{"c", "source"}}},
      "module");
}

TypeRef kernel_image() {
  const auto sources = source_fields(false);
  return make(Object{.fields = sources, .exactly_one = {keys_of(sources)}}, "kernel");
}

TypeRef output(const std::string& name) {
  return per_isa(make(Either{{make(Text{.nul = true}),
                              make(Object{.fields = {{"contains", per_isa(make(List{bytes(), 1})),
                                                      "texts that are each somewhere in it", kRequired}}})}},
                      name));
}

TypeRef expectation() {
  Object ends = bounds_object(0, kMaxExit);
  ends.fields.push_back({"signal", signal_name(), "the signal that ends it"});
  ends.at_most_one = {{"signal", "min"}, {"signal", "max"}};
  const TypeRef exit = make(Either{{make(Integer{.max = kMaxExit}), make(std::move(ends))}});
  return per_isa(
      make(Object{.fields = {{"exit", per_isa(exit), "the exit status, or {min, max}, or {signal: NAME}"},
                             {"output", output("output"), "the standard output"},
                             {"stderr", output("output"), "the standard error"},
                             {"console", output("output"),
                              "what the kernel prints, a line each, with its time in front"},
                             {"events", event_expectations(), "by event"},
                             {"order", order_expectation(),
                              "hits of these events, one after another; others may be between"},
                             {"own", own_expectation(),
                              "the events that the program opens itself, and its tracers' breakpoints: how "
                              "many, or which, in the order in which they are opened"},
                             {"trace", trace_expectation({}),
                              "lines of the trace, one after another; others may be between"},
                             {"reveal", boolean(), "whether failures tell what was expected; default true"}}},
           "expectation"));
}

}  // namespace

TypeRef linux_format() {
  Object scenario{.fields = heading_fields()};
  scenario.fields.insert(
      scenario.fields.end(),
      {{"machine", machine(), "the machine"},
       {"schedule-seed", integer(),
        "turns of CPUs and preemption by chance, the same for the same number; default: by the clocks alone"},
       {"program", program(), "what the guest runs", kRequired},
       {"kernel", per_isa(kernel_image()),
        "code that is linked to the kernel before modules are loaded: sources, or an ELF linked at kernel "
        "addresses"},
       {"modules", per_isa(make(List{module()})),
        "kernel modules, loaded in this order before the program's first instruction"},
       {"events", events(), "perf events on the guest, opened in this order before their tasks start"},
       {"actions", actions(), "what is done with events while the program runs, in the order of their times"},
       {"expect", expectation(), "what must come out"}});
  return make(std::move(scenario), "linux-scenario");
}

}  // namespace trapline::scenario
