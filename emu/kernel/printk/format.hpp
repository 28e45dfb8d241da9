// The kernel's vsnprintf() (lib/vsprintf.c): C's conversions, and those of %p.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "emu/kernel/module/kallsyms.hpp"
#include "emu/kernel/module/kernel_space.hpp"

namespace trapline::kernel {

struct FormatUses {
  const KernelSpace& space;
  const Kallsyms& kallsyms;
};

// `next` gives the arguments, each as 64 bits. Bounded: what would be longer than `most` ends there.
std::string vsnprintf(const FormatUses& uses, std::string_view format,
                      const std::function<std::uint64_t()>& next, std::size_t most = 65536);

}  // namespace trapline::kernel
