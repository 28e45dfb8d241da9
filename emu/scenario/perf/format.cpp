#include "emu/scenario/perf/format.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "emu/scenario/format_types.hpp"
#include "emu/scenario/perf/names.hpp"

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
using schema::Table;
using schema::TypeRef;

// More than any unit watches: what it cannot, the kernel refuses. Observers can.
constexpr std::uint64_t kMaxLength = 1 << 20;
constexpr std::uint64_t kMaxAccess = 4096;
constexpr std::uint64_t kMaxTask = 4096;
constexpr std::uint64_t kMaxPages = 1 << 16;
constexpr std::uint64_t kMaxPrecise = 3;
constexpr std::uint64_t kMaxLine = 999'999'999;
constexpr std::uint64_t kMax16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();

template <class Names>
Choice choice_of(const Names& table) {
  Choice choice;
  for (const auto& entry : table) choice.names.emplace_back(entry.name);
  return choice;
}

template <class Names>
TypeRef names_of(const Names& table, std::string name) {
  return per_isa(make(List{.item = make(choice_of(table)), .unique = true}, std::move(name)));
}

// An event's name may not be an instruction set's: a mapping with such a key is taken to be per ISA.
TypeRef event_name() {
  return make(
      Pattern{.pattern = fmt::format("(?!({})$)[A-Za-z_][A-Za-z0-9_.-]*", schema::joined(isa_names(), "|")),
              .wanted = "a name of letters, digits, '_', '.' and '-'"},
      "event-name");
}

TypeRef watch_type() {
  return per_isa(make(Choice{{"r", "w", "rw", "x"},
                             {{"read", "r"},
                              {"write", "w"},
                              {"wr", "rw"},
                              {"readwrite", "rw"},
                              {"read-write", "rw"},
                              {"execute", "x"},
                              {"exec", "x"}}}));
}

TypeRef task() {
  return per_isa(make(Pattern{.pattern = "main|[1-9][0-9]{0,3}",
                              .wanted = "main, or the number of a task in the order in which the run makes "
                                        "them, of which main is 1",
                              .number_too = true,
                              .number_max = kMaxTask},
                      "task"));
}

TypeRef register_name() {
  return make(
      Pattern{.pattern = "[a-z][a-z0-9_]*", .wanted = "a register by its name in perf, in lower case"},
      "perf-register");
}

TypeRef registers() { return per_isa(make(List{.item = register_name(), .unique = true}, "perf-registers")); }

// --- Moments ---

TypeRef one_event(const std::string& about, std::vector<Field> more, std::string name) {
  std::vector<Field> fields{{"event", event_name(), about, kRequired}};
  fields.insert(fields.end(), more.begin(), more.end());
  return make(Object{.fields = std::move(fields)}, std::move(name));
}

TypeRef call() {
  return make(Either{{place(), make(Object{.fields = {{"function", place(), "the function", kRequired},
                                                      {"number", integer(1), "which of its calls"}}})}},
              "call");
}

std::vector<Field> moment_fields() {
  return {{"at", integer(), "the time: a cycle"},
          {"hit", one_event("the event", {{"number", integer(1), "which of its overflows"}}, "at-hit"),
           "the time: right after an overflow"},
          {"call", call(), "the time: when a function of the program has begun"},
          {"return", call(), "the time: when a function of the program has returned"}};
}

const std::vector<std::string> kMoments{"at", "hit", "call", "return"};

TypeRef moment() { return make(Object{.fields = moment_fields(), .exactly_one = {kMoments}}, "moment"); }

// --- Events ---

