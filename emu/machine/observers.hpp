// Who looks on from outside of the machine: told of each access to the bytes it asked for, by the program or
// by the kernel for it, without a register, an exception or a cycle of the guest's. What is told of must stay
// as it is, and so must the guest.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "emu/machine/address_space.hpp"
#include "emu/machine/stop.hpp"
#include "isa/access.hpp"

namespace trapline::machine {

class Cpu;
class Machine;

// Virtual addresses, in whatever address space.
struct ObservedRange {
  GuestVa first;
  std::uint64_t size = 0;  // bytes, at least 1
  bool reads = false;
  bool writes = false;
  bool executes = false;  // of the instruction at `first`
  bool before = false;    // with `executes`: told before it executes, which it may yet do again
  bool parts = false;     // it has parts: of an access the bytes are told that it has, however few there are

  bool matches(const isa::Access& access) const;
};

// One instruction, or one copy of the kernel's, that touched an observed range. The CPU is past it, or at it
// where the observer asked to be told before.
struct Observation {
  Cpu& cpu;
  const AddressSpace& space;  // in which it was
  bool kernel = false;        // the kernel, for the program at whose PC `instruction` is
  GuestVa instruction;
  isa::Access access{};  // the first to the range, but of a read-modify-write the write
  // Of the range where it has no more bytes than fit, else, and where it has parts, of the accessed ones.
  WatchedBytes before{};
  WatchedBytes after{};
  std::uint64_t order = 0;  // Machine::next_order(); of what is yet to execute none
};

class Observers {
 public:
  using Told = std::function<void(const Observation&)>;
  using Id = std::uint64_t;

  Id add(const ObservedRange& range, Told told);
  void remove(Id id);

  // Whether there is anybody for this.
  bool matches(const isa::Access& access) const;
  bool executes(GuestVa address) const { return instructions_.contains(address.value); }
  // Tells those who asked to be told before the instruction executes. They may add and remove observers, of
  // what it is about to do as well.
  void announce(const Observation& what);
  bool data() const { return !by_granule_.empty(); }
  bool code() const { return !instructions_.empty(); }

  // All that the engine must look at; `revision` grows when it changes.
  std::vector<ObservedRange> ranges() const;
  std::uint64_t revision() const { return revision_; }

 private:
  friend class Witness;
  struct Observer {
    ObservedRange range;
    Told told;
  };

  template <class Function>
  void each(const isa::Access& access, Function function) const;

  std::map<Id, Observer> observers_;
  std::unordered_map<std::uint64_t, std::vector<Id>> by_granule_;    // of data; never iterated
  std::unordered_map<std::uint64_t, std::vector<Id>> instructions_;  // by address; likewise
  Id last_ = 0;
  std::uint64_t revision_ = 0;
};

// Sees one instruction, or one copy of the kernel's, through: it is shown each access before that happens,
// and tells the observers when all is done.
class Witness {
 public:
  explicit Witness(Machine& machine) : machine_(machine) {}

  void begin() { seen_.clear(); }
  void before(const isa::Access& access, const AddressSpace& space);
  // `what` is complete but for what the accesses say. `whole`: where those that were shown are parts of one,
  // that one.
  void tell(const Observation& what, std::span<const isa::Access> whole = {});

 private:
  struct Seen {
    Observers::Id id = 0;
    isa::Access access{};
    WatchedBytes before{};
  };
  WatchedBytes read(GuestVa first, std::uint64_t size, const AddressSpace& space) const;

  Machine& machine_;
  std::vector<Seen> seen_;
};

}  // namespace trapline::machine
