#include "isa/linux/syscalls.hpp"

#include <array>

namespace trapline::isa::linux_abi {

namespace {

struct Entry {
  std::string_view name;
  std::array<int, 2> numbers;  // by Isa; -1: none
};

constexpr auto kEntries = std::to_array<Entry>({
#define TRAPLINE_SYSCALL(name, x86_64, ppc64) Entry{#name, {x86_64, ppc64}},
#include "isa/linux/syscalls.inc"
#undef TRAPLINE_SYSCALL
});

constexpr std::size_t kNumbers = 512;

constexpr auto by_number(Isa isa) {
  std::array<Syscall, kNumbers> calls{};
  calls.fill(Syscall::kCount);
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    const int number = kEntries[i].numbers[static_cast<std::size_t>(isa)];
    if (number >= 0) calls[static_cast<std::size_t>(number)] = static_cast<Syscall>(i);
  }
  return calls;
}

constexpr std::array kByNumber{by_number(Isa::X86_64), by_number(Isa::Ppc64)};

}  // namespace

std::string_view name(Syscall call) { return kEntries[static_cast<std::size_t>(call)].name; }

std::optional<Syscall> syscall_of(Isa isa, std::uint64_t number) {
  if (number >= kNumbers) return std::nullopt;
  const Syscall call = kByNumber[static_cast<std::size_t>(isa)][number];
  if (call == Syscall::kCount) return std::nullopt;
  return call;
}

}  // namespace trapline::isa::linux_abi
