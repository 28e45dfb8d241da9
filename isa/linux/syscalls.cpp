#include "isa/linux/syscalls.hpp"

#include <algorithm>
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

struct Ia32Entry {
  std::uint16_t number;
  Syscall call;
};

constexpr auto kIa32 = std::to_array<Ia32Entry>({
#define TRAPLINE_IA32_SYSCALL(number, name) Ia32Entry{number, Syscall::sys_##name},
#include "isa/linux/ia32_syscalls.inc"
#undef TRAPLINE_IA32_SYSCALL
});
static_assert(std::ranges::is_sorted(kIa32, {}, &Ia32Entry::number));

}  // namespace

std::optional<Syscall> syscall_of_ia32(std::uint64_t number) {
  const auto found = std::ranges::lower_bound(kIa32, number, {}, &Ia32Entry::number);
  if (found == kIa32.end() || found->number != number) return std::nullopt;
  return found->call;
}

std::string_view name(Syscall call) { return kEntries[static_cast<std::size_t>(call)].name; }

std::optional<Syscall> syscall_of(Isa isa, std::uint64_t number) {
  if (number >= kNumbers) return std::nullopt;
  const Syscall call = kByNumber[static_cast<std::size_t>(isa)][number];
  if (call == Syscall::kCount) return std::nullopt;
  return call;
}

}  // namespace trapline::isa::linux_abi
