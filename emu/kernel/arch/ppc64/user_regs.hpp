// PPC64: a thread's registers in the forms of ptrace(2) and of signal frames (arch/powerpc/kernel/ptrace).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "emu/kernel/arch/regset.hpp"
#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::ppc64_arch {

// The words of struct pt_regs, by which PTRACE_PEEKUSER names registers too, asm/ptrace.h.
inline constexpr std::size_t kPtNip = 32;
inline constexpr std::size_t kPtMsr = 33;
inline constexpr std::size_t kPtOrigR3 = 34;
inline constexpr std::size_t kPtCtr = 35;
inline constexpr std::size_t kPtLnk = 36;
inline constexpr std::size_t kPtXer = 37;
inline constexpr std::size_t kPtCcr = 38;
inline constexpr std::size_t kPtSofte = 39;
inline constexpr std::size_t kPtTrap = 40;
inline constexpr std::size_t kPtDar = 41;
inline constexpr std::size_t kPtDsisr = 42;
inline constexpr std::size_t kPtResult = 43;
inline constexpr std::size_t kPtDscr = 44;
inline constexpr std::size_t kPtRegs = 44;  // words of struct pt_regs, which DSCR is not one of
inline constexpr std::size_t kPtFpr0 = 48;
inline constexpr std::size_t kPtFpscr = 80;

inline constexpr std::size_t kGregs = 48;  // ELF_NGREG
inline constexpr std::size_t kFpregs = 33;
inline constexpr std::size_t kVectors = 34;  // ELF_NVRREG: VR0-31, VSCR in the last word, VRSAVE in the first

// elf_gregset_t; `msr` as the thread is to see it.
using Gregs = std::array<std::uint64_t, kGregs>;
Gregs general_registers(machine::Cpu& cpu, const ThreadArch& thread);
// The MSR that a program on Linux would see: with the bits for interrupts and translation, which the engine
// does without.
std::uint64_t shown_msr(machine::Cpu& cpu);

// elf_fpregset_t, elf_vrregset_t, and doubleword 1 of VSR0-31, as they lie in memory; and back, the first
// bytes of them.
inline constexpr std::size_t kFpSize = kFpregs * 8;
inline constexpr std::size_t kVmxSize = kVectors * 16;
inline constexpr std::size_t kVsxSize = std::size_t{32} * 8;
void store_fp(const machine::VsxState& state, std::span<std::byte, kFpSize> out);
void store_vmx(const machine::VsxState& state, std::span<std::byte, kVmxSize> out);
void store_vsx(const machine::VsxState& state, std::span<std::byte, kVsxSize> out);
void load_fp(machine::VsxState& state, std::span<const std::byte> in);
void load_vmx(machine::VsxState& state, std::span<const std::byte> in);
void load_vsx(machine::VsxState& state, std::span<const std::byte> in);

// PTRACE_PEEKUSER and PTRACE_POKEUSER; EIO for what is not there or not to be written.
Result<std::uint64_t> peek_user(machine::Cpu& cpu, const ThreadArch& thread, std::uint64_t offset);
Status poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset, std::uint64_t value);

// A whole register set. ENODEV: the processor has none of that kind; EINVAL: no such.
Result<Regset> regset_of(unsigned type);
Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread, unsigned type);
// Its first bytes, as many as there are.
Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type, std::span<const std::byte> bytes);
std::optional<RegsetRequest> regset_request(std::uint64_t request);

}  // namespace trapline::kernel::ppc64_arch
