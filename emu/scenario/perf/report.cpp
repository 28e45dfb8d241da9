#include "emu/scenario/perf/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "emu/scenario/perf/names.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLinesShown = 20;  // hits of each event, and records of each buffer

// --- For people ---

std::string_view verb(isa::AccessKind kind) {
  switch (kind) {
    case isa::AccessKind::Read:
      return "read";
    case isa::AccessKind::Write:
      return "wrote";
    case isa::AccessKind::Execute:
      return "executed";
    case isa::AccessKind::Io:
      return "transferred";
  }
  return "";
}

// A value as C would print an int or a long, and in hexadecimal where that says more.
std::string number(std::uint64_t value) {
  return value < 1'000'000 ? fmt::format("{}", value) : fmt::format("{:#x}", value);
}

// A value of the watched bytes, as their type has it.
std::string watched_number(const Hit& hit, std::uint64_t value) {
  if (hit.number == NumberType::Float) {
    return hit.length == sizeof(float) ? fmt::format("{}", static_cast<float>(float_of(value, hit.length)))
                                       : fmt::format("{}", float_of(value, hit.length));
  }
  const std::int64_t with_sign = with_sign_of(value, hit.length);
  return hit.number == NumberType::Signed && with_sign < 0 ? fmt::format("{}", with_sign) : number(value);
}

// Who had it done by the library or the kernel: the innermost function that the source has a line of.
std::string called_by(const Hit& hit) {
  const auto own =
      std::ranges::find_if(hit.callchain, [](const Caller& caller) { return !caller.line.empty(); });
  if (own == hit.callchain.end()) return "";
  return fmt::format(" called by {} ({})", own->function, own->line);
}

std::string kernel_for(const Hit& hit) {
  std::string text = fmt::format("the kernel, in {}", hit.kernel);
  const std::string caller = called_by(hit);
  return text + (caller.empty() && !hit.by.empty() ? fmt::format(" at {}", hit.by) : caller);
}

// Of an access outside of the bytes that were asked for.
std::string stray_line(const Hit& hit) { return hit_line(hit) + "  stray"; }

std::string own_line(const OwnEvent& own) {
  std::string line = fmt::format("  own: {}", own.ptrace ? "ptrace" : fmt::format("event {}", own.id));
  if (!own.comm.empty()) line += fmt::format(" on {}/{}", own.comm, own.task);
  if (own.cpu >= 0) line += fmt::format(" on CPU {}", own.cpu);
  line += fmt::format(": {}, counted {}", what(own), own.count);
  if (own.stray_hits != 0)
    line += fmt::format(", and {}", counted(own.stray_hits, "stray one", "stray ones"));
  return line;
}

std::string record_line(const RecordResult& result) {
  const Record& record = result.record;
  std::string line = fmt::format("    {}", name_of(kRecordTypes, record.type));
  const auto add = [&line](std::string_view what, const auto& value) {
    if (value) line += fmt::format("  {} {}", what, *value);
  };
  if (!result.event.empty()) line += fmt::format("  of {}", result.event);
  add("time", record.time);
  add("cpu", record.cpu);
  add("task", record.tid);
  add("by", record.parent_tid);
  add("other", record.other_tid);
  if (record.ip) {
    line += fmt::format("  at {}", result.at);
    if (!result.line.empty()) line += fmt::format(" ({})", result.line);
  }
  if (record.addr) line += fmt::format("  addr {}", result.addr);
  for (std::size_t i = 0; i < result.callchain.size(); ++i)
    line += fmt::format("{}{}", i == 0 ? "  chain by frame pointers " : " < ", result.callchain[i].at);
  add("period", record.period);
  if (record.read) {
    for (const CountRead& count : record.read->counts) line += fmt::format("  count {}", count.value);
  }
  const auto add_registers = [&line](std::string_view what, const std::vector<RegisterValue>& registers) {
    if (!registers.empty()) line += fmt::format("  {}", what);
    for (const RegisterValue& value : registers) line += fmt::format(" {} {:#x}", value.name, value.value);
  };
  add_registers("user", record.regs_user);
  add_registers("intr", record.regs_intr);
  add("stack", record.stack_user);
  add("lost", record.lost);
  add("comm", record.comm);
  add("file", record.filename);
  constexpr std::uint32_t kSwitch = 14;
  if (record.type >= kSwitch) line += record.out() ? "  out" : "  in";
  if (record.preempted() && record.type >= kSwitch) line += ", preempted";
  return line;
}

