// Watches a place of any kind from outside of the machine, wherever it is while the program runs: in each
// process that runs the program, in each frame of a function, in each thread, in each object of the heap.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/chains.hpp"
#include "emu/scenario/program_points.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/target.hpp"

namespace trapline::scenario {

class PlaceWatch final : private kernel::TaskListener {
 public:
  struct Request {
    Target target;
    std::uint64_t length = 0;  // bytes; 0: of an object of the heap all, else nothing
    bool reads = false;
    bool writes = false;
    bool executes = false;
  };
  // `first`: of the watched bytes, as they lie now.
  using Told = std::function<void(const machine::Observation& what, isa::GuestVa first)>;

  // Throws PlaceError for a place that cannot be watched in this program. The symbols are where it lies.
  PlaceWatch(kernel::Kernel& kernel, const SymbolTable& symbols, CallChains& callers, Request request,
             Told told);
  ~PlaceWatch();
  PlaceWatch(const PlaceWatch&) = delete;
  PlaceWatch& operator=(const PlaceWatch&) = delete;

  // From now on. `task` runs the program, of which nothing has run yet.
  void start(kernel::Task& task);

  // A place of one address: what is watched lies there from now on.
  void move_to(isa::GuestVa address);

  // ": the function was never called", or "".
  std::string why_no_hits() const;

 private:
  void made(kernel::Task& task, kernel::Task& parent) override;
  void executed(kernel::Task& task) override;
  void ends(kernel::Task& task) override;

  void begin(kernel::Task& task);
  bool concerns(const machine::Observation& what) const;
  void observe(std::uint64_t address);

  // --- Frames ---
  void body(const Target::Local::Site& site, machine::Cpu& cpu, kernel::Task& task);
  bool alive(const machine::Observation& what, const Chains::Begin& begin) const;

  // --- Threads ---
  void thread_begins(machine::Cpu& cpu, kernel::Task& task);

  // --- The heap ---
  void find_allocators();
  void hook_allocators(const SymbolTable& symbols, std::uint64_t bias);
  void allocates(std::uint64_t size, machine::Cpu& cpu, kernel::Task& task, std::uint64_t freed = 0,
                 std::uint64_t into = 0);
  bool allocated_at_site(const kernel::Task& task, const std::vector<Frame>& frames) const;
  void frees(std::uint64_t address, kernel::Task& task);

  std::uint64_t argument(machine::Cpu& cpu, unsigned number) const;
  kernel::Task* running(const machine::Cpu& cpu) const { return kernel_.scheduler().running(cpu.index()); }

  kernel::Kernel& kernel_;
  const SymbolTable& symbols_;
  CallChains& callers_;
  Request request_;
  Told told_;
  ProgramPoints points_;
  std::set<std::uint64_t> allocators_;  // where they begin
  Chains chains_;
  bool reached_ = false;  // the function was called, the object was allocated
  std::vector<machine::Observers::Id> observers_;
};

}  // namespace trapline::scenario