std::vector<Field> event_fields() {
  std::vector<Field> fields{
      {"watch", place(), "the place that is watched"},
      {"software", per_isa(make(choice_of(kSoftwareEventNames), "software-event")),
       "in place of `watch`: what the kernel itself counts"},
      {"type", watch_type(), "which accesses; default w, of the code of a line x"},
      {"length", integer(1, kMaxLength), "bytes; default what the place has by its type, else 4; for x 8"},
      {"observe", boolean(), "from outside of the machine, with no perf event and no cost; default false"},
      {"task", task(),
       "the task it is bound to, main or a number in the order of their making; default main"},
      {"cpu", integer(0, kMaxCpus - 1), "the CPU it is bound to: with `task` of that task, else of all"},
      {"group", event_name(), "the earlier event that leads its group; default: it leads its own"},
      {"enabled", boolean(), "whether it counts from the start; default true"},
      {"arm", moment(),
       "when it begins, with its place where that is then; each time anew; default: at once"},
      {"disarm", moment(), "when it ends; default: never"},
      {"exclude", names_of(kExcludeNames, "exclude"), "what is not counted; default none"},
      {"period", bounds(), "overflows once in so many events; default 1, for `software` 0: never"},
      {"freq", integer(), "overflows so many times a second, by a period that adapts itself"},
      {"sig-data", integer(), "si_perf_data of `sigtrap`; default 0"},
      {"sample", names_of(kSampleNames, "sample"), "what a sample holds; default nothing"},
      {"sample-regs-user", registers(), "with `sample: [regs-user]`: which registers"},
      {"sample-regs-intr", registers(), "with `sample: [regs-intr]`: which registers"},
      {"sample-stack-user", integer(0, kMax32), "with `sample: [stack-user]`: bytes, a multiple of 8"},
      {"sample-max-stack", integer(0, kMax16), "with `sample: [callchain]`: the most functions; default 127"},
      {"clockid", per_isa(make(choice_of(kClockNames), "clockid")),
       "by which clock times are; default perf's own"},
      {"precise-ip", integer(0, kMaxPrecise), "how exact the instruction of a sample must be; default 0"},
      {"read-format", names_of(kReadFormatNames, "read-format"),
       "what `sample: [read]` and read records hold beside the count; default nothing"},
      {"buffer", integer(0, kMaxPages), "pages of data of its ring buffer; default: it has none"},
      {"overwrite", boolean(), "the buffer keeps the newest, and loses nothing; default false"},
      {"wakeup-events", integer(0, kMax32), "samples after which a reader is woken; default 0: never"},
      {"watermark", integer(0, kMax32), "bytes after which a reader is woken"}};
  for (const NamedFlag& flag : kAttributeFlags) {
    fields.push_back({std::string(flag.name), boolean(), std::string(flag.about)});
  }
  return fields;
}

// What Linux keeps in one place, or has for one kind of event only.
std::vector<std::vector<std::string>> event_rules() {
  return {{"type", "software"},
          {"length", "software"},
          {"period", "freq"},
          {"wakeup-events", "watermark"},
          {"arm", "enabled"}};
}

TypeRef event() {
  Object event{
      .fields = event_fields(), .exactly_one = {{"watch", "software"}}, .at_most_one = event_rules()};
  event.fields.push_back({"expect-error", errno_name(), "opening it fails with this error"});
  return make(std::move(event), "event");
}

TypeRef new_event() {
  Object event{.fields = {{"name", event_name(), "what it is called", kRequired}},
               .exactly_one = {{"watch", "software"}},
               .at_most_one = event_rules()};
  const std::vector<Field> fields = event_fields();
  event.fields.insert(event.fields.end(), fields.begin(), fields.end());
  return make(std::move(event), "new-event");
}

// --- Expectations ---

std::vector<Field> reading_fields() {
  return {{"count", bounds(), "how many events it counted, with those that were inherited, or {min, max}"},
          {"time-enabled", bounds(), "nanoseconds for which it was enabled, or {min, max}"},
          {"time-running", bounds(), "nanoseconds for which it counted, or {min, max}"},
          {"lost", bounds(), "samples that found no room, or {min, max}"},
          {"state", per_isa(make(choice_of(kStateNames), "event-state")), "its state"}};
}

TypeRef values() { return per_isa(make(Table{event_name(), bounds()}, "values")); }

TypeRef register_values() {
  const TypeRef value =
      make(Pattern{.pattern = "[0-9]{1,20}|0x[0-9a-fA-F]{1,16}|" + symbol_pattern(),
                   .wanted = "a number, a symbol, or a symbol with an offset such as counter+4",
                   .number_too = true,
                   .number_max = std::numeric_limits<std::uint64_t>::max()},
           "register-value");
  return per_isa(make(Table{register_name(), value}, "register-values"));
}

// Bytes of memory as a number.
TypeRef value_bounds() {
  const TypeRef value = per_isa(make(Integer{.negative_too = true}));
  return make(
      schema::PerIsa{make(Either{{make(Integer{.negative_too = true}),
                                  make(Object{.fields = {{"min", value, "the least; default: any"},
                                                         {"max", value, "the most; default: any"}}})}})},
      "value-bounds");
}

