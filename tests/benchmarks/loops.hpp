// The guest code that is measured. Each piece is a loop that counts down (x86: rcx; PPC64: ctr), works on
// data (rbx; r3) with a stack (rsp; r1), and then ends the program: exit_group(0).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "isa/isa.hpp"

namespace trapline::benchmarks {

struct Loop {
  std::vector<std::byte> code;  // without the exit
  unsigned accesses = 0;        // to memory, an iteration

  std::uint64_t end() const { return code.size(); }  // where the loop is over
  // The code with the exit behind it.
  std::vector<std::byte> program(isa::Isa isa) const;
};

// Two stores and two loads among seven (PPC64: ten) instructions.
Loop store_heavy(isa::Isa isa);
// A call of a leaf function, an iteration.
Loop call_heavy(isa::Isa isa);
// Four conditional branches, of which three depend on pseudo-random data.
Loop branch_heavy(isa::Isa isa);

// One store to the data's first eight bytes an iteration, with nothing between.
Loop store_only(isa::Isa isa);
// The same with 1000 other instructions between; the code in which a watched variable is rare.
Loop rare_store(isa::Isa isa);
// Three instructions that access nothing.
Loop no_access(isa::Isa isa);
// Reads a byte from one descriptor and writes one to another (x86: r12 and r13, counts down r14; PPC64: r14
// and r15), to and from the data (rbx; r16).
Loop pass_on(isa::Isa isa);
// Nothing but the exit.
Loop nothing();

}  // namespace trapline::benchmarks
