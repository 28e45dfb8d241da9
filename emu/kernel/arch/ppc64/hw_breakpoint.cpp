#include "emu/kernel/arch/ppc64/hw_breakpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/ppc64/dawr.hpp"
#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"
#include "isa/ppc64/special.hpp"

namespace trapline::kernel::ppc64 {

namespace {

namespace dabr = debugunit::ppc64::dabr;
namespace dabrx = debugunit::ppc64::dabrx;
namespace dawrx = debugunit::ppc64::dawrx;
using debugunit::Model;
using debugunit::Register;
using isa::GuestVa;
using machine::Hex;
using machine::Layer;

// DAWR_MAX_LEN; and up to v3.0 of the instruction set a range lies in one such block.
constexpr std::uint64_t kDawrMaxLen = debugunit::ppc64::kRangeLimit;

// pt_regs::trap: the interrupt's vector.
constexpr std::uint64_t kTrapDataStorage = 0x300;
constexpr std::uint64_t kTrapTrace = 0xd00;

// ArchHwBreakpoint::type, HW_BRK_TYPE_*: DABR's low bits, and the privileges above them.
constexpr unsigned kPrivilegeShift = 3;
constexpr std::uint64_t privileges_of(const ArchHwBreakpoint& hw) { return hw.type >> kPrivilegeShift; }

// What the hardware watches of it.
constexpr GuestVa first_of(const ArchHwBreakpoint& hw) { return WatchedRange::of(hw.address, hw.len).first; }
constexpr GuestVa end_of(const ArchHwBreakpoint& hw) { return WatchedRange::of(hw.address, hw.len).end; }

constexpr std::uint64_t dabr_of(const ArchHwBreakpoint& hw) {
  return first_of(hw).value | (hw.type & ~dabr::kDab);
}

constexpr std::uint64_t dawrx_of(const ArchHwBreakpoint& hw) {
  std::uint64_t value = privileges_of(hw);
  if ((hw.type & dabr::kDr) != 0) value |= dawrx::kDr;
  if ((hw.type & dabr::kDw) != 0) value |= dawrx::kDw;
  if ((hw.type & dabr::kBt) != 0) value |= dawrx::kWt;
  return value | dawrx::mrd((end_of(hw) - first_of(hw)) / kHwBreakpointSize);
}

// Both are hw_breakpoint_validate_len() of arch/powerpc.
Error across_a_block(const ArchHwBreakpoint& hw) {
  return refused(EINVAL, "bp_addr", [first = first_of(hw).value, end = end_of(hw).value] {
    return fmt::format(
        "a DAWR's range lies between two multiples of 512 bytes (Power ISA v2.07, Book III-S, "
        "\"Data Address Watchpoint\"); the doublewords {:#x} to {:#x} are on both sides of {:#x}",
        first, end - 1, (end - 1) & ~(kDawrMaxLen - 1));
  });
}

Error too_long(const ArchHwBreakpoint& hw, bool dawr) {
  return refused(EINVAL, "bp_len", [hw, dawr] {
    const std::uint64_t doublewords = (end_of(hw) - first_of(hw)) / kHwBreakpointSize;
    return fmt::format(
        "{}; {} byte{} from {:#x} on lie in {}",
        dawr ? "a DAWR watches up to 64 aligned doublewords (DAWRX.MRD, Power ISA v2.07, Book III-S, "
               "\"Data Address Watchpoint\")"
             : "a DABR watches one aligned doubleword (Power ISA v2.06, Book III-S, \"Data Address "
               "Breakpoint\")",
        hw.len, hw.len == 1 ? "" : "s", hw.address.value, doublewords);
  });
}

struct Names {
  const char* address;
  Register address_register;
  const char* control;
  Register control_register;
};
constexpr Names kDabr{"DABR", Register::Dabr, "DABRX", Register::Dabrx};
constexpr std::array<Names, kHbpNumMax> kDawr{{{"DAWR0", Register::Dawr0, "DAWRX0", Register::Dawrx0},
                                               {"DAWR1", Register::Dawr1, "DAWRX1", Register::Dawrx1}}};

constexpr const Names& names_of(bool dawr, unsigned slot) { return dawr ? kDawr[slot] : kDabr; }

constexpr bool is_kernel_addr(GuestVa address) {
  constexpr std::uint64_t kPageOffset = 0xc000000000000000;
  return address.value >= kPageOffset;
}

}  // namespace

HwBreakpointUnit::HwBreakpointUnit(const ArchUses& uses)
    : scheduler_(uses.scheduler),
      gave_up_(uses.gave_up),
      die_chain_(uses.die_chain),
      perf_(uses.perf),
      hw_breakpoints_(uses.hw_breakpoints),
      model_(uses.machine.spec().debug_unit),
      nr_wp_slots_(uses.slots),
      policy_(uses.policy),
      cpus_(uses.machine.cpus()) {
  constexpr int kFirst = 0x7fffffff;
  die_chain_.add("hw_breakpoint_exceptions_notify", kFirst, [this](DieArgs& args) {
    switch (args.val) {
      case DieVal::DabrMatch:
        return hw_breakpoint_handler(args);
      case DieVal::SStep:
        return single_step_dabr_instruction(args);
      default:
        return Notify::Done;
    }
  });
}

// --- From the request to the register ---

Result<ArchHwBreakpoint> HwBreakpointUnit::hw_breakpoint_arch_parse(const PerfEventAttr& attr) const {
  if (attr.bp_len == 0) return refused(EINVAL, "bp_len", "0 bytes are none");
  // Linux keeps lengths in 16 bits, the rounded one, too.
  ArchHwBreakpoint hw{.address = attr.bp_addr, .len = static_cast<std::uint16_t>(attr.bp_len)};
  // Up to the end of the doubleword, which is as far as a DABR watches (ver IX).
  if (policy_.size_of_symbol && is_kernel_addr(hw.address) && symbol_size_) {
    if (const auto size = symbol_size_(hw.address)) {
      const std::uint64_t room = kHwBreakpointSize - hw.address.offset_in(kHwBreakpointSize);
      hw.len = static_cast<std::uint16_t>(std::min(*size, room));
    }
  }
  hw.type = dabr::kBt;
  if ((attr.bp_type & kHwBreakpointR) != 0) hw.type |= dabr::kDr;
  if ((attr.bp_type & kHwBreakpointW) != 0) hw.type |= dabr::kDw;
  // Neither reads nor writes: there are no instruction breakpoints.
  if (hw.type == dabr::kBt)
    return refused(EINVAL, "bp_type", "PPC64 watches reads, writes or both, and this is neither");
  if (!attr.exclude_user) hw.type |= dabrx::kPro << kPrivilegeShift;
  if (!attr.exclude_kernel) hw.type |= dabrx::kPnh << kPrivilegeShift;
  if (!attr.exclude_hv) hw.type |= dabrx::kHyp << kPrivilegeShift;

  // hw_breakpoint_validate_len: the doublewords that the request is in.
  const GuestVa first = first_of(hw);
  const GuestVa end = end_of(hw);
  if (dawr()) {
    const bool one_block = first.align_down(kDawrMaxLen) == (end + ~std::uint64_t{0}).align_down(kDawrMaxLen);
    if (model_ == Model::Dawr && !one_block) return across_a_block(hw);  // the rule went with v3.1
  }
  if (static_cast<std::uint16_t>(end - first) > (dawr() ? kDawrMaxLen : kHwBreakpointSize))
    return too_long(hw, dawr());
  return hw;
}

bool HwBreakpointUnit::arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) {
  return is_kernel_addr(hw.address);
}

