// The character devices that every Linux has (null(4), full(4), random(4)).
#pragma once

#include <cstdint>
#include <string>

#include "emu/kernel/fs/file.hpp"

namespace trapline::kernel {

using DeviceMaker = FileRef (*)(std::string name, std::uint64_t flags, const FileStatus& status);

FileRef make_null(std::string name, std::uint64_t flags, const FileStatus& status);
FileRef make_zero(std::string name, std::uint64_t flags, const FileStatus& status);
FileRef make_full(std::string name, std::uint64_t flags, const FileStatus& status);
// The same numbers for each open file description and in each run: nothing here comes from the host.
FileRef make_random(std::string name, std::uint64_t flags, const FileStatus& status);

}  // namespace trapline::kernel
