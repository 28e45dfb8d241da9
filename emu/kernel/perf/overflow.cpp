// From a count to whoever is to know of it: periods, limits, samples, signals and wake-ups.
#include <algorithm>
#include <utility>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/ring_buffer.hpp"
#include "emu/kernel/signal/signal.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

using machine::Hex;
using machine::Layer;

namespace {

constexpr int kPollIn = static_cast<int>(PollReason::In);
constexpr int kPollHup = static_cast<int>(PollReason::HungUp);
constexpr int kTrapPerf = 6;  // si_code of SIGTRAP

}  // namespace

// --- Periods ---

std::uint64_t PerfCore::start_period(PerfEvent& event) {
  // The period that is over is the one before a change of it.
  const std::uint64_t period = std::exchange(event.last_period, event.sample_period);
  if (event.period_left < 0) return 0;
  const std::uint64_t over = (period + static_cast<std::uint64_t>(event.period_left)) / period;
  event.period_left = static_cast<std::int64_t>(static_cast<std::uint64_t>(event.period_left) -
                                                over * period);  // it may wrap
  return over;
}

// Towards the period that gives attr.freq samples a second, where `count` events came in so many nanoseconds.
void PerfCore::adjust_period(PerfEvent& event, std::uint64_t nanoseconds, std::uint64_t count) {
  __extension__ using Wide = unsigned __int128;
  const Wide samples = Wide{nanoseconds} * event.attr.sample_period;
  if (samples == 0) return;
  const auto period = static_cast<std::int64_t>(static_cast<std::uint64_t>(Wide{count} * kSecond / samples));
  constexpr std::int64_t kFilter = 8;  // a low pass
  const std::int64_t delta =
      (period - static_cast<std::int64_t>(event.sample_period) + kFilter - 1) / kFilter;
  const std::int64_t adjusted = static_cast<std::int64_t>(event.sample_period) + delta;
  event.sample_period = adjusted > 0 ? static_cast<std::uint64_t>(adjusted) : 1;
  if (event.period_left > static_cast<std::int64_t>(8 * event.sample_period)) event.period_left = 0;
}

void PerfCore::plan_tick() {
  if (tick_) return;
  tick_ = timers_.set(scheduler_.now() + kJiffy, [this] { tick(); });
}

// Each jiffy, what counts by frequency is looked at (perf_adjust_freq_unthr_context).
void PerfCore::tick() {
  tick_.cancel();
  bool again = false;
  const auto adjust = [&](const PerfContext* context) {
    if (context == nullptr) return;
    for (PerfEvent* const event : context->events) {
      if (!event->attr.freq || event->state != EventState::Active) continue;
      again = true;
      const std::uint64_t counted = event->count - std::exchange(event->freq_count_stamp, event->count);
      if (counted != 0) adjust_period(*event, kJiffy, counted);
    }
  };
  for (unsigned cpu = 0; cpu < cpu_contexts_.size(); ++cpu) {
    adjust(&cpu_contexts_[cpu]);
    adjust(task_context(cpu));
  }
  if (again) plan_tick();
}

// --- Hits ---

void PerfCore::swevent(PerfEvent& event, std::uint64_t events, const PerfOccurrence& at) {
  event.count += events;
  at.cpu.trace(Layer::Perf, "perf_swevent_event", {{"id", event.id}, {"count", event.count}});
  // Without a sampling period an event only counts.
  if (!event.attr.sampling()) return;
  // Whoever wants to see the period gets a sample of each event, whatever the period is.
  if ((event.attr.sample_type & kSamplePeriod) != 0 && !event.attr.freq) {
    (void)overflow(event, at, events);
    return;
  }
  const std::uint64_t period = event.last_period;
  if (events == 1 && event.sample_period == 1 && !event.attr.freq) {
    (void)overflow(event, at, period);
    return;
  }
  event.period_left += static_cast<std::int64_t>(events);
  if (event.period_left < 0) return;
  for (std::uint64_t left = start_period(event); left > 0; --left) {
    if (overflow(event, at, period)) return;
  }
}

bool PerfCore::overflow(PerfEvent& event, const PerfOccurrence& at, std::uint64_t period) {
  if (event.attr.freq) {
    const std::uint64_t now = clock(at.cpu.index());
    const std::uint64_t passed = now - std::exchange(event.freq_time_stamp, now);
    if (passed != 0 && passed < 2 * kJiffy) adjust_period(event, passed, event.last_period);
  }
  bool done = false;
  event.pending_kill = kPollIn;
  if (event.limit != 0 && (__builtin_sub_overflow(event.limit, 1, &event.limit), event.limit == 0)) {
    done = true;
    event.pending_kill = kPollHup;
    disable_one(event);
  }
  if (const auto& observer = event.opened().observer) observer(event, at);
  if (event.attr.sigtrap) signal_trap(event, at);
  if (event.overflow_handler) {
    // Only breakpoints have handlers of their own.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast): perf_bp_event() made it one
    event.overflow_handler(event, static_cast<const BreakpointHit&>(at));
    return done;
  }
  at.cpu.trace(Layer::FrontEnd, "perf_event_output", {{"id", event.id}, {"ip", Hex{at.ip.value}}});
  output_.sample(event, at, period);
  const File* const file = event.opened().file;
  if (file != nullptr && file->asynchronous() && event.pending_kill != 0) wake_up(event);
  return done;
}

// --- Telling ---

void PerfCore::signal_trap(PerfEvent& event, const PerfOccurrence& at) {
  if (at.task == nullptr || !at.task->alive()) return;
  traps_.push_back({event.attr.type, event.attr.sig_data, at.address, at.task});
  at.cpu.trace(Layer::FrontEnd, "perf_sigtrap", {{"id", event.id}, {"address", Hex{at.address.value}}});
}

// The thread that was hit gets it before its next instruction. Of several events of one instruction the last
// comes first (irq_work's order), and the others find SIGTRAP pending already.
void PerfCore::send_traps() {
  for (; !traps_.empty(); traps_.pop_back()) {
    const Trap& trap = traps_.back();
    if (!trap.task->alive()) continue;
    // One that is blocked comes late, and says so.
    const bool blocked = (trap.task->blocked & signal_bit(isa::linux_abi::kSigTrap)) != 0;
    SigInfo info(machine_.isa(), isa::linux_abi::kSigTrap, kTrapPerf);
    info.perf(trap.address, trap.data, trap.type, blocked);
    upcalls_.send_sigtrap(info, *trap.task);
  }
}

// kill_fasync(): who asked for it by O_ASYNC.
void PerfCore::signal_owner(PerfEvent& event) {
  const int reason = std::exchange(event.pending_kill, 0);
  const File* const file = event.opened().file;
  if (reason == 0 || file == nullptr || !file->asynchronous()) return;
  upcalls_.send_sigio(*file, static_cast<PollReason>(reason));
}

void PerfCore::wake_up(PerfEvent& event) {
  if (RingBuffer* const buffer = buffer_of(event)) {
    scheduler_.spend(buffer->events.size());
    for (PerfEvent* const reader : buffer->events) reader->waiters.wake_all();
  }
  signal_owner(event);
}

}  // namespace trapline::kernel
