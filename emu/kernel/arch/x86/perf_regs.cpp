#include "emu/kernel/arch/x86/perf_regs.hpp"

#include <array>
#include <bit>

#include "isa/byte_order.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel::x86_arch {

namespace {

using isa::x86::Reg;

// enum perf_event_x86_regs
constexpr std::array kPerfOrder{Reg::rax, Reg::rbx, Reg::rcx, Reg::rdx,    Reg::rsi, Reg::rdi,
                                Reg::rbp, Reg::rsp, Reg::rip, Reg::rflags, Reg::cs,  Reg::ss,
                                Reg::ds,  Reg::es,  Reg::fs,  Reg::gs,     Reg::r8,  Reg::r9,
                                Reg::r10, Reg::r11, Reg::r12, Reg::r13,    Reg::r14, Reg::r15};

}  // namespace

std::size_t perf_regs(machine::Cpu& cpu, std::uint64_t mask, std::span<std::uint64_t> out) {
  std::size_t count = 0;
  for (std::uint64_t left = mask & kPerfRegs; left != 0; left &= left - 1) {
    out[count++] = cpu.get(kPerfOrder[static_cast<std::size_t>(std::countr_zero(left))]);
  }
  return count;
}

// Linux looks at nothing but whether the frame can be read: a chain of frame pointers may go anywhere, even
// round in circles.
void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain) {
  GuestVa frame(cpu.get(Reg::rbp));
  while (!chain.full()) {
    std::array<std::byte, 16> words{};  // the caller's RBP, and where it goes on
    if (mm.read_present(frame, words) != words.size()) return;
    chain.store(GuestVa(isa::load_word(std::span(words).last<8>(), std::endian::little)));
    frame = GuestVa(isa::load_word(std::span(words).first<8>(), std::endian::little));
  }
}

}  // namespace trapline::kernel::x86_arch
