// One processor: registers, a cycle clock and a debug unit, running user code in an address space. Several
// share one engine and take turns on it; a CPU's state lives in the engine while it is the one that ran last.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "debugunit/debug_unit.hpp"
#include "emu/machine/costs.hpp"
#include "emu/machine/cpu_state.hpp"
#include "emu/machine/engine.hpp"
#include "emu/machine/observers.hpp"
#include "emu/machine/stop.hpp"
#include "emu/machine/trace.hpp"
#include "isa/decode.hpp"

namespace trapline::machine {

class Machine;

class Cpu final : private AccessJudge {
 public:
  Cpu(Machine& machine, unsigned index);
  ~Cpu();
  Cpu(const Cpu&) = delete;
  Cpu& operator=(const Cpu&) = delete;

  unsigned index() const { return index_; }
  isa::Isa isa() const;

  // Cycles since the machine was made. It moves by what instructions cost, and by what the kernel charges for
  // events.
  std::uint64_t clock() const { return clock_; }
  void charge(std::uint64_t cycles) { clock_ += cycles; }

  std::uint64_t get(isa::x86::Reg reg);
  void set(isa::x86::Reg reg, std::uint64_t value);
  std::uint64_t get(isa::ppc64::Reg reg);
  void set(isa::ppc64::Reg reg, std::uint64_t value);
  GuestVa pc();
  void set_pc(GuestVa pc);
  // The floating point and vector registers. x86: as FXSAVE64 and FXRSTOR64 move them, but bits of MXCSR that
  // the processor lacks are dropped.
  FxsaveImage get_fp_state();
  void set_fp_state(const FxsaveImage& image);
  // PPC64: likewise.
  VsxState get_vsx_state();
  void set_vsx_state(const VsxState& registers);

  // The state that the CPU works with from now on; null: its own, as after the end of the one that it has. It
  // belongs to no other CPU meanwhile. An empty one has just entered user mode with all registers zero.
  void use(CpuState* state);
  CpuState* state() { return state_; }
  void copy_to(CpuState& other);
  void load_fresh();
  // May be null while nothing is to run.
  void set_address_space(const AddressSpace* space) { space_ = space; }
  const AddressSpace* space() const { return space_; }

  const debugunit::DebugUnit& debug_unit() const { return *unit_; }
  std::uint64_t read_debug_register(debugunit::Register reg) const { return unit_->read(reg); }
  // Costs EventCosts::debug_register_write.
  void write_debug_register(debugunit::Register reg, std::uint64_t value);

  // Whether a breakpoint on data is armed.
  bool watches_data() const;

  // What the debug unit looks at besides accesses: for programs that change it, which are privileged.
  const debugunit::Context& debug_context() const { return context_; }
  void set_debug_context(const debugunit::Context& context) { context_ = context; }

  // After every instruction a DebugException with single_step, until switched off (RFLAGS.TF; MSR[SE]).
  // `branches`: only after those that branch, until the next such exception (IA32_DEBUGCTL.BTF with TF: where
  // they are taken; MSR[BE]: in any case).
  void set_single_step(bool on, bool branches = false);
  bool single_step();

  // RFLAGS.RF: an instruction breakpoint at the PC is passed.
  bool resume() const { return debug().resume; }
  void set_resume(bool on) { debug().resume = on; }

  // Debug exceptions wait until after the next instruction, and its instruction breakpoint is passed (x86,
  // after MOV SS: Intel SDM vol. 3A, 6.8.3).
  void hold_debug_exceptions() { debug().held = true; }
  void release_debug_exceptions() { debug().held = false; }
  // What was held is reported to nobody.
  void forget_held_matches() {
    if (debug().pending.slots != 0) debug().pending = {};
  }

  // A debug exception that no access and no step is the reason of.
  void record_debug_exception(debugunit::Status status);
  // The processor enters the handler of a debug exception.
  void enter_debug_handler();

  // Runs guest code in the address space set, until it stops for a reason other than the caller's own; at the
  // latest at the first boundary between instructions at which clock() >= limit.
  Stop run(std::uint64_t limit);
  // It stops, as at the limit, before the next instruction: there is something to do.
  void stop_soon() { stop_soon_ = true; }

  // The bytes under the span that `slot` watches, as they are now; those of all slots.
  WatchedBytes read_watched(unsigned slot) const;
  using Before = std::array<WatchedBytes, kMostSlots>;
  Before watched_bytes() const;

  // Appends an event to the trace, if anybody listens. It has a number in the machine's order in any case, so
  // that listening changes no other's.
  void trace(Layer layer, std::string_view what, TraceFields fields = {}) const;

  // PPC64: the instruction there; else, and where there is none, 0.
  std::uint32_t instruction_word(isa::GuestVa instruction);
  // What the instruction there is.
  isa::InstructionClass instruction_class(GuestVa address) { return engine().instruction(address).cls; }
  std::uint64_t cost_of(GuestVa address);

  // What the instruction at the PC is going to cost.
  std::uint64_t next_cost();

  // x86: whether its memory operand is on the stack.
  bool stack_segment(GuestVa address) { return engine().instruction(address).stack_segment; }

  // The exact address of the PageFault that the last run ended with, which names no more than the page. For
  // faults that are reported to the guest; slower than a run.
  GuestVa locate_fault(const PageFault& fault);

 private:
  friend class CpuState;
  friend class EmulatedInstruction;
  friend class Machine;

  bool may_pass(const isa::Access& access) override;
  bool may_store(const std::optional<isa::Access>& store) override;

  Engine& engine();  // with this CPU's state in it
  CpuState::Debug& debug() { return state_->debug_; }
  const CpuState::Debug& debug() const { return state_->debug_; }
  void arm();
  Stop run_to_stop(std::uint64_t limit);
  bool step_is_reported(isa::GuestVa instruction);
  DebugException debug_exception(debugunit::Match match, isa::GuestVa instruction) const;
  std::optional<Stop> watched_instruction();
  std::optional<Stop> recorded_instruction();
  Stop page_fault();
  std::optional<isa::GuestVa> take_back_wild_branch();
  bool wild_pc();
  bool carry_out(EngineStop stop);
  void pass_by();
  std::optional<Stop> privileged();
  bool between_iterations(isa::GuestVa instruction);
  bool observed_execution(isa::GuestVa instruction);
  void announce(isa::GuestVa instruction);
  void tell_observers(isa::GuestVa instruction);
  void join_accesses(isa::GuestVa instruction);
  debugunit::Match traps_matched() const;
  DebugException trap(debugunit::Match match, bool single_step, isa::GuestVa instruction,
                      const Before& before);
  Stop match_before(debugunit::Match match);
  Stop plain_stop(EngineStop stop);
  void trace_match(const DebugException& exception) const;
  std::uint32_t instruction_word();  // at the PC

  Machine& machine_;
  unsigned index_;
  std::uint64_t clock_ = 0;
  const AddressSpace* space_ = nullptr;
  CpuState own_;
  CpuState* state_ = &own_;
  std::unique_ptr<debugunit::DebugUnit> unit_;
  debugunit::Context context_;
  std::vector<debugunit::Watched> watched_;  // of unit_, by slot order
  bool stop_soon_ = false;
  bool rearm_ = true;
  const AddressSpace* armed_space_ = nullptr;  // for which execution was hooked
  std::uint64_t armed_revision_ = 0;
  std::uint64_t armed_observers_ = 0;

  // The access under judgement.
  bool recording_ = false;    // let everything pass and remember it
  bool stop_before_ = false;  // all but what a breakpoint reports before the access
  std::vector<isa::Access> accesses_;
  Witness witness_;
};

}  // namespace trapline::machine
