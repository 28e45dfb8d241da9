#include "emu/machine/user_instructions.hpp"

#include <array>

#include "emu/machine/emulated_instruction.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/canonical.hpp"
#include "isa/x86/operand.hpp"

namespace trapline::machine {

namespace {

using isa::x86::Reg;

constexpr Fault kGeneralProtection{FaultKind::PrivilegedInstruction, 13};
constexpr Fault kInvalidOpcode{FaultKind::IllegalInstruction, 6};

Carried finish(EmulatedInstruction& instruction, GuestVa next, bool step, bool hold = false) {
  if (auto debug = instruction.complete(next, step, hold)) return {*debug};
  return {};
}

// IRETQ back to user code. It loads RF, which POPF does not (Intel SDM vol. 2A, IRET).
Carried iretq(Cpu& cpu, EmulatedInstruction& instruction) {
  std::array<std::uint64_t, 5> frame{};  // RIP, CS, RFLAGS, RSP, SS
  const GuestVa stack(cpu.get(Reg::rsp));
  if (const auto fault = instruction.read_words(stack, 8, frame)) return {*fault};
  const auto& [rip, cs, image, rsp, ss] = frame;
  if ((cs & 0xffff) != isa::x86::kUserCs || (ss & 0xffff) != isa::x86::kUserSs) return {kGeneralProtection};
  if (!isa::x86::is_canonical(GuestVa(rip))) return {kGeneralProtection};
  const bool step = cpu.single_step();
  constexpr std::uint64_t kChangeable = 0x254dd5;  // all but IF and IOPL, which are not user mode's
  cpu.set(Reg::rsp, rsp);
  cpu.set(Reg::rflags,
          (cpu.get(Reg::rflags) & ~(kChangeable | isa::x86::kRf)) | (image & (kChangeable | isa::x86::kRf)));
  return finish(instruction, GuestVa(rip), step);
}

// INT n. Linux lets user code through the gates of 3, 4 and 0x80.
Carried software_interrupt(Cpu& cpu, const EmulatedInstruction& instruction,
                           const isa::x86::Prefixes& prefixes) {
  const std::size_t at = prefixes.length + 1;
  if (at >= instruction.code().size()) return {kGeneralProtection};
  const auto vector = std::to_integer<unsigned>(instruction.code()[at]);
  constexpr unsigned kOverflow = 4;  // a trap: the PC is past it
  if (vector != 3 && vector != kOverflow && vector != 0x80) return {kGeneralProtection};
  cpu.set_resume(false);
  cpu.set_pc(instruction.address() + at + 1);
  if (vector == 3) return {SoftwareBreakpoint{}};
  if (vector == kOverflow) return {Fault{FaultKind::PrivilegedInstruction, kOverflow}};
  return {SystemCall32{}};
}

// MOV to a segment register. Linux's flat data segment is the only one to be had.
Carried mov_to_segment(Cpu& cpu, EmulatedInstruction& instruction, const isa::x86::Prefixes& prefixes) {
  const auto operand = isa::x86::decode_operand(instruction.code().subspan(prefixes.length + 1), prefixes);
  constexpr unsigned kCs = 1;
  constexpr unsigned kSs = 2;
  if (!operand || (operand->reg & 7) > 5 || (operand->reg & 7) == kCs) return {kInvalidOpcode};
  const unsigned segment = operand->reg & 7;
  const GuestVa next = instruction.address() + prefixes.length + 1 + operand->length;
  std::uint64_t selector = 0;
  if (operand->memory) {
    std::array<std::byte, 2> bytes{};
    const GuestVa address =
        linear_address(*operand, prefixes, next, [&cpu](Reg reg) { return cpu.get(reg); });
    if (const auto fault = instruction.read(address, bytes)) return {*fault};
    selector = isa::load_word(bytes, std::endian::little);
  } else {
    selector = cpu.get(*operand->base) & 0xffff;
  }
  const bool null = selector <= 3 && segment != kSs;
  if (!null && selector != isa::x86::kUserSs) return {kGeneralProtection};
  const bool step = cpu.single_step();
  cpu.set_resume(false);
  return finish(instruction, next, step, segment == kSs);
}

}  // namespace

void take_back_branch(Cpu& cpu, GuestVa branch, std::span<const std::byte> code) {
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(code);
  const auto byte = [&](std::size_t at) {
    return prefixes.length + at < code.size() ? std::to_integer<std::uint64_t>(code[prefixes.length + at])
                                              : 0;
  };
  const bool call = byte(0) == 0xff && (byte(1) >> 3 & 7) == 2;
  std::uint64_t popped = call ? -std::uint64_t{8} : 0;
  if (byte(0) == 0xc3 || byte(0) == 0xc2) popped = 8;
  if (byte(0) == 0xc2) popped += byte(1) | byte(2) << 8;
  cpu.set(Reg::rsp, cpu.get(Reg::rsp) - popped);
  cpu.set_pc(branch);
}

std::optional<Carried> carry_out_in_user_mode(Cpu& cpu) {
  EmulatedInstruction instruction(cpu);
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(instruction.code());
  if (prefixes.length == instruction.code().size()) return std::nullopt;
  switch (std::to_integer<unsigned>(instruction.code()[prefixes.length])) {
    case 0x8e:
      return mov_to_segment(cpu, instruction, prefixes);
    case 0xcd:
      return software_interrupt(cpu, instruction, prefixes);
    case 0xcf:
      if (!prefixes.rex_w()) return std::nullopt;
      return iretq(cpu, instruction);
    case 0xf1: {  // INT1: a debug exception about nothing that DR6 could tell
      cpu.set_resume(false);
      cpu.set_pc(instruction.address() + prefixes.length + 1);
      DebugException exception;
      exception.match.timing = debugunit::Timing::After;
      exception.instruction = instruction.address();
      return Carried{exception};
    }
    default:
      return std::nullopt;
  }
}

}  // namespace trapline::machine
