// Pipes, event counters, and waiting for files: pipe(2), eventfd(2), poll(2), select(2).
#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/fs/pipe.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*, POLL*

// --- Making files
// -----------------------------------------------------------------------------------------------------

SyscallResult pipe(Syscall& call, std::uint64_t flags) {
  const std::uint64_t status_flags = kONonBlock | differing(call.isa()).o_direct;
  if ((flags & ~(kOCloExec | status_flags)) != 0) return Error{EINVAL};
  const bool close_on_exec = (flags & kOCloExec) != 0;
  auto [reader, writer] = make_pipe(call.kernel.machine(), call.kernel.next_pipe(), flags & status_flags);
  FdTable& files = *call.task.files;
  const auto read_fd = add_descriptor(call, std::move(reader), close_on_exec);
  if (!read_fd) return read_fd.error();
  const auto write_fd = add_descriptor(call, std::move(writer), close_on_exec);
  if (!write_fd) {
    files.close(*read_fd);
    return write_fd.error();
  }
  if (!call.mm().write_word(call.address(0), static_cast<std::uint64_t>(*read_fd), 4) ||
      !call.mm().write_word(call.address(0) + 4, static_cast<std::uint64_t>(*write_fd), 4)) {
    files.close(*read_fd);
    files.close(*write_fd);
    return Error{EFAULT};
  }
  return 0;
}

SyscallResult sys_pipe(Syscall& call) { return pipe(call, 0); }
SyscallResult sys_pipe2(Syscall& call) { return pipe(call, call.args[1] & 0xffffffff); }

SyscallResult eventfd(Syscall& call, std::uint64_t flags) {
  constexpr std::uint64_t kSemaphore = 1;
  if ((flags & ~(kSemaphore | kOCloExec | kONonBlock)) != 0) return Error{EINVAL};
  const auto fd = add_descriptor(call,
                                 make_event_counter(call.isa(), call.args[0] & 0xffffffff,
                                                    (flags & kSemaphore) != 0, flags & kONonBlock),
                                 (flags & kOCloExec) != 0);
  if (!fd) return fd.error();
  return static_cast<std::uint64_t>(*fd);
}
SyscallResult sys_eventfd(Syscall& call) { return eventfd(call, 0); }
SyscallResult sys_eventfd2(Syscall& call) { return eventfd(call, call.args[1] & 0xffffffff); }

// --- Waiting
// -----------------------------------------------------------------------------------------------------

// A mask for the time of the call: what ppoll(2) and pselect(2) are for.
Status set_mask(Syscall& call, std::uint64_t address, std::uint64_t size) {
  if (address == 0 || call.task.call.phase != 0) return Done{};
  if (size != sizeof(SignalSet)) return Error{EINVAL};
  const auto mask = call.mm().read_word(GuestVa(address), sizeof(SignalSet));
  if (!mask) return Error{EFAULT};
  call.task.saved_mask = call.task.blocked;
  call.kernel.signals().set_blocked(call.task, *mask);
  return Done{};
}

// The call ends otherwise than by a signal: the mask that was there before it is there again at once.
void restore_mask(Syscall& call) {
  if (!call.task.saved_mask) return;
  call.kernel.signals().set_blocked(call.task, *call.task.saved_mask);
  call.task.saved_mask.reset();
}

Status set_deadline(Syscall& call, std::uint64_t address, Result<std::uint64_t> (*read)(Mm&, GuestVa)) {
  if (address == 0 || call.task.call.phase != 0) return Done{};
  const auto time = read(call.mm(), GuestVa(address));
  if (!time) return time.error();
  call.deadline(*time);
  return Done{};
}

std::uint64_t time_left(const Syscall& call) {
  const std::uint64_t now = call.now();
  const auto& deadline = call.task.call.deadline;
  return deadline && *deadline > now ? *deadline - now : 0;
}

struct Watched {
  std::vector<WaitQueue*> queues;
  void add(File& file, Task& who) {
    if (WaitQueue* const queue = file.poll_queue_for(who)) queues.push_back(queue);
  }
  // In which order they are waited in shows nowhere.
  std::span<WaitQueue* const> once_each() {
    std::ranges::sort(queues);
    queues.erase(std::unique(queues.begin(), queues.end()), queues.end());
    return queues;
  }
};

// Guest code that was asked has a part in the call until its end.
SyscallResult end_poll(Syscall& call, const SyscallResult& result) {
  const bool sleeps = !result && result.error().number == kSleeps;
  if (!sleeps && call.task.kernel && call.task.kernel->poll)
    call.kernel.kernel_half().files().end_poll(call.task);
  return result;
}

