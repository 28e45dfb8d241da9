// The instructions that the model carries out instead of the engine: the privileged ones, and those that mean
// more to privileged code than to the engine's user mode (Intel SDM vol. 2, by name).
#include <algorithm>
#include <array>
#include <variant>

#include "debugunit/x86/mov_dr.hpp"
#include "emu/machine/bare/x86_bits.hpp"
#include "emu/machine/bare/x86_processor.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::machine {

using isa::x86::decode_operand;
using isa::x86::general_register;

namespace {

enum Segment : unsigned { kEs, kCs, kSsNumber, kDs, kFs, kGs, kSegments };

constexpr Raise kInvalidOpcode{.vector = kUd};
constexpr Raise kGeneralProtection{.vector = kGp, .error = 0};

constexpr std::uint32_t selector_error(std::uint64_t selector) {
  return static_cast<std::uint32_t>(selector & 0xfffc);
}

// Whether there is an instruction of that opcode that takes LOCK: none that is carried out here does.
constexpr bool may_be_locked(unsigned opcode, unsigned second) {
  if (opcode == 0x0f) return second >= 0xa0 && second != 0xb2;
  return opcode < 0x6c || (opcode >= 0x80 && opcode <= 0x87) || opcode == 0xf6 || opcode == 0xf7 ||
         opcode >= 0xfe;
}

}  // namespace

bool X86Processor::carry_out() {
  EmulatedInstruction instruction(cpu());
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(instruction.code());
  Context context{instruction, prefixes, instruction.code().subspan(prefixes.length)};
  if (prefixes.lock && may_be_locked(context.byte(0), context.byte(1))) return false;
  if (prefixes.lock) {
    raise_fault(kInvalidOpcode);
    return true;
  }
  const bool stepped = tf();
  const auto result = execute(context);
  if (!result) return false;
  if (const auto* const done = std::get_if<Done>(&*result)) {
    cpu().set_resume(done->resume);
    if (const auto debug = instruction.complete(done->next, done->step.value_or(stepped), done->hold))
      debug_exception(*debug);
  } else if (const auto* const raise = std::get_if<Raise>(&*result)) {
    deliver(*raise, raise->next.value_or(cpu().pc()), !raise->next);
  } else if (const auto* const missing = std::get_if<PageFault>(&*result)) {
    page_fault(*missing);
  } else if (const auto* const unmodelled = std::get_if<Unmodelled>(&*result)) {
    unsupported(unmodelled->what);
  } else if (const auto* const halt = std::get_if<Halt>(&*result)) {
    // For good: no interrupt comes, and a debug exception that is due does not wake it either, so that a
    // program can end under RFLAGS.TF.
    cpu().set_pc(halt->next);
    end(BareEnd::Halted);
  }
  return true;
}

