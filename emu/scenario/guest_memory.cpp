#include "emu/scenario/guest_memory.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "isa/byte_order.hpp"

namespace trapline::scenario {

namespace {

// Of a page that nobody has touched: what its file has there, and zeros behind that.
bool read_untouched(const kernel::Mm& mm, isa::GuestVa address, std::span<std::byte> out) {
  auto after = mm.vmas().upper_bound(address.value);
  if (after == mm.vmas().begin()) return false;
  const kernel::Vma& vma = (--after)->second;
  if (!(address < vma.end) || vma.shared || !vma.accessible()) return false;
  return vma.file == nullptr || vma.file->read(vma.offset_of(address), out).ok();
}

}  // namespace

std::optional<std::uint64_t> load_unseen(const kernel::Mm& mm, isa::GuestVa address) {
  std::array<std::byte, sizeof(std::uint64_t)> bytes{};
  for (std::size_t known = 0; known < bytes.size();) {
    const auto rest = std::span(bytes).subspan(known);
    const std::size_t present = mm.read_present(address + known, rest);
    known += present;
    if (present == rest.size()) break;
    // The rest is in another page.
    const auto missing = std::span(bytes).subspan(known);
    if (!read_untouched(mm, address + known, missing)) return std::nullopt;
    const std::uint64_t in_page = mm.page_size() - (address + known).offset_in(mm.page_size());
    known += std::min<std::uint64_t>(missing.size(), in_page);
  }
  return isa::load_word(bytes, isa::byte_order(mm.isa()));
}

GuestLoad memory_of(const kernel::Task& task) {
  return [mm = task.mm](isa::GuestVa address) { return mm ? load_unseen(*mm, address) : std::nullopt; };
}

}  // namespace trapline::scenario