template <class Things, class Line>
void some_lines(std::ostream& out, const Things& things, std::uint64_t all, std::size_t most, Line line) {
  const std::size_t shown = std::min(things.size(), most);
  for (std::size_t i = 0; i < shown; ++i) out << line(things[i]) << '\n';
  if (things.size() > shown)
    out << fmt::format("    … and {} more (--hits N shows up to {})\n", all - shown, kMostHits);
}

// What is not as it is for an event that was there all the time, and always on a CPU with its task.
std::string peculiarities(const EventResult& event) {
  std::string text;
  const EventReading& reading = event.reading;
  if (reading.time_enabled != reading.time_running) {
    text +=
        fmt::format(", enabled for {} ns and on a CPU for {}", reading.time_enabled, reading.time_running);
  }
  if (event.samples != 0) text += fmt::format(", {}", counted(event.samples, "sample", "samples"));
  if (reading.lost != 0) text += fmt::format(", {} lost", reading.lost);
  if (event.wrapped) text += ", its buffer went round and cannot be read";
  if (event.wakeups != 0) text += fmt::format(", {}", counted(event.wakeups, "wake-up", "wake-ups"));
  if (reading.state == kernel::EventState::Error) text += ", in error";
  return text;
}

std::string refusal(int number, const std::string& reason) {
  return fmt::format("refused ({})", reason.empty() ? std::generic_category().message(number) : reason);
}

// --- For machines ---

Json to_json(const Hit& hit) { return hit_json(hit); }

Json to_json(const ReadValues& read) {
  Json counts = Json::array();
  for (const CountRead& count : read.counts) {
    Json json{{"count", count.value}};
    if (count.id) json["id"] = *count.id;
    if (count.lost) json["lost"] = *count.lost;
    counts.push_back(std::move(json));
  }
  Json json{{"counts", std::move(counts)}};
  if (read.time_enabled) json["time-enabled"] = *read.time_enabled;
  if (read.time_running) json["time-running"] = *read.time_running;
  return json;
}

Json to_json(const RecordResult& result) {
  const Record& record = result.record;
  Json json{{"type", name_of(kRecordTypes, record.type)}, {"misc", record.misc}};
  const auto add = [&json](const char* key, const auto& value) {
    if (value) json[key] = *value;
  };
  if (!result.event.empty()) json["event"] = result.event;
  add("id", record.id);
  add("stream-id", record.stream_id);
  if (record.ip) {
    json["ip"] = result.at;
    json["instruction"] = hex(*record.ip);
    json["function"] = result.function;
    json["line"] = result.line;
  }
  if (record.addr) {
    json["addr"] = result.addr;
    json["address"] = hex(*record.addr);
  }
  add("process", record.pid);
  add("task", record.tid);
  add("parent", record.parent_tid);
  add("other", record.other_tid);
  add("time", record.time);
  add("cpu", record.cpu);
  add("period", record.period);
  if (record.read) json["read"] = to_json(*record.read);
  const auto add_registers = [&json](const char* key, const std::vector<RegisterValue>& registers) {
    for (const RegisterValue& value : registers) json[key][std::string(value.name)] = hex(value.value);
  };
  add_registers("regs-user", record.regs_user);
  add_registers("regs-intr", record.regs_intr);
  add("stack-user", record.stack_user);
  add("weight", record.weight);
  add("data-src", record.data_src);
  add("transaction", record.transaction);
  add("phys-addr", record.phys_addr);
  add("data-page-size", record.data_page_size);
  add("code-page-size", record.code_page_size);
  if (!result.callchain.empty()) json["callchain-by"] = "frame-pointers";
  for (const Caller& caller : result.callchain) {
    json["callchain"].push_back(
        Json{{"at", caller.at}, {"address", hex(caller.address)}, {"function", caller.function}});
  }
  add("lost", record.lost);
  add("comm", record.comm);
  add("filename", record.filename);
  return json;
}

