// A file that lies in memory, for mappings and programs of tests. For tests of the layers from kernel on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "emu/kernel/mm/file_bytes.hpp"

namespace trapline::support {

class MemoryContent final : public kernel::FileContent {
 public:
  explicit MemoryContent(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_.size(); }
  kernel::Result<std::uint64_t> read(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= bytes_.size()) return std::uint64_t{0};
    const auto rest = std::span(bytes_).subspan(offset);
    const std::uint64_t size = std::min(rest.size(), out.size());
    std::ranges::copy(rest.first(size), out.begin());
    return size;
  }

 private:
  std::vector<std::byte> bytes_;
};

inline kernel::FileBytes memory_content(std::vector<std::byte> bytes) {
  return std::make_shared<const MemoryContent>(std::move(bytes));
}

}  // namespace trapline::support
