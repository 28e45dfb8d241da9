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
#include "emu/kernel/fs/made_files.hpp"
#include "emu/kernel/fs/proc_text.hpp"
#include "emu/kernel/fs/sysctl.hpp"
#include "emu/kernel/task/pid.hpp"

namespace trapline::kernel {

using SyntheticText = std::string (*)(const ProcContext&);  // made anew at each read from the start
struct SyntheticDevice {
  DeviceMaker make;  // null: ENXIO, there is none behind it
  std::uint64_t number;
};
struct SyntheticLink {
  Result<std::string> (*target)(const ProcContext&);
};
// Links that lead to a file itself and not to a path (proc(5): "magic links").
struct ExecutableLink {};
struct DescriptorLink {
  int fd;
};
struct MappingLink {  // /proc/PID/map_files
  std::uint64_t start;
};
struct DescriptorInfo {  // /proc/PID/fdinfo
  int fd;
};
struct SysctlFile {  // /proc/sys
  const Sysctl* setting;
};
// A text about a task that can be written as well: EINVAL where it cannot be that.
struct TaskSetting {
  SyntheticText read;
  Status (*write)(const ProcContext&, std::string_view);
};
struct PageMap {};      // /proc/PID/pagemap
struct CommFile {};     // /proc/PID/comm, which can be written
struct MemoryImage {};  // /proc/PID/mem
struct SyntheticFolder {};
struct MadeNode {  // one of MadeFiles
  const MadeFile* file;
};

using SyntheticContent = std::variant<SyntheticFolder, SyntheticText, SyntheticDevice, SyntheticLink,
                                      ExecutableLink, DescriptorLink, MappingLink, DescriptorInfo, SysctlFile,
                                      TaskSetting, PageMap, CommFile, MemoryImage, MadeNode>;

struct SyntheticNode {
  SyntheticContent content;
  std::uint32_t permissions = 0;
  std::optional<Pid> pid{};  // whom a file below /proc/PID is about
  bool whole = true;         // that process as a whole, and not a thread of it (/proc/PID/task/TID)
};

// Who looks at /proc: `self` may be null where no link is followed.
struct ProcView {
  const ProcSources& sources;
  Task* self = nullptr;
};

// True for the paths that are the kernel's own, whatever a root folder has there: /dev, /proc, /sys and
// below.
bool is_synthetic(std::string_view path);
// `path` has no links, `.` or `..` in it; "/" is a folder too.
std::optional<SyntheticNode> find_synthetic(const ProcView& view, const std::string& path);
// The names in such a folder, in the order in which it is to be listed.
std::vector<std::string> synthetic_names(const ProcView& view, const std::string& path);
FileStatus synthetic_status(const SyntheticNode& node, std::string_view path, std::uint64_t inode);

}  // namespace trapline::kernel
