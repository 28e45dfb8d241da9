#include "emu/kernel/arch/x86/step.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "isa/x86/prefixes.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::kernel::x86_arch {

namespace {

// POPF or IRET, which load the flag: what it is afterwards is the program's (is_setting_trap_flag()).
bool is_setting_trap_flag(machine::Cpu& cpu, Mm& mm) {
  std::array<std::byte, 15> code{};
  std::size_t size = 0;
  while (size < code.size() && mm.peek(cpu.pc() + size, std::span(code).subspan(size, 1))) ++size;
  const std::size_t at = isa::x86::scan_prefixes(std::span(code).first(size)).length;
  return at < size && (code[at] == std::byte{0x9d} || code[at] == std::byte{0xcf});
}

}  // namespace

void user_enable_single_step(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, bool block) {
  const bool set = std::exchange(thread.user_single_step, true) || cpu.single_step();
  if (is_setting_trap_flag(cpu, mm)) {
    thread.forced_tf = false;
  } else if (!set) {
    thread.forced_tf = true;
  }
  // A program that steps itself is not stepped by blocks.
  cpu.set_single_step(true, block && thread.forced_tf);
}

void user_disable_single_step(machine::Cpu& cpu, ThreadArch& thread) {
  thread.user_single_step = false;
  const bool own = !std::exchange(thread.forced_tf, false) && cpu.single_step();
  cpu.set_single_step(own);
}

}  // namespace trapline::kernel::x86_arch
