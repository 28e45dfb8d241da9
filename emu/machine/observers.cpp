#include "emu/machine/observers.hpp"

#include <algorithm>
#include <utility>

#include "emu/machine/machine.hpp"

namespace trapline::machine {

bool ObservedRange::matches(const isa::Access& access) const {
  switch (access.kind) {
    case isa::AccessKind::Execute:
      return executes && !before && access.address == first;
    case isa::AccessKind::Read:
      if (!reads) return false;
      break;
    case isa::AccessKind::Write:
      if (!writes) return false;
      break;
    case isa::AccessKind::Io:
      return false;
  }
  return access.address < first + size && first < access.address + access.size;
}

Observers::Id Observers::add(const ObservedRange& range, Told told) {
  const Id id = ++last_;
  ++revision_;
  observers_.emplace(id, Observer{range, std::move(told)});
  if (range.executes) {
    instructions_[range.first.value].push_back(id);
    return id;
  }
  const std::uint64_t last = (range.first.value + (range.size - 1)) / kGranule;
  for (std::uint64_t granule = range.first.value / kGranule; granule <= last; ++granule)
    by_granule_[granule].push_back(id);
  return id;
}

void Observers::remove(Id id) {
  const auto found = observers_.find(id);
  if (found == observers_.end()) return;
  const auto forget = [id](auto& table, std::uint64_t key) {
    const auto entry = table.find(key);
    std::erase(entry->second, id);
    if (entry->second.empty()) table.erase(entry);
  };
  const ObservedRange range = found->second.range;
  observers_.erase(found);
  ++revision_;
  if (range.executes) return forget(instructions_, range.first.value);
  const std::uint64_t last = (range.first.value + (range.size - 1)) / kGranule;
  for (std::uint64_t granule = range.first.value / kGranule; granule <= last; ++granule)
    forget(by_granule_, granule);
}

// Each observer of the access, once; `function` says whether to go on.
template <class Function>
void Observers::each(const isa::Access& access, Function function) const {
  const auto look = [&](const auto& table, std::uint64_t key, bool first) {
    const auto entry = table.find(key);
    if (entry == table.end()) return true;
    for (const Id id : entry->second) {
      const Observer& observer = observers_.at(id);
      // One that began in an earlier granule of the access was found there.
      const bool known = !first && observer.range.first.value / kGranule < key;
      if (!known && observer.range.matches(access) && !function(id, observer)) return false;
    }
    return true;
  };
  if (access.kind == isa::AccessKind::Execute) {
    look(instructions_, access.address.value, true);
    return;
  }
  const std::uint64_t begin = access.address.value / kGranule;
  const std::uint64_t last = (access.address.value + (access.size - 1)) / kGranule;
  for (std::uint64_t granule = begin; granule <= last; ++granule) {
    if (!look(by_granule_, granule, granule == begin)) return;
  }
}

void Observers::announce(const Observation& what) {
  const auto there = instructions_.find(what.instruction.value);
  if (there == instructions_.end()) return;
  // A copy: each may change the table.
  for (const Id id : std::vector<Id>(there->second)) {
    const auto observer = observers_.find(id);
    if (observer == observers_.end() || !observer->second.range.before) continue;
    const Told told = observer->second.told;  // which may remove itself
    told(what);
  }
}

bool Observers::matches(const isa::Access& access) const {
  bool any = false;
  each(access, [&any](Id, const Observer&) { return !(any = true); });
  return any;
}

std::vector<ObservedRange> Observers::ranges() const {
  std::vector<ObservedRange> all;
  for (const auto& [id, observer] : observers_) all.push_back(observer.range);
  return all;
}

// --- Witness ---

WatchedBytes Witness::read(GuestVa first, std::uint64_t size, const AddressSpace& space) const {
  WatchedBytes bytes{.address = first};
  while (std::uint64_t{bytes.size} < size) {
    const auto page = space.translate(first + bytes.size);
    if (!page) return {};
    bytes.bytes[bytes.size++] = machine_.memory().bytes(page->address, 1).front();
  }
  return bytes;
}

void Witness::before(const isa::Access& access, const AddressSpace& space) {
  machine_.observers().each(access, [&](Observers::Id id, const Observers::Observer& observer) {
    const auto known = std::ranges::find(seen_, id, &Seen::id);
    if (known != seen_.end()) {
      if (access.kind == isa::AccessKind::Write && known->access.kind == isa::AccessKind::Read)
        known->access = access;
      return true;
    }
    Seen seen{id, access, {}};
    if (access.kind != isa::AccessKind::Execute) {
      const ObservedRange& range = observer.range;
      constexpr std::uint64_t kMost = std::tuple_size_v<decltype(WatchedBytes::bytes)>;
      const bool whole = range.size <= kMost && !range.parts;
      const GuestVa first = whole ? range.first : std::max(range.first, access.address);
      const GuestVa end = std::min(range.first + range.size, access.address + access.size);
      seen.before = read(first, whole ? range.size : std::min<std::uint64_t>(end - first, kMost), space);
    }
    seen_.push_back(seen);
    return true;
  });
}

void Witness::tell(const Observation& what, std::span<const isa::Access> whole) {
  const auto& observers = machine_.observers().observers_;
  for (const Seen& seen : std::exchange(seen_, {})) {
    const auto observer = observers.find(seen.id);
    if (observer == observers.end()) continue;
    Observation told = what;
    const auto holder = std::ranges::find_if(
        whole, [&seen](const isa::Access& access) { return holds(access, seen.access); });
    told.access = holder == whole.end() ? seen.access : *holder;
    told.before = seen.before;
    told.after = read(seen.before.address, seen.before.size, what.space);
    told.order = machine_.next_order();
    const Observers::Told tell = observer->second.told;  // which may remove itself
    tell(told);
  }
}

}  // namespace trapline::machine
