#include "emu/scenario/format_types.hpp"

#include <fmt/format.h>

#include "debugunit/debug_unit.hpp"
#include "emu/scenario/kind.hpp"
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

schema::Object bounds_object(std::uint64_t min, std::uint64_t max) {
  const bool any = min == 0 && max == std::numeric_limits<std::uint64_t>::max();
  return {.fields = {{"min", integer(min, max), fmt::format("the least; default {}", min)},
                     {"max", integer(min, max),
                      any ? "the most; default: any" : fmt::format("the most; default {}", max)}}};
}

TypeRef bounds(std::uint64_t min, std::uint64_t max) {
  const bool any = min == 0 && max == std::numeric_limits<std::uint64_t>::max();
  return make(
      schema::PerIsa{make(Either{{make(Integer{.min = min, .max = max}), make(bounds_object(min, max))}})},
      any ? "bounds" : fmt::format("bounds-{}-{}", min, max));
}

std::vector<std::string> isa_names() {
  std::vector<std::string> names;
  for (const isa::Isa isa : isa::kAllIsas) names.emplace_back(isa::name(isa));
  return names;
}

std::string symbol_pattern() {
  return "[A-Za-z_.$][A-Za-z0-9_.$@]*(\\+(0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,18}))?";
}

namespace {

// What parse_place() reads.
std::string place_pattern() {
  const std::string number = "(0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,18})";
  const std::string arguments = "<[^<>]*(<[^<>]*>[^<>]*)*>";
  const std::string word = "[A-Za-z_.$~][A-Za-z0-9_.$@~]*(" + arguments + ")?";
  const std::string name = word + "(::" + word + ")*";
  const std::string line = "(?!heap:)[^:*()\\[\\]]+:[1-9][0-9]{0,8}";
  const std::string base = "(" + line + "(:" + name + ")?|0x[0-9a-fA-F]{1,16}|" + name + ")";
  const std::string steps = "((->|\\.)[A-Za-z_$~][A-Za-z0-9_$@~]*|\\[" + number + "\\])*";
  const std::string whole = "\\**(\\(\\**" + base + steps + "\\)|" + base + ")" + steps;
  return "(heap:(" + line + "|" + name + ")|" + whole + ")(\\+" + number + ")?";
}

}  // namespace

