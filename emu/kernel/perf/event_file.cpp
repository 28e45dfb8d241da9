#include "emu/kernel/perf/event_file.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <utility>

#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/perf/ring_buffer.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

namespace abi = isa::linux_abi;

namespace {

// PERF_EVENT_IOC_*: the numbers, with direction and size.
enum class PerfCommand : std::uint8_t {
  Enable = 0,
  Disable = 1,
  Refresh = 2,
  Reset = 3,
  Period = 4,
  SetOutput = 5,
  SetFilter = 6,
  Id = 7,
  SetBpf = 8,
  PauseOutput = 9,
  QueryBpf = 10,
  ModifyAttributes = 11,
};

struct CommandCode {
  PerfCommand command;
  abi::IoDirection direction;
  unsigned size;
};
constexpr std::array<CommandCode, 12> kCommands{{
    {PerfCommand::Enable, abi::IoDirection::None, 0},
    {PerfCommand::Disable, abi::IoDirection::None, 0},
    {PerfCommand::Refresh, abi::IoDirection::None, 0},
    {PerfCommand::Reset, abi::IoDirection::None, 0},
    {PerfCommand::Period, abi::IoDirection::Write, 8},
    {PerfCommand::SetOutput, abi::IoDirection::None, 0},
    {PerfCommand::SetFilter, abi::IoDirection::Write, 8},
    {PerfCommand::Id, abi::IoDirection::Read, 8},
    {PerfCommand::SetBpf, abi::IoDirection::Write, 4},
    {PerfCommand::PauseOutput, abi::IoDirection::Write, 4},
    {PerfCommand::QueryBpf, abi::IoDirection::ReadWrite, 8},
    {PerfCommand::ModifyAttributes, abi::IoDirection::Write, 8},
}};

std::optional<PerfCommand> command_of(isa::Isa isa, std::uint64_t code) {
  for (const CommandCode& known : kCommands) {
    const auto number = static_cast<unsigned>(known.command);
    if (abi::io_code(isa, known.direction, '$', number, known.size) == code) return known.command;
  }
  return std::nullopt;
}

constexpr std::uint64_t kGroupFlag = 1;  // PERF_IOC_FLAG_GROUP

}  // namespace

PerfEventFile::PerfEventFile(machine::Machine& machine, PerfCore& core, HwBreakpoints& breakpoints,
                             PerfEventRef event)
    : File("anon_inode:[perf_event]", abi::kORdWr),
      machine_(machine),
      core_(core),
      breakpoints_(breakpoints),
      event_(std::move(event)) {
  event_->file = this;
}

PerfEventFile::~PerfEventFile() { event_->file = nullptr; }

SyscallResult PerfEventFile::read(std::span<std::byte> out) {
  // A pinned event that could not be scheduled reads as end of file.
  if (event_->state == EventState::Error) return 0;
  if (out.size() < PerfCore::read_size(*event_, event_->leader->siblings.size())) return Error{ENOSPC};
  if ((event_->attr.read_format & kFormatGroup) != 0 && !PerfCore::same_groups(*event_->leader))
    return Error{ECHILD};
  const auto values = core_.read_values(*event_);
  for (std::size_t i = 0; i < values.size(); ++i)
    isa::store_word(out.subspan(8 * i, 8), values[i], isa::byte_order(machine_.isa()));
  return 8 * values.size();
}

Result<FileStatus> PerfEventFile::status() const {
  FileStatus status{.device = kAnonInodeDevice};
  status.mode = 0600;  // anonymous inodes have no type
  return status;
}

// Without a buffer there will never be anything to read (perf_poll).
std::uint32_t PerfEventFile::poll_events() {
  RingBuffer* const buffer = core_.buffer_of(*event_);
  const bool over = event_->state == EventState::Exit && event_->children.empty();
  if (over || buffer == nullptr) return abi::kPollHup;
  return std::exchange(buffer->poll_in, false) ? abi::kPollIn | abi::kPollRdNorm : 0;
}

// --- ioctl(2) ---

