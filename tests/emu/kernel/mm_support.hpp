// A machine of a few frames and address spaces in it, for tests of memory.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/mm/mm.hpp"
#include "emu/machine/machine.hpp"
#include "tests/support/memory_content.hpp"

namespace trapline::kernel::testing {

constexpr Permissions kNone{};
constexpr Permissions kRead{.read = true};
constexpr Permissions kReadWrite{.read = true, .write = true};
constexpr Permissions kReadExecute{.read = true, .execute = true};

class Memory {
 public:
  explicit Memory(std::uint64_t frames = 256, isa::Isa isa = isa::Isa::X86_64)
      : page(machine::linux_page_size(isa)), machine(spec(isa, frames)), mm(std::make_shared<Mm>(machine)) {}

  static machine::MachineSpec spec(isa::Isa isa, std::uint64_t frames) {
    machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
    spec.memory = frames * machine::linux_page_size(isa);
    return spec;
  }

  std::uint64_t free_frames() { return machine.memory().free_frames(); }

  const std::uint64_t page;
  machine::Machine machine;
  std::shared_ptr<Mm> mm;
};

inline Mm::MapRequest anonymous(std::uint64_t at, std::uint64_t size, Permissions permissions = kReadWrite,
                                bool shared = false, std::uint32_t flags = 0) {
  Mm::MapRequest request{.at = GuestVa(at), .fixed = true, .size = size};
  request.vma.permissions = permissions;
  request.vma.shared = shared;
  request.vma.flags = flags;
  return request;
}

inline FileBytes file_of(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 4096 + 1);
  return support::memory_content(std::move(bytes));
}

// -1 where it cannot be read.
inline int byte_at(Mm& mm, std::uint64_t address) {
  const auto word = mm.read_word(GuestVa(address), 1);
  return word ? static_cast<int>(*word) : -1;
}
inline bool put_byte(Mm& mm, std::uint64_t address, int value) {
  return mm.write_word(GuestVa(address), static_cast<std::uint64_t>(value), 1);
}

template <class T>
int errno_of(const Result<T>& result) {
  return result ? 0 : result.error().number;
}

// "start-end perms" of each mapping, in pages.
inline std::string layout_of(const Mm& mm) {
  std::string text;
  for (const auto& [start, vma] : mm.vmas()) {
    if (!text.empty()) text += ' ';
    text += std::to_string(vma.start.value / mm.page_size()) + '-' +
            std::to_string(vma.end.value / mm.page_size());
    text += vma.permissions.read ? 'r' : '-';
    text += vma.permissions.write ? 'w' : '-';
    if (vma.permissions.execute) text += 'x';
  }
  return text;
}

}  // namespace trapline::kernel::testing
