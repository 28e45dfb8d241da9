#include "emu/kernel/futex/futex.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// linux/futex.h
enum Operation : std::uint64_t {
  kWait = 0,
  kWake = 1,
  kRequeue = 3,
  kCmpRequeue = 4,
  kWakeOp = 5,
  kLockPi = 6,
  kUnlockPi = 7,
  kTryLockPi = 8,
  kWaitBitset = 9,
  kWakeBitset = 10,
};
constexpr std::uint64_t kPrivateFlag = 128;
constexpr std::uint64_t kClockRealtime = 256;

constexpr std::uint32_t kWaiters = 0x80000000;    // FUTEX_WAITERS
constexpr std::uint32_t kOwnerDied = 0x40000000;  // FUTEX_OWNER_DIED
constexpr std::uint32_t kTidMask = 0x3fffffff;    // FUTEX_TID_MASK

}  // namespace

void Futexes::enter(const FutexKey& key, const Waiter& waiter) {
  queues_[key].push_back(waiter);
  waits_for_[waiter.task].push_back({key, waiter.index});
}

void Futexes::leave(Task& task) {
  const auto known = waits_for_.find(&task);
  if (known == waits_for_.end()) return;
  for (const Place& place : known->second) {
    const auto queue = queues_.find(place.key);
    if (queue == queues_.end()) continue;  // the same word twice
    scheduler_.spend(costs::beyond_free(queue->second.size()) * costs::kEach);
    std::erase_if(queue->second, [&](const Waiter& waiter) { return waiter.task == &task; });
    if (queue->second.empty()) queues_.erase(queue);
  }
  waits_for_.erase(known);
}

unsigned Futexes::wake(const FutexKey& key, unsigned count, std::uint32_t bits) {
  const auto queue = queues_.find(key);
  if (queue == queues_.end()) return 0;
  unsigned woken = 0;
  std::uint64_t looked = 0;
  for (auto waiter = queue->second.begin(); waiter != queue->second.end() && woken < count;) {
    ++looked;
    if ((waiter->bits & bits) == 0) {
      ++waiter;
      continue;
    }
    Task& task = *waiter->task;
    const unsigned index = waiter->index;
    waiter = queue->second.erase(waiter);
    const auto known = waits_for_.find(&task);
    auto& places = known->second;
    places.erase(std::ranges::find(places, index, &Place::index));
    if (places.empty()) waits_for_.erase(known);
    // Of several words that were woken before it ran, futex_waitv(2) tells the last one.
    task.call.done = std::max<std::uint64_t>(task.call.woken ? task.call.done : 0, index);
    task.call.woken = true;
    // It may be awake already, for a signal or because its time is up, or still on its way to sleep.
    if (task.sleeps() || task.sched.on_rq) scheduler_.wake_up(task);
    ++woken;
  }
  scheduler_.spend(costs::beyond_free(looked) * costs::kEach);
  if (queue->second.empty()) queues_.erase(queue);
  return woken;
}

unsigned Futexes::wake(Mm& mm, GuestVa address, bool shared, unsigned count, std::uint32_t bits) {
  const auto key = mm.futex_key(address, shared);
  return key ? wake(*key, count, bits) : 0;
}

SyscallResult Futexes::wait(Syscall& call, bool shared, std::uint32_t bits) {
  CallProgress& progress = call.task.call;
  enum Phase : unsigned { kBegin, kWaiting };
  if (bits == 0) return Error{EINVAL};
  if (progress.phase == kBegin) {
    const auto key = call.mm().futex_key(call.address(0), shared);
    if (!key) return Error{EFAULT};
    const auto word = call.mm().read_word(call.address(0), 4);
    if (!word) return Error{EFAULT};
    if (*word != (call.args[2] & 0xffffffff)) return Error{EAGAIN};
    enter(*key, {&call.task, bits});
    progress.phase = kWaiting;
    progress.woken = false;
  }
  if (progress.woken) return 0;
  if (call.timed_out()) {
    leave(call.task);
    return Error{ETIMEDOUT};
  }
  const SyscallResult slept = call.sleep({}, progress.deadline ? kErestartRestartBlock : kErestartSys);
  if (slept.error().number != kSleeps) {
    leave(call.task);
    progress.phase = kBegin;
  }
  return slept;
}

