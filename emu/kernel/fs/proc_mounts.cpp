// What /proc tells of mounts (proc(5)).
#include <fmt/format.h>

#include <iterator>

#include "emu/kernel/fs/mounts.hpp"
#include "emu/kernel/fs/proc_text.hpp"

namespace trapline::kernel {

namespace {

// Only the root may be one that nothing can be written to.
std::string_view access(const ProcContext& context, const Mount& mount) {
  return mount.device != kRootDevice || context.sources.root_writable ? "rw" : "ro";
}

}  // namespace

std::string proc_mounts(const ProcContext& context) {
  std::string text;
  for (const Mount& mount : mounts()) {
    if (mount.point.empty()) continue;
    fmt::format_to(std::back_inserter(text), "{} {} {} {},{} 0 0\n", mount.source, mount.point, mount.type,
                   access(context, mount), mount.options);
  }
  return text;
}

std::string proc_mountinfo(const ProcContext& context) {
  constexpr unsigned kFirst = 20;  // the number of the root's mount
  std::string text;
  unsigned number = kFirst;
  for (const Mount& mount : mounts()) {
    if (mount.point.empty()) continue;
    const std::string_view way = access(context, mount);
    fmt::format_to(std::back_inserter(text), "{} {} 0:{} / {} {},{} - {} {} {}\n", number,
                   number == kFirst ? 1 : kFirst, static_cast<unsigned>(mount.device), mount.point, way,
                   mount.options, mount.type, mount.source, way);
    ++number;
  }
  return text;
}

std::string machine_filesystems(const ProcContext&) {
  std::string text;
  for (const std::string_view type : {"sysfs", "tmpfs", "proc", "devtmpfs", "pipefs", "anon_inodefs"})
    fmt::format_to(std::back_inserter(text), "nodev\t{}\n", type);
  return text + "\text4\n";
}

}  // namespace trapline::kernel
