#include "emu/kernel/fs/synthetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "emu/kernel/fs/mounts.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "emu/machine/machine.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::device_number;
using isa::linux_abi::kSIfChr;
using isa::linux_abi::kSIfDir;
using isa::linux_abi::kSIfLnk;
using isa::linux_abi::kSIfReg;

constexpr std::string_view kAnyPid = "PID";  // stands for the number of a task

struct Entry {
  std::string_view path;
  SyntheticContent content;
  std::uint32_t permissions = 0;  // 0: those that such a file usually has
};

template <const char* (*path)()>
Result<std::string> fixed(const ProcContext&) {
  return std::string(path());
}
constexpr const char* fd_folder() { return "/proc/self/fd"; }
constexpr const char* fd_0() { return "/proc/self/fd/0"; }
constexpr const char* fd_1() { return "/proc/self/fd/1"; }
constexpr const char* fd_2() { return "/proc/self/fd/2"; }
constexpr const char* own_mounts() { return "self/mounts"; }
constexpr const char* top() { return "/"; }

Result<std::string> self(const ProcContext& context) { return std::to_string(context.task->tgid()); }
Result<std::string> thread_self(const ProcContext& context) {
  return std::to_string(context.task->tgid()) + "/task/" + std::to_string(context.task->tid());
}
Result<std::string> working_directory(const ProcContext& context) {
  if (context.task->fs == nullptr) return Error{ENOENT};
  return context.task->fs->working_directory;
}
Result<std::string> root(const ProcContext& context) {
  return context.task->fs == nullptr ? Error{ENOENT} : fixed<top>(context);
}

// Folders are what others lie in; those that may be empty are listed. Device numbers:
// admin-guide/devices.rst.
constexpr auto kEntries = std::to_array<Entry>({
    {"/dev/fd", SyntheticLink{fixed<fd_folder>}},
    {"/dev/full", SyntheticDevice{make_full, device_number(1, 7)}},
    {"/dev/null", SyntheticDevice{make_null, device_number(1, 3)}},
    {"/dev/random", SyntheticDevice{make_random, device_number(1, 8)}},
    {"/dev/stderr", SyntheticLink{fixed<fd_2>}},
    {"/dev/stdin", SyntheticLink{fixed<fd_0>}},
    {"/dev/stdout", SyntheticLink{fixed<fd_1>}},
    {"/dev/tty", SyntheticDevice{nullptr, device_number(5, 0)}},
    {"/dev/urandom", SyntheticDevice{make_random, device_number(1, 9)}},
    {"/dev/zero", SyntheticDevice{make_zero, device_number(1, 5)}},
    {"/proc/PID/auxv", proc_auxv, 0400},
    {"/proc/PID/cgroup", proc_cgroup},
    {"/proc/PID/clear_refs", TaskSetting{nullptr, clear_refs}, 0200},
    {"/proc/PID/cmdline", proc_cmdline},
    {"/proc/PID/comm", CommFile{}, 0644},
    {"/proc/PID/coredump_filter", TaskSetting{proc_coredump_filter, set_coredump_filter}, 0644},
    {"/proc/PID/cpuset", proc_cpuset},
    {"/proc/PID/cwd", SyntheticLink{working_directory}},
    {"/proc/PID/environ", proc_environ, 0400},
    {"/proc/PID/exe", ExecutableLink{}},
    {"/proc/PID/fd", SyntheticFolder{}, 0500},
    {"/proc/PID/fdinfo", SyntheticFolder{}},
    {"/proc/PID/io", proc_io, 0400},
    {"/proc/PID/limits", proc_limits},
    {"/proc/PID/loginuid", proc_no_audit_id, 0444},
    {"/proc/PID/map_files", SyntheticFolder{}, 0500},
    {"/proc/PID/maps", proc_maps},
    {"/proc/PID/mem", MemoryImage{}, 0600},
    {"/proc/PID/mountinfo", proc_mountinfo},
    {"/proc/PID/mounts", proc_mounts},
    {"/proc/PID/oom_score", proc_oom_score},
    {"/proc/PID/oom_score_adj", TaskSetting{proc_oom_score_adj, set_oom_score_adj}, 0644},
    {"/proc/PID/pagemap", PageMap{}, 0400},
    {"/proc/PID/personality", proc_personality, 0400},
    {"/proc/PID/root", SyntheticLink{root}},
    {"/proc/PID/schedstat", proc_schedstat},
    {"/proc/PID/sessionid", proc_no_audit_id, 0444},
    {"/proc/PID/smaps", proc_smaps},
    {"/proc/PID/smaps_rollup", proc_smaps_rollup},
    {"/proc/PID/stat", proc_stat},
    {"/proc/PID/statm", proc_statm},
    {"/proc/PID/status", proc_status},
    {"/proc/PID/syscall", proc_syscall, 0400},
    {"/proc/PID/task", SyntheticFolder{}},
    {"/proc/PID/timerslack_ns", TaskSetting{proc_timerslack_ns, set_timerslack_ns}, 0666},
    {"/proc/PID/wchan", proc_wchan},
    {"/proc/cmdline", machine_cmdline},
    {"/proc/cpuinfo", proc_cpuinfo},
    {"/proc/devices", machine_devices},
    {"/proc/diskstats", nothing},
    {"/proc/filesystems", machine_filesystems},
    {"/proc/interrupts", machine_interrupts},
    {"/proc/loadavg", machine_loadavg},
    {"/proc/meminfo", machine_meminfo},
    {"/proc/misc", nothing},
    {"/proc/modules", nothing},
    {"/proc/mounts", SyntheticLink{fixed<own_mounts>}},
    {"/proc/partitions", machine_partitions},
    {"/proc/self", SyntheticLink{self}},
    {"/proc/stat", machine_stat},
    {"/proc/swaps", machine_swaps},
    {"/proc/sys/fs/file-nr", file_nr},
    {"/proc/sys/kernel/hostname", hostname},
    {"/proc/sys/kernel/osrelease", osrelease},
    {"/proc/sys/kernel/ostype", ostype},
    {"/proc/sys/kernel/threads-max", threads_max},
    {"/proc/thread-self", SyntheticLink{thread_self}},
    {"/proc/uptime", machine_uptime},
    {"/proc/version", machine_version},
    {"/proc/vmstat", machine_vmstat},
    {"/sys/bus/event_source/devices/breakpoint/type", breakpoint_pmu_type},
    {"/sys/devices/system/cpu/kernel_max", cpu_kernel_max},
    {"/sys/devices/system/cpu/offline", cpus_offline},
    {"/sys/devices/system/cpu/online", cpus_online},
    {"/sys/devices/system/cpu/possible", cpu_list},
    {"/sys/devices/system/cpu/present", cpu_list},
});

