#include "emu/scenario/chains.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "emu/scenario/guest_memory.hpp"

namespace trapline::scenario {

namespace {
constexpr std::uint64_t kPointer = 8;  // bytes
}  // namespace

Chains::Chains(kernel::Kernel& kernel, Watched watched, Told told)
    : kernel_(kernel), watched_(std::move(watched)), told_(std::move(told)) {}

Chains::~Chains() {
  for (auto& [id, chain] : chains_) disarm(chain, 0);
}

Chains::Id Chains::add(const std::shared_ptr<kernel::Mm>& mm, const Begin& begin) {
  const Id id = ++last_;
  chains_.emplace(id, Chain{mm, begin, {}, {}});
  by_begin_.emplace(begin.address, id);
  arm(id, 0, begin.address);
  return id;
}

void Chains::remove(Id id) {
  const auto chain = chains_.find(id);
  if (chain == chains_.end()) return;
  erase(chain);
}

std::map<Chains::Id, Chains::Chain>::iterator Chains::erase(std::map<Id, Chain>::iterator chain) {
  disarm(chain->second, 0);
  const auto [first, last] = by_begin_.equal_range(chain->second.begin.address);
  by_begin_.erase(
      std::ranges::find(first, last, chain->first, &std::multimap<std::uint64_t, Id>::value_type::second));
  return chains_.erase(chain);
}

void Chains::remove_all(const kernel::Mm& mm, int owner) {
  for (auto entry = chains_.begin(); entry != chains_.end();) {
    const Chain& chain = entry->second;
    const auto its = chain.mm.lock();
    const bool wanted = its == nullptr || (its.get() == &mm && (owner == 0 || chain.begin.owner == owner));
    entry = wanted ? erase(entry) : std::next(entry);
  }
}

std::optional<Chains::Id> Chains::find(const kernel::Mm& mm, std::uint64_t address) const {
  const auto [first, last] = by_begin_.equal_range(address);
  for (auto entry = first; entry != last; ++entry) {
    if (chains_.at(entry->second).mm.lock().get() == &mm) return entry->second;
  }
  return std::nullopt;
}

void Chains::copy(const kernel::Mm& from, const std::shared_ptr<kernel::Mm>& to, int parent, int child) {
  std::vector<Begin> begins;
  for (const auto& [id, chain] : chains_) {
    if (chain.mm.lock().get() != &from || (chain.begin.owner != 0 && chain.begin.owner != parent)) continue;
    begins.push_back(chain.begin);
    if (begins.back().owner != 0) begins.back().owner = child;
  }
  for (const Begin& begin : begins) add(to, begin);
}

// Memory that is gone may have left its address to another.
bool Chains::lives_in(const Chain& chain, const machine::AddressSpace& space) {
  const auto mm = chain.mm.lock();
  return mm != nullptr && &mm->space() == &space;
}

// From the pointer of that number on, which the one before it, or the beginning, says to be at `address`.
void Chains::arm(Id id, std::size_t level, std::uint64_t address) {
  Chain& chain = chains_.at(id);
  const auto mm = chain.mm.lock();
  if (mm == nullptr) return;
  machine::Observers& observers = kernel_.machine().observers();
  for (; level < watched_.pointers.size(); ++level) {
    const std::uint64_t at = address + watched_.pointers[level];
    chain.pointers.push_back(observers.add({.first = isa::GuestVa(at), .size = kPointer, .writes = true},
                                           [this, id, level, at](const machine::Observation& what) {
                                             pointer_written(id, level, at, what.space);
                                           }));
    const auto next = load_unseen(*mm, isa::GuestVa(at));
    if (!next || *next == 0) return;
    address = *next;
  }
  const std::uint64_t length = watched_.length != 0 ? watched_.length : chain.begin.size;
  const std::uint64_t first = address + watched_.offset;
  if (length == 0 || first + length < first) return;
  ever_ended_ = true;
  chain.end = observers.add({.first = isa::GuestVa(first),
                             .size = length,
                             .reads = watched_.reads,
                             .writes = watched_.writes,
                             .parts = watched_.length == 0},
                            [this, id, first](const machine::Observation& what) {
                              const auto found = chains_.find(id);
                              if (found == chains_.end() || !lives_in(found->second, what.space)) return;
                              const Begin begin = found->second.begin;  // it may be removed meanwhile
                              told_(what, isa::GuestVa(first), begin);
                            });
}

void Chains::disarm(Chain& chain, std::size_t level) {
  machine::Observers& observers = kernel_.machine().observers();
  for (; chain.pointers.size() > level; chain.pointers.pop_back()) observers.remove(chain.pointers.back());
  if (chain.end) observers.remove(*chain.end);
  chain.end.reset();
}

void Chains::pointer_written(Id id, std::size_t level, std::uint64_t at, const machine::AddressSpace& space) {
  const auto found = chains_.find(id);
  if (found == chains_.end() || !lives_in(found->second, space)) return;
  disarm(found->second, level + 1);
  const auto next = load_unseen(*found->second.mm.lock(), isa::GuestVa(at));
  if (next && *next != 0) arm(id, level + 1, *next);
}

}  // namespace trapline::scenario
