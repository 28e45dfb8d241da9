// What the kernel says before it gives up what its code did (arch/x86/kernel/dumpstack.c,
// arch/powerpc/kernel/process.c and traps.c).
#include <fmt/format.h>

#include <array>
#include <string>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

// struct pt_regs, by words.
class SavedRegisters {
 public:
  SavedRegisters(std::vector<std::byte> bytes, std::endian order) : bytes_(std::move(bytes)), order_(order) {}
  std::uint64_t operator[](std::size_t n) const {
    return isa::load_word(std::span(bytes_).subspan(8 * n, 8), order_);
  }

 private:
  std::vector<std::byte> bytes_;
  std::endian order_;
};

using Lines = std::vector<std::string>;

// The bytes around the PC, and which of them it is at.
std::string code_around(const KernelSpace& space, GuestVa pc) {
  const bool words = space.isa() == isa::Isa::Ppc64;
  const std::uint64_t step = words ? 4 : 1;
  const std::uint64_t before = words ? 32 : 42;
  const std::uint64_t after = words ? 32 : 22;
  std::string text;
  for (GuestVa at = pc - before; at < pc + after; at = at + step) {
    const auto value = space.read_word(at, step);
    const std::string shown = !value ? (words ? "XXXXXXXX" : "??") : fmt::format("{:0{}x}", *value, 2 * step);
    text += at == pc ? fmt::format(" <{}>", shown) : " " + shown;
  }
  return text;
}

Lines x86_registers(const SavedRegisters& regs, const Kallsyms& symbols, const KernelSpace& space,
                    GuestVa pc) {
  enum : std::size_t { kIp = 16, kFlags = 18, kSp = 19, kOrigAx = 15 };
  struct Shown {
    const char* name;
    std::size_t at;
  };
  constexpr std::array kShown{Shown{"RAX", 10}, Shown{"RBX", 5},  Shown{"RCX", 11}, Shown{"RDX", 12},
                              Shown{"RSI", 13}, Shown{"RDI", 14}, Shown{"RBP", 4},  Shown{"R08", 9},
                              Shown{"R09", 8},  Shown{"R10", 7},  Shown{"R11", 6},  Shown{"R12", 3},
                              Shown{"R13", 2},  Shown{"R14", 1},  Shown{"R15", 0}};
  Lines lines{fmt::format("RIP: 0010:{}", symbols.sprint_symbol(pc)), "Code:" + code_around(space, pc),
              fmt::format("RSP: 0018:{:016x} EFLAGS: {:08x}", regs[kSp], regs[kFlags])};
  for (std::size_t i = 0; i < kShown.size(); i += 3) {
    std::string line;
    for (std::size_t j = i; j < i + 3; ++j)
      line += fmt::format("{}{}: {:016x}", j == i ? "" : " ", kShown.at(j).name, regs[kShown.at(j).at]);
    lines.push_back(std::move(line));
  }
  return lines;
}

Lines ppc64_registers(const SavedRegisters& regs, const Kallsyms& symbols, const KernelSpace& space,
                      GuestVa pc) {
  enum : std::size_t { kNip = 32, kMsr = 33, kCtr = 35, kLink = 36, kXer = 37, kCcr = 38 };
  Lines lines{fmt::format("NIP:  {:016x} LR: {:016x} CTR: {:016x}", regs[kNip], regs[kLink], regs[kCtr]),
              fmt::format("MSR:  {:016x}  CR: {:08x}  XER: {:08x}", regs[kMsr], regs[kCcr], regs[kXer])};
  constexpr std::size_t kInLine = 4;
  for (std::size_t i = 0; i < 32; i += kInLine) {
    std::string line = fmt::format("GPR{:02}:", i);
    for (std::size_t j = i; j < i + kInLine; ++j) line += fmt::format(" {:016x}", regs[j]);
    lines.push_back(std::move(line));
  }
  lines.push_back(fmt::format("NIP [{:016x}] {}", regs[kNip], symbols.sprint_symbol(pc)));
  lines.push_back(fmt::format("LR [{:016x}] {}", regs[kLink], symbols.sprint_symbol(GuestVa(regs[kLink]))));
  lines.push_back("Code:" + code_around(space, pc));
  return lines;
}

}  // namespace

void KernelHalf::oops(machine::Cpu& cpu, Task& task, const Lines& what) {
  const auto log = [&](const std::string& line) {
    printk_.log(kernel_.perf().clock(cpu.index()), "\0010" + line + "\n");
  };
  const Kallsyms& symbols = code_.kallsyms();
  const bool x86 = code_.space().isa() == isa::Isa::X86_64;
  for (const std::string& line : what) log(line);
  ++oopses_;
  log(fmt::format("CPU: {} PID: {} Comm: {} Not tainted 6.1.0 #1", cpu.index(), task.tid(), task.comm));
  const SavedRegisters regs(code_.abi().pt_regs(cpu, false), isa::byte_order(code_.space().isa()));
  const GuestVa pc = cpu.pc();
  for (const std::string& line : x86 ? x86_registers(regs, symbols, code_.space(), pc)
                                     : ppc64_registers(regs, symbols, code_.space(), pc))
    log(line);
  log("Call Trace:");
  constexpr std::size_t kMost = 32;
  for (const KernelCode::Caller& caller : code_.backtrace(cpu, task, kMost))
    log(x86 ? " " + caller.name : fmt::format("[{:016x}] {}", caller.address.value, caller.name));
  (void)die_notifiers_.call(cpu, task,
                            {.val = die_notifiers_.value(GuestDieVal::Oops), .text = "Oops", .signal = 11});
  log("---[ end trace 0000000000000000 ]---");
  code_.abandon(cpu, task);
}

}  // namespace trapline::kernel