SyscallResult asked(Syscall& call) {
  call.task.call.phase = 1;
  return Error{kSleeps};
}

// Nothing is ready. Where guest code has seen a change since it was asked, it is asked again at once.
SyscallResult sleep_in_poll(Syscall& call, Watched& watched, int interrupted) {
  if (call.task.kernel && call.task.kernel->poll && !GuestFiles::sleeps_in_poll(call.task))
    return asked(call);
  call.task.call.phase = 1;
  return call.sleep(watched.once_each(), interrupted);
}

// struct pollfd: int fd, short events, short revents.
SyscallResult do_poll(Syscall& call, int interrupted) {
  constexpr std::uint64_t kEntry = 8;
  const std::uint64_t count = call.args[1] & 0xffffffff;
  if (count > call.task.process->limits[Resource::Files].soft) return Error{EINVAL};
  std::vector<std::byte> entries(count * kEntry);
  call.cpu.charge(count * costs::kFile);
  if (!call.mm().read(call.address(0), entries)) return Error{EFAULT};
  const std::endian order = isa::byte_order(call.isa());
  Watched watched;
  std::uint64_t ready = 0;
  bool asks = false;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto entry = std::span(entries).subspan(i * kEntry, kEntry);
    const auto fd = static_cast<int>(isa::load_word(entry.first(4), order));
    const auto events = static_cast<std::uint32_t>(isa::load_word(entry.subspan(4, 2), order));
    std::uint32_t found = 0;
    if (fd >= 0) {
      const auto* open = call.task.files->find(fd);
      if (open == nullptr) {
        found = kPollNval;
      } else {
        const std::uint32_t wanted = events | kPollErr | kPollHup;
        const SyscallResult now = open->file->poll_by(call.task, wanted);
        asks |= !now;
        found = now ? static_cast<std::uint32_t>(*now) & wanted : 0;
        watched.add(*open->file, call.task);
      }
    }
    isa::store_word(entry.subspan(6, 2), found, order);
    if (found != 0) ++ready;
  }
  if (asks) return asked(call);
  if (ready == 0 && !call.timed_out()) return sleep_in_poll(call, watched, interrupted);
  // revents alone: another thread may have changed the rest meanwhile.
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!call.mm().write(call.address(0) + i * kEntry + 6, std::span(entries).subspan(i * kEntry + 6, 2)))
      return Error{EFAULT};
  }
  return ready;
}

SyscallResult poll(Syscall& call, int interrupted) { return end_poll(call, do_poll(call, interrupted)); }

SyscallResult sys_poll(Syscall& call) {
  const int milliseconds = call.integer(2);
  if (milliseconds >= 0) call.deadline(static_cast<std::uint64_t>(milliseconds) * 1'000'000);
  return poll(call, kErestartRestartBlock);
}

// Writes what is left of the time, where the call has a place for that; a program that passed read-only
// memory gets none.
void write_time_left(Syscall& call, std::uint64_t address, bool (*write)(Mm&, GuestVa, std::uint64_t)) {
  if (address != 0) (void)write(call.mm(), GuestVa(address), time_left(call));
}

SyscallResult sys_ppoll(Syscall& call) {
  if (const Status set = set_deadline(call, call.args[2], read_timespec); !set) return set.error();
  if (const Status set = set_mask(call, call.args[3], call.args[4]); !set) return set.error();
  const SyscallResult result = poll(call, kErestartNoHand);
  if (!result && result.error().number == kSleeps) return result;
  write_time_left(call, call.args[2], write_timespec);
  if (result || result.error().number != kErestartNoHand) restore_mask(call);
  return result;
}

// --- select: three sets of bits, in longs

struct FdSets {
  static constexpr std::uint32_t kIn = kPollIn | kPollRdNorm | kPollRdBand | kPollHup | kPollErr;
  static constexpr std::uint32_t kOut = kPollOut | kPollWrNorm | kPollWrBand | kPollErr;
  static constexpr std::uint32_t kExcept = kPollPri;
  std::array<std::vector<std::uint64_t>, 3> sets;
};

