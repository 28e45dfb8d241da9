// An ELF object as the module loader sees it: sections, symbols and relocations, each checked to lie in the
// file. It is relocatable, or linked at addresses of the kernel's already.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "isa/isa.hpp"

namespace trapline::kernel {

// The module cannot be loaded; `number` is what init_module(2) says of it.
class ModuleError : public std::runtime_error {
 public:
  ModuleError(int error, const std::string& why) : std::runtime_error(why), number(error) {}

  int number;
};

struct ModuleObject {
  struct Section {
    std::string name;
    std::uint32_t type = 0;   // SHT_*
    std::uint64_t flags = 0;  // SHF_*
    std::uint64_t size = 0;   // bytes in memory
    std::uint64_t alignment = 1;
    std::uint64_t address = 0;           // where one that is linked lies
    std::span<const std::byte> bytes{};  // none of SHT_NOBITS
  };
  struct Symbol {
    std::string name;
    std::uint64_t value = 0;  // from its section's beginning, or absolute
    std::uint64_t size = 0;
    std::uint16_t section = 0;  // SHN_UNDEF, SHN_ABS, SHN_COMMON, or an index
    std::uint8_t type = 0;      // STT_*
    std::uint8_t binding = 0;   // STB_*
  };
  struct Relocation {
    std::uint64_t offset = 0;  // in its section
    std::uint32_t type = 0;    // R_*
    std::uint32_t symbol = 0;
    std::int64_t addend = 0;
  };
  struct Relocations {
    std::uint32_t section = 0;  // which they are for
    std::vector<Relocation> all;
  };

  isa::Isa isa{};
  // Its sections lie where they say. What is left to relocate are uses of symbols that it does not have
  // (ld --emit-relocs --unresolved-symbols=ignore-all).
  bool linked = false;
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
  std::vector<Relocations> relocations;
};

// Valid as long as the bytes are. Throws ModuleError(ENOEXEC).
ModuleObject read_module(std::span<const std::byte> file);
// A kernel image: of either kind.
ModuleObject read_image(std::span<const std::byte> file);

}  // namespace trapline::kernel
