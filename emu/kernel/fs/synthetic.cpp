#include "emu/kernel/fs/synthetic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "isa/linux/constants.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::device_number;
using isa::linux_abi::kSIfChr;
using isa::linux_abi::kSIfDir;
using isa::linux_abi::kSIfLnk;
using isa::linux_abi::kSIfReg;

constexpr std::string_view kPid = "PID";  // stands for the number of the process that asks

struct Entry {
  std::string_view path;
  SyntheticNode content;
};

// Folders are what others lie in; those that may be empty are listed. Device numbers:
// admin-guide/devices.rst.
constexpr auto kEntries = std::to_array<Entry>({
    {"/dev/fd", SyntheticLink{"/proc/self/fd"}},
    {"/dev/full", SyntheticDevice{make_full, device_number(1, 7)}},
    {"/dev/null", SyntheticDevice{make_null, device_number(1, 3)}},
    {"/dev/random", SyntheticDevice{make_random, device_number(1, 8)}},
    {"/dev/stderr", SyntheticLink{"/proc/self/fd/2"}},
    {"/dev/stdin", SyntheticLink{"/proc/self/fd/0"}},
    {"/dev/stdout", SyntheticLink{"/proc/self/fd/1"}},
    {"/dev/urandom", SyntheticDevice{make_random, device_number(1, 9)}},
    {"/dev/zero", SyntheticDevice{make_zero, device_number(1, 5)}},
    {"/proc/PID/cmdline", proc_cmdline},
    {"/proc/PID/comm", proc_comm},
    {"/proc/PID/exe", ExecutableLink{}},
    {"/proc/PID/fd", SyntheticFolder{}},
    {"/proc/PID/maps", proc_maps},
    {"/proc/cpuinfo", proc_cpuinfo},
    {"/proc/self", SyntheticLink{kPid}},
    {"/proc/sys/kernel/osrelease", osrelease},
    {"/proc/sys/kernel/perf_event_paranoid", perf_event_paranoid},
    {"/sys/bus/event_source/devices/breakpoint/type", breakpoint_pmu_type},
    {"/sys/devices/system/cpu/online", cpu_list},
    {"/sys/devices/system/cpu/possible", cpu_list},
    {"/sys/devices/system/cpu/present", cpu_list},
});

constexpr std::string_view kProc = "/proc/";
constexpr std::string_view kDescriptors = "/proc/PID/fd";

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.size() > 1;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// The path as the table has it; nothing for a process that is not there.
std::optional<std::string> table_path(const ProcSelf& self, const std::string& path) {
  if (!path.starts_with(kProc)) return path;
  const std::size_t end = std::min(path.find('/', kProc.size()), path.size());
  const std::string name = path.substr(kProc.size(), end - kProc.size());
  if (name == kPid) return std::nullopt;
  if (name != std::to_string(self.pid)) return path;
  return std::string(kProc) + std::string(kPid) + path.substr(end);
}

std::optional<int> descriptor(const ProcSelf& self, std::string_view path) {
  if (self.files == nullptr || !lies_in(path, kDescriptors)) return std::nullopt;
  const std::string_view name = path.substr(kDescriptors.size() + 1);
  int fd = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), fd);
  if (error != std::errc{} || name != std::to_string(fd) || self.files->find(fd) == nullptr)
    return std::nullopt;
  return fd;
}

}  // namespace

bool is_synthetic(std::string_view path) {
  return std::ranges::any_of(std::array{"/dev", "/proc", "/sys"},
                             [&](std::string_view top) { return path == top || lies_in(path, top); });
}

std::optional<SyntheticNode> find_synthetic(const ProcSelf& self, const std::string& path) {
  const auto wanted = table_path(self, path);
  if (!wanted) return std::nullopt;
  if (const auto fd = descriptor(self, *wanted)) return DescriptorLink{*fd};
  for (const Entry& entry : kEntries) {
    if (lies_in(entry.path, *wanted)) return SyntheticFolder{};
    if (entry.path == *wanted) return entry.content;
  }
  return std::nullopt;
}

std::vector<std::string> synthetic_names(const ProcSelf& self, const std::string& path) {
  const auto folder = table_path(self, path);
  std::set<std::string> names;
  if (!folder) return {};
  for (const Entry& entry : kEntries) {
    if (!lies_in(entry.path, *folder)) continue;
    const std::string_view rest = entry.path.substr(*folder == "/" ? 1 : folder->size() + 1);
    const std::string_view name = rest.substr(0, rest.find('/'));
    names.insert(name == kPid ? std::to_string(self.pid) : std::string(name));
  }
  if (*folder == kDescriptors && self.files != nullptr) {
    for (const auto& [fd, entry] : self.files->entries()) names.insert(std::to_string(fd));
  }
  return {names.begin(), names.end()};
}

std::string target_of(const SyntheticLink& link, const ProcSelf& self) {
  return link.target == kPid ? std::to_string(self.pid) : std::string(link.target);
}

FileStatus synthetic_status(const SyntheticNode& node, std::uint64_t inode) {
  FileStatus status{.inode = inode, .read_only = true};
  if (std::holds_alternative<SyntheticFolder>(node)) {
    status.mode = kSIfDir | 0555;
    status.links = 2;
  } else if (std::holds_alternative<SyntheticText>(node)) {
    status.mode = kSIfReg | 0444;
  } else if (const auto* device = std::get_if<SyntheticDevice>(&node)) {
    status.mode = kSIfChr | 0666;
    status.special_device = device->number;
  } else {
    status.mode = kSIfLnk | 0777;
  }
  return status;
}

}  // namespace trapline::kernel
