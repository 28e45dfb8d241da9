// The instruction sets that Trapline knows, and the facts that hold for each as a whole.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::isa {

enum class Isa : std::uint8_t { X86_64, Ppc64 };

inline constexpr std::array kAllIsas{Isa::X86_64, Isa::Ppc64};

// The name used in scenario files, options and reports.
constexpr std::string_view name(Isa isa) {
  switch (isa) {
    case Isa::X86_64:
      return "x86-64";
    case Isa::Ppc64:
      return "ppc64";
  }
  return {};
}

constexpr std::optional<Isa> from_name(std::string_view text) {
  for (const Isa isa : kAllIsas) {
    if (name(isa) == text) return isa;
  }
  return std::nullopt;
}

// PPC64 means the big-endian ELFv1 Linux ABI; x86-64 is little-endian.
constexpr std::endian byte_order(Isa isa) {
  switch (isa) {
    case Isa::X86_64:
      return std::endian::little;
    case Isa::Ppc64:
      return std::endian::big;
  }
  return std::endian::native;
}

// e_machine of its ELF files: EM_X86_64, EM_PPC64.
constexpr std::uint16_t elf_machine(Isa isa) {
  switch (isa) {
    case Isa::X86_64:
      return 62;
    case Isa::Ppc64:
      return 21;
  }
  return 0;
}

// Whose an ELF file is, by its e_machine and byte order; nothing: of none of them.
constexpr std::optional<Isa> from_elf(std::uint16_t machine, std::endian order) {
  for (const Isa isa : kAllIsas) {
    if (elf_machine(isa) == machine && byte_order(isa) == order) return isa;
  }
  return std::nullopt;
}

// Whether a function's address is that of a descriptor, which has the code's (64-bit PowerPC ELF ABI
// Supplement, 3.2.2), but for files whose flags say otherwise.
constexpr bool has_function_descriptors(Isa isa) {
  switch (isa) {
    case Isa::X86_64:
      return false;
    case Isa::Ppc64:
      return true;
  }
  return false;
}

}  // namespace trapline::isa
