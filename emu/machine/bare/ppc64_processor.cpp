#include "emu/machine/bare/ppc64_processor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "isa/byte_order.hpp"
#include "isa/ppc64/fields.hpp"
#include "isa/ppc64/special.hpp"

namespace trapline::machine {

using debugunit::Privilege;
using debugunit::Register;
using isa::ppc64::gpr;

namespace {

// MSR bits, as values (3.2.1).
using isa::ppc64::kMsrBe;
using isa::ppc64::kMsrDr;
using isa::ppc64::kMsrEe;
using isa::ppc64::kMsrFp;
using isa::ppc64::kMsrHv;
using isa::ppc64::kMsrIr;
using isa::ppc64::kMsrLe;
using isa::ppc64::kMsrMe;
using isa::ppc64::kMsrPr;
using isa::ppc64::kMsrRi;
using isa::ppc64::kMsrSe;
using isa::ppc64::kMsrSf;
using isa::ppc64::kMsrVec;
using isa::ppc64::kMsrVsx;

// Bits 33:36 and 42:47 of SRR1 tell of the interrupt; the others are MSR's (6.5).
constexpr std::uint64_t kStatusBits = 0x783f0000;

// DSISR (6.5.3), and SRR1 of an Instruction Storage interrupt (6.5.5).
constexpr std::uint64_t kNoTranslation = 0x40000000;
constexpr std::uint64_t kProtection = 0x08000000;
constexpr std::uint64_t kNoExecute = 0x10000000;

// SRR1 of a Program interrupt (6.5.9).
constexpr std::uint64_t kPrivileged = 0x00040000;
constexpr std::uint64_t kTrap = 0x00020000;

// SRR1 of a Trace interrupt, since v2.07 (6.5.15).
constexpr std::uint64_t kTraced = 0x40000000;
constexpr std::uint64_t kTracedLoad = 0x10000000;
constexpr std::uint64_t kTracedStore = 0x08000000;

struct Vector {
  std::uint64_t address = 0;
  std::string_view name;
};
constexpr std::array<Vector, 16> kVectors{{
    {0x100, "system-reset"},
    {0x200, "machine-check"},
    {0x300, "data-storage"},
    {0x380, "data-segment"},
    {0x400, "instruction-storage"},
    {0x480, "instruction-segment"},
    {0x500, "external"},
    {0x600, "alignment"},
    {0x700, "program"},
    {0x800, "floating-point-unavailable"},
    {0xc00, "system-call"},
    {0xd00, "trace"},
    {0xe40, "hypervisor-emulation-assistance"},
    {0xf20, "vector-unavailable"},
    {0xf40, "vsx-unavailable"},
    {0xf60, "facility-unavailable"},
}};

// In primary opcode 31.
enum Extended31 : std::uint32_t {
  kMfmsr = 83,
  kMtmsr = 146,
  kMtmsrd = 178,
  kMtsr = 210,
  kMtsrin = 242,
  kTlbiel = 274,
  kTlbie = 306,
  kMfspr = 339,
  kSlbmte = 402,
  kSlbie = 434,
  kMtspr = 467,
  kDcbtst = 246,
  kDcbt = 278,
  kSlbia = 498,
  kTlbsync = 566,
  kSlbmfev = 851,
  kSlbmfee = 915,
};
// In primary opcode 19.
enum Extended19 : std::uint32_t {
  kBclr = 16,
  kRfid = 18,
  kHrfid = 274,
  kDoze = 402,
  kNap = 434,
  kSleep = 466,
  kRvwinkle = 498,
  kBcctr = 528,
  kBctar = 560
};

constexpr std::uint32_t kAttn = 0x00000200;

constexpr bool is_branch(std::uint32_t word) {
  const std::uint32_t primary = isa::ppc64::primary_opcode(word);
  const std::uint32_t extended = isa::ppc64::extended_opcode(word);
  return primary == 16 || primary == 18 ||
         (primary == 19 && (extended == kBclr || extended == kBcctr || extended == kBctar));
}

constexpr bool is_touch(std::uint32_t word) {
  const std::uint32_t extended = isa::ppc64::extended_opcode(word);
  return isa::ppc64::primary_opcode(word) == 31 && (extended == kDcbt || extended == kDcbtst);
}

AddressSpace with_all_code(const AddressSpace& pages, std::span<const GuestVa> mapped) {
  AddressSpace space(kGranule);
  for (const GuestVa at : mapped) {
    const auto page = *pages.translate(at);
    space.map(at, page.address, {page.permissions.read, page.permissions.write, true});
  }
  return space;
}

}  // namespace

Ppc64Processor::Ppc64Processor(Machine& machine, Cpu& cpu_of_it, const ProgramMemory& memory_of_it,
                               ProgramEvents& events, GuestVa entry)
    : Processor(machine, cpu_of_it, memory_of_it, events),
      real_(AddressSpace::real_mode(machine.memory().size())),
      translated_code_(AddressSpace::real_mode(machine.memory().size(), &pages())),
      translated_data_(with_all_code(pages(), memory().mapped())),
      exact_trace_(machine.spec().debug_unit != debugunit::Model::Dabr) {
  if (exact_trace_) pvr_ = machine.spec().debug_unit == debugunit::Model::Dawr ? 0x004d0200 : 0x00800200;
  cpu().load_fresh();
  cpu().set_pc(entry);
  cpu().set(gpr(1), memory().stack_end().value);
  set_msr(kMsrSf | kMsrHv | kMsrMe);
}

void Ppc64Processor::set_msr(std::uint64_t value) {
  msr_ = value;
  // The engine always runs in problem state, and steps for branch tracing, too.
  constexpr std::uint64_t kEngines = kMsrSf | kMsrFp | kMsrVec | kMsrVsx;
  cpu().set(Reg::msr, (value & kEngines) | kMsrPr | kMsrMe);
  cpu().set_single_step((value & (kMsrSe | kMsrBe)) != 0);
  debugunit::Context context;
  context.privilege = problem_state()      ? Privilege::User
                      : hypervisor_state() ? Privilege::Hypervisor
                                           : Privilege::Kernel;
  context.translation = (value & kMsrDr) != 0;
  cpu().set_debug_context(context);
  const bool instructions = (value & kMsrIr) != 0;
  const bool data = (value & kMsrDr) != 0;
  space_ = data ? (instructions ? &pages() : &translated_data_) : (instructions ? &translated_code_ : &real_);
  cpu().set_address_space(space_);
}

std::uint32_t Ppc64Processor::word_at(GuestVa address) {
  const auto page = space_->translate(address);
  if (!page || address.offset_in(4) != 0) return 0;
  return static_cast<std::uint32_t>(
      isa::load_word(machine().memory().bytes(page->address, 4), std::endian::big));
}

void Ppc64Processor::stopped(const Stop& stop) {
  const GuestVa pc = cpu().pc();
  if (const auto* const exception = std::get_if<DebugException>(&stop)) {
    debug_exception(*exception);
  } else if (const auto* const missing = std::get_if<PageFault>(&stop)) {
    PageFault exact = *missing;
    exact.address = cpu().locate_fault(*missing);
    page_fault(exact);
  } else if (std::holds_alternative<SystemCall>(stop)) {
    // The PC is past it. With LEV = 1 it calls the hypervisor.
    const bool hypervisor = (word_at(pc - 4) >> 5 & 0x7f) == 1;
    interrupt({.vector = 0xc00, .from = pc, .to_hypervisor = hypervisor});
  } else if (std::holds_alternative<SoftwareBreakpoint>(stop)) {
    program(kTrap);
  } else if (const auto* const fault = std::get_if<Fault>(&stop)) {
    const std::uint32_t word = word_at(pc);
    if (carry_out(word)) return;
    if (fault->vector == 0x600) {
      alignment();
    } else if (fault->vector == 0xe40) {
      heir_ = word;
      interrupt({.vector = 0xe40, .from = pc, .hypervisor = true, .to_hypervisor = true});
    } else if (fault->vector == 0x700) {
      program(kPrivileged);
    } else {
      interrupt({.vector = fault->vector, .from = pc});
    }
  } else if (const auto* const failure = std::get_if<EngineFailure>(&stop)) {
    unsupported(failure->what);
  }
}

void Ppc64Processor::debug_exception(const DebugException& exception) {
  if (exception.match.slots == 0) {
    trace(exception.instruction);
    return;
  }
  // DAR is the first byte of the access that is watched (v3.1, 9.4; before, any byte of both).
  const isa::Access& access = exception.accesses.front();
  std::uint64_t skipped = access.size;
  for (const debugunit::Watched& span : cpu().debug_unit().watched()) {
    if ((exception.match.slots >> span.slot & 1) == 0) continue;
    if (access.address - span.first < span.size) skipped = 0;
    skipped = std::min(skipped, span.first - access.address);
  }
  dar_ = (access.address + skipped).value;
  dsisr_ = isa::ppc64::kDsisrMatch | (access.kind == isa::AccessKind::Write ? isa::ppc64::kDsisrStore : 0);
  interrupt({.vector = 0x300, .from = cpu().pc(), .sets_dar = true, .sets_dsisr = true});
}

void Ppc64Processor::trace(GuestVa instruction) {
  const std::uint32_t word = word_at(instruction);
  if ((msr_ & kMsrSe) == 0 && !is_branch(word)) return;
  siar_ = instruction.value;
  std::uint64_t status = 0;
  if (exact_trace_) {
    status = kTraced;
    switch (cpu().instruction_class(instruction)) {
      case isa::InstructionClass::Load:
        status |= kTracedLoad;
        break;
      case isa::InstructionClass::Store:
        status |= kTracedStore;
        break;
      default:
        // Cache touches count as what they prepare for, though no breakpoint matches them.
        if (is_touch(word)) status |= isa::ppc64::extended_opcode(word) == kDcbt ? kTracedLoad : kTracedStore;
        break;
    }
  }
  interrupt({.vector = 0xd00, .from = cpu().pc(), .status = status});
}

void Ppc64Processor::page_fault(const PageFault& fault) {
  const bool present = pages().translate(fault.address).has_value();
  const bool real = (msr_ & (fault.kind == isa::AccessKind::Execute ? kMsrIr : kMsrDr)) == 0;
  if (real) {
    unsupported("a real address beyond the machine's memory");
    return;
  }
  if (fault.kind == isa::AccessKind::Execute) {
    interrupt({.vector = 0x400, .from = cpu().pc(), .status = present ? kNoExecute : kNoTranslation});
    return;
  }
  dar_ = fault.address.value;
  dsisr_ = (present ? kProtection : kNoTranslation) |
           (fault.kind == isa::AccessKind::Write ? isa::ppc64::kDsisrStore : 0);
  interrupt({.vector = 0x300, .from = cpu().pc(), .sets_dar = true, .sets_dsisr = true});
}

// What the engine finds misaligned are loads and stores in X form, with reservation.
void Ppc64Processor::alignment() {
  const std::uint32_t word = word_at(cpu().pc());
  const unsigned base = isa::ppc64::ra(word);
  dar_ = (base == 0 ? 0 : cpu().get(gpr(base))) + cpu().get(gpr(isa::ppc64::rb(word)));
  if ((msr_ & kMsrSf) == 0) dar_ &= 0xffffffff;
  interrupt({.vector = 0x600, .from = cpu().pc(), .sets_dar = true});
}

void Ppc64Processor::program(std::uint64_t reason) {
  interrupt({.vector = 0x700, .from = cpu().pc(), .status = reason});
}

void Ppc64Processor::interrupt(const Interrupt& interrupt) {
  const std::uint64_t status = (msr_ & ~kStatusBits) | interrupt.status;
  (interrupt.hypervisor ? hsrr0_ : srr0_) = interrupt.from.value;
  (interrupt.hypervisor ? hsrr1_ : srr1_) = status;
  set_msr(kMsrSf | (msr_ & (kMsrHv | kMsrMe)) | (interrupt.to_hypervisor ? kMsrHv : 0));
  cpu().set_pc(GuestVa(interrupt.vector));
  charge_delivery();

  const auto* const vector = std::ranges::find(kVectors, interrupt.vector, &Vector::address);
  ExceptionTaken taken{.name = vector->name, .vector = interrupt.vector};
  if (interrupt.hypervisor) {
    taken.state = {{"hsrr0", hsrr0_}, {"hsrr1", hsrr1_}};
  } else {
    taken.state = {{"srr0", srr0_}, {"srr1", srr1_}};
  }
  if (interrupt.sets_dar) taken.state.push_back({"dar", dar_});
  if (interrupt.sets_dsisr) taken.state.push_back({"dsisr", dsisr_});
  took(std::move(taken));
}

// --- Instructions ---

bool Ppc64Processor::carry_out(std::uint32_t word) {
  const std::uint32_t primary = isa::ppc64::primary_opcode(word);
  const std::uint32_t extended = isa::ppc64::extended_opcode(word);
  const GuestVa next = cpu().pc() + 4;
  if (word == kAttn && !problem_state()) {
    cpu().set_pc(next);
    end(BareEnd::Halted);
    return true;
  }
  if (primary == 31 && (extended == kMtspr || extended == kMfspr)) {
    // The upper bit of the second half of a register's number says that it is privileged.
    constexpr unsigned kPrivilegedNumber = 0x10;
    if ((isa::ppc64::spr(word) & kPrivilegedNumber) == 0) return false;
    if (problem_state()) {
      program(kPrivileged);
    } else {
      move_special(word, extended == kMtspr);
    }
    return true;
  }
  if (problem_state()) return false;  // the engine's verdict stands
  if (primary == 19) {
    if (extended == kRfid || (extended == kHrfid && hypervisor_state())) {
      return_from_interrupt(extended == kHrfid);
      return true;
    }
    if (extended == kDoze || extended == kNap || extended == kSleep || extended == kRvwinkle) {
      unsupported("power saving");
      return true;
    }
    return false;
  }
  if (primary != 31) return false;
  switch (extended) {
    case kMfmsr:
      cpu().set(gpr(isa::ppc64::rs(word)), msr_);
      complete(next);
      return true;
    case kMtmsr:
    case kMtmsrd:
      move_to_msr(word, extended == kMtmsrd);
      return true;
    case kMtsr:
    case kMtsrin:
    case kTlbiel:
    case kTlbie:
    case kSlbmte:
    case kSlbie:
    case kSlbia:
    case kTlbsync:
      complete(next);  // the translation is the machine's own, and stays
      return true;
    case kSlbmfev:
    case kSlbmfee:
      unsupported("the segment lookaside buffer");
      return true;
    default:
      return false;
  }
}

// An instruction that was carried out here: traced like any other.
void Ppc64Processor::complete(GuestVa next) {
  const GuestVa instruction = cpu().pc();
  const bool traced = (msr_ & kMsrSe) != 0;
  cpu().charge(cpu().cost_of(instruction));
  cpu().set_pc(next);
  if (traced) trace(instruction);
}

std::span<const Ppc64Processor::Special> Ppc64Processor::specials() const {
  using P = Ppc64Processor;
  static const std::array<Special, 22> kSpecials{{
      {18, "dsisr", &P::dsisr_},
      {19, "dar", &P::dar_},
      {26, "srr0", &P::srr0_},
      {27, "srr1", &P::srr1_},
      {180, "dawr0", nullptr, true, Register::Dawr0},
      {181, "dawr1", nullptr, true, Register::Dawr1},
      {188, "dawrx0", nullptr, true, Register::Dawrx0},
      {189, "dawrx1", nullptr, true, Register::Dawrx1},
      {272, "sprg0", &P::sprg0_},
      {273, "sprg1", &P::sprg1_},
      {274, "sprg2", &P::sprg2_},
      {275, "sprg3", &P::sprg3_},
      {287, "pvr", &P::pvr_},
      {304, "hsprg0", &P::hsprg0_, true},
      {305, "hsprg1", &P::hsprg1_, true},
      {314, "hsrr0", &P::hsrr0_, true},
      {315, "hsrr1", &P::hsrr1_, true},
      {318, "lpcr", &P::lpcr_, true},
      {339, "heir", &P::heir_, true},
      {796, "siar", &P::siar_},
      {1013, "dabr", nullptr, true, Register::Dabr},
      {1015, "dabrx", nullptr, true, Register::Dabrx},
  }};
  return kSpecials;
}

// mtspr and mfspr of a privileged register. One that the processor has not got: nothing happens (v2.06,
// 4.4.4); a hypervisor's one without hypervisor state: a Program interrupt.
void Ppc64Processor::move_special(std::uint32_t word, bool to) {
  const GuestVa next = cpu().pc() + 4;
  const auto reg = gpr(isa::ppc64::rs(word));
  const auto all = specials();
  const auto found = std::ranges::find(all, isa::ppc64::spr(word), &Special::number);
  const bool exists = found != all.end() && (!found->debug || has(*found->debug));
  if (exists && found->hypervisor && !hypervisor_state()) {
    program(kPrivileged);
    return;
  }
  if (exists && found->debug) {
    if (to) {
      cpu().write_debug_register(*found->debug, cpu().get(reg));
    } else {
      cpu().set(reg, cpu().read_debug_register(*found->debug));
    }
  } else if (exists) {
    std::uint64_t& value = this->*found->value;
    constexpr unsigned kPvr = 287;
    constexpr unsigned kDsisr = 18;
    if (!to) {
      cpu().set(reg, value);
    } else if (found->number == kDsisr) {
      value = cpu().get(reg) & 0xffffffff;
    } else if (found->number != kPvr) {
      value = cpu().get(reg);
    }
  }
  complete(next);
}

bool Ppc64Processor::has(Register reg) const {
  switch (machine().spec().debug_unit) {
    case debugunit::Model::Dabr:
      return reg == Register::Dabr || reg == Register::Dabrx;
    case debugunit::Model::Dawr:
      return reg == Register::Dawr0 || reg == Register::Dawrx0;
    case debugunit::Model::Dawr2:
      return reg == Register::Dawr0 || reg == Register::Dawrx0 || reg == Register::Dawr1 ||
             reg == Register::Dawrx1;
    case debugunit::Model::DebugRegisters:
      break;
  }
  return false;
}

namespace {

// With PR = 1, EE, IR and DR are 1 as well, whatever their own bits say (3.3.1).
std::uint64_t with_problem_state(std::uint64_t msr) {
  return (msr & kMsrPr) != 0 ? msr | kMsrEe | kMsrIr | kMsrDr : msr;
}

}  // namespace

// rfid and hrfid are not traced (6.5.15).
void Ppc64Processor::return_from_interrupt(bool hypervisor) {
  std::uint64_t value = hypervisor ? hsrr1_ : srr1_;
  if (!hypervisor_state()) {
    value &= ~kMsrHv;  // no way up
    value = (value & ~kMsrMe) | (msr_ & kMsrMe);
  }
  if ((value & kMsrLe) != 0) {
    unsupported("little-endian mode");
    return;
  }
  cpu().charge(cpu().cost_of(cpu().pc()));
  cpu().set_pc(GuestVa((hypervisor ? hsrr0_ : srr0_) & ~std::uint64_t{3}));
  set_msr(with_problem_state(value & ~kStatusBits));
}

// mtmsrd with L = 1 sets EE and RI alone; otherwise HV, ME and LE stay, and mtmsr leaves the upper half
// (4.4.2). Traced if MSR[SE] was 1 before.
void Ppc64Processor::move_to_msr(std::uint32_t word, bool whole) {
  const std::uint64_t given = cpu().get(gpr(isa::ppc64::rs(word)));
  constexpr std::uint32_t kL = 1u << 16;
  std::uint64_t changes = ~(kMsrHv | kMsrMe | kMsrLe);
  if (!whole) changes &= 0xffffffff;
  if ((word & kL) != 0) changes = kMsrEe | kMsrRi;
  const std::uint64_t value = (msr_ & ~changes) | (given & changes);
  const bool traced = (msr_ & kMsrSe) != 0;
  const GuestVa instruction = cpu().pc();
  cpu().charge(cpu().cost_of(instruction));
  cpu().set_pc(instruction + 4);
  set_msr(with_problem_state(value));
  if (!traced) return;
  siar_ = instruction.value;
  interrupt({.vector = 0xd00, .from = cpu().pc(), .status = exact_trace_ ? kTraced : 0});
}

std::optional<std::uint64_t> Ppc64Processor::read(std::string_view name) {
  if (name == "msr") return msr_;
  if (name == "nip") return cpu().pc().value;
  constexpr std::array<std::pair<std::string_view, Reg>, 4> kOthers{
      {{"ctr", Reg::ctr}, {"lr", Reg::lr}, {"xer", Reg::xer}, {"cr", Reg::cr}}};
  for (const auto& [known, reg] : kOthers) {
    if (known == name) return cpu().get(reg);
  }
  for (unsigned n = 0; n < 32; ++n) {
    if (name == fmt::format("r{}", n)) return cpu().get(gpr(n));
  }
  for (const Special& special : specials()) {
    if (special.name != name) continue;
    return special.debug ? cpu().read_debug_register(*special.debug) : this->*special.value;
  }
  return std::nullopt;
}

}  // namespace trapline::machine
