// The kernel's symbols for kernel code.
#include <array>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

std::uint64_t put_text(const ExportedCall& call, GuestVa buffer, const std::string& text) {
  std::vector<std::byte> bytes;
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  bytes.push_back(std::byte{0});
  (void)call.space().write(buffer, bytes);
  return text.size();
}

std::optional<std::uint64_t> lookup(ExportedCall& call) {
  call.cpu.charge(costs::kSymbol * call.exported.code().kallsyms().size());
  const KernelSymbol* const symbol = call.exported.code().kallsyms().find(call.text(0));
  return symbol == nullptr ? 0 : symbol->address.value;
}

constexpr std::array kSymbolFunctions{
    ExportedEntry{"kallsyms_lookup_name", lookup},
    ExportedEntry{"__symbol_get", lookup},
    ExportedEntry{"__symbol_put", [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
    ExportedEntry{"sprint_symbol",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_text(call, call.address(0),
                                    call.exported.code().kallsyms().sprint_symbol(call.address(1)));
                  }},
    ExportedEntry{"lookup_symbol_name",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const KernelSymbol* const symbol = call.exported.code().kallsyms().at(call.address(0));
                    if (symbol == nullptr) return error_value(ERANGE);
                    (void)put_text(call, call.address(1), symbol->name);
                    return 0;
                  }},
};

}  // namespace

std::span<const ExportedEntry> symbol_functions() { return kSymbolFunctions; }

}  // namespace trapline::kernel