Status HwBreakpointUnit::arch_reserve_bp_slot(const PerfEvent& event) {
  if (!event.ptrace && is_kernel_addr(event.attr.bp_addr)) return Done{};
  if (reserved_.conflicts(event)) {
    return refused(
        ENOSPC, "bp_addr",
        event.ptrace
            ? "perf watches one of these doublewords already; a tracer's hit is reported before the access "
              "and perf's after it, and one access cannot be both (arch_reserve_bp_slot, Linux 5.8 to 6.5)"
            : "a tracer (ptrace) watches one of these doublewords already; its hit is reported before the "
              "access and perf's after it, and one access cannot be both (arch_reserve_bp_slot, Linux 5.8 "
              "to 6.5)");
  }
  reserved_.add(event);
  return Done{};
}

void HwBreakpointUnit::arch_release_bp_slot(const PerfEvent& event) { reserved_.remove(event); }

void HwBreakpointUnit::arch_move_bp_slot(const PerfEvent& event, const PerfEventAttr& to) {
  reserved_.move(event, to);
}

void HwBreakpointUnit::set_breakpoint(machine::Cpu& cpu, unsigned slot, const ArchHwBreakpoint& hw) {
  const Names& names = names_of(dawr(), slot);
  cpus_[cpu.index()].lazy[slot] = false;
  if (dawr()) {
    // Off first: in between, the old range could match with the new address.
    if (cpu.read_debug_register(names.control_register) != 0)
      cpu.write_debug_register(names.control_register, 0);
    cpu.write_debug_register(names.address_register, first_of(hw).value);
    cpu.write_debug_register(names.control_register, dawrx_of(hw));
    return;
  }
  // DABRX first: with the old privileges a new address could match.
  if (cpu.read_debug_register(names.control_register) != privileges_of(hw))
    cpu.write_debug_register(names.control_register, privileges_of(hw));
  cpu.write_debug_register(names.address_register, dabr_of(hw));
}

