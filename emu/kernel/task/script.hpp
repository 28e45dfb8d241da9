// Programs that are texts for another program (execve(2), "Interpreter scripts").
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

struct Script {
  std::string interpreter;
  std::optional<std::string> argument{};  // all of the line's rest
};

// Nothing: the file is none. ENOEXEC: it names no interpreter.
Result<std::optional<Script>> script_of(std::span<const std::byte> image);

}  // namespace trapline::kernel
