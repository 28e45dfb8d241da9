// Extended attributes of files (xattr(7)).
#include <algorithm>
#include <array>
#include <string>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/fs/xattrs.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): S_*, AT_*

// linux/limits.h
constexpr std::uint64_t kNameMost = 255;
constexpr std::uint64_t kSizeMost = 65536;

// A name, without a NUL: ERANGE where it is empty or too long.
Result<std::string> name_argument(Syscall& call, unsigned n) {
  auto name = call.mm().read_string(call.address(n), kNameMost + 1);
  if (!name) return Error{name.error().number == ENAMETOOLONG ? ERANGE : EFAULT};
  if (name->empty()) return Error{ERANGE};
  return name;
}

// The attributes of the file that such a name is about (xattr_permission(), xattr_resolve_name()).
Result<Xattrs*> attributes(File& file, const std::string& name, bool changes) {
  const auto status = file.status();
  if (!status) return status.error();
  auto found = file.xattrs(changes);
  const std::uint32_t type = status->mode & kSIfMt;
  if (name.starts_with("user.") && type != kSIfReg && type != kSIfDir)
    return Error{changes ? EPERM : ENODATA};
  if (!found) return found;
  // As ext4 without access control lists has them.
  constexpr std::array kSpaces{std::string_view("user."), std::string_view("trusted."),
                               std::string_view("security.")};
  const bool known =
      std::ranges::any_of(kSpaces, [&](std::string_view space) { return name.starts_with(space); });
  if (!known) return Error{EOPNOTSUPP};
  // tmpfs has none of users' (before Linux 6.6).
  if (status->device != kRootDevice && name.starts_with("user.")) return Error{EOPNOTSUPP};
  if (std::ranges::find(kSpaces, name) != kSpaces.end()) return Error{EINVAL};
  return found;
}

// A text into a buffer of `size` bytes, or its length where that is 0; ERANGE.
SyscallResult give(Syscall& call, GuestVa buffer, std::uint64_t size, const std::string& text) {
  if (size == 0) return text.size();
  if (text.size() > size) return Error{ERANGE};
  if (!call.mm().write(buffer, std::as_bytes(std::span(text)))) return Error{EFAULT};
  return text.size();
}

SyscallResult set_xattr(Syscall& call, const Result<FileRef>& file) {
  if (!file) return file.error();
  if (const auto writable = (*file)->xattrs(true); !writable && writable.error().number == EROFS)
    return Error{EROFS};
  const std::uint64_t flags = call.args[4] & 0xffffffff;
  if ((flags & ~std::uint64_t{Xattrs::kCreate | Xattrs::kReplace}) != 0) return Error{EINVAL};
  const auto name = name_argument(call, 1);
  if (!name) return name.error();
  const std::uint64_t size = call.args[3];
  if (size > kSizeMost) return Error{E2BIG};
  std::string value(size, '\0');
  if (!call.mm().read(call.address(2), std::as_writable_bytes(std::span(value)))) return Error{EFAULT};
  const auto found = attributes(**file, *name, true);
  if (!found) return found.error();
  const Status done = (*found)->set(*name, std::move(value), flags);
  if (done) call.kernel.file_system().notify(**file, kInAttrib);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

SyscallResult get(Syscall& call, const Result<FileRef>& file) {
  if (!file) return file.error();
  const auto name = name_argument(call, 1);
  if (!name) return name.error();
  const auto found = attributes(**file, *name, false);
  if (!found) return found.error();
  const auto value = (*found)->get(*name);
  return value ? give(call, call.address(2), call.args[3], *value) : value.error();
}

SyscallResult list(Syscall& call, const Result<FileRef>& file) {
  if (!file) return file.error();
  const auto found = (*file)->xattrs(false);
  if (!found && found.error().number != EOPNOTSUPP) return found.error();
  return give(call, call.address(1), call.args[2], found ? (*found)->list() : std::string());
}

SyscallResult remove(Syscall& call, const Result<FileRef>& file) {
  if (!file) return file.error();
  if (const auto writable = (*file)->xattrs(true); !writable && writable.error().number == EROFS)
    return Error{EROFS};
  const auto name = name_argument(call, 1);
  if (!name) return name.error();
  const auto found = attributes(**file, *name, true);
  if (!found) return found.error();
  const Status done = (*found)->remove(*name);
  if (done) call.kernel.file_system().notify(**file, kInAttrib);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

Result<FileRef> by_path(Syscall& call) { return place_argument(call, kAtCwd, 0, 0); }
Result<FileRef> by_link(Syscall& call) { return place_argument(call, kAtCwd, 0, kAtSymlinkNoFollow); }
Result<FileRef> by_descriptor(Syscall& call) { return file_argument(call, 0); }

}  // namespace

SyscallResult sys_setxattr(Syscall& call) { return set_xattr(call, by_path(call)); }
SyscallResult sys_lsetxattr(Syscall& call) { return set_xattr(call, by_link(call)); }
SyscallResult sys_fsetxattr(Syscall& call) { return set_xattr(call, by_descriptor(call)); }
SyscallResult sys_getxattr(Syscall& call) { return get(call, by_path(call)); }
SyscallResult sys_lgetxattr(Syscall& call) { return get(call, by_link(call)); }
SyscallResult sys_fgetxattr(Syscall& call) { return get(call, by_descriptor(call)); }
SyscallResult sys_listxattr(Syscall& call) { return list(call, by_path(call)); }
SyscallResult sys_llistxattr(Syscall& call) { return list(call, by_link(call)); }
SyscallResult sys_flistxattr(Syscall& call) { return list(call, by_descriptor(call)); }
SyscallResult sys_removexattr(Syscall& call) { return remove(call, by_path(call)); }
SyscallResult sys_lremovexattr(Syscall& call) { return remove(call, by_link(call)); }
SyscallResult sys_fremovexattr(Syscall& call) { return remove(call, by_descriptor(call)); }

}  // namespace trapline::kernel