// struct futex_waitv: value, address, flags. Nothing is waited for unless all words have the values expected.
SyscallResult Futexes::wait_for_any(Syscall& call) {
  enum Phase : unsigned { kBegin, kWaiting };
  constexpr std::uint64_t kMost = 128;  // FUTEX_WAITV_MAX
  constexpr std::uint64_t kSize32 = 2, kRealtime = 0, kMonotonic = 1;
  constexpr std::uint64_t kEntry = 24;
  CallProgress& progress = call.task.call;
  const std::uint64_t count = call.args[1] & 0xffffffff;
  if (progress.phase == kBegin) {
    if ((call.args[2] & 0xffffffff) != 0 || count == 0 || count > kMost || call.args[0] == 0)
      return Error{EINVAL};
    if (call.args[3] != 0 && !progress.deadline) {
      const std::uint64_t clock = call.args[4] & 0xffffffff;
      if (clock != kRealtime && clock != kMonotonic) return Error{EINVAL};
      const auto time = read_timespec(call.mm(), call.address(3));
      if (!time) return time.error();
      const std::uint64_t base = clock == kRealtime ? kWallClockStart : 0;
      progress.deadline = *time > base ? *time - base : 0;
    }
    struct Word {
      std::uint64_t value;
      GuestVa address;
      bool shared;
      FutexKey key{};
    };
    std::vector<Word> words;
    for (std::uint64_t i = 0; i < count; ++i) {
      const GuestVa entry = call.address(0) + kEntry * i;
      const auto value = call.mm().read_word(entry, 8);
      const auto address = call.mm().read_word(entry + 8, 8);
      const auto flag = call.mm().read_word(entry + 16, 4);
      const auto reserved = call.mm().read_word(entry + 20, 4);
      if (!value || !address || !flag || !reserved) return Error{EFAULT};
      if ((*flag & ~(kSize32 | kPrivateFlag)) != 0 || (*flag & kSize32) == 0 || *reserved != 0)
        return Error{EINVAL};
      words.push_back({*value, GuestVa(*address), (*flag & kPrivateFlag) == 0});
    }
    for (Word& word : words) {
      if (word.address.offset_in(4) != 0) return Error{EINVAL};
      const auto key = call.mm().futex_key(word.address, word.shared);
      if (!key) return Error{EFAULT};
      word.key = *key;
    }
    for (const Word& word : words) {
      const auto now = call.mm().read_word(word.address, 4);
      if (!now) return Error{EFAULT};
      if (*now != (word.value & 0xffffffff)) return Error{EAGAIN};
    }
    for (unsigned i = 0; const Word& word : words) enter(word.key, {&call.task, ~0u, i++});
    progress.phase = kWaiting;
    progress.woken = false;
  }
  if (progress.woken) {
    leave(call.task);
    return progress.done;
  }
  if (call.timed_out()) {
    leave(call.task);
    return Error{ETIMEDOUT};
  }
  const SyscallResult slept = call.sleep({}, kErestartSys);
  if (slept.error().number != kSleeps) {
    leave(call.task);
    progress.phase = kBegin;
  }
  return slept;
}

