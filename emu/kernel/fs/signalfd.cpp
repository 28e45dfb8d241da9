#include "emu/kernel/fs/signalfd.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals, O_*

constexpr std::size_t kSize = 128;  // struct signalfd_siginfo

// One field of siginfo_t, and where signalfd_siginfo has it.
struct Field {
  std::size_t from;
  std::size_t from_size;
  std::size_t to;
  std::size_t to_size;
};
constexpr Field kSigno{0, 4, 0, 4}, kErrno{4, 4, 4, 4}, kCode{8, 4, 8, 4};
constexpr Field kSenderPid{16, 4, 12, 4}, kUid{20, 4, 16, 4}, kInt{24, 4, 44, 4}, kPtr{24, 8, 48, 8};
constexpr Field kTid{16, 4, 24, 4}, kOverrun{20, 4, 32, 4}, kBand{16, 8, 28, 4}, kFd{24, 4, 20, 4};
constexpr Field kStatus{24, 4, 40, 4}, kUtime{32, 8, 56, 8}, kStime{40, 8, 64, 8}, kAddr{16, 8, 72, 8};
constexpr Field kCallAddr{16, 8, 88, 8}, kSyscall{24, 4, 84, 4}, kArch{28, 4, 96, 4};

constexpr std::array kKill{kSenderPid, kUid};
constexpr std::array kRt{kSenderPid, kUid, kPtr, kInt};
constexpr std::array kTimer{kTid, kOverrun, kPtr, kInt};
constexpr std::array kPoll{kBand, kFd};
constexpr std::array kFault{kAddr};
constexpr std::array kChild{kSenderPid, kUid, kStatus, kUtime, kStime};
constexpr std::array kSys{kCallAddr, kSyscall, kArch};

// siginfo_layout(): which member of the union a signal's code tells of.
std::span<const Field> fields_of(const SigInfo& info) {
  constexpr int kSigIoCode = -5;  // SI_SIGIO
  constexpr int kPollCodes = 6;   // NSIGPOLL
  const int code = info.code();
  if (code == Signals::kTimer) return kTimer;
  if (code == kSigIoCode) return kPoll;
  if (code < 0) return kRt;
  if (code == Signals::kUser || code >= kSiKernel) return kKill;
  switch (info.signal()) {
    case kSigIll:
    case kSigFpe:
    case kSigSegv:
    case kSigBus:
    case kSigTrap:
      return kFault;
    case kSigChld:
      return kChild;
    case kSigSys:
      return kSys;
    default:
      return code <= kPollCodes ? std::span<const Field>(kPoll) : kKill;
  }
}

void store(const SigInfo& info, std::span<std::byte> out, std::endian order) {
  std::ranges::fill(out, std::byte{0});
  const auto copy = [&](const Field& field) {
    const std::uint64_t value = isa::load_word(info.bytes().subspan(field.from, field.from_size), order);
    isa::store_word(out.subspan(field.to, field.to_size), value, order);
  };
  for (const Field& field : {kSigno, kErrno, kCode}) copy(field);
  for (const Field& field : fields_of(info)) copy(field);
}

}  // namespace

SignalFd::SignalFd(Signals& signals, isa::Isa isa, SignalSet set, std::uint64_t flags)
    : File("anon_inode:[signalfd]", flags | kORdWr), signals_(signals), isa_(isa), set_(set) {}

void SignalFd::set_signals(SignalSet set, Task& by) {
  set_ = set;
  by.process->signal_arrivals.wake_all();
}

SyscallResult SignalFd::read_by(Task& reader, std::span<std::byte> out) {
  if (out.size() < kSize) return Error{EINVAL};
  std::uint64_t done = 0;
  for (; out.size() - done >= kSize; done += kSize) {
    const auto dequeued = signals_.dequeue(reader, ~set_);
    if (!dequeued) break;
    store(dequeued->info, out.subspan(done, kSize), isa::byte_order(isa_));
  }
  if (done == 0) return Error{EAGAIN};
  return done;
}

std::uint32_t SignalFd::poll_events_for(const Task& who) {
  const SignalSet pending = who.pending.set() | who.process->pending.set();
  return (pending & set_) != 0 ? kPollIn : 0;
}

Result<FileStatus> SignalFd::status() const {
  FileStatus status{.device = kAnonInodeDevice};
  status.mode = 0600;  // anonymous inodes have no type
  return status;
}

WaitQueue* SignalFd::wait_queue_for(Task& who) { return &who.process->signal_arrivals; }

std::string SignalFd::info() const { return fmt::format("sigmask:\t{:016x}\n", set_); }

}  // namespace trapline::kernel
