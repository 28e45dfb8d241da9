// The only user of Unicorn: runs guest code until something happens that the layers above must decide.
//
// How accesses are checked (docs/architecture.md, "Seeing every access"): a granule that holds a watched byte
// is not mapped to RAM but to a slot of a window of device memory without permissions. The engine must ask
// before each access to it, with the access's address and size, before anything has happened; the judge lets
// it pass or vetoes it, and a veto stops the run at the exact PC. Every other page runs at full speed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "emu/machine/address_space.hpp"
#include "emu/machine/block_costs.hpp"
#include "emu/machine/cpu_state.hpp"
#include "emu/machine/fp_state.hpp"
#include "isa/access.hpp"
#include "isa/isa.hpp"
#include "isa/ppc64/registers.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::machine {

// How much of the guest's doing the engine looks at. Both gears give the same events, cycles and memory; the
// second is the slow witness for the first.
enum class Gear : std::uint8_t {
  WatchedPages,  // observes the watched pages only; counts cycles by the block
  Everything,    // observes every page; counts cycles by the instruction
};

// Decides on each access to an observed page.
class AccessJudge {
 public:
  virtual bool may_pass(const isa::Access& access) = 0;
  // The same for an instruction whose stores cannot be stopped any more once it executes
  // (Intercept::HelperStore); nothing where its bytes are not known.
  virtual bool may_store(const std::optional<isa::Access>& store) = 0;

 protected:
  ~AccessJudge() = default;
};

enum class EngineStop : std::uint8_t {
  Budget,       // the next block does not fit below the limit; it was not entered
  Stepped,      // one instruction is complete: as asked for, or because the guest itself steps (TF, MSR[SE])
  Veto,         // the judge refused an access
  StoreVeto,    // the judge refused an instruction's stores; it has not executed
  PageFault,    // fault() says of what
  Interrupt,    // interrupt() is the processor's number of it
  SystemCall,   // x86 SYSCALL
  Invalid,      // no such instruction
  HostValue,    // an instruction that would read the host's clock or randomness; it has not executed
  Privileged,   // x86: IN, OUT, and Intercept::Sensitive; it has not executed
  ExecuteHook,  // the PC is at an address of hook_execution()
  Failure,
};

struct EngineSpec {
  isa::CostTable costs;
  Gear gear = Gear::WatchedPages;
  bool bare = false;  // MachineSpec::bare: stop at more sensitive instructions (Intercept::Sensitive)
};

class Engine {
 public:
  Engine(isa::Isa isa, PhysicalMemory& memory, const EngineSpec& spec);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // The state of a CPU that has just entered user mode, all registers zero.
  CpuState fresh_state();
  void save(CpuState& state);
  void load(const CpuState& state);

  std::uint64_t get(isa::x86::Reg reg) const;
  void set(isa::x86::Reg reg, std::uint64_t value);
  std::uint64_t get(isa::ppc64::Reg reg) const;
  void set(isa::ppc64::Reg reg, std::uint64_t value);
  GuestVa pc() const;
  void set_pc(GuestVa pc);
  // x86: the x87 and SSE registers, as FXSAVE64 and FXRSTOR64 move them; but bits of MXCSR that the processor
  // lacks are dropped.
  FxsaveImage fp_state() const;
  void set_fp_state(const FxsaveImage& image);
  // PPC64.
  VsxState vsx_state() const;
  void set_vsx_state(const VsxState& registers);

  // What is observed and where execution stops, for the CPU and address space that run next. Cheap where
  // nothing changes.
  void use(const AddressSpace& space);
  void forget(const AddressSpace& space);
  void observe(std::span<const GuestVa> granules);
  void hook_execution(std::span<const GuestVa> addresses);

  // The clock, in cycles: exact whenever run() has returned.
  std::uint64_t clock() const;
  void set_clock(std::uint64_t cycles);

  // Runs until something happens. A block that would take the clock past `limit` is not entered. With `step`,
  // one instruction (one iteration of a REP) is executed whatever the limit. `judge` is asked for every
  // access to an observed granule. With `pass_first`, an execution hook at the PC does not stop the first
  // instruction.
  struct RunOptions {
    std::uint64_t limit = ~0ull;
    bool step = false;
    bool pass_first = false;
    bool pass_store = false;  // likewise, the judge is not asked may_store() for the first instruction
  };
  EngineStop run(AccessJudge& judge, RunOptions options);

  // Where exactly the instruction at the PC faults on the granule with an access of that kind: the MMU learns
  // no more than the granule. For the faults that are reported to the guest; takes microseconds and changes
  // nothing.
  GuestVa locate_fault(GuestVa granule, isa::AccessKind kind);

  // Details of the last stop.
  isa::Access fault() const;
  unsigned interrupt() const;
  const char* failure() const;

  // PPC64: the run ended with a veto of the upper half of a store of two doublewords, whose lower half is
  // done. Undoes it.
  void take_back_lower_half();

  // Host code wrote to physical memory that may hold translated code.
  void code_written(GuestPa address, std::uint64_t size);

  isa::Instruction instruction(GuestVa pc) const;
  // The last instruction that the last run completed: the end of its last block.
  GuestVa last_instruction() const;
  // x86: what is left of the count of a string instruction with REP; nothing for others.
  std::optional<std::uint64_t> repeat_count(GuestVa pc) const;
  bool repeats(GuestVa pc) const { return repeat_count(pc).has_value(); }
  // The bytes of code at `pc`, up to those of the longest instruction.
  std::vector<std::byte> code(GuestVa pc) const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::machine