void HwBreakpointUnit::clear_breakpoint(machine::Cpu& cpu, unsigned slot) {
  // Of DABR the kinds of accesses are in the register itself, of DAWR in DAWRX.
  const Names& names = names_of(dawr(), slot);
  cpus_[cpu.index()].lazy[slot] = false;
  cpu.write_debug_register(dawr() ? names.control_register : names.address_register, 0);
}

// What is being stepped over stays off until that is done.
void HwBreakpointUnit::arm_all(machine::Cpu& cpu) {
  const Task* const task = scheduler_.running(cpu.index());
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    const PerfEvent* const event = cpus_[cpu.index()].bp_per_reg[slot];
    const bool stepped = task != nullptr && task->arch.last_hit.at(slot).event != 0;
    if (event != nullptr && !stepped) set_breakpoint(cpu, slot, event->hw);
  }
}

void HwBreakpointUnit::set_debugger_breakpoint(machine::Cpu& cpu, unsigned slot, GuestVa address,
                                               std::uint16_t type) {
  if (slot >= nr_wp_slots_) return;
  if (type == 0) return clear_breakpoint(cpu, slot);
  set_breakpoint(cpu, slot, {.address = address, .len = kHwBreakpointSize, .type = type});
}

void HwBreakpointUnit::hw_breakpoint_disable(machine::Cpu& cpu) {
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    if (cpus_[cpu.index()].bp_per_reg[slot] != nullptr) clear_breakpoint(cpu, slot);
  }
}

bool HwBreakpointUnit::single_step_pending(const Task& task) {
  return std::ranges::any_of(task.arch.last_hit, [](const SteppedOver& hit) { return hit.event != 0; });
}

Status HwBreakpointUnit::arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) {
  PerCpu& state = cpus_[cpu.index()];
  unsigned slot = 0;
  while (slot < nr_wp_slots_ && state.bp_per_reg[slot] != nullptr) ++slot;
  if (slot == nr_wp_slots_) return Error{EBUSY};
  state.bp_per_reg[slot] = &event;
  // An access is to be stepped over first; single_step_dabr_instruction() arms it then.
  const Task* const current = scheduler_.running(cpu.index());
  if (current == nullptr || !single_step_pending(*current)) set_breakpoint(cpu, slot, event.hw);
  const Names& names = names_of(dawr(), slot);
  cpu.trace(Layer::HwBreakpoint, "arch_install_hw_breakpoint",
            {{"id", event.id},
             {"register", std::string(names.address)},
             {names.address, Hex{dawr() ? first_of(event.hw).value : dabr_of(event.hw)}},
             {names.control, Hex{dawr() ? dawrx_of(event.hw) : privileges_of(event.hw)}}});
  return Done{};
}

void HwBreakpointUnit::arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) {
  PerCpu& state = cpus_[cpu.index()];
  const auto at = std::ranges::find(state.bp_per_reg, &event);
  if (at == state.bp_per_reg.end()) return;
  *at = nullptr;
  const auto slot = static_cast<unsigned>(at - state.bp_per_reg.begin());
  const bool makes_way = event.task != nullptr && scheduler_.cpu_of(*event.task) != &cpu;
  if (policy_.switches_lazily && makes_way)
    state.lazy[slot] = true;
  else
    clear_breakpoint(cpu, slot);
  cpu.trace(Layer::HwBreakpoint, "arch_uninstall_hw_breakpoint",
            {{"id", event.id}, {"register", std::string(names_of(dawr(), slot).address)}});
}

