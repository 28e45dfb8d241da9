// Files that kernel code makes (scenarios/kernel/lib/gates.h), and what the kernel shows of itself.
#include <fmt/format.h>

#include <array>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

using Value = std::optional<std::uint64_t>;

Value as_value(const Status& status) { return status ? 0 : error_value(status.error().number); }

MadeFiles& made(ExportedCall& call) { return call.kernel.file_system().made(); }

constexpr std::array kFileFunctions{
    // (path, mode, inode)
    ExportedEntry{"__file_add",
                  [](ExportedCall& call) -> Value {
                    return as_value(call.kernel.kernel_half().files().add(
                        call.text(0), static_cast<std::uint32_t>(call.argument(1)), call.address(2)));
                  }},
    ExportedEntry{"__folder_add",
                  [](ExportedCall& call) -> Value {
                    return as_value(
                        made(call).add(call.text(0), {.content = MadeFolder{}, .permissions = 0755}));
                  }},
    // (path, target)
    ExportedEntry{"__symlink_add",
                  [](ExportedCall& call) -> Value {
                    return as_value(made(call).add(call.text(0),
                                                   {.content = MadeLink{call.text(1)}, .permissions = 0777}));
                  }},
    // (task)
    ExportedEntry{"__poll_wake",
                  [](ExportedCall& call) -> Value {
                    if (Task* const task = call.exported.task_of(call.address(0)))
                      GuestFiles::wake_poll(*task);
                    return 0;
                  }},
    ExportedEntry{"__file_remove",
                  [](ExportedCall& call) -> Value {
                    made(call).remove(call.text(0));
                    return 0;
                  }},
};

}  // namespace

std::span<const ExportedEntry> file_functions() { return kFileFunctions; }

// kernel/kallsyms.c
std::string KernelHalf::kallsyms_text() {
  std::string text;
  code_.kallsyms().each([&](const KernelSymbol& symbol) {
    text += fmt::format("{:016x} {} {}", symbol.address.value, symbol.type, symbol.name);
    text += symbol.module.empty() ? "\n" : fmt::format("\t[{}]\n", symbol.module);
  });
  return text;
}

// kernel/module/procfs.c
std::string KernelHalf::modules_text() {
  std::string text;
  modules_.each_newest_first([&](const Module& module) {
    const char* const state = module.state == Module::State::Live     ? "Live"
                              : module.state == Module::State::Coming ? "Loading"
                                                                      : "Unloading";
    text += fmt::format("{} {} {} - {} {:#018x}\n", module.name, module.size(), modules_.references(module),
                        state, module.base().value);
  });
  return text;
}

}  // namespace trapline::kernel
