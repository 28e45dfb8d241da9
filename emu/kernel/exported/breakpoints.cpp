// The breakpoint API and perf's kernel counters for kernel code (linux/hw_breakpoint.h, linux/perf_event.h).
#include <array>
#include <utility>
#include <vector>

#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

// struct perf_event of the headers for modules: bytes.
namespace event_fields {
constexpr std::uint64_t kEventSize = 304;
constexpr std::uint64_t kState = 24;
constexpr std::uint64_t kCount = 32;
constexpr std::uint64_t kAttr = 56;
constexpr std::uint64_t kHwPeriod = 192;
constexpr std::uint64_t kHwTarget = 224;
constexpr std::uint64_t kHwInfo = 232;
constexpr std::uint64_t kOnCpu = 264;
constexpr std::uint64_t kCpu = 268;
constexpr std::uint64_t kHandler = 272;
constexpr std::uint64_t kContext = 280;
constexpr std::uint64_t kId = 288;
// struct perf_sample_data, behind it.
constexpr std::uint64_t kSampleData = kEventSize;
constexpr std::uint64_t kSampleSize = 128;
constexpr std::uint64_t kSamplePeriodAt = 8;
constexpr std::uint64_t kSampleAddrAt = 16;
constexpr std::uint64_t kSampleIpAt = 24;
}  // namespace event_fields

std::optional<PerfEventAttr> attr_at(const ExportedCall& call, GuestVa at) {
  std::array<std::byte, kPerfEventAttrSize> bytes{};
  if (!call.space().read(at, bytes)) return std::nullopt;
  return decode_perf_event_attr(bytes, call.kernel.isa());
}

// perf_event::attr
void copy_attr(const ExportedCall& call, GuestVa event, GuestVa attr) {
  std::array<std::byte, kPerfEventAttrSize> bytes{};
  (void)call.space().read(attr, bytes);
  (void)call.space().write(event + event_fields::kAttr, bytes);
}

// Gives the event its structure; what the caller gets.
std::uint64_t hand_over(ExportedCall& call, Result<PerfEventRef> opened, GuestVa handler, GuestVa context) {
  if (!opened) return error_value(opened.error().number);
  const GuestVa event = call.exported.keep(std::move(*opened), handler, context);
  if (event.value == 0) return error_value(ENOMEM);
  copy_attr(call, event, call.address(0));
  return event.value;
}

// (attr, handler, context)
std::optional<std::uint64_t> register_wide_hw_breakpoint(ExportedCall& call) {
  const auto attr = attr_at(call, call.address(0));
  if (!attr) return error_value(EFAULT);
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < call.kernel.machine().cpus(); ++cpu) {
    if (call.kernel.scheduler().online(cpu)) cpus.push_back(cpu);
  }
  auto opened =
      call.kernel.hw_breakpoints().register_wide_hw_breakpoint(*attr, call.exported.handler(), cpus);
  if (!opened) return error_value(opened.error().number);
  const GuestVa pointers = call.space().alloc_percpu(8, 8);
  if (pointers.value == 0) return error_value(ENOMEM);
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    const std::uint64_t event = hand_over(call, std::move((*opened)[i]), call.address(1), call.address(2));
    (void)call.space().write_word(pointers + call.space().per_cpu_offset(cpus[i]), event);
  }
  return pointers.value;
}

std::optional<std::uint64_t> unregister_wide_hw_breakpoint(ExportedCall& call) {
  for (unsigned cpu = 0; cpu < call.kernel.machine().cpus(); ++cpu) {
    const auto event = call.space().read_word(call.address(0) + call.space().per_cpu_offset(cpu));
    if (event) call.exported.release(GuestVa(*event));
  }
  call.space().free_percpu(call.address(0));
  return 0;
}

// (attr, handler, context, task)
std::optional<std::uint64_t> register_user_hw_breakpoint(ExportedCall& call) {
  const auto attr = attr_at(call, call.address(0));
  if (!attr) return error_value(EFAULT);
  Task* const task = call.exported.task_of(call.address(3));
  if (task == nullptr) return error_value(call.argument(3) == 0 ? EINVAL : ESRCH);
  return hand_over(
      call, call.kernel.hw_breakpoints().register_user_hw_breakpoint(*attr, call.exported.handler(), *task),
      call.address(1), call.address(2));
}

