// Kernel modules of a scenario's or the command line's: built, and inserted before the program runs.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/document.hpp"
#include "emu/scenario/guest_build.hpp"

namespace trapline::scenario {

// `console` gets each line that the kernel prints, as a console shows it. Throws InputError: a module that
// cannot be built or loaded.
void insert_modules(kernel::Kernel& kernel, kernel::Task& main, std::span<const ModuleSpec> modules,
                    const BuildOptions& options, std::function<void(std::string_view line)> console);

}  // namespace trapline::scenario