std::vector<Field> hit_fields() {
  const TypeRef source_line =
      make(Pattern{.pattern = "[1-9][0-9]{0,8}|[^\\n]+:[1-9][0-9]{0,8}",
                   .wanted = "a line's number, or with the file's name before it such as counter.c:12",
                   .number_too = true,
                   .number_max = kMaxLine},
           "source-line");
  return {{"at", place(), "the address of the access"},
          {"pc", place(), "the instruction that made it"},
          {"function", per_isa(line()), "the function that the instruction is in"},
          {"caller", per_isa(line()), "the function that called that one"},
          {"line", per_isa(source_line), "the line of the source, or file:line"},
          {"old", value_bounds(), "the bytes before, as a number, or {min, max}"},
          {"new", value_bounds(), "the bytes after, as a number, or {min, max}"},
          {"access", per_isa(make(Choice{{"r", "w", "x"}})), "what it was"},
          {"size", bounds(1, kMaxAccess), "its length in bytes, or {min, max}"},
          {"cycle", bounds(), "when it was, or {min, max}"},
          {"cpu", bounds(0, kMaxCpus - 1), "on which CPU, or {min, max}"},
          {"task", per_isa(line()), "in which task"},
          {"kernel", per_isa(line()), "what the kernel was at: read(2)"},
          {"callchain", per_isa(make(List{per_isa(line())})),
           "the functions from the innermost; their callers may follow"}};
}

TypeRef hit() { return make(Object{.fields = hit_fields()}, "hit"); }

// The hits themselves, or how many they are.
TypeRef hits() {
  return per_isa(make(Either{{make(Integer{}), make(List{hit()}), make(bounds_object())}}, "hits"));
}

TypeRef record() {
  const TypeRef thread = per_isa(make(Pattern{.pattern = "main|0|[1-9][0-9]{0,8}",
                                              .wanted = "main or a task's id",
                                              .number_too = true,
                                              .number_max = 999'999'999},
                                      "task-id"));
  return make(
      Object{
          .fields = {{"type", per_isa(make(choice_of(kRecordTypes), "record-type")), "what it is"},
                     {"event", event_name(), "whose it is, by its id"},
                     {"mode", per_isa(make(Choice{{"user", "kernel"}})), "where the task was"},
                     {"ip", place(), "the instruction that a sample is of"},
                     {"function", per_isa(line()), "the function that `ip` is in"},
                     {"addr", place(), "the address that a sample or a mapping is of"},
                     {"callchain", per_isa(make(List{per_isa(line())})),
                      "the functions from the innermost; their callers may follow"},
                     {"process", thread, "the process's id"},
                     {"task", thread, "the thread's id"},
                     {"parent", thread, "of fork and exit: the id of the thread that made it"},
                     {"other", thread, "of switch-cpu-wide: the thread before it, or after it; 0: none"},
                     {"cpu", bounds(0, kMaxCpus - 1), "on which CPU"},
                     {"time", bounds(), "when, in nanoseconds"},
                     {"period", bounds(), "of a sample: the period that is over"},
                     {"count", bounds(), "what the event had counted, of `sample: [read]` or type read"},
                     {"time-enabled", bounds(), "with it, by `read-format`"},
                     {"time-running", bounds(), "likewise"},
                     {"values", values(), "what the group's events had counted, by `read-format`: id, group"},
                     {"regs-user", register_values(), "the program's registers, by their names in perf"},
                     {"regs-intr", register_values(), "the registers where it happened"},
                     {"stack-user", bounds(), "how many bytes of the stack could be read"},
                     {"data-page-size", bounds(), "bytes of the page that `addr` is in"},
                     {"code-page-size", bounds(), "bytes of the page that `ip` is in"},
                     {"lost", bounds(), "how many were lost"},
                     {"comm", per_isa(line()), "the task's new name"},
                     {"filename", per_isa(line()), "what is mapped"},
                     {"exec", boolean(), "of comm: whether execve(2) gave the name"},
                     {"out", boolean(), "of switch: whether the task leaves the CPU"},
                     {"preempted", boolean(), "of switch: whether it could go on"}}},
      "record");
}

// --- Actions ---