// --- A hit ---

// The access's lowest byte inside of what the first register that matched watches.
GuestVa HwBreakpointUnit::dar(const machine::Cpu& cpu, const machine::DebugException& exception) const {
  const isa::Access& access = exception.accesses.front();
  unsigned slot = 0;
  while ((exception.match.slots >> slot & 1) == 0) ++slot;
  const std::uint64_t watched = cpu.read_debug_register(names_of(dawr(), slot).address_register);
  return std::max(access.address, GuestVa(watched & dabr::kDab));
}

std::optional<HwBreakpointUnit::Trap> HwBreakpointUnit::debug_exception(
    machine::Cpu& cpu, Task& task, const machine::DebugException& exception) {
  const bool match = exception.match.slots != 0;
  DieArgs args{match ? DieVal::DabrMatch : DieVal::SStep, cpu, task, exception};
  Trap trap{isa::linux_abi::kTrapTrace, cpu.pc()};
  if (match) {
    const bool store = exception.accesses.front().kind == isa::AccessKind::Write;
    trap = {isa::linux_abi::kTrapHwBkpt, dar(cpu, exception)};
    task.arch.trap = kTrapDataStorage;
    task.arch.fault_address = trap.address.value;
    task.arch.error_code = isa::ppc64::kDsisrMatch | (store ? isa::ppc64::kDsisrStore : 0);
    cpu.trace(Layer::Exception, "DSI",
              {{"DAR", Hex{trap.address.value}},
               {"DSISR", Hex{task.arch.error_code}},
               {"nip", Hex{cpu.pc().value}}});
  } else {
    task.arch.trap = kTrapTrace;
    cpu.trace(Layer::Exception, "trace", {{"nip", Hex{cpu.pc().value}}});
  }
  const auto asked = [&cpu](const std::string& name) { cpu.trace(Layer::Notifier, name); };
  const Notify answer = die_chain_.call(args, asked);
  if (answer == Notify::Stop) return std::nullopt;
  return trap;
}

void HwBreakpointUnit::return_to_user(Task& task) {
  for (SteppedOver& hit : task.arch.last_hit) {
    if (hit.event != 0 && hit.before.size != 0)
      (void)task.mm->read_present(hit.before.address, std::span(hit.before.bytes).first(hit.before.size));
  }
}

std::optional<HwBreakpointUnit::Trap> HwBreakpointUnit::kernel_access(machine::Cpu& cpu, Task& task,
                                                                      const isa::Access& access,
                                                                      const machine::Cpu::Before& before) {
  const auto match = cpu.debug_unit().match(access, {.privilege = debugunit::Privilege::Kernel});
  if (!match) return std::nullopt;
  std::optional<Trap> trap;
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    PerfEvent* const event = cpus_[cpu.index()].bp_per_reg[slot];
    if ((match->slots >> slot & 1) == 0 || event == nullptr) continue;
    const GuestVa at = std::max(access.address, first_of(event->hw));
    cpu.trace(Layer::HwBreakpoint, "hw_breakpoint_handler: kernel",
              {{"id", event->id},
               {"register", std::string(names_of(dawr(), slot).address)},
               {"DAR", Hex{at.value}}});
    const bool stray = access.address >= event->hw.address + event->hw.len ||
                       event->hw.address >= access.address + access.size;
    BreakpointHit hit{{.cpu = cpu, .task = &task, .ip = cpu.pc(), .kernel = true}};
    hit.instruction = cpu.pc();
    hit.access = access;
    if (event->ptrace) {
      trap = Trap{isa::linux_abi::kTrapHwBkpt, at};
    } else if (stray) {
      HwBreakpoints::stray_hit(*event, hit);
      continue;
    }
    hit.before = before[slot];
    hit.after = cpu.read_watched(slot);
    hw_breakpoints_.perf_bp_event(*event, hit);
  }
  return trap;
}

