#include "emu/kernel/perf/output.hpp"

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/ring_buffer.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

PerfOutput::PerfOutput(PerfCore& core, const PerfEnvironment& environment)
    : core_(core),
      machine_(environment.scheduler.machine()),
      scheduler_(environment.scheduler),
      tasks_(environment.tasks),
      arch_(environment.arch),
      upcalls_(environment.upcalls),
      record_(isa::byte_order(machine_.isa())),
      lost_(isa::byte_order(machine_.isa())) {}

// perf_event_clock()
std::uint64_t PerfOutput::time(const PerfEvent& event, const machine::Cpu& cpu) {
  constexpr std::int32_t kClockRealtime = 0;
  constexpr std::int32_t kClockTai = 11;
  const PerfEventAttr& attr = event.attr;
  const bool wall_clock = attr.use_clockid && (attr.clockid == kClockRealtime || attr.clockid == kClockTai);
  return cpu.clock() + (wall_clock ? kWallClockStart : 0);
}

void PerfOutput::put_sample_id(RecordWriter& record, const PerfEvent& event, const Context& at) {
  if (!event.attr.sample_id_all) return;
  const PerfEvent& opened = event.parent != nullptr ? *event.parent : event;
  const std::uint64_t type = event.attr.sample_type;
  if ((type & kSampleTid) != 0) {
    record.put_pair(at.task != nullptr ? at.task->tgid() : 0, at.task != nullptr ? at.task->tid() : 0);
  }
  if ((type & kSampleTime) != 0) record.put(time(event, at.cpu));
  if ((type & kSampleId) != 0) record.put(opened.id);
  if ((type & kSampleStreamId) != 0) record.put(event.id);
  if ((type & kSampleCpu) != 0) record.put_pair(static_cast<int>(at.cpu.index()), 0);
  if ((type & kSampleIdentifier) != 0) record.put(opened.id);
}

void PerfOutput::append(PerfEvent& event, const Context& at, bool sample) {
  PerfEvent& opened = event.opened();
  RingBuffer* const buffer = opened.buffer.get();
  if (buffer == nullptr) return;
  constexpr std::uint64_t kRecord = 40;  // cycles
  constexpr std::uint64_t kBytesInCycle = 16;
  at.cpu.charge(kRecord + record_.size() / kBytesInCycle);
  std::span<const std::byte> lost;
  if (buffer->lost() != 0) {
    lost_.begin(RecordType::Lost, 0);
    lost_.put(opened.id);
    lost_.put(buffer->lost());
    put_sample_id(lost_, opened, at);
    lost = lost_.finish();
  }
  switch (buffer->append(record_.finish(), lost, opened.attr.write_backward)) {
    case RingBuffer::Append::Nowhere:
      return;
    case RingBuffer::Append::Lost:
      ++opened.lost_samples;
      return;
    case RingBuffer::Append::Done:
      break;
  }
  if (sample && !event.attr.watermark) buffer->count_sample(static_cast<std::int32_t>(event.attr.wakeup));
  if (buffer->take_wakeup()) core_.wake_up(event);
}

machine::Cpu& PerfOutput::cpu_of(const Task& task) {
  machine::Cpu* const cpu = scheduler_.cpu_of(task);
  return cpu != nullptr ? *cpu : machine_.cpu(task.cpu);
}

}  // namespace trapline::kernel
