// Relocations of modules (arch/x86/kernel/module.c, arch/powerpc/kernel/module_64.c).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/module/kernel_space.hpp"
#include "emu/kernel/module/module_object.hpp"

namespace trapline::kernel {

// A module under way: where its sections and symbols have come to lie.
struct PlacedModule {
  const ModuleObject& object;
  std::vector<GuestVa> sections{};  // by index; 0: not in memory
  std::vector<GuestVa> symbols{};   // by index
  // PPC64: where calls of functions elsewhere go through, kStubSize bytes each, and how many have one.
  GuestVa stubs{};
  std::uint64_t most_stubs = 0;
  std::vector<std::uint32_t> stub_symbols{};
};

// PPC64: how many bytes of stubs the module may need.
std::uint64_t stub_bytes(const ModuleObject& object);

// Throws ModuleError(ENOEXEC).
void apply_relocations(PlacedModule& module, KernelSpace& space);

}  // namespace trapline::kernel
