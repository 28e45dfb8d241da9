// Kernel images and modules of a scenario's or the command line's: built, and put into the kernel before the
// program runs.
#pragma once

#include <functional>
#include <string_view>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/document.hpp"
#include "emu/scenario/guest_build.hpp"

namespace trapline::scenario {

// `console` gets each line that the kernel prints, as a console shows it. Throws InputError: what cannot be
// built or loaded.
void insert_kernel_code(kernel::Kernel& kernel, kernel::Task& main, const KernelCodeSpec& given,
                        const BuildOptions& options, std::function<void(std::string_view line)> console);

}  // namespace trapline::scenario
