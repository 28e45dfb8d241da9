#include "emu/kernel/mm/vma.hpp"

namespace trapline::kernel {

std::shared_ptr<std::vector<std::byte>> charged_bytes(machine::PhysicalMemory& memory, std::uint64_t size) {
  struct Charged {
    machine::Charge charge;
    std::vector<std::byte> bytes;
  };
  if (!memory.can_charge(size)) return nullptr;
  const auto charged =
      std::make_shared<Charged>(Charged{machine::Charge(memory, size), std::vector<std::byte>(size)});
  return {charged, &charged->bytes};
}

}  // namespace trapline::kernel