SyscallResult PerfEventFile::ioctl(Syscall& call) {
  const auto command = command_of(call.isa(), call.args[1] & 0xffffffff);
  if (!command) return Error{ENOTTY};
  // A name for it, without which gcc 12's sanitizer takes this lambda's `this` for null.
  PerfCore& core = core_;
  const auto each = [&](void (PerfCore::*action)(PerfEvent&)) {
    if ((call.args[2] & kGroupFlag) != 0)
      core.for_group(*event_, [&](PerfEvent& event) { (core.*action)(event); });
    else
      (core.*action)(*event_);
    return SyscallResult(std::uint64_t{0});
  };
  switch (*command) {
    case PerfCommand::Enable:
      return each(&PerfCore::enable);
    case PerfCommand::Disable:
      return each(&PerfCore::disable);
    case PerfCommand::Reset:
      return each(&PerfCore::reset);
    case PerfCommand::Refresh:
      return done(refresh(call.integer(2)));
    case PerfCommand::Period:
      return done(set_period(call));
    case PerfCommand::Id:
      return call.mm().write_word(call.address(2), event_->id, 8) ? SyscallResult(0) : Error{EFAULT};
    case PerfCommand::SetOutput:
      return done(set_output(call));
    case PerfCommand::PauseOutput:
      return done(pause_output(call.args[2] != 0));
    case PerfCommand::ModifyAttributes:
      return done(modify_attributes(call));
    // These are for tracepoints and probes.
    case PerfCommand::SetFilter:
      return call.mm().read_word(call.address(2), 1) ? Error{EINVAL} : Error{EFAULT};
    case PerfCommand::SetBpf:
      return Error{call.task.files->find(call.integer(2)) != nullptr ? EINVAL : EBADF};
    case PerfCommand::QueryBpf:
      return Error{EINVAL};
  }
  return Error{ENOTTY};
}

Status PerfEventFile::refresh(int count) {
  if (event_->attr.inherit)
    return refused(EINVAL, "", "REFRESH counts overflows of one event, and this is inherited by others");
  if (!event_->attr.sampling())
    return refused(EINVAL, "", "REFRESH counts overflows, and an event without a period has none");
  core_.refresh(*event_, count);
  return Done{};
}

Status PerfEventFile::set_period(std::uint64_t period) {
  if (!event_->attr.sampling())
    return refused(EINVAL, "", "only an event that was opened with a period has one to change");
  if (period == 0) return refused(EINVAL, "", "a period is 1 or more");
  if (event_->attr.freq ? period > kMaxSampleRate : (period >> 63) != 0) {
    return refused(EINVAL, "", [] {
      return fmt::format("a period is less than 2 to the 63, and a frequency at most {} a second",
                         kMaxSampleRate);
    });
  }
  // That of a task that is gone stays as it is (event_function_call).
  if (event_->task == nullptr || event_->task->alive()) core_.set_period(*event_, period);
  return Done{};
}

Status PerfEventFile::set_period(Syscall& call) {
  const auto period = call.mm().read_word(call.address(2), 8);
  return period ? set_period(*period) : Error{EFAULT};
}

Status PerfEventFile::set_output(Syscall& call) {
  // As a whole word: 0xffffffff is a descriptor, though none that is open.
  if (call.args[2] == ~std::uint64_t{0}) return core_.set_output(*event_, nullptr);
  const int fd = call.integer(2);
  const FdTable::Entry* const entry = call.task.files->find(fd);
  auto* const other = entry == nullptr ? nullptr : dynamic_cast<PerfEventFile*>(entry->file.get());
  if (other == nullptr) return Error{EBADF};
  return core_.set_output(*event_, &other->event());
}

Status PerfEventFile::pause_output(bool pause) {
  RingBuffer* const buffer = core_.buffer_of(*event_);
  if (buffer == nullptr || buffer->data_pages() == 0)
    return refused(EINVAL, "", "the event has no buffer with data pages");
  buffer->paused = pause;
  return Done{};
}

