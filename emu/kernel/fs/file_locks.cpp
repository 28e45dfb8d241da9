#include "emu/kernel/fs/file_locks.hpp"

#include <algorithm>

#include "emu/machine/physical_memory.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kLockBytes = 192;  // what one takes of the host's memory, roughly
constexpr unsigned kMostSteps = 10;        // of the search for a deadlock (fs/locks.c: MAX_DEADLK_ITERATIONS)

bool overlap(const FileLocks::Lock& a, const FileLocks::Lock& b) {
  return a.start <= b.last && b.start <= a.last;
}

// What is left of a lock beside [from, to].
void keep_outside(const FileLocks::Lock& lock, std::uint64_t from, std::uint64_t to,
                  std::vector<FileLocks::Lock>& out) {
  if (lock.start < from) {
    out.push_back(lock);
    out.back().last = std::min(lock.last, from - 1);
  }
  if (lock.last > to) {
    out.push_back(lock);
    out.back().start = std::max(lock.start, to + 1);
  }
}

}  // namespace

FileLocks::~FileLocks() {
  for (const auto& [key, file] : files_)
    memory_.uncharge(kLockBytes * (file.ranges.size() + file.wholes.size()));
}

std::optional<FileLocks::Lock> FileLocks::conflict(FileKey file, Kind kind, const Lock& wanted) const {
  const auto known = files_.find(file);
  if (known == files_.end()) return std::nullopt;
  for (const Lock& lock : known->second.of(kind)) {
    if (lock.owner != wanted.owner && (lock.exclusive || wanted.exclusive) && overlap(lock, wanted))
      return lock;
  }
  return std::nullopt;
}

std::size_t FileLocks::count(FileKey file, Kind kind) const {
  const auto known = files_.find(file);
  return known == files_.end() ? 0 : known->second.of(kind).size();
}

bool FileLocks::holds(FileKey file, Kind kind, const Lock& lock) const {
  const auto known = files_.find(file);
  if (known == files_.end()) return false;
  return std::ranges::any_of(known->second.of(kind), [&](const Lock& old) {
    return old.owner == lock.owner && old.exclusive == lock.exclusive && old.start == lock.start &&
           old.last == lock.last;
  });
}

bool FileLocks::replace(std::vector<Lock>& locks, std::vector<Lock> with) {
  if (with.size() > locks.size() && !memory_.can_charge(kLockBytes * (with.size() - locks.size())))
    return false;
  memory_.uncharge(kLockBytes * locks.size());
  memory_.charge(kLockBytes * with.size());
  std::ranges::stable_sort(with, {}, &Lock::start);
  locks = std::move(with);
  return true;
}

void FileLocks::forget_empty(FileKey file) {
  const auto known = files_.find(file);
  if (known == files_.end()) return;
  const File& held = known->second;
  if (held.ranges.empty() && held.wholes.empty() && held.queue.empty()) files_.erase(known);
}

Status FileLocks::set(FileKey file, Kind kind, const Lock& lock) {
  File& held = files_[file];
  Lock grown = lock;
  std::vector<Lock> next;
  bool weaker = false;
  for (const Lock& old : held.of(kind)) {
    const bool own = old.owner == lock.owner;
    // Neighbours of the same kind become one.
    const bool touches =
        old.last + 1 >= lock.start && (lock.last == ~std::uint64_t{0} >> 1 || old.start <= lock.last + 1);
    if (own && old.exclusive == lock.exclusive && touches) {
      grown.start = std::min(grown.start, old.start);
      grown.last = std::max(grown.last, old.last);
    } else if (own && overlap(old, lock)) {
      weaker = weaker || old.exclusive;
      keep_outside(old, lock.start, lock.last, next);
    } else {
      next.push_back(old);
    }
  }
  next.push_back(grown);
  if (!replace(held.of(kind), std::move(next))) {
    forget_empty(file);
    return Error{ENOLCK};
  }
  owned_[lock.owner].insert(file);
  if (weaker) held.queue.wake_all();
  return Done{};
}

Status FileLocks::clear(FileKey file, Kind kind, const Lock& range) {
  const auto known = files_.find(file);
  if (known == files_.end()) return Done{};
  File& held = known->second;
  std::vector<Lock> next;
  bool found = false;
  for (const Lock& old : held.of(kind)) {
    if (old.owner == range.owner && overlap(old, range)) {
      found = true;
      keep_outside(old, range.start, range.last, next);
    } else {
      next.push_back(old);
    }
  }
  if (!found) return Done{};
  if (!replace(held.of(kind), std::move(next))) return Error{ENOLCK};
  held.queue.wake_all();
  forget_empty(file);
  return Done{};
}

void FileLocks::release(Owner owner, FileKey file) {
  const auto owned = owned_.find(owner);
  if (owned == owned_.end() || owned->second.erase(file) == 0) return;
  if (owned->second.empty()) owned_.erase(owned);
  for (const Kind kind : {Kind::Range, Kind::Whole})
    static_cast<void>(clear(file, kind, Lock{.owner = owner}));  // never leaves more than there was
}

void FileLocks::release(Owner owner) {
  std::erase_if(waiting_, [&](const auto& waiting) { return waiting.second.first == owner; });
  const auto owned = owned_.find(owner);
  if (owned == owned_.end()) return;
  const std::set<FileKey> files = owned->second;
  for (const FileKey& file : files) release(owner, file);
}

bool FileLocks::deadlock(Owner owner, Owner blocker) const {
  for (unsigned step = 0; step < kMostSteps; ++step) {
    if (blocker == owner) return true;
    const auto next =
        std::ranges::find_if(waiting_, [&](const auto& waiting) { return waiting.second.first == blocker; });
    if (next == waiting_.end()) return false;
    blocker = next->second.second;
  }
  return false;
}

}  // namespace trapline::kernel
