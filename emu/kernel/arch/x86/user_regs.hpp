// x86-64: a thread's registers in the forms of ptrace(2): struct user, its register sets, and the rules of
// writing them (arch/x86/kernel/ptrace.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "emu/kernel/arch/regset.hpp"
#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::x86_arch {

// struct user_regs_struct and struct user, sys/user.h.
inline constexpr std::size_t kUserRegsSize = 216;
inline constexpr std::size_t kUserSize = 928;
inline constexpr std::size_t kUserDebugRegs = 848;  // u_debugreg[8], which is the last

// PTRACE_PEEKUSER and PTRACE_POKEUSER; nothing for u_debugreg, whose registers others keep.
std::optional<Result<std::uint64_t>> peek_user(machine::Cpu& cpu, const ThreadArch& thread,
                                               std::uint64_t offset);
std::optional<Status> poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset,
                                std::uint64_t value);

// A whole register set. ENODEV, ENXIO: the processor, or the thread, has none of that kind; EINVAL: no such.
Result<Regset> regset_of(unsigned type);
Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread, unsigned type);
// Its first bytes, as many as there are. What comes before a value that is refused has been written.
Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type, std::span<const std::byte> bytes);
std::optional<RegsetRequest> regset_request(std::uint64_t request);

}  // namespace trapline::kernel::x86_arch
