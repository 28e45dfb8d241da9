// kprobes, kretprobes and die notifiers for kernel code (linux/kprobes.h, linux/kdebug.h).
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

using Value = std::optional<std::uint64_t>;

Kprobes& kprobes(ExportedCall& call) { return call.kernel.kernel_half().kprobes(); }

std::uint64_t result(int value) { return static_cast<std::uint64_t>(std::int64_t{value}); }

constexpr std::array kProbeFunctions{
    ExportedEntry{
        "register_kprobe",
        [](ExportedCall& call) -> Value { return result(kprobes(call).register_kprobe(call.address(0))); }},
    ExportedEntry{"unregister_kprobe",
                  [](ExportedCall& call) -> Value {
                    kprobes(call).unregister_kprobe(call.address(0));
                    return 0;
                  }},
    ExportedEntry{"register_kretprobe",
                  [](ExportedCall& call) -> Value {
                    return result(kprobes(call).register_kretprobe(call.address(0)));
                  }},
    ExportedEntry{"unregister_kretprobe",
                  [](ExportedCall& call) -> Value {
                    kprobes(call).unregister_kretprobe(call.address(0));
                    return 0;
                  }},
    ExportedEntry{
        "enable_kprobe",
        [](ExportedCall& call) -> Value { return result(kprobes(call).enable(call.address(0), true)); }},
    ExportedEntry{
        "disable_kprobe",
        [](ExportedCall& call) -> Value { return result(kprobes(call).enable(call.address(0), false)); }},
    ExportedEntry{"get_kprobe",
                  [](ExportedCall& call) -> Value { return kprobes(call).at(call.address(0)).value; }},
    ExportedEntry{"kprobe_running",
                  [](ExportedCall& call) -> Value { return kprobes(call).running(call.cpu).value; }},
};

constexpr std::array kDieFunctions{
    ExportedEntry{"register_die_notifier",
                  [](ExportedCall& call) -> Value {
                    call.kernel.kernel_half().die_notifiers().add(call.address(0));
                    return 0;
                  }},
    ExportedEntry{"unregister_die_notifier",
                  [](ExportedCall& call) -> Value {
                    const bool known = call.kernel.kernel_half().die_notifiers().remove(call.address(0));
                    return known ? 0 : error_value(ENOENT);
                  }},
    // (val, text, regs, error, trap, signal)
    ExportedEntry{"notify_die",
                  [](ExportedCall& call) -> Value {
                    DieNotifiers& notifiers = call.kernel.kernel_half().die_notifiers();
                    const std::string text = call.text(1);
                    (void)notifiers.call(call.cpu, call.task,
                                         {.val = call.argument(0),
                                          .text = text,
                                          .error = static_cast<std::int64_t>(call.argument(3)),
                                          .trap = call.integer(4),
                                          .signal = call.integer(5)});
                    return notifiers.answer();
                  }},
    // (buffer, bytes): the same in each run, as nothing here is random.
    ExportedEntry{"get_random_bytes",
                  [](ExportedCall& call) -> Value {
                    std::vector<std::byte> bytes(std::min<std::uint64_t>(call.argument(1), 1U << 16));
                    call.kernel.kernel_half().random_bytes(bytes);
                    (void)call.space().write(call.address(0), bytes);
                    return 0;
                  }},
};

Value return_from_probed(ExportedCall& call) {
  kprobes(call).returned(call.cpu, call.task);
  return std::nullopt;
}

constexpr std::array kTrampolines{
    std::array{ExportedEntry{return_trampoline_name(isa::Isa::X86_64), return_from_probed}},
    std::array{ExportedEntry{return_trampoline_name(isa::Isa::Ppc64), return_from_probed}},
};

}  // namespace

std::span<const ExportedEntry> probe_functions() { return kProbeFunctions; }
std::span<const ExportedEntry> die_functions() { return kDieFunctions; }
std::span<const ExportedEntry> trampolines(isa::Isa isa) {
  return kTrampolines.at(isa == isa::Isa::X86_64 ? 0 : 1);
}

}  // namespace trapline::kernel
