// Which Linux the model is of, and what it tells its guests.
#pragma once

#include <string_view>

namespace trapline::kernel {

inline constexpr std::string_view kLinuxVersion = "6.1";
inline constexpr std::string_view kRelease = "6.1.0";  // uname(2)

}  // namespace trapline::kernel
