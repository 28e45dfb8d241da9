// Whole files, and what names them by what they hold.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace trapline::scenario {

// What the file holds; empty where it cannot be read.
std::string read_text(const std::filesystem::path& path);

// Throws std::system_error.
void write_text(const std::filesystem::path& path, std::string_view text);

// 32 hexadecimal digits; equal for equal texts only, as far as nobody looks for others (XXH3).
std::string hash(std::string_view text);

}  // namespace trapline::scenario
