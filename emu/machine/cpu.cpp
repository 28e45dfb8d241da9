#include "emu/machine/cpu.hpp"

#include <algorithm>
#include <utility>

#include "emu/machine/exceptions.hpp"
#include "emu/machine/machine.hpp"
#include "emu/machine/user_instructions.hpp"
#include "emu/machine/whole_access.hpp"
#include "isa/ppc64/special.hpp"
#include "isa/x86/canonical.hpp"
#include "isa/x86/prefixes.hpp"

namespace trapline::machine {

namespace {

using debugunit::Timing;
using isa::AccessKind;
using isa::Isa;

// The engine passes an access that begins on an unobserved granule and ends on an observed one in parts, of
// which a load's are rounded outwards. So the granule before a watched one is observed as well where such an
// access could reach a watched byte.
constexpr std::uint64_t kLongestAccess = 16;

// Intel SDM vol. 3A, table 6-1.
constexpr unsigned kInvalidOpcodeVector = 6;
constexpr unsigned kGeneralProtectionVector = 13;

// x86: a branch that depends on nothing. Of calls and returns that is known without a look.
bool always_jumps(std::span<const std::byte> code) {
  const std::size_t at = isa::x86::scan_prefixes(code).length;
  const std::byte opcode = at < code.size() ? code[at] : std::byte{0};
  return opcode == std::byte{0xeb} || opcode == std::byte{0xe9} || opcode == std::byte{0xff};
}

}  // namespace

Cpu::Cpu(Machine& machine, unsigned index)
    : machine_(machine),
      index_(index),
      unit_(debugunit::make_debug_unit(machine.spec().debug_unit, machine.spec().debug_features)),
      witness_(machine) {}

Cpu::~Cpu() { use(nullptr); }

void Cpu::use(CpuState* state) {
  state_->used_by_ = nullptr;
  state_ = state == nullptr ? &own_ : state;
  if (state_ == &own_) return;
  // Of a task that comes from a CPU that had nothing else to do since: that one lets go of it.
  if (Cpu* const other = state_->used_by_) other->state_ = &other->own_;
  state_->used_by_ = this;
}

Isa Cpu::isa() const { return machine_.isa(); }

Engine& Cpu::engine() {
  if (machine_.in_engine_ != state_) {
    if (CpuState* const other = machine_.in_engine_; other != nullptr) {
      machine_.engine_.save(*other);
      other->in_engine_of_ = nullptr;
    }
    machine_.engine_.load(state_->empty() ? machine_.fresh_ : *state_);
    machine_.in_engine_ = state_;
    state_->in_engine_of_ = &machine_;
  }
  return machine_.engine_;
}

std::uint64_t Cpu::next_cost() {
  Engine& engine = this->engine();
  engine.use(*space_);
  return cost_of(engine.pc());
}

std::uint64_t Cpu::cost_of(GuestVa address) {
  return machine_.spec().costs.instructions.of(engine().instruction(address));
}

std::uint64_t Cpu::get(isa::x86::Reg reg) {
  const std::uint64_t value = engine().get(reg);
  return reg == isa::x86::Reg::rflags && debug().resume ? value | isa::x86::kRf : value;
}

void Cpu::set(isa::x86::Reg reg, std::uint64_t value) {
  if (reg == isa::x86::Reg::rflags) {
    debug().resume = (value & isa::x86::kRf) != 0;
    value &= ~isa::x86::kRf;
  }
  engine().set(reg, value);
}

std::uint64_t Cpu::get(isa::ppc64::Reg reg) { return engine().get(reg); }
void Cpu::set(isa::ppc64::Reg reg, std::uint64_t value) { engine().set(reg, value); }

GuestVa Cpu::pc() { return engine().pc(); }
void Cpu::set_pc(GuestVa pc) { engine().set_pc(pc); }

FxsaveImage Cpu::get_fp_state() { return engine().fp_state(); }
void Cpu::set_fp_state(const FxsaveImage& image) { engine().set_fp_state(image); }
VsxState Cpu::get_vsx_state() { return engine().vsx_state(); }
void Cpu::set_vsx_state(const VsxState& registers) { engine().set_vsx_state(registers); }

void Cpu::copy_to(CpuState& other) {
  engine().save(other);
  other.debug_ = debug();
}

void Cpu::load_fresh() {
  engine().load(machine_.fresh_);
  debug() = {};
}

void Cpu::write_debug_register(debugunit::Register reg, std::uint64_t value) {
  unit_->write(reg, value);
  if (reg != debugunit::Register::Dr6) {  // which says what happened, and arms nothing
    watched_ = unit_->watched();
    rearm_ = true;
  }
  charge(machine_.event_costs().debug_register_write);
}

bool Cpu::watches_data() const { return !std::ranges::all_of(watched_, &debugunit::Watched::execute); }

void Cpu::record_debug_exception(debugunit::Status status) {
  unit_->record(debugunit::Match{});
  unit_->record(status);
}

void Cpu::enter_debug_handler() { unit_->enter_handler(); }

void Cpu::set_single_step(bool on, bool branches) {
  debug().branch_steps = on && branches;
  if (isa() == Isa::X86_64) {
    const std::uint64_t flags = get(isa::x86::Reg::rflags);
    set(isa::x86::Reg::rflags, on ? flags | isa::x86::kTf : flags & ~isa::x86::kTf);
  } else {
    const std::uint64_t msr = get(isa::ppc64::Reg::msr);
    set(isa::ppc64::Reg::msr, on ? msr | isa::ppc64::kMsrSe : msr & ~isa::ppc64::kMsrSe);
  }
}

bool Cpu::single_step() {
  return isa() == Isa::X86_64 ? (engine().get(isa::x86::Reg::rflags) & isa::x86::kTf) != 0
                              : (engine().get(isa::ppc64::Reg::msr) & isa::ppc64::kMsrSe) != 0;
}

// The instruction was executed by itself, and steps are to be reported: whether this one is.
bool Cpu::step_is_reported(GuestVa instruction) {
  if (!debug().branch_steps) return true;
  const isa::Instruction done = engine().instruction(instruction);
  if (done.cls == isa::InstructionClass::Call) return true;
  if (done.cls != isa::InstructionClass::Branch) return false;
  if (isa() == Isa::Ppc64 || pc() != instruction + done.size) return true;
  return always_jumps(engine().code(instruction));  // to the next instruction
}

// Tells the engine what the debug unit must get to see.
void Cpu::arm() {
  const Observers& observers = machine_.observers();
  if (machine_.armed_ != this || armed_observers_ != observers.revision()) rearm_ = true;
  // Other code may stand under the addresses of instruction breakpoints.
  const bool same_code = armed_space_ == space_ && armed_revision_ == space_->revision();
  const bool code = observers.code() || std::ranges::any_of(watched_, &debugunit::Watched::execute);
  if (!same_code && code) rearm_ = true;
  if (!rearm_) return;
  rearm_ = false;
  machine_.armed_ = this;
  armed_observers_ = observers.revision();
  armed_space_ = space_;
  armed_revision_ = space_->revision();
  std::vector<GuestVa> granules;
  std::vector<GuestVa> executed;
  const auto look_at = [&](GuestVa first, std::uint64_t size, bool execute) {
    if (execute) {
      executed.push_back(first);
      return;
    }
    if (first.offset_in(kGranule) < kLongestAccess) granules.push_back(first.align_down(kGranule) - kGranule);
    const GuestVa last = (first + (size - 1)).align_down(kGranule);
    for (GuestVa at = first.align_down(kGranule);; at = at + kGranule) {
      granules.push_back(at);
      if (at == last) break;
    }
  };
  for (const debugunit::Watched& span : watched_) look_at(span.first, span.size, span.execute);
  for (const ObservedRange& range : observers.ranges()) look_at(range.first, range.size, range.executes);
  engine().observe(granules);
  engine().hook_execution(executed);
}

bool Cpu::may_pass(const isa::Access& access) {
  if (!recording_) {
    if (!unit_->match(access, context_) && !machine_.observers().matches(access)) return true;
    accesses_.assign(1, access);
    return false;
  }
  if (stop_before_) {
    const auto match = unit_->match(access, context_);
    if (match && match->timing == Timing::Before) {
      accesses_.assign(1, access);
      return false;
    }
  }
  accesses_.push_back(access);
  witness_.before(access, *space_);
  return true;
}

// Where nothing is known of the stores beforehand: with a data breakpoint armed, the instruction is executed
// on its own and watched.
bool Cpu::may_store(const std::optional<isa::Access>& store) {
  if (!store) {
    accesses_.clear();
    return !machine_.observers().data() && std::ranges::all_of(watched_, &debugunit::Watched::execute);
  }
  if (!unit_->match(*store, context_) && !machine_.observers().matches(*store)) return true;
  accesses_.assign(1, *store);
  return false;
}

GuestVa Cpu::locate_fault(const PageFault& fault) {
  if (fault.kind == AccessKind::Execute) {
    // An instruction is fetched from its first byte on: the fault is there, or where the next granule begins.
    const GuestVa granule = fault.address.align_down(kGranule);
    return std::max(granule, pc());
  }
  Engine& engine = this->engine();
  engine.use(*space_);  // other code may have run on the CPU since
  return engine.locate_fault(fault.address.align_down(kGranule), fault.kind);
}

Stop Cpu::run(std::uint64_t limit) {
  Stop stop = run_to_stop(limit);
  // A fault comes with RF set (Intel SDM vol. 3B, 17.3.1.1).
  const bool fault = std::holds_alternative<Fault>(stop) || std::holds_alternative<PageFault>(stop);
  if (fault && isa() == Isa::X86_64) debug().resume = true;
  if (const auto* const exception = std::get_if<DebugException>(&stop);
      exception != nullptr && exception->match.slots != 0)
    trace_match(*exception);
  return stop;
}

Stop Cpu::run_to_stop(std::uint64_t limit) {
  Engine& engine = this->engine();
  engine.use(*space_);
  if (wild_pc()) return Fault{FaultKind::PrivilegedInstruction, kGeneralProtectionVector};
  arm();
  accesses_.clear();
  bool step = single_step();
  const bool guest_steps = step;
  for (;;) {
    if (clock_ >= limit || machine_.halt_requested() || std::exchange(stop_soon_, false)) return BudgetUsed{};
    // Who was told of something may have changed what is observed.
    if (rearm_ || armed_observers_ != machine_.observers().revision()) arm();
    if (debug().held) {
      stop_before_ = true;
      if (const auto result = watched_instruction()) return *result;
      continue;
    }
    // Held until here, because the instruction after did not complete.
    if (debug().pending.slots != 0) return trap({}, false, engine.pc(), {});
    const GuestVa start = engine.pc();
    // A breakpoint that is passed is the debug unit's, not the observers'.
    if (debug().resume && observed_execution(start)) {
      stop_before_ = true;
      if (const auto result = watched_instruction()) return *result;
      continue;
    }
    engine.set_clock(clock_);
    const EngineStop stop = engine.run(*this, {.limit = limit, .step = step, .pass_first = debug().resume});
    clock_ = engine.clock();
    // RF covers the one instruction: it goes when that has completed, and stays when it faults.
    const bool completed =
        stop == EngineStop::Stepped || stop == EngineStop::SystemCall || stop == EngineStop::ExecuteHook;
    if (completed || engine.pc() != start) debug().resume = false;
    switch (stop) {
      case EngineStop::Budget:
        step = true;  // the limit lies inside the next block: go there by single instructions
        break;
      case EngineStop::Stepped:
        if (const auto target = take_back_wild_branch()) return PageFault{*target, AccessKind::Execute};
        debug().resume = between_iterations(start);
        if ((guest_steps || !step || single_step()) && step_is_reported(start))
          return trap({}, true, start, {});
        break;
      case EngineStop::Veto: {
        const auto match = unit_->match(accesses_.front(), context_);
        // Some address memory without being a load or store for the debug unit: they are let by.
        const bool by = engine.instruction(engine.pc()).cache_management;
        if (match && match->timing == Timing::Before && !by) return match_before(*match);
        stop_before_ = !by;
        if (const auto result = watched_instruction()) return *result;
        break;
      }
      case EngineStop::StoreVeto: {
        const auto match = accesses_.empty() ? std::nullopt : unit_->match(accesses_.front(), context_);
        if (match && match->timing == Timing::Before) return match_before(*match);
        stop_before_ = false;
        if (const auto result = watched_instruction()) return *result;
        break;
      }
      case EngineStop::ExecuteHook: {
        const auto match = unit_->match({engine.pc(), 1, AccessKind::Execute}, context_);
        if (match) {
          unit_->record(*match);
          debug().branch_steps = false;
          return debug_exception(*match, engine.pc());
        }
        stop_before_ = true;
        if (const auto result = watched_instruction()) return *result;
        break;
      }
      case EngineStop::HostValue:
      case EngineStop::Interrupt:
        if (!carry_out(stop)) return plain_stop(stop);
        step = guest_steps;
        if (guest_steps && step_is_reported(start)) return trap({}, true, start, {});
        break;
      case EngineStop::PageFault:
        return page_fault();
      case EngineStop::Privileged:
        if (const auto result = privileged()) return *result;
        step = guest_steps;
        break;
      default:
        return plain_stop(stop);
    }
  }
}

// Nothing: it has been carried out, and there is nothing to report.
std::optional<Stop> Cpu::privileged() {
  const auto carried = machine_.spec().bare ? std::nullopt : carry_out_in_user_mode(*this);
  return carried ? carried->stop : plain_stop(EngineStop::Privileged);
}

// PPC64: carries out what the engine stopped at.
bool Cpu::carry_out(EngineStop stop) {
  if (stop == EngineStop::HostValue) {
    const std::uint32_t word = instruction_word();
    const auto read = isa::ppc64::time_base_read(word);
    if (!read && !isa::ppc64::is_priority_hint(word)) return false;
    // The time base is the cycle clock.
    if (read) set(isa::ppc64::gpr(read->target), read->upper ? clock_ >> 32 : clock_);
    pass_by();
    return true;
  }
  // The engine does not know all hints of dcbf (L = 3, Power ISA v2.06). There is no cache to flush.
  if (stop != EngineStop::Interrupt || !isa::ppc64::is_cache_flush(instruction_word())) return false;
  pass_by();
  return true;
}

// The instruction at the PC has been carried out here.
void Cpu::pass_by() {
  charge(cost_of(pc()));
  set_pc(pc() + 4);
}

// The stops that are reported as they are.
Stop Cpu::plain_stop(EngineStop stop) {
  Engine& engine = this->engine();
  switch (stop) {
    case EngineStop::PageFault:
      return page_fault();
    case EngineStop::SystemCall:
      return SystemCall{};
    case EngineStop::HostValue:
      if (isa::ppc64::is_privileged_counter(instruction_word()))
        return Fault{FaultKind::PrivilegedInstruction, 0x700};
      return Fault{FaultKind::IllegalInstruction, 0xe40};  // DARN: on no processor before POWER9
    case EngineStop::Invalid:
      return Fault{FaultKind::IllegalInstruction, kInvalidOpcodeVector};
    case EngineStop::Privileged:
      return Fault{FaultKind::PrivilegedInstruction, kGeneralProtectionVector};
    case EngineStop::Interrupt:
      return interrupt_stop(isa(), engine.interrupt(), instruction_word());
    case EngineStop::Failure:
      return EngineFailure{engine.failure()};
    default:
      return EngineFailure{"a watched access was stopped twice"};
  }
}

// A match that comes before the access, of which accesses_ has the part that was stopped; but a page that is
// not there comes before that.
Stop Cpu::match_before(debugunit::Match match) {
  const isa::Access part = accesses_.front();
  const isa::Access access = whole_access(*this, instruction_word(), part);
  accesses_.front() = access;
  constexpr std::uint64_t kDoubleword = 8;
  const bool upper_half = access.size == 2 * kDoubleword && part.address == access.address + kDoubleword;
  if (access.kind == AccessKind::Write && upper_half) engine().take_back_lower_half();
  match.slots |= unit_->match(access, context_).value_or(match).slots;
  for (GuestVa at = access.address.align_down(kGranule); at < access.address + access.size;
       at = at + kGranule) {
    const auto page = space_->translate(at);
    if (!page || !page->permissions.allow(access.kind)) return PageFault{at, access.kind};
  }
  unit_->record(match);
  return debug_exception(match, engine().pc());
}

// x86: a branch to an address that is not canonical faults before it is taken; the engine faults there.
std::optional<GuestVa> Cpu::take_back_wild_branch() {
  const GuestVa target = pc();
  if (isa() != Isa::X86_64 || isa::x86::is_canonical(target)) return std::nullopt;
  const GuestVa branch = engine().last_instruction();
  take_back_branch(*this, branch, engine().code(branch));
  return target;
}

// What the program counter was set to from outside need not be one. x86: the return to it faults; PPC64: its
// two low bits are ignored.
bool Cpu::wild_pc() {
  const GuestVa pc = engine().pc();
  if (isa() == Isa::X86_64) return !isa::x86::is_canonical(pc);
  if (pc.offset_in(4) != 0) set_pc(pc.align_down(4));
  return false;
}

// An instruction breakpoint comes before a fault of the fetch (Intel SDM vol. 3A, 6.9).
Stop Cpu::page_fault() {
  Engine& engine = this->engine();
  const PageFault fault{engine.fault().address, engine.fault().kind};
  if (fault.kind != AccessKind::Execute) return fault;
  if (const auto target = take_back_wild_branch()) return PageFault{*target, AccessKind::Execute};
  if (debug().resume) return fault;
  const auto match = unit_->match({engine.pc(), 1, AccessKind::Execute}, context_);
  if (!match) return fault;
  unit_->record(*match);
  return debug_exception(*match, engine.pc());
}

// `instruction` was stepped, and is a REP that goes on: the processor sets RF then (Intel SDM vol. 3B,
// 17.3.1.1). Only a jump to itself is at the same place without.
bool Cpu::between_iterations(GuestVa instruction) {
  return engine().pc() == instruction && engine().repeats(instruction);
}

// The instruction is complete: its accesses as the manuals count them.
void Cpu::join_accesses(GuestVa instruction) {
  if (isa() == Isa::X86_64) {
    join_parts(*this, instruction, engine().code(instruction), accesses_);
    return;
  }
  const std::uint32_t word = instruction_word(instruction);
  for (isa::Access& access : accesses_) access = whole_access(*this, word, access);
  const auto same = std::ranges::unique(accesses_);
  accesses_.erase(same.begin(), same.end());
}

// The matches of all accesses recorded.
debugunit::Match Cpu::traps_matched() const {
  debugunit::Match all;
  for (const isa::Access& access : accesses_) {
    if (const auto match = unit_->match(access, context_); match && match->timing == Timing::After)
      all.slots |= match->slots;
  }
  if (all.slots != 0) all.timing = Timing::After;
  return all;
}

// The debug exception after `instruction` completed: what was held joins in, as what came first.
DebugException Cpu::trap(debugunit::Match match, bool single_step, GuestVa instruction,
                         const Before& before) {
  CpuState::Held held = std::exchange(debug().pending, {});
  DebugException exception;
  exception.instruction = match.slots == 0 && held.slots != 0 ? held.instruction : instruction;
  exception.before = before;
  for (unsigned slot = 0; slot < kMostSlots; ++slot) {
    if ((held.slots >> slot & 1) != 0) exception.before[slot] = held.before[slot];
  }
  debug().branch_steps = false;
  accesses_.insert(accesses_.begin(), held.accesses.begin(), held.accesses.end());
  exception.accesses = accesses_;
  exception.match = {.slots = match.slots | held.slots, .timing = Timing::After};
  exception.single_step = single_step;
  unit_->record(exception.match);
  if (single_step) unit_->record(debugunit::Status::SingleStep);
  return exception;
}

Cpu::Before Cpu::watched_bytes() const {
  Before before;
  for (unsigned slot = 0; slot < kMostSlots; ++slot) before[slot] = read_watched(slot);
  return before;
}

// Executes the instruction at the PC and reports all its matches at once: because it was about to make an
// access that matches, or is observed, or because debug exceptions are held. Nothing: there is nothing to
// report.
std::optional<Stop> Cpu::watched_instruction() {
  announce(pc());
  return recorded_instruction();
}

// With everything that it accesses recorded.
std::optional<Stop> Cpu::recorded_instruction() {
  Engine& engine = this->engine();
  const GuestVa instruction = engine.pc();
  const bool guest_steps = single_step();
  const Before before = watched_bytes();
  const bool held = std::exchange(debug().held, false);
  const bool resumed = debug().resume;

  accesses_.clear();
  witness_.begin();
  if (observed_execution(instruction)) witness_.before({instruction, 1, AccessKind::Execute}, *space_);
  recording_ = true;
  engine.set_clock(clock_);
  const EngineStop stop = engine.run(*this, {.step = true, .pass_first = true, .pass_store = !stop_before_});
  recording_ = false;
  clock_ = engine.clock();
  if (stop == EngineStop::Privileged) {
    debug().held = held;  // until whoever carries it out is done
    const auto result = privileged();
    if (engine.pc() != instruction) tell_observers(instruction);
    return result;
  }
  if (stop == EngineStop::StoreVeto) {
    // Its stores were not asked about yet.
    const auto match = accesses_.empty() ? std::nullopt : unit_->match(accesses_.front(), context_);
    if (match && match->timing == Timing::Before) return match_before(*match);
    stop_before_ = false;
    return recorded_instruction();
  }
  if (stop == EngineStop::Veto) return match_before(*unit_->match(accesses_.front(), context_));
  if (stop != EngineStop::Stepped && !carry_out(stop)) {
    // A call, or a breakpoint of the program's own, is complete all the same.
    if (stop == EngineStop::SystemCall || engine.pc() != instruction) tell_observers(instruction);
    return plain_stop(stop);
  }
  if (const auto target = take_back_wild_branch()) return PageFault{*target, AccessKind::Execute};
  const debugunit::Match match = traps_matched();
  join_accesses(instruction);
  tell_observers(instruction);
  // RF is for what the debug unit reports; nobody else leaves it there.
  const bool reported = match.slots != 0 || debug().pending.slots != 0 || guest_steps;
  debug().resume = between_iterations(instruction) && (reported || resumed);
  const bool stepped = guest_steps && step_is_reported(instruction);
  if (match.slots == 0 && debug().pending.slots == 0 && !stepped) return std::nullopt;
  return trap(match, stepped, instruction, before);
}

DebugException Cpu::debug_exception(debugunit::Match match, GuestVa instruction) const {
  DebugException exception;
  exception.match = match;
  exception.instruction = instruction;
  exception.accesses = accesses_;
  if (match.slots != 0) {
    for (unsigned slot = 0; slot < kMostSlots; ++slot) {
      if ((match.slots >> slot & 1) != 0) exception.before[slot] = read_watched(slot);
    }
  }
  return exception;
}

std::uint32_t Cpu::instruction_word() { return instruction_word(pc()); }

std::uint32_t Cpu::instruction_word(GuestVa instruction) {
  std::uint32_t word = 0;
  const auto page = space_->translate(instruction);
  if (isa() == Isa::X86_64 || !page || page->address.offset_in(4) != 0) return word;
  for (const std::byte byte : machine_.memory_.bytes(page->address, 4))
    word = word << 8 | std::to_integer<std::uint32_t>(byte);
  return word;
}

WatchedBytes Cpu::read_watched(unsigned slot) const {
  WatchedBytes result;
  const auto span = std::ranges::find(watched_, slot, &debugunit::Watched::slot);
  if (span == watched_.end() || span->execute) return result;
  const auto page = space_->translate(span->first);
  if (!page) return result;
  result.address = span->first;
  result.size = static_cast<std::uint8_t>(std::min<std::size_t>(span->size, result.bytes.size()));
  std::ranges::copy(machine_.memory_.bytes(page->address, result.size), result.bytes.begin());
  return result;
}

}  // namespace trapline::machine
