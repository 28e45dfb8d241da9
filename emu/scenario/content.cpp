#include "emu/scenario/content.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <system_error>

namespace trapline::scenario {

std::string read_text(const std::filesystem::path& path) {
  std::string text;
  std::ifstream stream(path, std::ios::binary);
  std::error_code unknown;  // of what is no plain file
  const auto size = std::filesystem::file_size(path, unknown);
  constexpr std::uintmax_t kMost = std::uintmax_t{64} << 20;  // it may be a hole
  if (!unknown) text.reserve(std::min(size, kMost));
  std::array<char, 65536> part{};
  while (stream) {
    stream.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
}

std::string hash(std::string_view text) {
  const XXH128_hash_t value = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", value.high64, value.low64);
}

}  // namespace trapline::scenario