std::optional<X86Processor::Result> X86Processor::execute(Context& context) {
  const unsigned opcode = context.byte(0);
  switch (opcode) {
    case 0x0f:
      return execute_0f(context);
    case 0x6c:
    case 0x6d:
    case 0x6e:
    case 0x6f:
      return port_string(context);
    case 0x8c:
      return mov_from_segment(context);
    case 0x8e:
      return mov_to_segment(context);
    case 0x9c:
      return push_flags(context);
    case 0x9d:
      return pop_flags(context);
    case 0xca:
    case 0xcb:
      return far_return(context);
    case 0xcc:
      return software_interrupt(kBp, context.next(1));
    case 0xcd:
      return software_interrupt(context.byte(1), context.next(2));
    case 0xcf:
      return iret(context);
    case 0xe4:
    case 0xe5:
    case 0xe6:
    case 0xe7:
    case 0xec:
    case 0xed:
    case 0xee:
    case 0xef:
      return port(context);
    case 0xf1:
      return icebp(context);
    case 0xf4:
      if (cpl_ != 0) return kGeneralProtection;
      return Halt{context.next(1)};
    case 0xfa:
    case 0xfb:
      if (cpl_ > iopl()) return kGeneralProtection;
      system_flags_ = opcode == 0xfb ? system_flags_ | isa::x86::kIf : system_flags_ & ~isa::x86::kIf;
      return Done{context.next(1)};
    case 0xff: {
      const unsigned reg = context.byte(1) >> 3 & 7;
      if (reg == 3 || reg == 5) return Unmodelled{"far CALL and JMP"};
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<X86Processor::Result> X86Processor::execute_0f(Context& context) {
  switch (context.byte(1)) {
    case 0x00:
      return group_6(context);
    case 0x01:
      return group_7(context);
    case 0x05:
      return syscall(context);
    case 0x07:
      return sysret(context);
    case 0x06:  // CLTS, INVD, WBINVD: there is nothing for them to do
    case 0x08:
    case 0x09:
      if (cpl_ != 0) return kGeneralProtection;
      return Done{context.next(2)};
    case 0x20:
      return mov_cr(context, false);
    case 0x21:
      return mov_dr(context, false);
    case 0x22:
      return mov_cr(context, true);
    case 0x23:
      return mov_dr(context, true);
    case 0x30:
      return wrmsr(context);
    case 0x32:
      return rdmsr(context);
    case 0x02:
    case 0x03:
      return Unmodelled{"LAR and LSL"};
    case 0x34:
    case 0x35:
      return Unmodelled{"SYSENTER and SYSEXIT"};
    case 0xb2:
      return Unmodelled{"LSS"};
    default:
      return std::nullopt;
  }
}

// The ModR/M byte always names registers: its mod bits are not looked at. Always 64 bits.
X86Processor::Result X86Processor::mov_dr(Context& context, bool to) {
  using debugunit::x86::MoveFault;
  const unsigned modrm = context.byte(2);
  const unsigned number = (modrm >> 3 & 7) | (context.prefixes.rex_r() ? 8 : 0);
  const Reg reg = general_register((modrm & 7) | (context.prefixes.rex_b() ? 8 : 0));
  const auto value = to ? std::optional(cpu().get(reg)) : std::nullopt;
  const auto move =
      debugunit::x86::plan_move(cpu().debug_unit(), number, cpl_, (cr4_ & cr4::kDe) != 0, value);
  switch (move.fault) {
    case MoveFault::InvalidOpcode:
      return kInvalidOpcode;
    case MoveFault::GeneralProtection:
      return kGeneralProtection;
    case MoveFault::GeneralDetect:
      cpu().record_debug_exception(debugunit::Status::GeneralDetect);
      return Raise{.vector = kDb};
    case MoveFault::None:
      break;
  }
  if (to) {
    cpu().write_debug_register(move.reg, *value);
  } else {
    cpu().set(reg, cpu().read_debug_register(move.reg));
  }
  return Done{context.next(3)};
}

X86Processor::Result X86Processor::mov_cr(Context& context, bool to) {
  const unsigned modrm = context.byte(2);
  const unsigned number = (modrm >> 3 & 7) | (context.prefixes.rex_r() ? 8 : 0);
  const Reg reg = general_register((modrm & 7) | (context.prefixes.rex_b() ? 8 : 0));
  if (number != 0 && number != 2 && number != 3 && number != 4 && number != 8) return kInvalidOpcode;
  if (cpl_ != 0) return kGeneralProtection;
  std::uint64_t& control = number == 0   ? cr0_
                           : number == 2 ? cr2_
                           : number == 3 ? cr3_
                           : number == 4 ? cr4_
                                         : cr8_;
  if (!to) {
    cpu().set(reg, control);
    return Done{context.next(3)};
  }
  const std::uint64_t value = cpu().get(reg);
  if (number == 0 && value != cr0_) return Unmodelled{"another CR0 than the one at the start"};
  if (number == 3 && value != cr3_) return Unmodelled{"another CR3: the page tables are the machine's own"};
  if (number == 4 && ((value & ~cr4::kExisting) != 0 || (value & cr4::kPae) == 0)) return kGeneralProtection;
  if (number == 8 && value > 15) return kGeneralProtection;
  control = value;
  set_debug_extensions();
  return Done{context.next(3)};
}

// SLDT, STR, LLDT, LTR, VERR, VERW.
X86Processor::Result X86Processor::group_6(Context& context) {
  const auto operand = decode_operand(context.rest.subspan(2), context.prefixes);
  if (!operand) return kInvalidOpcode;
  const GuestVa next = context.next(2 + operand->length);
  const unsigned which = operand->reg & 7;
  if (which <= 1) {
    const std::uint64_t value = which == 1 ? task_register_ : 0;
    const std::size_t size = operand->memory ? 2 : 8;
    if (const auto fault = write_operand(context, *operand, next, size, value)) return *fault;
    return Done{next};
  }
  if (which > 3) return Unmodelled{"VERR and VERW"};
  if (cpl_ != 0) return kGeneralProtection;
  std::uint64_t selector = 0;
  if (const auto fault = read_operand(context, *operand, next, 2, selector)) return *fault;
  if (which == 2) {
    if (selector_error(selector) != 0) return Unmodelled{"local descriptor tables"};
    return Done{next};
  }
  const auto found = descriptor(selector);
  constexpr unsigned kAvailableTss = 9;
  if (!found || descriptor::type(*found) != kAvailableTss)
    return Raise{.vector = kGp, .error = selector_error(selector)};
  if (!descriptor::present(*found)) return Raise{.vector = kNp, .error = selector_error(selector)};
  const std::uint64_t upper = load(gdt_.base + (selector & 0xfff8) + 8, 8);
  task_register_ = static_cast<std::uint16_t>(selector);
  task_state_ = GuestVa((*found >> 16 & 0xffffff) | (*found >> 56 << 24) | upper << 32);
  return Done{next};
}

// SGDT, SIDT, LGDT, LIDT, SMSW, INVLPG, SWAPGS.
X86Processor::Result X86Processor::group_7(Context& context) {
  constexpr unsigned kSwapgs = 0xf8;
  if (context.byte(2) == kSwapgs) {
    if (cpl_ != 0) return kGeneralProtection;
    const std::uint64_t base = cpu().get(Reg::gs_base);
    cpu().set(Reg::gs_base, std::exchange(kernel_gs_base_, base));
    return Done{context.next(3)};
  }
  const auto operand = decode_operand(context.rest.subspan(2), context.prefixes);
  if (!operand) return kInvalidOpcode;
  const GuestVa next = context.next(2 + operand->length);
  const unsigned which = operand->reg & 7;
  constexpr unsigned kSmsw = 4;
  constexpr unsigned kInvlpg = 7;
  if (which == kSmsw) {
    const std::size_t size = operand->memory ? 2 : 8;
    if (const auto fault = write_operand(context, *operand, next, size, cr0_)) return *fault;
    return Done{next};
  }
  if (!operand->memory) return Unmodelled{"this instruction of group 7"};
  if (which == kInvlpg) {
    if (cpl_ != 0) return kGeneralProtection;
    return Done{next};
  }
  if (which > 3) return Unmodelled{"LMSW"};
  // Two bytes of limit and eight of address, in one operand.
  DescriptorTable& table = which % 2 == 0 ? gdt_ : idt_;
  std::array<std::byte, 10> bytes{};
  const GuestVa at = address_of(context, *operand, next);
  if (which <= 1) {
    isa::store_word(std::span(bytes).first(2), table.limit, std::endian::little);
    isa::store_word(std::span(bytes).subspan(2), table.base.value, std::endian::little);
    if (const auto fault = context.instruction.write(at, bytes)) return *fault;
    return Done{next};
  }
  if (cpl_ != 0) return kGeneralProtection;
  if (const auto fault = context.instruction.read(at, bytes)) return *fault;
  table.limit = static_cast<std::uint32_t>(isa::load_word(std::span(bytes).first(2), std::endian::little));
  table.base = GuestVa(isa::load_word(std::span(bytes).subspan(2), std::endian::little));
  return Done{next};
}

X86Processor::Result X86Processor::mov_from_segment(Context& context) {
  const auto operand = decode_operand(context.rest.subspan(1), context.prefixes);
  if (!operand || (operand->reg & 7) >= kSegments) return kInvalidOpcode;
  const GuestVa next = context.next(1 + operand->length);
  const std::size_t size = operand->memory || context.prefixes.operand_size ? 2 : 8;
  if (const auto fault = write_operand(context, *operand, next, size, selectors_[operand->reg & 7]))
    return *fault;
  return Done{next};
}

X86Processor::Result X86Processor::mov_to_segment(Context& context) {
  const auto operand = decode_operand(context.rest.subspan(1), context.prefixes);
  const unsigned segment = operand ? operand->reg & 7 : kSegments;
  if (segment >= kSegments || segment == kCs) return kInvalidOpcode;
  const GuestVa next = context.next(1 + operand->length);
  std::uint64_t selector = 0;
  if (const auto fault = read_operand(context, *operand, next, 2, selector)) return *fault;
  if (segment == kSsNumber) {
    if (const auto raise = check_stack_segment(selector, cpl_)) return *raise;
  } else if (selector_error(selector) != 0) {
    const auto found = descriptor(selector);
    const unsigned lowest = std::max(cpl_, static_cast<unsigned>(selector & 3));
    if (!found || !descriptor::readable(*found) ||
        (!descriptor::conforming(*found) && descriptor::dpl(*found) < lowest))
      return Raise{.vector = kGp, .error = selector_error(selector)};
    if (!descriptor::present(*found)) return Raise{.vector = kNp, .error = selector_error(selector)};
  }
  selectors_[segment] = static_cast<std::uint16_t>(selector);
  if (segment == kFs) cpu().set(Reg::fs_base, 0);
  if (segment == kGs) cpu().set(Reg::gs_base, 0);
  return Done{.next = next, .hold = segment == kSsNumber};
}

// INT n and INT3 are no faults: what is left is the address of the next instruction. RF is pushed clear.
X86Processor::Result X86Processor::software_interrupt(unsigned vector, GuestVa next) {
  return Raise{.vector = vector, .software = true, .next = next};
}

// INT1: a debug exception about nothing that DR6 could tell.
X86Processor::Result X86Processor::icebp(Context& context) {
  return Raise{.vector = kDb, .next = context.next(1)};
}

X86Processor::Result X86Processor::iret(Context& context) {
  if ((system_flags_ & isa::x86::kNt) != 0) return kGeneralProtection;
  const std::size_t size = context.prefixes.rex_w() ? 8 : context.prefixes.operand_size ? 2 : 4;
  if (size == 2) return Unmodelled{"IRET with 16-bit operands"};
  std::array<std::uint64_t, 5> frame{};  // RIP, CS, RFLAGS, RSP, SS
  const GuestVa stack(cpu().get(Reg::rsp));
  if (const auto fault = context.instruction.read_words(stack, size, frame)) return *fault;
  const auto& [rip, cs, image, rsp, ss] = frame;
  const auto cpl = static_cast<unsigned>(cs & 3);
  const auto code = descriptor(cs & 0xffff);
  if (!code || !descriptor::code(*code) || cpl < cpl_ ||
      (!descriptor::conforming(*code) && descriptor::dpl(*code) != cpl))
    return Raise{.vector = kGp, .error = selector_error(cs)};
  if (!descriptor::present(*code)) return Raise{.vector = kNp, .error = selector_error(cs)};
  if (!descriptor::long_mode(*code)) return Unmodelled{"32-bit code segments"};
  if (const auto raise = check_stack_segment(ss & 0xffff, cpl)) return *raise;
  if (!isa::x86::is_canonical(GuestVa(rip))) return kGeneralProtection;

  std::uint64_t kept = 0;  // what this privilege may not change
  if (cpl_ != 0) kept |= isa::x86::kIopl;
  if (cpl_ > iopl()) kept |= isa::x86::kIf;
  const std::uint64_t value = (flags() & kept) | (image & ~kept);
  const bool lowers = cpl > cpl_;
  selectors_[kCs] = static_cast<std::uint16_t>(cs);
  selectors_[kSsNumber] = static_cast<std::uint16_t>(ss);
  if (lowers) {
    for (const unsigned segment : {kEs, kDs, kFs, kGs}) {
      const auto data = descriptor(selectors_[segment]);
      if (data && !descriptor::conforming(*data) && descriptor::dpl(*data) < cpl) selectors_[segment] = 0;
    }
  }
  cpl_ = cpl;
  cpu().set(Reg::rsp, rsp);
  set_flags(value);
  set_debug_extensions();
  return Done{.next = GuestVa(rip), .resume = (image & isa::x86::kRf) != 0};
}

X86Processor::Result X86Processor::far_return(Context& context) {
  const std::size_t size = context.prefixes.rex_w() ? 8 : context.prefixes.operand_size ? 2 : 4;
  if (size == 2) return Unmodelled{"RETF with 16-bit operands"};
  std::array<std::uint64_t, 2> frame{};  // RIP, CS
  const GuestVa stack(cpu().get(Reg::rsp));
  if (const auto fault = context.instruction.read_words(stack, size, frame)) return *fault;
  const auto& [rip, cs] = frame;
  const auto code = descriptor(cs & 0xffff);
  if (!code || !descriptor::code(*code)) return Raise{.vector = kGp, .error = selector_error(cs)};
  if ((cs & 3) != cpl_) return Unmodelled{"RETF to another privilege level"};
  if (!descriptor::present(*code)) return Raise{.vector = kNp, .error = selector_error(cs)};
  if (!descriptor::long_mode(*code)) return Unmodelled{"32-bit code segments"};
  if (!isa::x86::is_canonical(GuestVa(rip))) return kGeneralProtection;
  const std::uint64_t released = context.byte(0) == 0xca ? context.byte(1) | context.byte(2) << 8 : 0;
  selectors_[kCs] = static_cast<std::uint16_t>(cs);
  cpu().set(Reg::rsp, (stack + 2 * size + released).value);
  return Done{GuestVa(rip)};
}

X86Processor::Result X86Processor::push_flags(Context& context) {
  const std::size_t size = context.prefixes.operand_size ? 2 : 8;
  const GuestVa top = GuestVa(cpu().get(Reg::rsp)) - size;
  std::array<std::byte, 8> bytes{};
  isa::store_word(bytes, flags() & ~isa::x86::kRf, std::endian::little);
  if (const auto fault = context.instruction.write(top, std::span(bytes).first(size))) return *fault;
  cpu().set(Reg::rsp, top.value);
  return Done{context.next(1)};
}

X86Processor::Result X86Processor::pop_flags(Context& context) {
  const std::size_t size = context.prefixes.operand_size ? 2 : 8;
  const GuestVa stack(cpu().get(Reg::rsp));
  std::array<std::byte, 8> bytes{};
  const auto part = std::span(bytes).first(size);
  if (const auto fault = context.instruction.read(stack, part)) return *fault;
  std::uint64_t kept = isa::x86::kRf;
  if (size == 2) kept |= ~std::uint64_t{0xffff};
  if (cpl_ != 0) kept |= isa::x86::kIopl;
  if (cpl_ > iopl()) kept |= isa::x86::kIf;
  cpu().set(Reg::rsp, (stack + size).value);
  set_flags((flags() & kept) | (isa::load_word(part, std::endian::little) & ~kept));
  return Done{context.next(1)};
}

// IN and OUT. No device answers: what is read is all ones.
X86Processor::Result X86Processor::port(Context& context) {
  if (cpl_ > iopl()) return kGeneralProtection;
  const unsigned opcode = context.byte(0);
  const bool immediate = opcode < 0xe8;
  const bool out = (opcode & 2) != 0;
  const std::uint32_t size = (opcode & 1) == 0 ? 1 : context.prefixes.operand_size ? 2 : 4;
  const auto number = immediate ? static_cast<std::uint16_t>(context.byte(1))
                                : static_cast<std::uint16_t>(cpu().get(Reg::rdx));
  context.instruction.touch_port(number, size);
  if (!out) write_register(Reg::rax, ~std::uint64_t{0}, size);
  return Done{context.next(immediate ? 2 : 1)};
}

// INS and OUTS: one iteration.
X86Processor::Result X86Processor::port_string(Context& context) {
  if (cpl_ > iopl()) return kGeneralProtection;
  const unsigned opcode = context.byte(0);
  const bool out = (opcode & 2) != 0;
  const std::uint32_t size = (opcode & 1) == 0 ? 1 : context.prefixes.operand_size ? 2 : 4;
  const std::size_t width = context.prefixes.address_size ? 4 : 8;
  const std::uint64_t mask = width == 4 ? 0xffffffff : ~std::uint64_t{0};
  const bool repeated = context.prefixes.repeat != 0;
  const std::uint64_t count = cpu().get(Reg::rcx) & mask;
  if (repeated && count == 0) return Done{context.next(1)};

  const Reg pointer = out ? Reg::rsi : Reg::rdi;
  const GuestVa address(cpu().get(pointer) & mask);
  std::array<std::byte, 4> bytes{};
  const auto part = std::span(bytes).first(size);
  std::ranges::fill(part, std::byte{0xff});
  if (const auto fault =
          out ? context.instruction.read(address, part) : context.instruction.write(address, part))
    return *fault;
  context.instruction.touch_port(static_cast<std::uint16_t>(cpu().get(Reg::rdx)), size);
  constexpr std::uint64_t kDirection = 1u << 10;
  const bool down = (flags() & kDirection) != 0;
  write_register(pointer, down ? address.value - size : address.value + size, width);
  if (repeated) write_register(Reg::rcx, count - 1, width);
  const bool more = repeated && count != 1;
  return Done{.next = more ? context.instruction.address() : context.next(1), .resume = more};
}

std::uint64_t* X86Processor::model_specific(std::uint32_t number) {
  switch (number) {
    case 0x1d9:
      return &debugctl_;
    case 0xc0000080:
      return &efer_;
    case 0xc0000081:
      return &star_;
    case 0xc0000082:
      return &lstar_;
    case 0xc0000084:
      return &fmask_;
    case 0xc0000102:
      return &kernel_gs_base_;
    default:
      return nullptr;
  }
}

namespace {

constexpr std::uint32_t kFsBase = 0xc0000100;
constexpr std::uint32_t kGsBase = 0xc0000101;
constexpr std::uint32_t kDebugctl = 0x1d9;

}  // namespace

X86Processor::Result X86Processor::wrmsr(Context& context) {
  if (cpl_ != 0) return kGeneralProtection;
  const auto number = static_cast<std::uint32_t>(cpu().get(Reg::rcx));
  const std::uint64_t value = (cpu().get(Reg::rdx) << 32) | (cpu().get(Reg::rax) & 0xffffffff);
  if (number == kFsBase || number == kGsBase) {
    cpu().set(number == kFsBase ? Reg::fs_base : Reg::gs_base, value);
    return Done{context.next(2)};
  }
  std::uint64_t* const target = model_specific(number);
  if (target == nullptr) return kGeneralProtection;
  if (number == kDebugctl && value != 0)
    return Unmodelled{"IA32_DEBUGCTL: branch records, BTF and bus-lock detection"};
  *target = value;
  return Done{context.next(2)};
}

X86Processor::Result X86Processor::rdmsr(Context& context) {
  if (cpl_ != 0) return kGeneralProtection;
  const auto number = static_cast<std::uint32_t>(cpu().get(Reg::rcx));
  std::uint64_t value = 0;
  if (number == kFsBase || number == kGsBase) {
    value = cpu().get(number == kFsBase ? Reg::fs_base : Reg::gs_base);
  } else if (const std::uint64_t* const source = model_specific(number)) {
    value = *source;
  } else {
    return kGeneralProtection;
  }
  cpu().set(Reg::rax, value & 0xffffffff);
  cpu().set(Reg::rdx, value >> 32);
  return Done{context.next(2)};
}

// The segments of SYSCALL and SYSRET are taken from STAR as they are, and looked up nowhere.
X86Processor::Result X86Processor::syscall(Context& context) {
  if ((efer_ & efer::kSce) == 0) return kInvalidOpcode;
  cpu().set(Reg::rcx, context.next(2).value);
  cpu().set(Reg::r11, flags() & ~isa::x86::kRf);
  selectors_[kCs] = static_cast<std::uint16_t>(star_ >> 32 & 0xfffc);
  selectors_[kSsNumber] = static_cast<std::uint16_t>(selectors_[kCs] + 8);
  cpl_ = 0;
  set_flags(flags() & ~fmask_ & ~isa::x86::kRf);
  set_debug_extensions();
  // Whether it is stepped is up to TF after the mask.
  return Done{.next = GuestVa(lstar_), .step = tf()};
}

X86Processor::Result X86Processor::sysret(Context& context) {
  if ((efer_ & efer::kSce) == 0) return kInvalidOpcode;
  if (cpl_ != 0) return kGeneralProtection;
  if (!context.prefixes.rex_w()) return Unmodelled{"SYSRET to 32-bit code"};
  // As Intel's do, still at CPL 0; AMD's arrive there first.
  if (!isa::x86::is_canonical(GuestVa(cpu().get(Reg::rcx)))) return kGeneralProtection;
  selectors_[kCs] = static_cast<std::uint16_t>((star_ >> 48) + 16) | 3;
  selectors_[kSsNumber] = static_cast<std::uint16_t>((star_ >> 48) + 8) | 3;
  cpl_ = 3;
  constexpr std::uint64_t kLoaded = 0x3c7fd7;
  set_flags((cpu().get(Reg::r11) & kLoaded) | kReservedFlag);
  set_debug_extensions();
  // A TF that it loads takes effect at once.
  return Done{.next = GuestVa(cpu().get(Reg::rcx)), .step = tf()};
}

}  // namespace trapline::machine
