// Permissions, owners and times of files.
#include <array>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): S_*, AT_*

SyscallResult change(Syscall& call, const Result<FileRef>& file, const AttributeChange& wanted) {
  if (!file) return file.error();
  const Status done = (*file)->change_attributes(wanted);
  if (done) call.kernel.file_system().notify(**file, kInAttrib);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

AttributeChange new_mode(const Syscall& call, unsigned n) {
  return {.permissions = static_cast<std::uint32_t>(call.args[n]) & kModeBits};
}

// -1: that one stays.
AttributeChange new_owner(const Syscall& call, unsigned n) {
  const auto id = [&](unsigned at) {
    const auto number = static_cast<std::uint32_t>(call.args[at]);
    return number == ~0u ? std::nullopt : std::optional(number);
  };
  return {.uid = id(n), .gid = id(n + 1), .owner = true};
}

// --- Times
// ----------------------------------------------------------------------------------------------------

struct Times {
  std::optional<std::int64_t> access;
  std::optional<std::int64_t> modify;
  bool valid = true;  // which is looked at when the file is found (vfs_utimes())
};

std::int64_t now(const Syscall& call) { return static_cast<std::int64_t>(kWallClockStart + call.now()); }

// The seconds that a file system of 64-bit nanoseconds has: others are the nearest that it has
// (utimensat(2)).
std::int64_t time_of(std::int64_t seconds, std::int64_t nanoseconds) {
  constexpr std::int64_t kMost = INT64_MAX / static_cast<std::int64_t>(kSecond) - 1;
  return std::clamp(seconds, -kMost, kMost) * static_cast<std::int64_t>(kSecond) + nanoseconds;
}

// Two structures of two words each; `fractions` of a second are in the second one.
Result<std::array<std::int64_t, 4>> time_words(Syscall& call, GuestVa address) {
  std::array<std::int64_t, 4> words{};
  for (unsigned i = 0; i < words.size(); ++i) {
    const auto word = call.mm().read_word(address + 8 * i, 8);
    if (!word) return Error{EFAULT};
    words[i] = static_cast<std::int64_t>(*word);
  }
  return words;
}

// struct timespec[2]
Result<Times> timespecs(Syscall& call, GuestVa address) {
  constexpr std::int64_t kNow = 0x3fffffff, kOmit = 0x3ffffffe;  // UTIME_NOW and UTIME_OMIT
  const auto words = time_words(call, address);
  if (!words) return words.error();
  const auto one = [&](unsigned i) -> Result<std::optional<std::int64_t>> {
    const std::int64_t nanoseconds = (*words)[2 * i + 1];
    if (nanoseconds == kNow) return std::optional(now(call));
    if (nanoseconds == kOmit) return std::optional<std::int64_t>();
    if (nanoseconds < 0 || nanoseconds >= static_cast<std::int64_t>(kSecond)) return Error{EINVAL};
    return std::optional(time_of((*words)[2 * i], nanoseconds));
  };
  const auto access = one(0);
  const auto modify = one(1);
  if (!access || !modify) return Times{{}, {}, false};
  return Times{*access, *modify};
}

// struct timeval[2]
Result<Times> timevals(Syscall& call, GuestVa address) {
  constexpr std::int64_t kMillion = 1'000'000;
  const auto words = time_words(call, address);
  if (!words) return words.error();
  for (const unsigned i : {1u, 3u}) {
    if ((*words)[i] < 0 || (*words)[i] >= kMillion) return Error{EINVAL};
  }
  return Times{time_of((*words)[0], (*words)[1] * 1000), time_of((*words)[2], (*words)[3] * 1000)};
}

Times both_now(const Syscall& call) { return {now(call), now(call)}; }

// do_utimes(): nothing to do is nothing to look at.
SyscallResult set_times(Syscall& call, int fd, unsigned path_at, const Times& times, std::uint64_t flags) {
  if ((flags & ~(kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return Error{EINVAL};
  const auto set = [&](const Result<FileRef>& file, const AttributeChange& wanted) -> SyscallResult {
    return file && !times.valid ? Error{EINVAL} : change(call, file, wanted);
  };
  const AttributeChange wanted{.access = times.access, .modify = times.modify};
  // Without a path it is the file itself; O_PATH will not do.
  if (call.args[path_at] == 0 && fd != kAtCwd) {
    if (flags != 0) return Error{EINVAL};
    return set(file_argument(call, 0), wanted);
  }
  return set(place_argument(call, fd, path_at, flags), wanted);
}

SyscallResult set_timevals(Syscall& call, int fd, unsigned path_at) {
  if (call.args[path_at + 1] == 0) return set_times(call, fd, path_at, both_now(call), 0);
  const auto times = timevals(call, call.address(path_at + 1));
  return times ? set_times(call, fd, path_at, *times, 0) : times.error();
}

}  // namespace

SyscallResult sys_chmod(Syscall& call) {
  return change(call, place_argument(call, kAtCwd, 0, 0), new_mode(call, 1));
}
SyscallResult sys_fchmod(Syscall& call) { return change(call, file_argument(call, 0), new_mode(call, 1)); }
SyscallResult sys_fchmodat(Syscall& call) {
  return change(call, place_argument(call, call.integer(0), 1, 0), new_mode(call, 2));
}

SyscallResult sys_chown(Syscall& call) {
  return change(call, place_argument(call, kAtCwd, 0, 0), new_owner(call, 1));
}
SyscallResult sys_lchown(Syscall& call) {
  return change(call, place_argument(call, kAtCwd, 0, kAtSymlinkNoFollow), new_owner(call, 1));
}
SyscallResult sys_fchown(Syscall& call) { return change(call, file_argument(call, 0), new_owner(call, 1)); }
SyscallResult sys_fchownat(Syscall& call) {
  const std::uint64_t flags = call.args[4] & 0xffffffff;
  if ((flags & ~(kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return Error{EINVAL};
  return change(call, place_argument(call, call.integer(0), 1, flags), new_owner(call, 2));
}

// struct utimbuf: two seconds.
SyscallResult sys_utime(Syscall& call) {
  if (call.args[1] == 0) return set_times(call, kAtCwd, 0, both_now(call), 0);
  const auto access = call.mm().read_word(call.address(1), 8);
  const auto modify = call.mm().read_word(call.address(1) + 8, 8);
  if (!access || !modify) return Error{EFAULT};
  const Times times{time_of(static_cast<std::int64_t>(*access), 0),
                    time_of(static_cast<std::int64_t>(*modify), 0)};
  return set_times(call, kAtCwd, 0, times, 0);
}
SyscallResult sys_utimes(Syscall& call) { return set_timevals(call, kAtCwd, 0); }
SyscallResult sys_futimesat(Syscall& call) { return set_timevals(call, call.integer(0), 1); }

SyscallResult sys_utimensat(Syscall& call) {
  const std::uint64_t flags = call.args[3] & 0xffffffff;
  if (call.args[2] == 0) return set_times(call, call.integer(0), 1, both_now(call), flags);
  const auto times = timespecs(call, call.address(2));
  if (!times) return times.error();
  if (times->valid && !times->access && !times->modify) return 0;
  return set_times(call, call.integer(0), 1, *times, flags);
}

}  // namespace trapline::kernel
