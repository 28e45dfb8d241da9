#include "emu/machine/address_space.hpp"

namespace trapline::machine {

void AddressSpace::map(GuestVa address, GuestPa frame, Permissions permissions) {
  const auto [page, added] = pages_.insert_or_assign(address.value / page_size_, Page{frame, permissions});
  if (!added) ++revision_;
}

void AddressSpace::unmap(GuestVa address) {
  if (pages_.erase(address.value / page_size_) != 0) ++revision_;
}

std::optional<Translation> AddressSpace::translate(GuestVa address) const {
  if (real_ != 0) {
    const GuestPa real(address.value & (~std::uint64_t{0} >> 4));
    if (real.value >= real_) return std::nullopt;
    const auto code = code_ == nullptr ? std::nullopt : code_->translate(address);
    const bool execute = code_ == nullptr || (code && code->permissions.execute);
    return Translation{real, {.read = true, .write = true, .execute = execute}};
  }
  const auto page = pages_.find(address.value / page_size_);
  if (page == pages_.end()) return std::nullopt;
  return Translation{page->second.frame + address.offset_in(page_size_), page->second.permissions};
}

}  // namespace trapline::machine
