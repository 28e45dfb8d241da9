// PPC64 instructions that need care, told by their word: those whose result an engine would take from its
// host (reads of the time base, random numbers), and those that work in pairs.
#pragma once

#include <cstdint>
#include <optional>

namespace trapline::isa::ppc64 {

// mftb and mftbu, also as mfspr with the numbers 268 and 269 (Power ISA v2.07 Book II, 6.2.1).
struct TimeBaseRead {
  unsigned target = 0;  // the general register that it is read to
  bool upper = false;   // only the upper 32 bits of it
};
std::optional<TimeBaseRead> time_base_read(std::uint32_t word);

// Load and reserve, store conditional (Book II, 4.6.2): an interrupt between the two loses the reservation.
bool is_reservation(std::uint32_t word);

// tw, td, twi and tdi (Power ISA v2.07 Book I, 3.3.11): the only instructions whose program interrupt is a
// trap.
bool is_trap(std::uint32_t word);

// dcbf with whatever hint (Power ISA v2.07 Book II, 4.3.2).
bool is_cache_flush(std::uint32_t word);

// mfspr of PURR or SPURR, which is privileged (Power ISA v2.07 Book III-S, 7.4).
bool is_privileged_counter(std::uint32_t word);

// or rx,rx,rx, which sets the thread's priority (Power ISA v2.07 Book II, 3.2): a no-operation otherwise.
bool is_priority_hint(std::uint32_t word);

// darn (Power ISA v3.0 Book I, 3.3.9).
bool is_random_number(std::uint32_t word);

// mfspr of the processor version register, which is privileged: the general register that it is read to.
std::optional<unsigned> processor_version_read(std::uint32_t word);

}  // namespace trapline::isa::ppc64
