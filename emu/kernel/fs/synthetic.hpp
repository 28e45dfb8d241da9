// The files that a guest's kernel shows itself, as a table of path and content.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "emu/kernel/fs/devices.hpp"
#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/fs/proc_text.hpp"

namespace trapline::kernel {

using SyntheticText = std::string (*)(const ProcContext&);  // made anew at each open
struct SyntheticDevice {
  DeviceMaker make;
  std::uint64_t number;
};
struct SyntheticLink {
  std::string_view target;  // see target_of
};
// Links that lead to a file itself and not to a path (proc(5): "magic links").
struct ExecutableLink {};
struct DescriptorLink {
  int fd;
};
struct SyntheticFolder {};

using SyntheticNode = std::variant<SyntheticFolder, SyntheticText, SyntheticDevice, SyntheticLink,
                                   ExecutableLink, DescriptorLink>;

// The process that asks: it alone has a folder in /proc.
struct ProcSelf {
  int pid = 0;
  const FdTable* files = nullptr;  // null: none are left
  std::string_view executable{};
};

// True for the paths that are the kernel's own, whatever a root folder has there: /dev, /proc, /sys and
// below.
bool is_synthetic(std::string_view path);
// `path` has no links, `.` or `..` in it; "/" is a folder too.
std::optional<SyntheticNode> find_synthetic(const ProcSelf& self, const std::string& path);
// The names in such a folder, sorted.
std::vector<std::string> synthetic_names(const ProcSelf& self, const std::string& path);
std::string target_of(const SyntheticLink& link, const ProcSelf& self);
FileStatus synthetic_status(const SyntheticNode& node, std::uint64_t inode);

}  // namespace trapline::kernel