// The access has not happened yet. A breakpoint of ptrace's is reported so, and once. Any other triggers
// after the access: its register is disarmed, the instruction single-stepped, and
// single_step_dabr_instruction() does the rest.
Notify HwBreakpointUnit::hw_breakpoint_handler(DieArgs& args) {
  PerCpu& state = cpus_[args.cpu.index()];
  const bool kernel = args.cpu.debug_context().privilege == debugunit::Privilege::Kernel;
  const auto word = args.cpu.instruction_word(args.exception.instruction);
  const isa::Access access = args.exception.accesses.front();

  std::array<PerfEvent*, kHbpNumMax> hits{};
  bool ptrace = false;
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    PerfEvent* const event = state.bp_per_reg[slot];
    if (event == nullptr) continue;
    // The processor names no register. Linux looks which of them the instruction can have hit; in what they
    // are set to there is nothing else to know. The others of a wide access are found here, too.
    const bool kind = (event->hw.type & (access.kind == isa::AccessKind::Write ? dabr::kDw : dabr::kDr)) != 0;
    const bool hardware = kind && (privileges_of(event->hw) & (kernel ? dabrx::kPnh : dabrx::kPro)) != 0 &&
                          access.address < end_of(event->hw) &&
                          first_of(event->hw) < access.address + access.size;
    if (!hardware && (args.exception.match.slots >> slot & 1) == 0) continue;
    hits[slot] = event;
    ptrace = ptrace || event->ptrace;
    // Whole doublewords are watched; the request may be for less. The access is compared as a whole, since
    // one that begins before the request may still reach it.
    event->hw.extraneous = access.address >= event->hw.address + event->hw.len ||
                           event->hw.address >= access.address + access.size;
  }
  if (std::ranges::all_of(hits, [](const PerfEvent* event) { return event == nullptr; }))
    return swallow_lazy_hit(args) ? Notify::Stop : Notify::Done;

  const auto trace = [&](unsigned slot, const char* what) {
    args.cpu.trace(Layer::HwBreakpoint, what,
                   {{"id", hits[slot]->id},
                    {"register", std::string(names_of(dawr(), slot).address)},
                    {"DAR", Hex{args.task.arch.fault_address}}});
  };
  std::array<machine::WatchedBytes, kHbpNumMax> before{};
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    if (hits[slot] != nullptr) before[slot] = args.cpu.read_watched(slot);
  }

  if (ptrace) {
    // All that were hit stay away, until they are scheduled in anew; ptrace's handler disables its own.
    for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
      if (hits[slot] == nullptr) continue;
      trace(slot, "hw_breakpoint_handler: ptrace");
      clear_breakpoint(args.cpu, slot);
      BreakpointHit hit{{.cpu = args.cpu, .task = &args.task, .ip = args.cpu.pc()}};
      hit.instruction = args.exception.instruction;
      hit.access = access;
      hit.before = hit.after = before[slot];
      const bool unregisters = policy_.ptrace_unregisters && hits[slot]->ptrace;
      hw_breakpoints_.perf_bp_event(*hits[slot], hit);
      if (!unregisters) continue;
      for (PerfEventRef& held : args.task.breakpoints.events) {
        if (held.get() == hits[slot]) held.reset();
      }
    }
    return Notify::Done;
  }

  const bool reservation = isa::ppc64::is_reservation(word);
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    PerfEvent* const event = hits[slot];
    if (event == nullptr) continue;
    if (reservation) {
      // Stepping would lose the reservation, and the guest its progress: Linux (since 5.5) gives the
      // breakpoint up instead.
      args.cpu.trace(Layer::HwBreakpoint, "larx_stcx_err",
                     {{"id", event->id}, {"register", std::string(names_of(dawr(), slot).address)}});
      perf_.disable_one(*event);
      if (gave_up_) gave_up_(args.cpu, *event);
      continue;
    }
    if (event->hw.extraneous) {
      BreakpointHit hit{{.cpu = args.cpu, .task = &args.task, .ip = args.cpu.pc()}};
      hit.instruction = args.exception.instruction;
      hit.access = access;
      HwBreakpoints::stray_hit(*event, hit);
    }
    trace(slot, event->hw.extraneous ? "hw_breakpoint_handler: stray" : "hw_breakpoint_handler");
    if (policy_.before_execution && !event->hw.extraneous) {
      BreakpointHit hit{{.cpu = args.cpu, .task = &args.task, .ip = args.cpu.pc(), .kernel = kernel}};
      hit.instruction = args.exception.instruction;
      hit.access = access;
      hit.before = hit.after = before[slot];
      hw_breakpoints_.perf_bp_event(*event, hit);
    }
    if (kernel && !policy_.before_execution) {
      clear_breakpoint(args.cpu, slot);
      continue;
    }
    args.task.arch.last_hit[slot] = {.event = event->id,
                                     .instruction = args.exception.instruction,
                                     .access = access,
                                     .before = before[slot],
                                     .told = policy_.before_execution};
    clear_breakpoint(args.cpu, slot);
  }
  if (kernel && !reservation && !policy_.before_execution) {
    emulate_step(args, hits, before);
  } else if (!reservation) {
    args.cpu.set_single_step(true);
  }
  return Notify::Stop;
}

