#include "emu/kernel/arch/arch.hpp"

#include "emu/kernel/mm/mm.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

std::optional<Vma> Arch::gate_vma() const { return std::nullopt; }

std::unique_ptr<Arch> make_arch(const ArchUses& uses) {
  switch (uses.machine.isa()) {
    case isa::Isa::X86_64:
      return make_x86_arch(uses);
    case isa::Isa::Ppc64:
      break;
  }
  return make_ppc64_arch(uses);
}

}  // namespace trapline::kernel
