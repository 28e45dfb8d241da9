// The kernel's symbols (kernel/kallsyms.c): by name and by address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "isa/address.hpp"

namespace trapline::kernel {

using isa::GuestVa;

struct KernelSymbol {
  std::string name;
  GuestVa address;
  std::uint64_t size = 0;  // bytes
  std::string module;      // "": the kernel's own
  char type = 't';         // as nm(1) shows it
};

class Kallsyms {
 public:
  void add(KernelSymbol symbol);
  void remove_module(std::string_view module);

  // Of several the kernel's own, then the one of the lowest address.
  const KernelSymbol* find(std::string_view name) const;
  // Which it lies in.
  const KernelSymbol* at(GuestVa address) const;
  // "name+0x8/0x20 [module]", or the address where no symbol is (sprint_symbol()).
  std::string sprint_symbol(GuestVa address) const;

  // The same of a return address, whose call may be its function's last instruction (sprint_backtrace()).
  std::string sprint_backtrace(GuestVa address) const;

  // By address.
  template <class Use>
  void each(Use use) const {
    for (const auto& [address, symbol] : by_address_) use(symbol);
  }

  std::size_t size() const { return by_address_.size(); }

 private:
  std::string text(GuestVa address, GuestVa lookup) const;

  std::multimap<std::uint64_t, KernelSymbol> by_address_;
};

}  // namespace trapline::kernel