bool HwBreakpointUnit::swallow_lazy_hit(const DieArgs& args) {
  bool swallowed = false;
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    if ((args.exception.match.slots >> slot & 1) == 0 || !cpus_[args.cpu.index()].lazy[slot]) continue;
    args.cpu.trace(Layer::HwBreakpoint, "hw_breakpoint_handler: lazy",
                   {{"register", std::string(names_of(dawr(), slot).address)},
                    {"DAR", Hex{args.task.arch.fault_address}}});
    clear_breakpoint(args.cpu, slot);
    swallowed = true;
  }
  return swallowed;
}

// In the kernel the access is carried out at once, with the registers that were hit disarmed, and the
// callbacks come right after it (stepping_handler()).
void HwBreakpointUnit::emulate_step(DieArgs& args, const std::array<PerfEvent*, kHbpNumMax>& hits,
                                    const std::array<machine::WatchedBytes, kHbpNumMax>& before) {
  const GuestVa instruction = args.exception.instruction;
  const isa::Access access = args.exception.accesses.front();
  args.cpu.set_single_step(true);
  const machine::Stop stop = args.cpu.run(~std::uint64_t{0});
  args.cpu.set_single_step(false);
  arm_all(args.cpu);
  // What it accesses is not there: it faults anew, and is hit anew where that is mended.
  if (!std::holds_alternative<machine::DebugException>(stop)) return;
  for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
    if (hits[slot] == nullptr || hits[slot]->hw.extraneous) continue;
    BreakpointHit hit{{.cpu = args.cpu, .task = &args.task, .ip = args.cpu.pc(), .kernel = true}};
    hit.instruction = instruction;
    hit.access = access;
    hit.before = before[slot];
    hit.after = args.cpu.read_watched(slot);
    hw_breakpoints_.perf_bp_event(*hits[slot], hit);
  }
}

Notify HwBreakpointUnit::single_step_dabr_instruction(DieArgs& args) {
  if (!single_step_pending(args.task)) return Notify::Done;
  PerCpu& state = cpus_[args.cpu.index()];
  const auto pending = std::exchange(args.task.arch.last_hit, {});
  if (!args.task.arch.user_single_step) args.cpu.set_single_step(false);
  // Armed anew before the callbacks, so that one which takes a breakpoint away has the last word.
  arm_all(args.cpu);
  for (const SteppedOver& stepped : pending) {
    if (stepped.event == 0) continue;
    // By its number: it may have been closed in the meantime, or have got another register.
    for (unsigned slot = 0; slot < nr_wp_slots_; ++slot) {
      PerfEvent* const event = state.bp_per_reg[slot];
      if (event == nullptr || event->id != stepped.event) continue;
      args.cpu.trace(Layer::HwBreakpoint, "single_step_dabr_instruction",
                     {{"id", event->id}, {"register", std::string(names_of(dawr(), slot).address)}});
      if (event->hw.extraneous || stepped.told) continue;
      BreakpointHit hit{{.cpu = args.cpu, .task = &args.task, .ip = args.cpu.pc()}};
      hit.instruction = stepped.instruction;
      hit.access = stepped.access;
      hit.before = stepped.before;
      hit.after = args.cpu.read_watched(slot);
      hw_breakpoints_.perf_bp_event(*event, hit);
    }
  }
  return args.task.arch.user_single_step ? Notify::Done : Notify::Stop;
}

void HwBreakpointUnit::thread_change_pc(machine::Cpu& cpu, Task& task) {
  if (!single_step_pending(task)) return;
  task.arch.last_hit = {};
  cpu.set_single_step(false);
  arm_all(cpu);
}

}  // namespace trapline::kernel::ppc64