// FUTEX_REQUEUE: wakes args[2] waiters of one word, and has at most args[3] more wait for another one.
SyscallResult Futexes::requeue(Syscall& call, bool shared, bool compare) {
  const auto to_wake = static_cast<std::int32_t>(call.args[2]);
  const auto to_move = static_cast<std::int32_t>(call.args[3]);
  if (to_wake < 0 || to_move < 0) return Error{EINVAL};
  if (call.args[4] % 4 != 0) return Error{EINVAL};
  const auto from = call.mm().futex_key(call.address(0), shared);
  const auto to = call.mm().futex_key(call.address(4), shared);
  if (!from || !to) return Error{EFAULT};
  if (compare) {
    const auto word = call.mm().read_word(call.address(0), 4);
    if (!word) return Error{EFAULT};
    if (*word != (call.args[5] & 0xffffffff)) return Error{EAGAIN};
  }
  std::uint64_t done = wake(*from, static_cast<unsigned>(to_wake), ~0u);
  for (std::int32_t moved = 0; moved < to_move; ++moved) {
    const auto queue = queues_.find(*from);
    if (queue == queues_.end()) break;
    if (*from == *to) {  // to itself: they stay where they are, and count
      done += std::min<std::uint64_t>(queue->second.size(), static_cast<std::uint64_t>(to_move));
      break;
    }
    Queue& target = queues_[*to];
    Queue& source = queues_[*from];
    target.splice(target.end(), source, source.begin());
    for (Place& place : waits_for_.at(target.back().task)) {
      if (place.index == target.back().index) place.key = *to;
    }
    if (source.empty()) queues_.erase(*from);
    ++done;
  }
  scheduler_.spend(costs::beyond_free(done) * costs::kMoved);
  return done;
}

// FUTEX_WAKE_OP: changes a second word, and wakes waiters of both, of the second one where its old value
// compares.
SyscallResult Futexes::wake_op(Syscall& call, bool shared) {
  const auto encoded = static_cast<std::uint32_t>(call.args[5]);
  const auto sign_extended = [](std::uint32_t value) {  // 12 bits
    return static_cast<std::int32_t>(value << 20) >> 20;
  };
  const unsigned operation = encoded >> 28 & 7;
  const unsigned comparison = encoded >> 24 & 15;
  std::int32_t operand = sign_extended(encoded >> 12 & 0xfff);
  const std::int32_t against = sign_extended(encoded & 0xfff);
  constexpr std::uint32_t kShift = 8u << 28;
  if ((encoded & kShift) != 0)
    operand = static_cast<std::int32_t>(1u << (static_cast<unsigned>(operand) & 31));
  if (call.args[4] % 4 != 0) return Error{EINVAL};
  const auto first = call.mm().futex_key(call.address(0), shared);
  const auto second = call.mm().futex_key(call.address(4), shared);
  if (!first || !second) return Error{EFAULT};
  const auto word = call.mm().read_word(call.address(4), 4);
  if (!word) return Error{EFAULT};
  const auto old = static_cast<std::uint32_t>(*word);
  const auto bits = static_cast<std::uint32_t>(operand);
  std::uint32_t value = 0;
  switch (operation) {
    case 0:
      value = bits;
      break;
    case 1:
      value = old + bits;
      break;
    case 2:
      value = old | bits;
      break;
    case 3:
      value = old & ~bits;
      break;
    case 4:
      value = old ^ bits;
      break;
    default:
      return Error{ENOSYS};
  }
  if (!call.mm().write_word(call.address(4), value, 4)) return Error{EFAULT};
  const auto signed_old = static_cast<std::int32_t>(old);
  const std::array<bool, 6> compares{signed_old == against, signed_old != against,
                                     signed_old<against, signed_old <= against, signed_old> against,
                                     signed_old >= against};
  if (comparison >= compares.size()) return Error{ENOSYS};
  std::uint64_t woken = wake(*first, static_cast<unsigned>(call.args[2]), ~0u);
  if (compares[comparison]) woken += wake(*second, static_cast<unsigned>(call.args[3]), ~0u);
  return woken;
}