// For breakpoints only. What is not the breakpoint's must be as it is.
Status PerfEventFile::modify_attributes(const PerfEventAttr& attr) {
  if (attr.type != event_->attr.type)
    return refused(EINVAL, "type", "MODIFY_ATTRIBUTES leaves an event's type as it is");
  if (attr.type != kPerfTypeBreakpoint)
    return refused(EOPNOTSUPP, "type", "MODIFY_ATTRIBUTES is for breakpoints, and this is none");
  Status result = Done{};
  core_.for_children(*event_, [&](PerfEvent& event) {
    if (result) result = breakpoints_.modify_breakpoint(event, attr);
  });
  return result;
}

Status PerfEventFile::modify_attributes(Syscall& call) {
  const auto attr = copy_perf_event_attr(call.mm(), call.address(2), known_registers(core_.arch()));
  return attr ? modify_attributes(*attr) : attr.error();
}

// --- mmap(2) ---

// What the mappings of one descriptor hold: the memory and, as any mapping does (vm_file), the file, so that
// an event lives on when its last descriptor is closed. Without them the event has no buffer any more, though
// others may go on to write into it (perf_mmap_close).
struct PerfEventFile::Mapped {
  Mapped(std::shared_ptr<SharedMemory> shown, std::shared_ptr<PerfEventFile> of)
      : memory(std::move(shown)), file(std::move(of)) {}
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { file->core_.set_buffer(file->event(), nullptr); }

  std::shared_ptr<SharedMemory> memory;
  std::shared_ptr<PerfEventFile> file;
};

std::shared_ptr<SharedMemory> PerfEventFile::show(std::shared_ptr<SharedMemory> memory) {
  if (auto shown = event_->mapping.lock()) return shown;
  auto self = std::static_pointer_cast<PerfEventFile>(shared_from_this());
  const auto mapped = std::make_shared<Mapped>(std::move(memory), std::move(self));
  std::shared_ptr<SharedMemory> shown(mapped, mapped->memory.get());
  event_->mapping = shown;
  return shown;
}

Result<std::shared_ptr<SharedMemory>> PerfEventFile::map(const Mapping& mapping) {
  // Every child would write to the one buffer.
  if (event_->cpu == -1 && event_->attr.inherit) {
    return refused(EINVAL, "inherit",
                   "an inherited event has a buffer for each CPU: with inherit, bind it to a `cpu` as well");
  }
  if (!mapping.shared) return refused(EINVAL, "", "a ring buffer is mapped with MAP_SHARED");
  RingBuffer* const known = core_.buffer_of(*event_);
  const std::uint64_t page = mapping.page_size;
  const std::uint64_t pages = (mapping.size + page - 1) / page;
  // There is nothing that would fill an auxiliary buffer.
  if (mapping.offset != 0)
    return refused(
        known != nullptr && known->aux_fits(mapping.offset, pages * page) ? EOPNOTSUPP : EINVAL, "",
        "a ring buffer is mapped from offset 0 on, and no event of this machine fills an auxiliary one");
  const std::uint64_t data_pages = pages - 1;
  if (data_pages != 0 && !std::has_single_bit(data_pages)) {
    return refused(EINVAL, "mmap", [data_pages] {
      return fmt::format("a ring buffer has 1 page and 0 or a power of two of data pages, and {} is none",
                         data_pages);
    });
  }
  if (known != nullptr) {
    if (known->data_pages() != data_pages)
      return refused(EINVAL, "mmap", "the event has a buffer of another size already");
    return show(known->memory());
  }
  std::shared_ptr<SharedMemory> memory;
  const PerfEventAttr& attr = event_->attr;
  auto buffer =
      RingBuffer::make(machine_, page, data_pages, attr.watermark ? attr.wakeup : 0, !mapping.write, memory);
  if (buffer == nullptr)
    return refused(ENOMEM, "mmap", "the machine's memory does not suffice for the buffer");
  core_.set_buffer(*event_, std::move(buffer));
  core_.update_user_page(*event_);
  return show(std::move(memory));
}

std::uint32_t PerfEventFile::mapping_flags() const {
  return kVmDontCopy | kVmDontExpand | kVmDontDump | kVmMayNotSplit | kVmReadOnlyTail;
}

}  // namespace trapline::kernel