SyscallResult do_select(Syscall& call, int interrupted) {
  int count = call.integer(0);
  if (count < 0) return Error{EINVAL};
  count = std::min(count, call.task.files->size());
  constexpr std::size_t kBits = 64;
  const std::size_t words = (static_cast<std::size_t>(count) + kBits - 1) / kBits;
  call.cpu.charge(static_cast<std::uint64_t>(count) / kBits * costs::kFile);
  FdSets in;
  for (unsigned set = 0; set < 3; ++set) {
    in.sets[set].resize(words);
    if (call.args[1 + set] == 0) continue;
    for (std::size_t word = 0; word < words; ++word) {
      const auto value = call.mm().read_word(call.address(1 + set) + 8 * word, 8);
      if (!value) return Error{EFAULT};
      in.sets[set][word] = *value;
    }
  }
  constexpr std::array kEvents{FdSets::kIn, FdSets::kOut, FdSets::kExcept};
  FdSets out;
  for (auto& set : out.sets) set.resize(words);
  Watched watched;
  std::uint64_t ready = 0;
  bool asks = false;
  for (int fd = 0; fd < count; ++fd) {
    const auto word = static_cast<std::size_t>(fd) / kBits;
    const std::uint64_t bit = std::uint64_t{1} << (static_cast<std::size_t>(fd) % kBits);
    if (((in.sets[0][word] | in.sets[1][word] | in.sets[2][word]) & bit) == 0) continue;
    const auto* open = call.task.files->find(fd);
    if (open == nullptr) return Error{EBADF};
    call.cpu.charge(costs::kFile);
    std::uint32_t wanted = 0;
    for (unsigned set = 0; set < 3; ++set) {
      if ((in.sets[set][word] & bit) != 0) wanted |= kEvents[set];
    }
    const SyscallResult now = open->file->poll_by(call.task, wanted);
    asks |= !now;
    const std::uint32_t events = now ? static_cast<std::uint32_t>(*now) : 0;
    watched.add(*open->file, call.task);
    for (unsigned set = 0; set < 3; ++set) {
      if ((in.sets[set][word] & bit) == 0 || (events & kEvents[set]) == 0) continue;
      out.sets[set][word] |= bit;
      ++ready;
    }
  }
  if (asks) return asked(call);
  if (ready == 0 && !call.timed_out()) return sleep_in_poll(call, watched, interrupted);
  for (unsigned set = 0; set < 3; ++set) {
    if (call.args[1 + set] == 0) continue;
    for (std::size_t word = 0; word < words; ++word) {
      if (!call.mm().write_word(call.address(1 + set) + 8 * word, out.sets[set][word], 8))
        return Error{EFAULT};
    }
  }
  return ready;
}

SyscallResult select(Syscall& call, int interrupted) { return end_poll(call, do_select(call, interrupted)); }

// Unlike poll(2), select(2) takes microseconds beyond a second.
Result<std::uint64_t> read_long_timeval(Mm& mm, GuestVa address) {
  const auto seconds = mm.read_word(address, 8);
  const auto micros = mm.read_word(address + 8, 8);
  if (!seconds || !micros) return Error{EFAULT};
  if (static_cast<std::int64_t>(*seconds) < 0 || static_cast<std::int64_t>(*micros) < 0) return Error{EINVAL};
  return std::min(*seconds + *micros / 1'000'000, kLongestTime / kSecond) * kSecond +
         *micros % 1'000'000 * 1000;
}

SyscallResult sys_select(Syscall& call) {
  if (const Status set = set_deadline(call, call.args[4], read_long_timeval); !set) return set.error();
  const SyscallResult result = select(call, kErestartNoHand);
  if (result || result.error().number != kSleeps) write_time_left(call, call.args[4], write_timeval);
  return result;
}

SyscallResult sys_pselect6(Syscall& call) {
  if (const Status set = set_deadline(call, call.args[4], read_timespec); !set) return set.error();
  if (call.args[5] != 0) {
    const auto mask = call.mm().read_word(call.address(5), 8);
    const auto size = call.mm().read_word(call.address(5) + 8, 8);
    if (!mask || !size) return Error{EFAULT};
    if (const Status set = set_mask(call, *mask, *size); !set) return set.error();
  }
  const SyscallResult result = select(call, kErestartNoHand);
  if (!result && result.error().number == kSleeps) return result;
  write_time_left(call, call.args[4], write_timespec);
  if (result || result.error().number != kErestartNoHand) restore_mask(call);
  return result;
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> poll_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_pipe, sys_pipe},         SyscallEntry{Name::sys_pipe2, sys_pipe2},
      SyscallEntry{Name::sys_eventfd, sys_eventfd},   SyscallEntry{Name::sys_eventfd2, sys_eventfd2},
      SyscallEntry{Name::sys_poll, sys_poll},         SyscallEntry{Name::sys_ppoll, sys_ppoll},
      SyscallEntry{Name::sys_select, sys_select},     SyscallEntry{Name::sys__newselect, sys_select},
      SyscallEntry{Name::sys_pselect6, sys_pselect6},
  };
  return kTable;
}

}  // namespace trapline::kernel
