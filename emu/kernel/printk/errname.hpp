// The names of errors (lib/errname.c), by their numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::kernel {

// "EINVAL"; nothing: there is none of that number.
std::optional<std::string_view> errname(std::uint64_t number);

}  // namespace trapline::kernel
