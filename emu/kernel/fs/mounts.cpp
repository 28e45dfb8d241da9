#include "emu/kernel/fs/mounts.hpp"

#include <algorithm>
#include <array>

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kBlock = 4096;

// linux/statfs.h
enum : std::uint64_t {
  kReadOnly = 0x1,
  kNoSuid = 0x2,
  kNoDev = 0x4,
  kNoExec = 0x8,
  kValid = 0x20,
  kRelAtime = 0x1000,
};

constexpr std::string_view kPlain = "relatime";
constexpr std::string_view kGuarded = "nosuid,nodev,noexec,relatime";

// The root folder passes for a disk of the usual kind, so that programs expect no less of it than it does.
constexpr auto kMounts = std::to_array<Mount>({
    {kRootDevice, 0xef53, "/", "ext4", "/dev/root", kPlain, kRelAtime},
    {kProcDevice, 0x9fa0, "/proc", "proc", "proc", kGuarded, kNoSuid | kNoDev | kNoExec | kRelAtime},
    {kSysDevice, 0x62656572, "/sys", "sysfs", "sysfs", kGuarded, kNoSuid | kNoDev | kNoExec | kRelAtime},
    {kDevDevice, 0x01021994, "/dev", "devtmpfs", "devtmpfs", kPlain, kRelAtime},
    {kStreamDevice, 0x50495045, "", "pipefs", "", "", 0},
    {kPipeDevice, 0x50495045, "", "pipefs", "", "", 0},
    {kAnonInodeDevice, 0x09041934, "", "anon_inodefs", "", "", 0},
    {kMemoryDevice, 0x01021994, "", "tmpfs", "", "", 0},
});

}  // namespace

std::span<const Mount> mounts() { return kMounts; }

const Mount& mount_of(std::uint64_t device) {
  const auto* const mount = std::ranges::find(kMounts, device, &Mount::device);
  return mount == kMounts.end() ? kMounts.front() : *mount;
}

isa::linux_abi::StatFs statfs_of(const FileStatus& status, const RootUse& root) {
  const Mount& mount = mount_of(status.device);
  isa::linux_abi::StatFs result{.type = mount.magic, .block_size = kBlock};
  result.flags = kValid | mount.flags;
  if (mount.device != kRootDevice) return result;
  result.id = mount.device;
  result.blocks = result.files = root.limit / kBlock;
  result.free = result.files_free = root.left / kBlock;
  if (!root.writable) result.flags |= kReadOnly;
  return result;
}

}  // namespace trapline::kernel