Json to_json(const EventReading& reading) {
  return {{"count", reading.count},
          {"time-enabled", reading.time_enabled},
          {"time-running", reading.time_running},
          {"lost", reading.lost},
          {"state", name(reading.state)}};
}

Json to_json(const OwnEvent& own) {
  Json json{{"id", own.id}, {"by", owner_name(own)}};
  if (!own.comm.empty()) json["task"] = fmt::format("{}/{}", own.comm, own.task);
  if (own.cpu >= 0) json["cpu"] = own.cpu;
  json["what"] = what(own);
  if (own.address) json["address"] = hex(*own.address);
  json["count"] = own.count;
  json["stray"] = own.stray_hits;
  return json;
}

template <class Things>
Json list_of(const Things& things, std::size_t most) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(things.size(), most); ++i) list.push_back(to_json(things[i]));
  return list;
}

Json to_json(const EventResult& event, std::size_t most) {
  if (event.error) {
    Json json{{"errno", *event.error}};
    if (!event.reason.empty()) json["reason"] = event.reason;
    return json;
  }
  if (!event.opened) return Json::object();
  Json json = to_json(event.reading);
  json["stray"] = event.stray_hits;
  if (!event.near_misses.empty()) json["near-misses"] = event.near_misses;
  if (!event.strays.empty()) json["strays"] = list_of(event.strays, most);
  json["hits"] = list_of(event.hits, most);
  json["overflows"] = event.overflows;
  json["samples"] = event.samples;
  json["wakeups"] = event.wakeups;
  json["records"] = list_of(event.records, most);
  return json;
}

}  // namespace

std::string hit_line(const Hit& hit) {
  std::string line = fmt::format("{:>6}  cycle {:>8}  cpu {}  {}/{}  ", fmt::format("#{}", hit.order),
                                 hit.cycle, hit.cpu, hit.comm, hit.task);
  if (hit.kernel.empty()) {
    line += hit.by;
    line += hit.line.empty() ? called_by(hit) : fmt::format(" ({})", hit.line);
  } else {
    line += kernel_for(hit);
  }
  if (!hit.access) return line;
  if (hit.access->kind == isa::AccessKind::Execute) return line + " executed";
  line += fmt::format(" {} {} byte{} at {}", verb(hit.access->kind), hit.access->size,
                      hit.access->size == 1 ? "" : "s", hit.at);
  if (hit.old_value && hit.new_value) {
    line += hit.access->kind == isa::AccessKind::Read
                ? fmt::format(": {}", watched_number(hit, *hit.new_value))
                : fmt::format(": {} -> {}", watched_number(hit, *hit.old_value),
                              watched_number(hit, *hit.new_value));
  }
  return line + fmt::format("  [pc {}]", hit.pc_name);
}

std::string callers_line(const Hit& hit) {
  std::string line;
  for (std::size_t i = 1; i < hit.callchain.size() && hit.callchain[i - 1].function != "main"; ++i) {
    const Caller& caller = hit.callchain[i];
    line +=
        fmt::format("{}{}", line.empty() ? "" : " < ", caller.function.empty() ? caller.at : caller.function);
    if (!caller.line.empty()) line += fmt::format(" ({})", caller.line);
  }
  return line;
}