SyscallResult Futexes::call(Syscall& call) {
  const std::uint64_t operation = call.args[1] & ~(kPrivateFlag | kClockRealtime) & 0xffffffff;
  const bool shared = (call.args[1] & kPrivateFlag) == 0;
  const bool realtime = (call.args[1] & kClockRealtime) != 0;
  if (realtime && operation != kWaitBitset && operation != kWait) return Error{ENOSYS};
  const bool waits = operation == kWait || operation == kWaitBitset;
  if (waits && call.args[3] != 0 && call.task.call.phase == 0 && !call.task.call.deadline) {
    const auto time = read_timespec(call.mm(), call.address(3));
    if (!time) return time.error();
    // FUTEX_WAIT takes how long, FUTEX_WAIT_BITSET until when.
    if (operation == kWait) {
      call.deadline(*time);
    } else {
      const std::uint64_t base = realtime ? kWallClockStart : 0;
      call.task.call.deadline = *time > base ? *time - base : 0;
    }
  }
  if (call.args[0] % 4 != 0) return Error{EINVAL};
  switch (operation) {
    case kWait:
      return wait(call, shared, ~0u);
    case kWaitBitset:
      return wait(call, shared, static_cast<std::uint32_t>(call.args[5]));
    case kWake:
    case kWakeBitset: {
      const auto bits = operation == kWake ? ~0u : static_cast<std::uint32_t>(call.args[5]);
      if (bits == 0) return Error{EINVAL};
      const auto key = call.mm().futex_key(call.address(0), shared);
      if (!key) return Error{EFAULT};
      // A count of zero or less wakes one, as it always has.
      const auto count = static_cast<std::int32_t>(call.args[2]);
      return wake(*key, static_cast<unsigned>(std::max(count, 1)), bits);
    }
    case kRequeue:
      return requeue(call, shared, false);
    case kCmpRequeue:
      return requeue(call, shared, true);
    case kWakeOp:
      return wake_op(call, shared);
    default:
      return Error{ENOSYS};
  }
}

// Marks a lock's word, if the task holds it. False: the word cannot be reached.
bool Futexes::handle_death(Task& task, GuestVa word, bool pending) {
  if (word.offset_in(4) != 0) return false;
  const auto value = task.mm->read_word(word, 4);
  if (!value) return false;
  const auto lock = static_cast<std::uint32_t>(*value);
  if (pending && (lock & kTidMask) == 0) {
    // It let go of the lock and died before it could wake anybody.
    wake(*task.mm, word, true, 1);
    return true;
  }
  if ((lock & kTidMask) != static_cast<std::uint32_t>(task.tid())) return true;
  if (!task.mm->write_word(word, (lock & kWaiters) | kOwnerDied, 4)) return false;
  if ((lock & kWaiters) != 0) wake(*task.mm, word, true, 1);
  return true;
}

// struct robust_list_head: the list, the offset from an entry to its lock's word, and the entry that was
// under way.
void Futexes::exit_robust_list(Task& task) {
  leave(task);
  const GuestVa head = task.robust_list;
  task.robust_list = GuestVa();
  if (head.value == 0 || !task.mm) return;
  Mm& mm = *task.mm;
  const auto offset = mm.read_word(head + 8, 8);
  const auto pending = mm.read_word(head + 16, 8);
  auto entry = mm.read_word(head, 8);
  if (!entry || !offset || !pending) return;
  constexpr unsigned kMost = 2048;  // ROBUST_LIST_LIMIT: a list that is a circle ends here
  constexpr std::uint64_t kPi = 1;
  for (unsigned i = 0; i < kMost && (*entry & ~kPi) != head.value; ++i) {
    const GuestVa at(*entry & ~kPi);
    const auto next = mm.read_word(at, 8);
    if (at.value != (*pending & ~kPi) && !handle_death(task, at + *offset, false)) return;
    if (!next) return;
    entry = next;
  }
  if (*pending != 0) handle_death(task, GuestVa(*pending & ~kPi) + *offset, true);
}

}  // namespace trapline::kernel
