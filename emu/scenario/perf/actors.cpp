#include "emu/scenario/perf/actors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "emu/kernel/perf/open.hpp"
#include "emu/kernel/perf/record_writer.hpp"
#include "emu/kernel/perf/ring_buffer.hpp"
#include "emu/scenario/perf/names.hpp"
#include "emu/scenario/target_address.hpp"
#include "isa/byte_order.hpp"

namespace trapline::scenario {

namespace {

using kernel::Done;
using kernel::Error;
using kernel::PerfEvent;
using kernel::Status;

}  // namespace

Actors::Actors(const Scenario& scenario, const SymbolTable& symbols, CallChains& chains,
               kernel::Kernel& kernel)
    : scenario_(scenario),
      symbols_(symbols),
      chains_(chains),
      kernel_(kernel),
      hits_(kernel, symbols, chains),
      moments_(symbols, chains, kernel),
      opened_(scenario.events.size()),
      results_(scenario.events.size()),
      action_results_(scenario.actions.size()) {
  std::vector<Problem> problems;
  locate(problems);
  plan(problems);
  for (std::size_t i = 0; i < scenario.actions.size(); ++i) {
    action_results_[i].at = scenario.actions[i].at;
    action_results_[i].text = scenario.actions[i].text;
    const auto* const modify = std::get_if<Modify>(&scenario.actions[i].deed);
    if (modify == nullptr || !modify->watch) continue;
    try {
      const auto address = address_of(symbols_.target(modify->watch->value));
      modified_.emplace(i, address);
    } catch (const PlaceError& error) {
      problems.push_back({modify->watch->at, error.what()});
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
}

// What is to be done when.
void Actors::plan(std::vector<Problem>& problems) {
  using When = Moments::When;
  const auto add = [&](const Moment& moment, When when, Moments::Come come) {
    try {
      moments_.plan(moment, when, std::move(come));
    } catch (const PlaceError& error) {
      problems.push_back({std::get<AtCall>(moment).function.at, error.what()});
    }
  };
  for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
    const EventSpec& event = scenario_.events[i];
    const When when = event.observe ? When::AtOnce : When::Between;
    if (event.arm) add(event.arm->value, when, [this, i](kernel::Task* task) { arm(i, task); });
    if (event.disarm) add(event.disarm->value, when, [this, i](kernel::Task* task) { disarm(i, task); });
  }
  for (std::size_t i = 0; i < scenario_.actions.size(); ++i)
    add(scenario_.actions[i].when, When::Between, [this, i](kernel::Task*) { act(i); });
}

// Where the one is that a breakpoint can be on. Throws PlaceError.
isa::GuestVa Actors::address_of(const Target& target) const {
  const auto address = target.address(symbols_.bias());
  if (!address) {
    throw PlaceError(
        "that place is not at one address for the whole run, which a breakpoint is; with `arm` it is watched "
        "where it is then, and with `observe: true` from outside, wherever it is");
  }
  return isa::GuestVa(*address);
}

void Actors::locate(std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
    const EventSpec& event = scenario_.events[i];
    results_[i].name = event.name;
    results_[i].breakpoint = event.watch.has_value();
    attrs_.push_back(event.attr);
    targets_.emplace_back();
    if (!event.watch) continue;
    try {
      targets_[i] = symbols_.target(event.watch->value);
      if (event.length_of_place && targets_[i].size != 0) attrs_[i].bp_len = targets_[i].size;
      if (event.arm && !event.observe && targets_[i].heap())
        throw PlaceError(
            "an object of the heap is only watched with `observe: true`; a breakpoint takes a pointer to it");
      if (!event.observe && !event.arm) attrs_[i].bp_addr = address_of(targets_[i]);
    } catch (const PlaceError& error) {
      problems.push_back({event.watch->at, error.what()});
    }
  }
}

// --- Opening ---

void Actors::start(kernel::Task& main) {
  hits_.set_main(main);
  kernel_.perf().set_closing([this](const PerfEvent& event) { note_own(event); });
  tasks_.push_back(main.weak_from_this());
  for (std::size_t i = 0; i < opened_.size(); ++i) {
    opened_[i].armed = !scenario_.events[i].arm;
    if (watches_from_start(i)) watch(i, targets_[i], main);
  }
  open_on(1);
  kernel_.lifecycle().add_listener(*this);
  moments_.start(main);
}

void Actors::made(kernel::Task& task, kernel::Task& /*parent*/) {
  tasks_.push_back(task.weak_from_this());
  open_on(static_cast<unsigned>(tasks_.size()));
}

// What the program opened, or a tracer set.
void Actors::note_own(const PerfEvent& event) {
  if (event.overflow_handler && !event.ptrace) return;  // kernel code's
  constexpr std::size_t kMostOwn = 1000;
  if (!event.label.empty()) return;
  if (own_.size() == kMostOwn) {
    own_left_out_ = true;
    return;
  }
  OwnEvent own{.id = event.id, .ptrace = event.ptrace, .cpu = event.cpu};
  if (event.task != nullptr) {
    own.comm = event.task->comm;
    own.task = event.task->tid();
    own.main = tasks_.front().lock().get() == event.task;
  }
  if (event.attr.type == kernel::kPerfTypeBreakpoint) {
    own.address = event.attr.bp_addr.value;
    own.at = symbols_.describe(*own.address);
    for (const auto& [bit, letter] :
         {std::pair(kernel::kHwBreakpointR, 'r'), std::pair(kernel::kHwBreakpointW, 'w'),
          std::pair(kernel::kHwBreakpointX, 'x')})
      if ((event.attr.bp_type & bit) != 0) own.type += letter;
    own.length = event.attr.bp_len;
  } else {
    const auto known = std::ranges::find(kSoftwareEventNames, event.attr.config, &NamedBits::bits);
    own.software =
        known == kSoftwareEventNames.end() ? std::to_string(event.attr.config) : std::string(known->name);
  }
  own.count = event.total_count();
  own.stray_hits = event.stray_hits;
  for (const auto& [id, child] : event.children) {
    own.count += child->count;
    own.stray_hits += child->stray_hits;
  }
  own_.push_back(std::move(own));
}

// Those of the new task; with the first, those of no task as well.
void Actors::open_on(unsigned task) {
  for (std::size_t i = 0; i < opened_.size(); ++i) {
    const EventSpec& spec = scenario_.events[i];
    if (!spec.by_action && !spec.arm && spec.task.value_or(1) == task) open(i);
  }
}

void Actors::open(std::size_t index) {
  EventResult& result = results_[index];
  if (scenario_.events[index].observe) {
    result.opened = true;
    return;
  }
  Status status = open_event(index);
  if (status && scenario_.events[index].buffer) {
    status = map_buffer(index);
    result.in_mmap = !status;
  }
  result.opened = status.ok();
  if (status) return;
  const EventSpec& spec = scenario_.events[index];
  note_refusal(result, status.error(), result.in_mmap ? "mmap" : "perf_event_open", result.name,
               spec.watch ? &spec.watch->value : nullptr);
  opened_[index].file.reset();
}

// In the result, and in the trace: `call` is what was refused, about `what`.
void Actors::note_refusal(Refusal& result, const Error& error, std::string_view call, const std::string& what,
                          const Place* watched) {
  result.error = error.number;
  result.broken = error.why.field();
  result.reason = error.why.text();
  // The kernel knows addresses only.
  if (watched != nullptr && !watched->symbol.empty()) {
    const std::string address = fmt::format("{:#x}", symbols_.resolve(*watched).value_or(0));
    const std::size_t at = result.reason.find(address);
    if (at != std::string::npos)
      result.reason.replace(at, address.size(), fmt::format("{} ({})", to_string(*watched), address));
  }
  kernel_.machine().cpu(0).trace(
      machine::Layer::Perf, call,
      {{"of", what}, {"errno", std::int64_t{error.number}}, {"reason", result.reason}});
}

Status Actors::open_event(std::size_t index) {
  const EventSpec& spec = scenario_.events[index];
  kernel::PerfEventOpen request{.attr = attrs_[index]};
  request.label = spec.name;
  if (spec.cpu) request.cpu = static_cast<int>(spec.cpu->value);
  std::shared_ptr<kernel::Task> task;
  if (spec.task) {
    if (*spec.task <= tasks_.size()) task = tasks_[*spec.task - 1].lock();
    if (task == nullptr || !task->alive()) return kernel::refused(ESRCH, "pid", "the task has ended");
    request.task = task.get();
  }
  if (spec.group) {
    if (file(*spec.group) == nullptr)
      return kernel::refused(EBADF, "group_fd", "the event that is to lead the group is not open");
    request.group = &file(*spec.group)->event();
  }
  if (const Status valid =
          kernel::check_perf_event_attr(request.attr, kernel::known_registers(kernel_.arch()));
      !valid) {
    return valid;
  }
  request.observer = [this, index](const PerfEvent& event, const kernel::PerfOccurrence& at) {
    overflowed(index, event, at);
  };
  request.stray = [this, index](const PerfEvent& event, const kernel::PerfOccurrence& at) {
    std::vector<Hit>& strays = results_[index].strays;
    if (strays.size() < kMostHits) strays.push_back(describe(index, event, at));
  };
  auto event = kernel::perf_event_open(kernel_.perf(), request);
  if (!event) return event.error();
  PerfEvent& made = **event;
  results_[index].id = made.id;
  opened_[index].file = std::make_shared<kernel::PerfEventFile>(kernel_.machine(), kernel_.perf(),
                                                                kernel_.hw_breakpoints(), std::move(*event));
  kernel_.perf().install(made);
  return Done{};
}

Status Actors::map_buffer(std::size_t index) {
  const EventSpec& spec = scenario_.events[index];
  const auto main = tasks_.front().lock();
  kernel::File::Mapping mapping;
  mapping.page_size = main->mm->page_size();
  mapping.size = (1 + *spec.buffer) * mapping.page_size;
  mapping.shared = true;
  mapping.write = !spec.overwrite;
  auto memory = file(index)->map(mapping);
  if (!memory) return memory.error();
  opened_[index].buffer = std::move(*memory);
  return Done{};
}

// What it came to stays in its result.
void Actors::settle(std::size_t index) {
  if (file(index) == nullptr) return;
  take_records(index);
  const PerfEvent& event = file(index)->event();
  EventResult& result = results_[index];
  result.reading = reading(file(index)->event());
  result.stray_hits = event.stray_hits;
  if (event.buffer != nullptr && !event.mapping.expired()) result.wakeups = event.buffer->wakeups();
  for (const auto& [id, child] : event.children) result.stray_hits += child->stray_hits;
}

void Actors::close(std::size_t index) {
  opened_[index].closed = true;
  opened_[index].watch.reset();
  opened_[index].buffer.reset();
  opened_[index].file.reset();
}

Actors::~Actors() {
  kernel_.perf().set_closing(nullptr);
  kernel_.lifecycle().remove_listener(*this);
}

void Actors::finish() {
  kernel_.lifecycle().remove_listener(*this);
  for (std::size_t i = 0; i < opened_.size(); ++i) settle(i);
  for (std::size_t i = opened_.size(); i-- > 0;) close(i);
}

std::vector<OwnEvent> Actors::take_own() {
  std::ranges::sort(own_, {}, &OwnEvent::id);
  return std::move(own_);
}

// --- Hits ---

void Actors::overflowed(std::size_t index, const PerfEvent& event, const kernel::PerfOccurrence& at) {
  std::vector<Hit>& hits = results_[index].hits;
  if (hits.size() < kMostHits) hits.push_back(describe(index, event, at));
  moments_.overflowed(index, ++results_[index].overflows, at);
}

Hit Actors::describe(std::size_t index, const PerfEvent& event, const kernel::PerfOccurrence& at) {
  Hit hit = hits_.begin(at.cpu, at.task);
  hit.order = kernel_.machine().next_order();
  if (event.attr.type != kernel::kPerfTypeBreakpoint) {
    hit.instruction = hit.pc = kernel::sample_ip(kernel_.isa(), at).value;
    if (at.task != nullptr) hits_.name_instruction(hit, *at.task);
    return hit;
  }
  // As perf_bp_event() made it. NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
  const auto& raw = static_cast<const kernel::BreakpointHit&>(at);
  hit.access = raw.access;
  hit.instruction = raw.instruction.value;
  hit.pc = at.ip.value;
  hit.length = event.hw.len;
  hit.old_value = watched_value(event, raw.before);
  hit.new_value = watched_value(event, raw.after);
  hits_.name_access(hit, at.cpu, *at.task, at.kernel);
  if (scenario_.events[index].arm) {
    hits_.name_place(hit, scenario_.events[index].watch->value, isa::GuestVa(event.hw.address));
    hit.number = targets_[index].number_of(hit.length);
  }
  return hit;
}

// --- Arming ---

void Actors::arm(std::size_t index, kernel::Task* task) {
  const EventSpec& spec = scenario_.events[index];
  EventResult& result = results_[index];
  if (opened_[index].closed || result.error) return;
  // Its task may yet be made.
  result.nowhere = !spec.observe && spec.task && *spec.task > tasks_.size();
  std::optional<isa::GuestVa> address;
  if (spec.watch && !watches_from_start(index)) {
    address = address_now(index, task);
    result.nowhere = result.nowhere || !address;
  }
  if (result.nowhere) return disarm(index, task);
  set_armed(index, true, task);
  if (spec.observe) {
    result.opened = true;
    if (address) arm_observer(index, *address);
    return;
  }
  if (file(index) == nullptr) {
    if (address) attrs_[index].bp_addr = *address;
    open(index);
    return;
  }
  if (const Status status = arm_event(index, address); !status)
    note_refusal(result, status.error(), "ioctl", result.name, &spec.watch->value);
}

void Actors::disarm(std::size_t index, kernel::Task* task) {
  set_armed(index, false, task);
  if (file(index) != nullptr) kernel_.perf().disable(file(index)->event());
}

void Actors::set_armed(std::size_t index, bool armed, kernel::Task* task) {
  Opened& opened = opened_[index];
  const machine::Cpu* const cpu = task == nullptr ? nullptr : kernel_.scheduler().cpu_of(*task);
  const auto now = cpu == nullptr ? std::nullopt : std::optional(std::pair(cpu->index(), cpu->clock()));
  if (!now || opened.at != now) opened.was_armed = opened.armed;
  opened.armed = armed;
  opened.at = now;
}

// What comes at a hit does after the instruction, whoever of all that watch its bytes is told first.
bool Actors::armed(std::size_t index, const machine::Cpu& cpu) const {
  const Opened& opened = opened_[index];
  return opened.at == std::pair(cpu.index(), cpu.clock()) ? opened.was_armed : opened.armed;
}

// `task` has come to where that is asked; without one it is the program's first.
std::optional<isa::GuestVa> Actors::address_now(std::size_t index, kernel::Task* task) {
  const auto main = tasks_.front().lock();
  kernel::Task* const whose = task == nullptr ? main.get() : task;
  if (whose == nullptr || !whose->alive() || !whose->mm) return std::nullopt;
  const auto address = kernel_.scheduler().with_registers(*whose, [&](machine::Cpu& cpu) {
    return scenario::address_now(targets_[index], cpu, *whose, chains_, symbols_.bias());
  });
  return address ? std::optional(isa::GuestVa(*address)) : std::nullopt;
}

// Again.
Status Actors::arm_event(std::size_t index, std::optional<isa::GuestVa> address) {
  PerfEvent& event = file(index)->event();
  if (!address || *address == event.attr.bp_addr) {
    kernel_.perf().enable(event);
    return Done{};
  }
  kernel::PerfEventAttr attr = event.attr;
  attr.bp_addr = *address;
  attr.disabled = false;
  return file(index)->modify_attributes(attr);
}

void Actors::arm_observer(std::size_t index, isa::GuestVa address) {
  if (opened_[index].watch != nullptr) {
    opened_[index].watch->move_to(address);
    return;
  }
  Target target = targets_[index];
  target.base = Target::Fixed{address.value, true};
  target.pointers.clear();
  target.offset = 0;
  if (const auto main = tasks_.front().lock()) watch(index, target, *main);
}

// --- Observers ---

// It watches its place wherever that is; one that begins later, and whose place has no address of its own,
// watches what it is then.
bool Actors::watches_from_start(std::size_t index) const {
  const EventSpec& spec = scenario_.events[index];
  if (!spec.observe) return false;
  return !spec.arm || targets_[index].heap() || targets_[index].code() ||
         targets_[index].address(symbols_.bias()).has_value();
}

void Actors::watch(std::size_t index, const Target& target, kernel::Task& task) {
  const kernel::PerfEventAttr& attr = attrs_[index];
  const bool object = scenario_.events[index].length_of_place && target.heap();
  PlaceWatch::Request request{.target = target,
                              .length = object ? 0 : attr.bp_len,
                              .reads = (attr.bp_type & kernel::kHwBreakpointR) != 0,
                              .writes = (attr.bp_type & kernel::kHwBreakpointW) != 0,
                              .executes = (attr.bp_type & kernel::kHwBreakpointX) != 0};
  try {
    opened_[index].watch =
        std::make_unique<PlaceWatch>(kernel_, symbols_, chains_, std::move(request),
                                     [this, index](const machine::Observation& what, isa::GuestVa first) {
                                       observed(index, what, first);
                                     });
  } catch (const PlaceError& error) {
    throw InputError(scenario_.events[index].watch->at, error.what());
  }
  opened_[index].watch->start(task);
}

// Whether the observer asked for what was done in that memory: by its task, or by whoever wrote into that
// one's memory from outside (ptrace(2)).
bool Actors::observes(const EventSpec& spec, const machine::Observation& what) const {
  if (what.kernel ? spec.attr.exclude_kernel : spec.attr.exclude_user) return false;
  if (spec.cpu && spec.cpu->value != what.cpu.index()) return false;
  if (!spec.task) return true;
  const auto wanted = *spec.task <= tasks_.size() ? tasks_[*spec.task - 1].lock() : nullptr;
  if (wanted == nullptr) return false;
  const kernel::Task* const runs = kernel_.scheduler().running(what.cpu.index());
  const bool own = runs != nullptr && runs->mm && &runs->mm->space() == &what.space;
  if (!own) return wanted->mm && &wanted->mm->space() == &what.space;
  if (!spec.attr.inherit) return runs == wanted.get();
  // All threads of its process, and the processes below that.
  for (const kernel::Process* process = runs->process.get(); process != nullptr; process = process->parent) {
    if (process == wanted->process.get()) return true;
  }
  return false;
}

void Actors::observed(std::size_t index, const machine::Observation& what, isa::GuestVa first) {
  if (!armed(index, what.cpu) || !observes(scenario_.events[index], what)) return;
  EventResult& result = results_[index];
  ++result.reading.count;
  if (++result.overflows <= kMostHits) {
    result.hits.push_back(hits_.tell(what, scenario_.events[index].watch->value, first));
    result.hits.back().number = targets_[index].number_of(result.hits.back().length);
  }
  moments_.observed(index, result.overflows, what.cpu);
}

// The bytes that were asked for, out of those that the register watches.
std::optional<std::uint64_t> Actors::watched_value(const PerfEvent& event,
                                                   const machine::WatchedBytes& bytes) const {
  if (bytes.size == 0 || event.hw.address < bytes.address) return std::nullopt;
  const std::uint64_t skip = event.hw.address - bytes.address;
  if (skip + event.hw.len > bytes.size) return std::nullopt;
  return isa::load_word(std::span(bytes.bytes).subspan(skip, event.hw.len), isa::byte_order(kernel_.isa()));
}

}  // namespace trapline::scenario
