// Messages of kernel code: printk(), the kernel's own vsnprintf(), dump_stack(), and what it says when it is
// wrong.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/printk/format.hpp"
#include "emu/kernel/printk/printk.hpp"

namespace trapline::kernel {

namespace {

using Next = std::function<std::uint64_t()>;

void log(const ExportedCall& call, std::string_view text) {
  call.exported.printk().log(call.kernel.perf().clock(call.cpu.index()), text);
  call.cpu.charge(costs::kMessage + costs::kMessageByte * text.size());
}

// The arguments of a function with "...", from the n-th on.
Next variadic(const ExportedCall& call, std::size_t n) {
  return [&call, n]() mutable { return call.argument(n++); };
}

// Those of a va_list. x86-64: System V ABI, 3.5.7; PPC64: a pointer to doublewords.
Next va_list_of(const ExportedCall& call, GuestVa at) {
  KernelSpace& space = call.space();
  if (space.isa() == isa::Isa::Ppc64) {
    return [&space, at]() mutable {
      const std::uint64_t value = space.read_word(at).value_or(0);
      at = at + 8;
      return value;
    };
  }
  constexpr std::uint64_t kRegisters = 48;  // bytes that general registers take in the save area
  auto offset = space.read_word(at, 4).value_or(kRegisters);
  GuestVa overflow(space.read_word(at + 8).value_or(0));
  const GuestVa saved(space.read_word(at + 16).value_or(0));
  return [&space, offset, overflow, saved]() mutable {
    const bool in_register = offset < kRegisters;
    const GuestVa from = in_register ? saved + offset : overflow;
    if (in_register)
      offset += 8;
    else
      overflow = overflow + 8;
    return space.read_word(from).value_or(0);
  };
}

std::string formatted(const ExportedCall& call, std::size_t format, const Next& next) {
  std::string text = vsnprintf({call.space(), call.exported.code().kallsyms()}, call.text(format), next);
  call.cpu.charge(costs::kFormatByte * text.size());
  return text;
}

// Into a buffer of `size` bytes, always with a NUL. What it would have been long.
std::uint64_t put_formatted(const ExportedCall& call, GuestVa buffer, std::uint64_t size,
                            const std::string& text) {
  if (size == 0) return text.size();
  const std::size_t length = std::min<std::uint64_t>(text.size(), size - 1);
  std::vector<std::byte> bytes(length + 1);
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), bytes.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  (void)call.space().write(buffer, bytes);
  return text.size();
}
std::uint64_t put_whole(const ExportedCall& call, GuestVa buffer, std::uint64_t size,
                        const std::string& text) {
  const std::uint64_t length = put_formatted(call, buffer, size, text);
  return size == 0 ? 0 : std::min(length, size - 1);
}

constexpr std::uint64_t kNoBound = 0x7fffffff;  // INT_MAX, of sprintf()

std::optional<std::uint64_t> do_printk(ExportedCall& call) {
  const std::string text = formatted(call, 0, variadic(call, 1));
  log(call, text);
  return text.size();
}

// Who is called, from where, with what (show_stack()).
void show_stack(const ExportedCall& call) {
  log(call, fmt::format("CPU: {} PID: {} Comm: {} Not tainted 6.1.0\n", call.cpu.index(), call.task.tid(),
                        call.task.comm));
  log(call, "Call Trace:\n");
  constexpr std::size_t kMost = 32;
  for (const KernelCode::Caller& caller : call.exported.code().backtrace(call.cpu, call.task, kMost))
    log(call, fmt::format(" {}\n", caller.name));
}

std::string caller_name(const ExportedCall& call) {
  return call.exported.code().kallsyms().sprint_symbol(
      call.exported.code().abi().caller(call.cpu, call.space()));
}

// panic()
std::optional<std::uint64_t> do_panic(ExportedCall& call) {
  std::string text = formatted(call, 0, variadic(call, 1));
  while (text.ends_with('\n')) text.pop_back();
  log(call, fmt::format("\0010Kernel panic - not syncing: {}\n", text));
  show_stack(call);
  call.kernel.panic(call.cpu, text);
  return std::nullopt;
}

constexpr std::array kMessageFunctions{
    ExportedEntry{"_printk", do_printk},
    ExportedEntry{"vprintk",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const std::string text = formatted(call, 0, va_list_of(call, call.address(1)));
                    log(call, text);
                    return text.size();
                  }},
    ExportedEntry{"snprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_formatted(call, call.address(0), call.argument(1),
                                         formatted(call, 2, variadic(call, 3)));
                  }},
    ExportedEntry{"scnprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_whole(call, call.address(0), call.argument(1),
                                     formatted(call, 2, variadic(call, 3)));
                  }},
    ExportedEntry{"sprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_formatted(call, call.address(0), kNoBound,
                                         formatted(call, 1, variadic(call, 2)));
                  }},
    ExportedEntry{"vsnprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_formatted(call, call.address(0), call.argument(1),
                                         formatted(call, 2, va_list_of(call, call.address(3))));
                  }},
    ExportedEntry{"vscnprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_whole(call, call.address(0), call.argument(1),
                                     formatted(call, 2, va_list_of(call, call.address(3))));
                  }},
    ExportedEntry{"kasprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const std::string text = formatted(call, 1, variadic(call, 2));
                    const GuestVa copy = call.space().kmalloc(text.size() + 1);
                    if (copy.value != 0) (void)put_formatted(call, copy, text.size() + 1, text);
                    return copy.value;
                  }},
    ExportedEntry{"kvasprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const std::string text = formatted(call, 1, va_list_of(call, call.address(2)));
                    const GuestVa copy = call.space().kmalloc(text.size() + 1);
                    if (copy.value != 0) (void)put_formatted(call, copy, text.size() + 1, text);
                    return copy.value;
                  }},
    ExportedEntry{"vsprintf",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return put_formatted(call, call.address(0), kNoBound,
                                         formatted(call, 1, va_list_of(call, call.address(2))));
                  }},
    ExportedEntry{"panic", do_panic},
    ExportedEntry{"__warn",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    log(call, "------------[ cut here ]------------\n");
                    if (call.argument(2) != 0) {
                      log(call, formatted(call, 2, variadic(call, 3)));
                      call.exported.printk().flush();
                    }
                    log(call, fmt::format("WARNING: CPU: {} PID: {} at {}:{} {}\n", call.cpu.index(),
                                          call.task.tid(), call.text(0), call.integer(1), caller_name(call)));
                    show_stack(call);
                    log(call, "---[ end trace 0000000000000000 ]---\n");
                    return 0;
                  }},
    ExportedEntry{"__bug",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    log(call, "------------[ cut here ]------------\n");
                    const bool x86 = call.space().isa() == isa::Isa::X86_64;
                    const int signal = x86 ? isa::linux_abi::kSigSegv : isa::linux_abi::kSigTrap;
                    const std::string where = fmt::format("{}:{}", call.text(0), call.integer(1));
                    // The trap is the call: `call __bug`, `bl __bug`.
                    call.exported.code().abi().return_from(call.cpu, call.space(), 0);
                    call.cpu.set_pc(call.cpu.pc() - (x86 ? 5 : 4));
                    call.kernel.oops(call.cpu, call.task,
                                     {fmt::format("kernel BUG at {}!", where),
                                      call.kernel.die_line(
                                          x86 ? "invalid opcode" : "Exception in kernel mode", 0, signal)},
                                     signal);
                    return std::nullopt;
                  }},
    ExportedEntry{"dump_stack",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    show_stack(call);
                    return 0;
                  }},
};

}  // namespace

// __schedule_bug()
void Exported::scheduling_while_atomic(ExportedCall& call) {
  log(call, fmt::format("\0013BUG: scheduling while atomic: {}/{}/{:#010x}\n", call.task.comm,
                        call.task.tid(), preempt_count(call)));
  show_stack(call);
}

std::span<const ExportedEntry> message_functions() { return kMessageFunctions; }

}  // namespace trapline::kernel