TypeRef place() {
  return per_isa(
      make(Pattern{.pattern = place_pattern(),
                   .wanted = "a place such as counter, counter+4, account.balance, table[2], list->head, *p, "
                             "function::local, file.c:12 or 0x404010",
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

namespace {

// GCC's options of the language and of code generation, as in its manual: none that names a file, runs a
// program, writes anything but the object, reads a profile, or answers by the host. After -f and -fno-.
constexpr std::string_view kCodeOptions =
    "aggressive-loop-optimizations|align-[a-z]+(=[0-9:]+)?|allow-store-data-races|associative-math|"
    "asynchronous-unwind-tables|branch-count-reg|builtin(-[a-z0-9_]+)?|(fixed|call-used|call-saved)-[a-z0-9]+"
    "|"
    "caller-saves|cf-protection(=[a-z]+)?|code-hoisting|combine-stack-adjustments|common|compare-elim|"
    "conserve-stack|constexpr-[a-z-]+=[0-9]+|coroutines|"
    "cprop-registers|crossjumping|cse-[a-z-]+|cx-[a-z-]+|data-sections|dce|defer-pop|delayed-branch|"
    "delete-(dead-exceptions|null-pointer-checks)|devirtualize[a-z-]*|dollars-in-identifiers|dse|early-"
    "inlining|elide-constructors|enforce-eh-specs|"
    "exceptions|excess-precision=[a-z0-9]+|expensive-optimizations|fast-math|finite-(loops|math-only)|float-"
    "store|"
    "forward-propagate|fp-contract=[a-z]+|freestanding|function-(cse|sections)|gcse[a-z-]*|gnu89-inline|"
    "guess-branch-probability|hoist-adjacent-loads|hosted|if-conversion2?|"
    "inline(-(atomics|functions|functions-called-once|small-functions|limit=[0-9]+))?|instrument-functions|"
    "ipa-[a-z-]+|ira-[a-z-]+(=[a-z]+)?|isolate-erroneous-paths-[a-z]+|ivopts|jump-tables|"
    "keep-(inline-functions|static-consts|static-functions)|lax-vector-conversions|leading-underscore|"
    "live-range-shrinkage|loop-[a-z-]+|lra-remat|math-errno|max-errors=[0-9]+|merge-(all-)?constants|"
    "modulo-sched[a-z-]*|move-loop-[a-z]+|ms-extensions|non-call-exceptions|omit-frame-pointer|openmp(-simd)?"
    "|"
    "optimize-(sibling-calls|strlen)|pack-struct(=[0-9]+)?|partial-inlining|patchable-function-entry=[0-9]+(,"
    "[0-9]+)?|"
    "peel-loops|peephole2?|permissive|permitted-flt-eval-methods=[a-z0-9-]+|plan9-extensions|plt|predictive-"
    "commoning|"
    "prefetch-loop-arrays|printf-return-value|reciprocal-math|ree|rename-registers|"
    "reorder-(blocks|blocks-and-partition|blocks-algorithm=[a-z]+|functions)|rerun-cse-after-loop|rounding-"
    "math|rtti|"
    "sched-[a-z0-9-]+(=[0-9]+)?|schedule-[a-z0-9-]+|section-anchors|sel-sched-[a-z-]+|selective-scheduling2?|"
    "semantic-interposition|sized-deallocation|short-(enums|wchar)|shrink-wrap(-separate)?|signaling-nans|"
    "signed-(bitfields|"
    "char|zeros)|"
    "simd-cost-model=[a-z-]+|single-precision-constant|split-(ivs-in-unroller|loops|paths|wide-types(-early)?"
    ")|ssa-phiopt|"
    "stack-(check|clash-protection|protector(-all|-strong|-explicit)?)|stdarg-opt|store-merging|"
    "strict-(aliasing|volatile-bitfields)|sync-libcalls|thread-jumps|tls-model=[a-z-]+|toplevel-reorder|"
    "tracer|"
    "template-depth=[0-9]+|threadsafe-statics|trapping-math|trapv|tree-[a-z-]+(=[a-z0-9]+)?|trivial-auto-var-"
    "init=[a-z]+|unconstrained-commons|"
    "unroll-(all-)?loops|unsafe-math-optimizations|unsigned-(bitfields|char)|unswitch-loops|unwind-tables|"
    "variable-expansion-in-unroller|vect-cost-model=[a-z-]+|visibility=[a-z]+|visibility-inlines-hidden|web|"
    "wrapv(-pointer)?|"
    "zero-call-used-regs=[a-z-]+|zero-initialized-in-bss";

}  // namespace

// What is not listed is refused: an option may make one of the programs behind the compiler's name read or
// write files, or run others. The names after -I must not start with '@', which those programs take for a
// file of arguments.
TypeRef compiler_flags() {
  const TypeRef flag = make(
      Pattern{.pattern = fmt::format(
                  "-O[0-3sg]?|-Ofast|-[DU][A-Za-z_][^\\n]*|-I[A-Za-z0-9_.][^\\n]*|-g[0-3]?|-std=[a-z0-9+:]+|-"
                  "ansi|"
                  "-pthread|-w|-W[a-z][A-Za-z0-9+-]*(=[A-Za-z0-9+-]+){{0,2}}|"
                  "-m(no-)?(?!dump)[a-z][a-z0-9.-]*|"
                  "-m(arch|tune|cpu|abi|cmodel|fpmath|branch-cost|(preferred|incoming)-stack-boundary|tls-"
                  "dialect|"
                  "function-return|indirect-branch|traceback|stack-protector-guard|regparm|align-data|recip|"
                  "memset-strategy|memcpy-strategy)=(?!native)[a-z0-9.,:+-]+|"
                  "-l[A-Za-z0-9_+.-]+|-f(no-)?({})|-nostdlib|-nostartfiles|"
                  "-Wl,(-T(text|data|bss|text-segment)=|--section-start=|--defsym=|-z,|-e,)[A-Za-z0-9_.=+-]+",
                  kCodeOptions),
              .wanted = "a compiler flag of the kinds -O -D -U -I -std= -f… -m… -W… -g -l -pthread -nostdlib "
                        "-nostartfiles -Wl,-Ttext= -Wl,--section-start= -Wl,--defsym= -Wl,-z, -Wl,-e,"},
      "compiler-flag");
  return per_isa(make(List{per_isa(flag)}));
}

// GNU ld's options of the layout, of symbols and of what is linked, as in its manual: none that names a file,
// a script or a plugin, or writes anything but the program.
TypeRef link_flags() {
  constexpr std::string_view kLinkerOptions =
      "-(T(text|data|bss|text-segment|rodata-segment)=|-(section-start|defsym)=)[A-Za-z0-9_.=+-]+|"
      "-[ezu],[A-Za-z0-9_.$=+-]+|"
      "--(entry|undefined|require-defined|wrap|init|fini|sort-section|hash-style|build-id|orphan-handling|"
      "unresolved-symbols|compress-debug-sections)=[A-Za-z0-9_.$-]+|"
      "--(no-)?(gc-sections|relax|as-needed|whole-archive|demangle|export-dynamic|define-common|eh-frame-hdr|"
      "warn-mismatch|undefined)|"
      "--(start-group|end-group|sort-common|allow-multiple-definition|emit-relocs|fatal-warnings|warn-common|"
      "build-id|strip-debug|strip-all|discard-all|discard-locals)|"
      "-[EnNqsSxX]|-O[0-9]|-B(static|dynamic|symbolic)";
  const TypeRef flag = make(
      Pattern{
          .pattern =
              fmt::format("-l[A-Za-z0-9_+.-]+|-pthread|-nostdlib|-nostartfiles|-nodefaultlibs|-rdynamic|"
                          "-Wl(,({}))+",
                          kLinkerOptions),
          .wanted =
              "a flag of the kinds -l -pthread -nostdlib -nostartfiles -nodefaultlibs -rdynamic, or after "
              "-Wl, an option of ld that names no file, as -Wl,--wrap=malloc"},
      "link-flag");
  return per_isa(make(List{per_isa(flag)}));
}

std::vector<Field> heading_fields() {
  const TypeRef isa = make(Choice{isa_names()}, "isa");
  Object reasons;
  for (const std::string& name : isa_names())
    reasons.fields.push_back({name, line(), "why it fails there; absent: it passes"});
  Choice kind;
  std::string about_kinds = "what is below the program: ";
  for (const Kind* const each : kinds()) {
    kind.names.emplace_back(each->name());
    about_kinds += fmt::format("{}, {}; ", each->name(), each->about());
  }
  about_kinds += fmt::format("default {}", kind.names.front());
  return {
      {"scenario", line(), "what it shows, in one line", kRequired},
      {"about", make(Text{}), "more about it"},
      {"isa", make(Either{{isa, make(List{isa, 1, true})}}), "the instruction sets it runs on; default: all"},
      {"kind", make(std::move(kind)), about_kinds},
      {"cites", make(List{line(), 1}), "the rule's documents and sections, one a line"},
      {"choice", make(Text{}),
       "where the manuals leave a choice: which processors do what, and what is done here"},
      {"fails", make(Either{{line(), make(std::move(reasons))}}),
       "why its expectations are known not to hold: then it is a failure if they do"}};
}

std::vector<Field> source_fields(bool has_libc) {
  const TypeRef inline_text = make(Object{.fields = {{"source", text(), "the text itself", kRequired}}});
  const TypeRef one = make(Either{{line(), inline_text}});
  const TypeRef c = per_isa(make(Either{{line(), inline_text, make(List{one, 1})}}, "c-source"));
  const TypeRef assembly = make(
      Either{{make(Text{}),
              make(Object{.fields = {{"file", per_isa(line()), "a file beside the scenario", kRequired}}})}});
  std::vector<Field> fields{
      {"c", c,
       "a C file beside the scenario, {source: the text}, or a list of such, each compiled by itself"},
      {"assembly", per_isa(assembly), "assembly text, or {file: a file beside the scenario}"},
      {"elf", per_isa(line()), "a static ELF file"}};
  if (has_libc)
    fields.insert(fields.begin() + 1,
                  {"c++", c, "the same for C++; a file whose name ends in .c is compiled as C"});
  return fields;
}

std::vector<std::string> keys_of(const std::vector<Field>& fields) {
  std::vector<std::string> keys;
  for (const Field& field : fields) keys.push_back(field.key);
  return keys;
}

TypeRef debug_unit() {
  Choice units;
  for (const debugunit::Model model : debugunit::kAllModels) units.names.emplace_back(debugunit::name(model));
  return per_isa(make(std::move(units)));
}

TypeRef errno_name() { return name_from(kErrnos, "errno"); }
TypeRef signal_name() { return name_from(kSignals, "signal"); }

}  // namespace trapline::scenario