Json hit_json(const Hit& hit) {
  Json json{
      {"order", hit.order}, {"cycle", hit.cycle}, {"cpu", hit.cpu}, {"task", hit.task}, {"comm", hit.comm}};
  if (hit.access) {
    json.update(Json{{"access", access_name(hit.access->kind)},
                     {"size", hit.access->size},
                     {"at", hit.at},
                     {"address", hex(hit.access->address.value)}});
  }
  json.update(Json{{"by", hit.by},
                   {"instruction", hex(hit.instruction)},
                   {"function", hit.function},
                   {"line", hit.line},
                   {"pc", hit.pc_name}});
  if (hit.old_value) json["old"] = *hit.old_value;
  if (hit.new_value) json["new"] = *hit.new_value;
  if (!hit.kernel.empty()) json["kernel"] = hit.kernel;
  // The one is found from outside, by .eh_frame; a record's is Linux's (perf_callchain_user).
  if (!hit.callchain.empty()) json["callchain-by"] = "unwind-tables";
  for (const Caller& caller : hit.callchain) {
    Json function{{"function", caller.function}, {"at", caller.at}, {"line", caller.line}};
    json["callchain"].push_back(std::move(function));
  }
  return json;
}

void perf_text(std::ostream& out, const Outcome& outcome, std::optional<std::size_t> hits) {
  const std::size_t most = hits.value_or(kLinesShown);
  for (const EventResult& event : outcome.events) {
    if (!event.opened) {
      out << fmt::format("  {}: {}\n", event.name,
                         event.error ? refusal(*event.error, event.reason) : "never opened");
      continue;
    }
    // A hit is an overflow; with a period, or after a reset, there are others than were counted.
    if (event.breakpoint && event.overflows == event.reading.count) {
      out << fmt::format("  {}: {}", event.name, counted(event.overflows, "hit", "hits"));
    } else {
      out << fmt::format("  {}: counted {}", event.name, event.reading.count);
      if (event.overflows != 0) out << ", " << counted(event.overflows, "overflow", "overflows");
    }
    if (event.stray_hits != 0)
      out << fmt::format(", and {}", counted(event.stray_hits, "stray one", "stray ones"));
    out << peculiarities(event) << '\n';
    for (const std::string& miss : event.near_misses) out << fmt::format("      but {}\n", miss);
    some_lines(out, event.hits, event.overflows, most, [](const Hit& hit) { return "    " + hit_line(hit); });
    some_lines(out, event.strays, event.stray_hits, most,
               [](const Hit& hit) { return "    " + stray_line(hit); });
    some_lines(out, event.records, event.records_taken, most, record_line);
  }
  for (const ActionResult& action : outcome.actions) {
    std::string line = fmt::format("  {}:{}: ", action.at.file, action.at.line);
    line += action.time ? fmt::format("at {}: {}", *action.time, action.text)
                        : fmt::format("{}: never came", action.text);
    if (action.error) line += ": " + refusal(*action.error, action.reason);
    if (action.reading) {
      const EventReading& reading = *action.reading;
      line += fmt::format(": {}, enabled for {} ns, on a CPU for {} ns, {}", reading.count,
                          reading.time_enabled, reading.time_running, name(reading.state));
      if (reading.lost != 0) line += fmt::format(", {} lost", reading.lost);
      if (action.values.size() > 1) {
        for (const auto& [event, value] : action.values)
          line += fmt::format("; {} {}", outcome.events[event].name, value);
      }
    }
    out << line << '\n';
  }
  some_lines(out, outcome.own, outcome.own.size(), most, own_line);
}

Json perf_json(const Outcome& outcome, std::optional<std::size_t> hits) {
  const std::size_t most = hits.value_or(kMostHits);
  Json events = Json::object();
  for (const EventResult& event : outcome.events) events[event.name] = to_json(event, most);
  Json actions = Json::array();
  for (const ActionResult& action : outcome.actions) {
    Json json{{"line", action.at.line}, {"does", action.text}};
    if (action.time) json["time"] = *action.time;
    if (action.error) json["errno"] = *action.error;
    if (!action.reason.empty()) json["reason"] = action.reason;
    if (action.reading) {
      json["read"] = to_json(*action.reading);
      for (const auto& [event, value] : action.values) json["values"][outcome.events[event].name] = value;
    }
    actions.push_back(std::move(json));
  }
  Json json{{"events", std::move(events)}, {"actions", std::move(actions)}};
  for (const OwnEvent& own : outcome.own) json["own"].push_back(to_json(own));
  return json;
}

}  // namespace trapline::scenario