constexpr std::string_view kProc = "/proc/";
constexpr std::string_view kOfTask = "/proc/PID";
constexpr std::string_view kThreads = "/proc/PID/task";
constexpr std::string_view kDescriptors = "/proc/PID/fd";
constexpr std::string_view kMappings = "/proc/PID/map_files";
constexpr std::string_view kCpus = "/sys/devices/system/cpu";
constexpr std::string_view kDescriptorInfos = "/proc/PID/fdinfo";

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.size() > 1;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// A number as the kernel would write it.
std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || text != std::to_string(number)) return std::nullopt;
  return number;
}

// A path as the table has it, and the task that stands for PID in it.
struct TablePath {
  std::string path;
  Task* task = nullptr;
  bool whole = true;
};

// Nothing for a task that is not there. Any thread's number leads to a folder, though only those of processes
// are listed (proc(5), /proc/tid).
std::optional<TablePath> table_path(const ProcView& view, std::string_view path) {
  if (!path.starts_with(kProc)) return TablePath{std::string(path)};
  const std::size_t end = std::min(path.find('/', kProc.size()), path.size());
  const std::string_view name = path.substr(kProc.size(), end - kProc.size());
  if (name == kAnyPid) return std::nullopt;
  const auto number = number_of(name);
  if (!number) return TablePath{std::string(path)};
  Task* task = view.sources.tasks.find(*number);
  if (task == nullptr) return std::nullopt;
  TablePath found{std::string(kOfTask) + std::string(path.substr(end)), task};
  if (!lies_in(found.path, kThreads)) return found;
  const std::size_t from = kThreads.size() + 1;
  const std::size_t to = std::min(found.path.find('/', from), found.path.size());
  const auto thread = number_of(std::string_view(found.path).substr(from, to - from));
  task = thread ? view.sources.tasks.find(*thread) : nullptr;
  if (task == nullptr || task->process != found.task->process) return std::nullopt;
  TablePath of_thread{std::string(kOfTask) + found.path.substr(to), task, false};
  for (const std::string_view of_process : {kThreads, kMappings}) {
    if (of_thread.path == of_process || lies_in(of_thread.path, of_process)) return std::nullopt;
  }
  return of_thread;
}

