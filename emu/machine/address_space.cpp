#include "emu/machine/address_space.hpp"

namespace trapline::machine {

void AddressSpace::map(GuestVa address, GuestPa frame, Permissions permissions) {
  const std::uint64_t number = address.value / page_size_;
  const std::uint64_t bit = std::uint64_t{1} << (number % kTablePages);
  // fork(2) maps page after page, so the last table is often the one.
  const bool last = !tables_.empty() && tables_.rbegin()->first == number / kTablePages;
  Table& table = last ? tables_.rbegin()->second : tables_[number / kTablePages];
  Page& page = table.pages[number % kTablePages];
  if ((table.mapped & bit) != 0) {
    if (page.frame != frame || narrows(page.permissions, permissions)) ++revision_;
  } else {
    table.mapped |= bit;
    ++pages_;
  }
  page = {frame, permissions};
}

const AddressSpace::Page* AddressSpace::page(GuestVa address) const {
  const std::uint64_t number = address.value / page_size_;
  if (last_.table == nullptr || last_.number != number / kTablePages) {
    const auto table = tables_.find(number / kTablePages);
    if (table == tables_.end()) return nullptr;
    last_.table = &table->second;
    last_.number = number / kTablePages;
  }
  if ((last_.table->mapped >> (number % kTablePages) & 1) == 0) return nullptr;
  return &last_.table->pages[number % kTablePages];
}

std::optional<Translation> AddressSpace::translate(GuestVa address) const {
  if (real_ != 0) {
    const GuestPa real(address.value & (~std::uint64_t{0} >> 4));
    if (real.value >= real_) return std::nullopt;
    const auto code = code_ == nullptr ? std::nullopt : code_->translate(address);
    const bool execute = code_ == nullptr || (code && code->permissions.execute);
    return Translation{real, {.read = true, .write = true, .execute = execute}};
  }
  if (kernel_ != nullptr) {
    const bool upper = static_cast<std::int64_t>(address.value) < 0;
    if (upper) return kernel_->translate(address);
    auto translation = user_ == nullptr ? std::nullopt : user_->translate(address);
    if (translation) translation->permissions.execute = false;  // SMEP; PPC64: KUEP
    return translation;
  }
  const Page* const found = page(address);
  if (found == nullptr) return std::nullopt;
  return Translation{found->frame + address.offset_in(page_size_), found->permissions};
}

}  // namespace trapline::machine