// (attr, cpu, task, handler, context)
std::optional<std::uint64_t> perf_event_create_kernel_counter(ExportedCall& call) {
  const auto attr = attr_at(call, call.address(0));
  if (!attr) return error_value(EFAULT);
  Task* const task = call.argument(2) == 0 ? nullptr : call.exported.task_of(call.address(2));
  if (task == nullptr && call.argument(2) != 0) return error_value(ESRCH);
  const int cpu = call.integer(1);
  if ((task == nullptr && cpu < 0) || cpu >= static_cast<int>(call.kernel.machine().cpus()))
    return error_value(EINVAL);
  PerfCore::Request request{*attr, task, cpu};
  if (call.argument(3) != 0) request.overflow = call.exported.handler();
  return hand_over(call, call.kernel.perf().open(request), call.address(3), call.address(4));
}

std::optional<std::uint64_t> unregister_hw_breakpoint(ExportedCall& call) {
  call.exported.release(call.address(0));
  return 0;
}

std::optional<std::uint64_t> modify_user_hw_breakpoint(ExportedCall& call) {
  PerfEvent* const event = call.exported.event_at(call.address(0));
  const auto attr = attr_at(call, call.address(1));
  if (event == nullptr || !attr) return error_value(EINVAL);
  const Status changed = call.kernel.hw_breakpoints().modify_user_hw_breakpoint(*event, *attr);
  if (!changed) return error_value(changed.error().number);
  copy_attr(call, call.address(0), call.address(1));
  call.exported.update(call.address(0), *event);
  return 0;
}

std::optional<std::uint64_t> switch_event(ExportedCall& call, bool on) {
  PerfEvent* const event = call.exported.event_at(call.address(0));
  if (event == nullptr) return 0;
  if (on)
    call.kernel.perf().enable(*event);
  else
    call.kernel.perf().disable(*event);
  call.exported.update(call.address(0), *event);
  return 0;
}

// (event, &value, &enabled, &running)
std::optional<std::uint64_t> read_local(ExportedCall& call) {
  PerfEvent* const event = call.exported.event_at(call.address(0));
  if (event == nullptr) return error_value(EINVAL);
  const auto value = call.kernel.perf().read(*event);
  const std::array values{value.count, value.time_enabled, value.time_running};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (call.argument(1 + i) != 0) (void)call.space().write_word(call.address(1 + i), values.at(i));
  }
  return 0;
}

constexpr std::array kBreakpointFunctions{
    ExportedEntry{"perf_event_read_local", read_local},
    ExportedEntry{
        "perf_event_disable_inatomic",
        [](ExportedCall& call) -> std::optional<std::uint64_t> { return switch_event(call, false); }},
    ExportedEntry{"perf_event_update_userpage",
                  [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
    ExportedEntry{"register_wide_hw_breakpoint", register_wide_hw_breakpoint},
    ExportedEntry{"unregister_wide_hw_breakpoint", unregister_wide_hw_breakpoint},
    ExportedEntry{"register_user_hw_breakpoint", register_user_hw_breakpoint},
    ExportedEntry{"hw_breakpoint_slots",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.kernel.slots(); }},
    ExportedEntry{"unregister_hw_breakpoint", unregister_hw_breakpoint},
    ExportedEntry{"modify_user_hw_breakpoint", modify_user_hw_breakpoint},
    ExportedEntry{"perf_event_create_kernel_counter", perf_event_create_kernel_counter},
    ExportedEntry{"perf_event_release_kernel", unregister_hw_breakpoint},
    ExportedEntry{
        "perf_event_enable",
        [](ExportedCall& call) -> std::optional<std::uint64_t> { return switch_event(call, true); }},
    ExportedEntry{
        "perf_event_disable",
        [](ExportedCall& call) -> std::optional<std::uint64_t> { return switch_event(call, false); }},
    // (event, enabled, running)
    ExportedEntry{"perf_event_read_value",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    PerfEvent* const event = call.exported.event_at(call.address(0));
                    if (event == nullptr) return 0;
                    const auto value = call.kernel.perf().read(*event);
                    if (call.argument(1) != 0)
                      (void)call.space().write_word(call.address(1), value.time_enabled);
                    if (call.argument(2) != 0)
                      (void)call.space().write_word(call.address(2), value.time_running);
                    call.exported.update(call.address(0), *event);
                    return value.count;
                  }},
};

}  // namespace

