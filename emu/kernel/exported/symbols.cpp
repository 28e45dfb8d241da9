// The kernel's symbols for kernel code.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

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

std::optional<std::uint64_t> symbol_without_offset(ExportedCall& call) {
  const KernelSymbol* const symbol = call.exported.code().kallsyms().at(call.address(1));
  if (symbol == nullptr) return put_text(call, call.address(0), fmt::format("{:#x}", call.argument(1)));
  const std::string module = symbol->module.empty() ? "" : fmt::format(" [{}]", symbol->module);
  return put_text(call, call.address(0), symbol->name + module);
}

// kallsyms_lookup(): (address, &size, &offset, &module, name)
std::optional<std::uint64_t> look_up_address(ExportedCall& call) {
  const KernelSymbol* const symbol = call.exported.code().kallsyms().at(call.address(0));
  if (symbol == nullptr) return 0;
  const auto put = [&](std::size_t n, std::uint64_t value) {
    if (call.argument(n) != 0) (void)call.space().write_word(call.address(n), value);
  };
  put(1, symbol->size);
  put(2, call.argument(0) - symbol->address.value);
  put(3, 0);
  (void)put_text(call, call.address(4), symbol->name);
  return call.argument(4);
}

// (function, data): function(data, name, module, address) until one is not 0
std::optional<std::uint64_t> on_each_symbol(ExportedCall& call) {
  std::vector<KernelSymbol> symbols;
  call.exported.code().kallsyms().each([&](const KernelSymbol& symbol) { symbols.push_back(symbol); });
  const GuestVa function = call.address(0);
  const std::uint64_t data = call.argument(1);
  constexpr std::uint64_t kLongestName = 512;  // KSYM_NAME_LEN
  const GuestVa name = call.space().kmalloc(kLongestName);
  std::uint64_t result = 0;
  for (const KernelSymbol& symbol : symbols) {
    (void)put_text(call, name, symbol.name.substr(0, kLongestName - 1));
    const auto answer =
        call.kernel.call_now(call.cpu, call.task,
                             {.function = function,
                              .arguments = {data, name.value, std::uint64_t{0}, symbol.address.value},
                              .reason = "kallsyms_on_each_symbol()"});
    if (!answer) return std::nullopt;
    result = *answer;
    if (static_cast<std::int32_t>(result) != 0) break;
  }
  (void)call.space().kfree(name);
  return result;
}

// (entries, how many, to leave out)
std::optional<std::uint64_t> stack_trace_save(ExportedCall& call) {
  const std::uint64_t most = std::min<std::uint64_t>(call.argument(1), 128);
  // This function itself is in no trace.
  const std::uint64_t skipped = call.argument(2) + 1;
  const auto chain = call.exported.code().backtrace(call.cpu, call.task, most + skipped);
  std::uint64_t count = 0;
  for (std::size_t i = skipped; i < chain.size() && count < most; ++i, ++count)
    (void)call.space().write_word(call.address(0) + 8 * count, chain[i].address.value);
  return count;
}

constexpr std::array kSymbolFunctions{
    ExportedEntry{"sprint_symbol_no_offset", symbol_without_offset},
    ExportedEntry{"kallsyms_lookup", look_up_address},
    ExportedEntry{"kallsyms_on_each_symbol", on_each_symbol},
    ExportedEntry{"stack_trace_save", stack_trace_save},
    ExportedEntry{"sprint_backtrace",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_text(call, call.address(0),
                                    call.exported.code().kallsyms().sprint_backtrace(call.address(1)));
                  }},
    ExportedEntry{"core_kernel_text",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const KernelSymbol* const symbol = call.exported.code().kallsyms().at(call.address(0));
                    return symbol != nullptr && symbol->module.empty() ? 1 : 0;
                  }},
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