TypeRef action() {
  const TypeRef event_or_group = make(
      Either{{event_name(), make(Object{.fields = {{"group", event_name(), "an event of it", kRequired}}})}},
      "event-or-group");
  std::vector<Field> read = reading_fields();
  read.push_back({"values", values(), "what the events of its group have counted"});
  const std::vector<Field> deeds{
      {"open", new_event(), "opens another event"},
      {"close", event_name(), "closes an event"},
      {"enable", event_or_group, "enables an event, or {group: one of its events}"},
      {"disable", event_or_group, "disables likewise"},
      {"reset", event_or_group, "sets the count to 0, likewise"},
      {"refresh",
       one_event(
           "the event",
           {{"count", integer(0, kMax32), "so many more overflows, and then it is disabled", kRequired}},
           "refresh"),
       "enables an event for some overflows"},
      {"period",
       one_event(
           "the event",
           {{"value", integer(), "the period; the frequency where it was opened with `freq`", kRequired}},
           "set-period"),
       "sets an event's period"},
      {"modify",
       one_event("the event",
                 {{"watch", place(), "the address; default: as it is"},
                  {"type", watch_type(), "which accesses; default: as it is"},
                  {"length", integer(1, kMaxLength), "bytes; default: as it is"},
                  {"enabled", boolean(), "whether it counts; default: as it was opened or modified last"}},
                 "modify"),
       "gives a breakpoint another place, or type, or length"},
      {"set-output",
       one_event("the event", {{"to", event_name(), "the one with the buffer; default: none"}}, "set-output"),
       "sends an event's records to another's buffer"},
      {"pause-output", event_name(), "stops what goes into an event's buffer"},
      {"resume-output", event_name(), "lets it go on"},
      {"drain", event_name(), "takes the records out of an event's buffer"},
      {"read", one_event("the event", std::move(read), "read"),
       "reads an event, and holds it to what is expected"}};
  Object action{.fields = moment_fields()};
  action.fields.push_back({"expect-error", errno_name(), "it fails with this error"});
  std::vector<std::string> names;
  for (const Field& deed : deeds) {
    names.push_back(deed.key);
    action.fields.push_back(deed);
  }
  action.exactly_one = {kMoments, std::move(names)};
  return make(std::move(action), "action");
}

}  // namespace

TypeRef events() { return per_isa(make(Table{event_name(), event()}, "events")); }

TypeRef actions() { return per_isa(make(List{action()}, "actions")); }

TypeRef event_expectations() {
  Object event{.fields = reading_fields()};
  const std::vector<Field> more{
      {"hits", hits(), "the hits in order; or how many there are, as a number or {min, max}"},
      {"more", boolean(), "whether further hits may follow those listed; default false"},
      {"some", per_isa(make(List{hit(), 1})), "for each of these there is a hit that is like it"},
      {"none", per_isa(make(List{hit(), 1})), "no hit is like any of these"},
      {"first", hit(), "the first hit"},
      {"last", hit(), "the last hit"},
      {"every", hit(), "what every hit is like; there must be one"},
      {"stray", bounds(), "hits of bytes beside the watched ones (PPC64), or {min, max}"},
      {"samples", bounds(), "how many samples of it were in buffers, or {min, max}"},
      {"wakeups", bounds(), "how often a reader of its buffer was woken, or {min, max}"},
      {"records", per_isa(make(List{record()})), "the records of its buffer in order"},
      {"more-records", boolean(), "whether further records may follow those listed; default false"},
      {"reveal", boolean(), "whether failures tell what was expected; default: as `expect` has it"}};
  event.fields.insert(event.fields.end(), more.begin(), more.end());
  return per_isa(make(Table{event_name(), make(std::move(event), "event-expectation")}));
}

// How many there are, or which.
TypeRef own_expectation() {
  const TypeRef one = make(
      Object{.fields = {{"by", per_isa(make(Choice{{"perf_event_open", "ptrace"}})), "who made it"},
                        {"watch", place(), "where it begins"},
                        {"type", watch_type(), "of which accesses it tells"},
                        {"length", bounds(1, kMaxLength), "bytes, or {min, max}"},
                        {"software", per_isa(make(choice_of(kSoftwareEventNames), "software-event")),
                         "in place of `watch`: what of the kernel it counts"},
                        {"task", per_isa(line()), "whose it is"},
                        {"cpu", bounds(0, kMaxCpus - 1), "of which CPU, or {min, max}"},
                        {"count", bounds(), "how many events it counted, or {min, max}"},
                        {"stray", bounds(), "hits of bytes beside the watched ones (PPC64), or {min, max}"}}},
      "own-event");
  Object which = bounds_object();
  which.fields.push_back({"some", make(List{one, 1}), "for each of these there is one that is like it"});
  which.fields.push_back({"none", make(List{one, 1}), "no one is like any of these"});
  return per_isa(make(Either{{make(Integer{}), make(List{one}), make(std::move(which))}}, "own-expectation"));
}

TypeRef order_expectation() {
  Object ordered{.fields = {{"event", event_name(), "the event that it is a hit of", kRequired}}};
  const std::vector<Field> fields = hit_fields();
  ordered.fields.insert(ordered.fields.end(), fields.begin(), fields.end());
  return per_isa(make(List{make(std::move(ordered), "ordered-hit"), 1}, "order"));
}

}  // namespace trapline::scenario
