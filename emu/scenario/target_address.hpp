// Where a target is at a moment.
#pragma once

#include <cstdint>
#include <optional>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/target.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

// A local variable, in that frame of its function. `registers`: as they are in the frame.
std::optional<std::uint64_t> local_address(const LocalBase::Site& site, const Frame& frame,
                                           const DwarfRegisters& registers, const GuestLoad& load,
                                           std::uint64_t bias);
// A thread's own variable, of the task whose registers the CPU has. Nothing before it has its block.
std::optional<std::uint64_t> thread_local_address(const ThreadLocalBase& base, machine::Cpu& cpu);

// For the task whose registers the CPU has; of a local variable the one of the innermost frame. Nothing where
// it is nowhere: no frame has it, a pointer leads nowhere. Of what is on the heap that is not known.
// `bias`: how much higher the program is than in its file.
std::optional<std::uint64_t> address_now(const Target& target, machine::Cpu& cpu, const kernel::Task& task,
                                         CallChains& callers, std::uint64_t bias);

}  // namespace trapline::scenario
