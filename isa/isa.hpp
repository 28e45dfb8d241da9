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
constexpr std::string_view name(Isa isa) { return isa == Isa::X86_64 ? "x86-64" : "ppc64"; }

constexpr std::optional<Isa> from_name(std::string_view text) {
  for (const Isa isa : kAllIsas) {
    if (name(isa) == text) return isa;
  }
  return std::nullopt;
}

// PPC64 means the big-endian ELFv1 Linux ABI; x86-64 is little-endian.
constexpr std::endian byte_order(Isa isa) {
  return isa == Isa::X86_64 ? std::endian::little : std::endian::big;
}

}  // namespace trapline::isa