const FdTable::Entry* descriptor(const TablePath& table, std::string_view folder, int& fd) {
  if (table.task == nullptr || table.task->files == nullptr || !lies_in(table.path, folder)) return nullptr;
  const auto number = number_of(std::string_view(table.path).substr(folder.size() + 1));
  if (!number) return nullptr;
  fd = *number;
  return table.task->files->find(fd);
}

// Memory from /dev/zero is no file's, but has its name.
bool is_file_mapping(const Vma& vma) {
  return (vma.file || vma.object || vma.name.starts_with('/')) && !vma.special();
}

std::string mapping_name(const Vma& vma) { return fmt::format("{:x}-{:x}", vma.start.value, vma.end.value); }

// The mapping of a file whose name in map_files is that of the path.
const Vma* mapping(const TablePath& table) {
  if (table.task == nullptr || !table.task->alive() || !table.task->mm || !lies_in(table.path, kMappings))
    return nullptr;
  const std::string_view name = std::string_view(table.path).substr(kMappings.size() + 1);
  std::uint64_t start = 0;
  constexpr int kHexadecimal = 16;
  if (std::from_chars(name.data(), name.data() + name.size(), start, kHexadecimal).ec != std::errc{})
    return nullptr;
  const auto& vmas = table.task->mm->vmas();
  const auto found = vmas.find(start);
  const bool it =
      found != vmas.end() && is_file_mapping(found->second) && mapping_name(found->second) == name;
  return it ? &found->second : nullptr;
}

// The folder of a processor, which programs count them by (cpu0, cpu1 ...).
bool is_cpu_folder(const ProcView& view, std::string_view path) {
  constexpr std::string_view kName = "cpu";
  if (!lies_in(path, kCpus)) return false;
  path.remove_prefix(kCpus.size() + 1);
  if (!path.starts_with(kName)) return false;
  const auto number = number_of(path.substr(kName.size()));
  return number && *number >= 0 && static_cast<unsigned>(*number) < view.sources.machine.cpus();
}

const MadeDevice* device_of(const SyntheticNode& node) {
  const auto* const made = std::get_if<MadeNode>(&node.content);
  return made == nullptr ? nullptr : std::get_if<MadeDevice>(&made->file->content);
}

bool is_made_link(const SyntheticNode& node) {
  const auto* const made = std::get_if<MadeNode>(&node.content);
  return made != nullptr && std::holds_alternative<MadeLink>(made->file->content);
}

}  // namespace

bool is_synthetic(std::string_view path) {
  return std::ranges::any_of(std::array{"/dev", "/proc", "/sys"},
                             [&](std::string_view top) { return path == top || lies_in(path, top); });
}

std::optional<SyntheticNode> find_synthetic(const ProcView& view, const std::string& path) {
  const auto wanted = table_path(view, path);
  if (!wanted) return std::nullopt;
  const auto node = [&](const SyntheticContent& content, std::uint32_t permissions) {
    SyntheticNode found{content, permissions};
    if (wanted->task != nullptr) found.pid.emplace(*wanted->task);
    found.whole = wanted->whole;
    return found;
  };
  if (const MadeFiles* const made = view.sources.made) {
    if (const MadeFile* const file = made->find(wanted->path)) {
      if (std::holds_alternative<MadeFolder>(file->content))
        return node(SyntheticFolder{}, file->permissions);
      return node(MadeNode{file}, file->permissions);
    }
    if (made->is_folder(wanted->path)) return node(SyntheticFolder{}, 0);
  }
  int fd = 0;
  if (const auto* const entry = descriptor(*wanted, kDescriptors, fd)) {
    // What the file may be used for (proc(5), /proc/pid/fd).
    const std::uint32_t permissions =
        0100 | (entry->file->readable() ? 0400 : 0) | (entry->file->writable() ? 0200 : 0);
    return node(DescriptorLink{fd}, permissions);
  }
  if (const Vma* const vma = mapping(*wanted)) {
    // What its file was opened for, as far as the mapping tells.
    const bool writable = vma->shared && (vma->flags & kVmMayNotWrite) == 0;
    return node(MappingLink{vma->start.value}, writable ? 0600 : 0400);
  }
  if (descriptor(*wanted, kDescriptorInfos, fd) != nullptr) return node(DescriptorInfo{fd}, 0400);
  for (const Entry& entry : kEntries) {
    if (lies_in(entry.path, wanted->path)) return node(SyntheticFolder{}, 0);
    if (entry.path == wanted->path) return node(entry.content, entry.permissions);
  }
  if (is_cpu_folder(view, wanted->path)) return node(SyntheticFolder{}, 0);
  for (const Sysctl& setting : sysctls()) {
    if (lies_in(setting.path, wanted->path)) return node(SyntheticFolder{}, 0);
    if (setting.path == wanted->path) return node(SysctlFile{&setting}, setting.fixed() ? 0444 : 0644);
  }
  return std::nullopt;
}

