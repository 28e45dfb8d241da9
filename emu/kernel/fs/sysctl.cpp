#include "emu/kernel/fs/sysctl.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace trapline::kernel {

namespace {

constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kLong = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMostText = 127;  // CORENAME_MAX_SIZE without its NUL

// The defaults of Linux 6.1 for a machine of this size. In the order of their paths.
constexpr auto kSysctls = std::to_array<Sysctl>({
    {"/proc/sys/fs/aio-max-nr", "65536", 0, kLong, "aio_max_nr", 8},
    {"/proc/sys/fs/aio-nr", "0", 1, 0, "aio_nr", 8},
    {"/proc/sys/fs/dir-notify-enable", "1", 0, kIntMax, "dir_notify_enable", 4},
    {"/proc/sys/fs/file-max", "9223372036854775807", 0, kLong},
    {"/proc/sys/fs/inotify/max_queued_events", "16384", 0, kIntMax, "inotify_max_queued_events", 4},
    {"/proc/sys/fs/inotify/max_user_instances", "128", 0, kIntMax},
    {"/proc/sys/fs/inotify/max_user_watches", "65536", 0, kIntMax},
    {"/proc/sys/fs/lease-break-time", "45", 0, kIntMax, "lease_break_time", 4},
    {"/proc/sys/fs/leases-enable", "1", 0, kIntMax, "leases_enable", 4},
    {"/proc/sys/fs/mount-max", "100000", 1, kIntMax, "sysctl_mount_max", 4},
    {"/proc/sys/fs/nr_open", "4096", 8, 4096, "sysctl_nr_open", 4},
    {"/proc/sys/fs/overflowgid", "65534", 0, 65535, "fs_overflowgid", 4},
    {"/proc/sys/fs/overflowuid", "65534", 0, 65535, "fs_overflowuid", 4},
    {"/proc/sys/fs/pipe-max-size", "1048576", 4096, kIntMax, "pipe_max_size", 4},
    {"/proc/sys/fs/pipe-user-pages-hard", "0", 0, kLong, "pipe_user_pages_hard", 8},
    {"/proc/sys/fs/pipe-user-pages-soft", "16384", 0, kLong, "pipe_user_pages_soft", 8},
    {"/proc/sys/fs/protected_fifos", "0", 0, 2, "sysctl_protected_fifos", 4},
    {"/proc/sys/fs/protected_hardlinks", "0", 0, 1, "sysctl_protected_hardlinks", 4},
    {"/proc/sys/fs/protected_regular", "0", 0, 2, "sysctl_protected_regular", 4},
    {"/proc/sys/fs/protected_symlinks", "0", 0, 1, "sysctl_protected_symlinks", 4},
    {"/proc/sys/fs/suid_dumpable", "0", 0, 2, "suid_dumpable", 4},
    {"/proc/sys/kernel/cap_last_cap", "40"},
    {"/proc/sys/kernel/core_pattern", "core", Sysctl::kAnyText, 0},
    {"/proc/sys/kernel/core_pipe_limit", "0", 0, kIntMax, "core_pipe_limit", 4},
    {"/proc/sys/kernel/core_uses_pid", "0", 0, kIntMax, "core_uses_pid", 4},
    {"/proc/sys/kernel/dmesg_restrict", "0", 0, 1, "dmesg_restrict", 4},
    {"/proc/sys/kernel/domainname", "(none)", Sysctl::kAnyText, 0},
    {"/proc/sys/kernel/kptr_restrict", "0", 0, 2, "kptr_restrict", 4},
    {"/proc/sys/kernel/ngroups_max", "65536", 1, 0, "ngroups_max", 4},
    {"/proc/sys/kernel/overflowgid", "65534", 0, 65535, "overflowgid", 4},
    {"/proc/sys/kernel/overflowuid", "65534", 0, 65535, "overflowuid", 4},
    {"/proc/sys/kernel/panic", "0", -kIntMax, kIntMax, "panic_timeout", 4},
    {"/proc/sys/kernel/panic_on_oops", "0", 0, 1, "panic_on_oops", 4},
    {"/proc/sys/kernel/perf_cpu_time_max_percent", "25", 0, 100, "sysctl_perf_cpu_time_max_percent", 4},
    {"/proc/sys/kernel/perf_event_max_contexts_per_stack", "8", 0, 1000,
     "sysctl_perf_event_max_contexts_per_stack", 4},
    {"/proc/sys/kernel/perf_event_max_sample_rate", "100000", 1, kIntMax, "sysctl_perf_event_sample_rate", 4},
    {"/proc/sys/kernel/perf_event_max_stack", "127", 0, 640 * 1024, "sysctl_perf_event_max_stack", 4},
    {"/proc/sys/kernel/perf_event_mlock_kb", "516", 0, kIntMax, "sysctl_perf_event_mlock", 4},
    // The default since Linux 4.6 (perf_event_open(2)); root is not bound by it.
    {"/proc/sys/kernel/perf_event_paranoid", "2", -1, kIntMax, "sysctl_perf_event_paranoid", 4},
    {"/proc/sys/kernel/pid_max", "32768", 301, 4 * 1024 * 1024, "pid_max", 4},
    {"/proc/sys/kernel/printk", "7\t4\t1\t7", Sysctl::kAnyText, 0},
    {"/proc/sys/kernel/random/entropy_avail", "256"},
    {"/proc/sys/kernel/random/poolsize", "256"},
    {"/proc/sys/kernel/randomize_va_space", "0", 1, 0, "randomize_va_space", 4},
    {"/proc/sys/kernel/sched_child_runs_first", "0", 0, 1, "sysctl_sched_child_runs_first", 4},
    {"/proc/sys/kernel/sched_rr_timeslice_ms", "100", -1, kIntMax, "sysctl_sched_rr_timeslice", 4},
    {"/proc/sys/kernel/sched_rt_period_us", "1000000", 1, kIntMax, "sysctl_sched_rt_period", 4},
    {"/proc/sys/kernel/sched_rt_runtime_us", "950000", -1, kIntMax, "sysctl_sched_rt_runtime", 4},
    {"/proc/sys/kernel/tainted", "0", 0, kLong, "tainted_mask", 8},
    {"/proc/sys/kernel/unprivileged_bpf_disabled", "2", 0, 2, "sysctl_unprivileged_bpf_disabled", 4},
    {"/proc/sys/kernel/version", "#1 SMP"},
    {"/proc/sys/vm/admin_reserve_kbytes", "8192", 0, kLong, "sysctl_admin_reserve_kbytes", 8},
    {"/proc/sys/vm/dirty_background_ratio", "10", 0, 100, "dirty_background_ratio", 4},
    {"/proc/sys/vm/dirty_ratio", "20", 0, 100, "vm_dirty_ratio", 4},
    {"/proc/sys/vm/legacy_va_layout", "0", 0, kIntMax, "sysctl_legacy_va_layout", 4},
    {"/proc/sys/vm/max_map_count", "65530", 0, kIntMax, "sysctl_max_map_count", 4},
    {"/proc/sys/vm/min_free_kbytes", "67584", 0, kIntMax, "min_free_kbytes", 4},
    {"/proc/sys/vm/mmap_min_addr", "65536", 0, kLong, "dac_mmap_min_addr", 8},
    {"/proc/sys/vm/nr_hugepages", "0"},
    {"/proc/sys/vm/nr_overcommit_hugepages", "0"},
    {"/proc/sys/vm/oom_kill_allocating_task", "0", 0, kIntMax, "sysctl_oom_kill_allocating_task", 4},
    {"/proc/sys/vm/overcommit_memory", "0", 0, 2, "sysctl_overcommit_memory", 4},
    {"/proc/sys/vm/overcommit_ratio", "50", 0, kIntMax, "sysctl_overcommit_ratio", 4},
    {"/proc/sys/vm/page-cluster", "3", 0, 31, "page_cluster", 4},
    {"/proc/sys/vm/panic_on_oom", "0", 0, 2, "sysctl_panic_on_oom", 4},
    {"/proc/sys/vm/swappiness", "60", 0, 200, "vm_swappiness", 4},
    {"/proc/sys/vm/unprivileged_userfaultfd", "0", 0, 1, "sysctl_unprivileged_userfaultfd", 4},
    {"/proc/sys/vm/user_reserve_kbytes", "131072", 0, kLong, "sysctl_user_reserve_kbytes", 8},
    {"/proc/sys/vm/vfs_cache_pressure", "100", 0, kIntMax, "sysctl_vfs_cache_pressure", 4},
});

}  // namespace

std::span<const Sysctl> sysctls() { return kSysctls; }

std::string Sysctls::read(const Sysctl& setting) const {
  if (const auto place = places_.find(setting.path); place != places_.end())
    return place->second.read() + '\n';
  const auto changed = changed_.find(setting.path);
  return (changed == changed_.end() ? std::string(setting.value) : changed->second) + '\n';
}

SyscallResult Sysctls::set(const Sysctl& setting, const std::string& value, std::size_t written) {
  if (const auto place = places_.find(setting.path); place != places_.end()) {
    const Status done = place->second.write(value);
    return done ? SyscallResult(written) : done.error();
  }
  changed_[setting.path] = value;
  return written;
}

SyscallResult Sysctls::write(const Sysctl& setting, std::span<const std::byte> bytes) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  text = text.substr(0, std::min(text.find('\0'), text.find('\n')));
  if (setting.text()) return set(setting, text.substr(0, kMostText), bytes.size());
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return bytes.size();
  text = text.substr(first, text.find_last_not_of(" \t") + 1 - first);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return Error{EINVAL};
  if (number < setting.least || number > setting.most) return Error{EINVAL};
  return set(setting, std::to_string(number), bytes.size());
}

}  // namespace trapline::kernel
