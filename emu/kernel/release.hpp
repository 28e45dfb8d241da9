// Which Linux the model is of, and what it tells its guests.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace trapline::kernel {

inline constexpr std::string_view kLinuxVersion = "6.1";
inline constexpr std::string_view kRelease = "6.1.0";  // uname(2)

// struct new_utsname, of a machine of that name.
inline constexpr std::size_t kUtsField = 65;  // __NEW_UTS_LEN + 1
using UtsName = std::array<std::byte, 6 * kUtsField>;
inline UtsName uts_name(std::string_view machine) {
  const std::array<std::string_view, 6> fields{"Linux", "trapline", kRelease, "#1 SMP", machine, "(none)"};
  UtsName bytes{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (std::size_t j = 0; j < fields.at(i).size(); ++j)
      bytes.at(i * kUtsField + j) = static_cast<std::byte>(fields.at(i)[j]);
  }
  return bytes;
}

}  // namespace trapline::kernel
