// Watches what lies at the end of a chain of pointers, from outside of the machine: each pointer is observed
// as well, so that what is watched moves when one of them gets another value.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/target.hpp"

namespace trapline::scenario {

class Chains {
 public:
  // What is watched at the ends of all of them.
  struct Watched {
    std::vector<std::uint64_t> pointers;  // as in Target
    std::uint64_t offset = 0;
    std::uint64_t length = 0;  // bytes; 0: as much as each chain's object has
    bool reads = false;
    bool writes = false;
  };
  // Where one of them begins.
  struct Begin {
    std::uint64_t address = 0;
    std::uint64_t size = 0;   // bytes, of an object; 0: not known
    int owner = 0;            // the task whose frame, or whose own variable, it is; 0: nobody's
    std::uint64_t frame = 0;  // its canonical frame address; 0: none
  };
  using Id = std::uint64_t;
  // Of an access by whoever has the memory that the chain is in.
  // `first`: of the watched bytes.
  using Told = std::function<void(const machine::Observation& what, isa::GuestVa first, const Begin& begin)>;

  Chains(kernel::Kernel& kernel, Watched watched, Told told);
  ~Chains();
  Chains(const Chains&) = delete;
  Chains& operator=(const Chains&) = delete;

  Id add(const std::shared_ptr<kernel::Mm>& mm, const Begin& begin);
  void remove(Id id);
  // Nothing in that memory is watched any more; where `owner` is not 0, of what is that task's.
  void remove_all(const kernel::Mm& mm, int owner = 0);
  // Whether any of them has led somewhere.
  bool ever_ended() const { return ever_ended_; }
  // One in that memory that begins there.
  std::optional<Id> find(const kernel::Mm& mm, std::uint64_t address) const;
  // A child process has the same in its memory: what is nobody's, and what was its parent's.
  void copy(const kernel::Mm& from, const std::shared_ptr<kernel::Mm>& to, int parent, int child);

 private:
  using ObserverId = machine::Observers::Id;
  struct Chain {
    std::weak_ptr<kernel::Mm> mm;
    Begin begin;
    std::vector<ObserverId> pointers;  // of as many as have led on so far
    std::optional<ObserverId> end;
  };

  std::map<Id, Chain>::iterator erase(std::map<Id, Chain>::iterator chain);
  static bool lives_in(const Chain& chain, const machine::AddressSpace& space);
  void arm(Id id, std::size_t level, std::uint64_t address);
  void disarm(Chain& chain, std::size_t level);
  void pointer_written(Id id, std::size_t level, std::uint64_t at, const machine::AddressSpace& space);

  kernel::Kernel& kernel_;
  Watched watched_;
  Told told_;
  std::map<Id, Chain> chains_;
  std::multimap<std::uint64_t, Id> by_begin_;  // the same, by Begin::address
  Id last_ = 0;
  bool ever_ended_ = false;
};

}  // namespace trapline::scenario
