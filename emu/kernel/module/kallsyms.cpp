#include "emu/kernel/module/kallsyms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace trapline::kernel {

void Kallsyms::add(KernelSymbol symbol) {
  const std::uint64_t address = symbol.address.value;
  by_address_.emplace(address, std::move(symbol));
}

void Kallsyms::remove_module(std::string_view module) {
  std::erase_if(by_address_, [module](const auto& entry) { return entry.second.module == module; });
}

const KernelSymbol* Kallsyms::find(std::string_view name) const {
  const KernelSymbol* found = nullptr;
  for (const auto& [address, symbol] : by_address_) {
    if (symbol.name != name) continue;
    if (symbol.module.empty()) return &symbol;
    if (found == nullptr) found = &symbol;
  }
  return found;
}

const KernelSymbol* Kallsyms::at(GuestVa address) const {
  auto after = by_address_.upper_bound(address.value);
  if (after == by_address_.begin()) return nullptr;
  const auto last = std::prev(after);
  // Of those of one address the first is the one that was added first.
  const KernelSymbol& symbol = by_address_.lower_bound(last->first)->second;
  const std::uint64_t offset = address.value - symbol.address.value;
  return offset == 0 || offset < symbol.size ? &symbol : nullptr;
}

std::string Kallsyms::text(GuestVa address, GuestVa lookup) const {
  const KernelSymbol* const symbol = at(lookup);
  if (symbol == nullptr) return fmt::format("{:#x}", address.value);
  const std::string module = symbol->module.empty() ? "" : fmt::format(" [{}]", symbol->module);
  return fmt::format("{}+{:#x}/{:#x}{}", symbol->name, address.value - symbol->address.value, symbol->size,
                     module);
}

std::string Kallsyms::sprint_symbol(GuestVa address) const { return text(address, address); }
std::string Kallsyms::sprint_backtrace(GuestVa address) const { return text(address, address - 1); }

}  // namespace trapline::kernel