std::vector<std::string> synthetic_names(const ProcView& view, const std::string& path) {
  const auto folder = table_path(view, path);
  if (!folder) return {};
  std::set<std::string> fixed_names;
  const auto add_fixed = [&](std::string_view entry) {
    if (!lies_in(entry, folder->path) || (!folder->whole && (entry == kThreads || entry == kMappings)))
      return;
    const std::string_view rest = entry.substr(folder->path == "/" ? 1 : folder->path.size() + 1);
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (name != kAnyPid) fixed_names.emplace(name);
  };
  for (const Entry& entry : kEntries) add_fixed(entry.path);
  for (const Sysctl& setting : sysctls()) add_fixed(setting.path);
  if (view.sources.made) {
    for (std::string& name : view.sources.made->names(folder->path)) {
      if (!is_cpu_folder(view, folder->path + "/" + name)) fixed_names.insert(std::move(name));
    }
  }
  std::vector<std::string> names(fixed_names.begin(), fixed_names.end());
  const auto add = [&](int number) { names.push_back(std::to_string(number)); };
  if (folder->path == "/proc") {
    for (const auto& [tid, task] : view.sources.tasks.all()) {
      if (task->leader()) add(tid);
    }
  } else if (folder->path == kCpus) {
    for (unsigned cpu = 0; cpu < view.sources.machine.cpus(); ++cpu)
      names.push_back(fmt::format("cpu{}", cpu));
  } else if (folder->path == kThreads) {
    for (const Task* const thread : folder->task->process->threads) add(thread->tid());
  } else if ((folder->path == kDescriptors || folder->path == kDescriptorInfos) && folder->task->files) {
    for (const auto& [fd, entry] : folder->task->files->entries()) add(fd);
  } else if (folder->path == kMappings && folder->task->alive() && folder->task->mm) {
    for (const auto& [start, vma] : folder->task->mm->vmas()) {
      if (is_file_mapping(vma)) names.push_back(mapping_name(vma));
    }
  }
  return names;
}

FileStatus synthetic_status(const SyntheticNode& node, std::string_view path, std::uint64_t inode) {
  FileStatus status{.inode = inode, .read_only = true};
  for (const Mount& mount : mounts()) {
    if (path == mount.point || (mount.point.size() > 1 && lies_in(path, mount.point)))
      status.device = mount.device;
  }
  const auto permissions = [&](std::uint32_t usual) {
    return node.permissions != 0 ? node.permissions : usual;
  };
  if (std::holds_alternative<SyntheticFolder>(node.content)) {
    status.mode = kSIfDir | permissions(0555);
    status.links = 2;
  } else if (const auto* device = std::get_if<SyntheticDevice>(&node.content)) {
    status.mode = kSIfChr | 0666;
    status.special_device = device->number;
  } else if (const auto* made = device_of(node)) {
    status.mode = (made->number != 0 ? kSIfChr : kSIfReg) | node.permissions;
    status.special_device = made->number;
    status.read_only = (status.mode & 0222) == 0;
  } else if (is_made_link(node) || std::holds_alternative<SyntheticLink>(node.content) ||
             std::holds_alternative<ExecutableLink>(node.content) ||
             std::holds_alternative<DescriptorLink>(node.content) ||
             std::holds_alternative<MappingLink>(node.content)) {
    status.mode = kSIfLnk | permissions(0777);
  } else {
    status.mode = kSIfReg | permissions(0444);
    status.read_only = (status.mode & 0200) == 0;
  }
  return status;
}

}  // namespace trapline::kernel