std::span<const ExportedEntry> breakpoint_functions() { return kBreakpointFunctions; }

PerfEvent::OverflowHandler Exported::handler() {
  return [this](PerfEvent& event, const BreakpointHit& hit) { triggered(event.opened().id, hit); };
}

GuestVa Exported::keep(PerfEventRef event, GuestVa handler, GuestVa context) {
  KernelSpace& space = code_.space();
  const GuestVa at = space.kmalloc(event_fields::kEventSize + event_fields::kSampleSize);
  if (at.value == 0) return at;
  const auto put = [&](std::uint64_t offset, std::uint64_t value, std::size_t size) {
    (void)space.write_word(at + offset, value, size);
  };
  put(event_fields::kHwPeriod, event->sample_period, 8);
  put(event_fields::kHwTarget, event->task == nullptr ? 0 : task_struct(*event->task).value, 8);
  put(event_fields::kHwInfo, event->hw.address.value, 8);
  put(event_fields::kCpu, static_cast<std::uint64_t>(event->cpu), 4);
  put(event_fields::kHandler, handler.value, 8);
  put(event_fields::kContext, context.value, 8);
  put(event_fields::kId, event->id, 8);
  update(at, *event);
  ids_.emplace(event->id, at.value);
  events_.emplace(at.value, Held{std::move(event), handler});
  return at;
}

void Exported::update(GuestVa perf_event, const PerfEvent& event) {
  KernelSpace& space = code_.space();
  // enum perf_event_state
  constexpr std::array<std::int32_t, 5> kStates{-3, -2, -1, 0, 1};
  (void)space.write_word(perf_event + event_fields::kState,
                         static_cast<std::uint64_t>(kStates.at(static_cast<std::size_t>(event.state))), 4);
  (void)space.write_word(perf_event + event_fields::kCount, event.count, 8);
  (void)space.write_word(perf_event + event_fields::kHwInfo, event.hw.address.value, 8);
  (void)space.write_word(perf_event + event_fields::kOnCpu,
                         event.state == EventState::Active ? event.on_cpu : ~std::uint64_t{0}, 4);
}

void Exported::changed(const PerfEvent& event) {
  if (const auto mirror = ids_.find(event.id); mirror != ids_.end()) update(GuestVa(mirror->second), event);
}

PerfEvent* Exported::event_at(GuestVa perf_event) const {
  const auto found = events_.find(perf_event.value);
  return found == events_.end() ? nullptr : found->second.event.get();
}

void Exported::release(GuestVa perf_event) {
  const auto found = events_.find(perf_event.value);
  if (found == events_.end()) return;
  ids_.erase(found->second.event->id);
  events_.erase(found);
  (void)code_.space().kfree(perf_event);
}

void Exported::triggered(std::uint64_t id, const BreakpointHit& hit) {
  const auto mirror = ids_.find(id);
  if (mirror == ids_.end() || hit.task == nullptr) return;
  const Held& held = events_.at(mirror->second);
  if (held.handler.value == 0) return;
  const GuestVa perf_event(mirror->second);
  update(perf_event, *held.event);
  const GuestVa data = perf_event + event_fields::kSampleData;
  (void)code_.space().write_word(data + event_fields::kSamplePeriodAt, 1);
  (void)code_.space().write_word(data + event_fields::kSampleAddrAt, held.event->attr.bp_addr.value);
  (void)code_.space().write_word(data + event_fields::kSampleIpAt, hit.ip.value);
  code_.call(*hit.task, {.function = held.handler,
                         .arguments = {perf_event.value, data.value, KernelCall::Registers{}},
                         .reason = "the hit of a breakpoint",
                         .still = [this, id] { return ids_.contains(id); },
                         .context = KernelCall::Context::Exception,
                         .disarmed = kernel_.arch().disarmed_in_callback(hit.kernel)});
}

}  // namespace trapline::kernel
