// A kernel with one tiny program in it, which speaks with nobody.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "isa/byte_order.hpp"
#include "tests/support/memory_content.hpp"
#include "tests/support/tiny_elf.hpp"

namespace trapline::support {

struct TinyKernel {
  TinyKernel(const machine::MachineSpec& spec, std::span<const std::byte> instructions)
      : machine(spec), kernel(machine, kernel::KernelSpec{}) {
    const auto output = [] {
      return kernel::captured_output("/dev/null", [](std::string_view) { return true; });
    };
    const TinyElf elf = tiny_elf(spec.isa, instructions);
    code = elf.code;
    const kernel::FileBytes image = memory_content(elf.image);
    task = &kernel.start(image, {.name = "test",
                                 .standard_input = kernel::input_text(""),
                                 .standard_output = output(),
                                 .standard_error = output()});
  }

  machine::Machine machine;
  kernel::Kernel kernel;
  kernel::Task* task;
  isa::GuestVa code;  // its first instruction
};

// Instructions of PPC64, as they lie in memory.
inline std::vector<std::byte> ppc64_code(std::span<const std::uint32_t> instructions) {
  std::vector<std::byte> code(4 * instructions.size());
  for (std::size_t i = 0; i < instructions.size(); ++i)
    isa::store_word(std::span(code).subspan(4 * i, 4), instructions[i], std::endian::big);
  return code;
}

}  // namespace trapline::support
