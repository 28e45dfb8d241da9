#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"

namespace trapline::kernel {

namespace {

bool exists(Syscall& call, const File::Owner& owner) {
  const TaskTable& tasks = call.kernel.tasks();
  return owner.id == 0 || tasks.find(owner.id) != nullptr ||
         (owner.type == File::Owner::Group && !tasks.group(owner.id).empty());
}

Status set_async_owner(Syscall& call, File& file, File::Owner owner) {
  if (owner.id < 0) return Error{EINVAL};
  if (!exists(call, owner)) return Error{ESRCH};
  owner.signal = file.owner.signal;
  file.owner = owner;
  return Done{};
}

}  // namespace

SyscallResult set_owner(Syscall& call, File& file) {
  const int who = call.integer(2);
  const File::Owner owner{who < 0 ? File::Owner::Group : File::Owner::Process, who < 0 ? -who : who};
  return done(set_async_owner(call, file, owner));
}

// A group is negative, which is not to be taken for an error: small numbers are (fcntl(2), "Bugs").
SyscallResult get_owner(const File& file) {
  const int id = file.owner.type == File::Owner::Group ? -file.owner.id : file.owner.id;
  return static_cast<std::uint64_t>(std::int64_t{id});
}

// struct f_owner_ex: int type, pid_t pid.
SyscallResult set_owner_ex(Syscall& call, File& file) {
  const auto type = call.mm().read_word(call.address(2), 4);
  const auto id = call.mm().read_word(call.address(2) + 4, 4);
  if (!type || !id) return Error{EFAULT};
  if (*type > File::Owner::Group) return Error{EINVAL};
  return done(set_async_owner(call, file, {static_cast<File::Owner::Type>(*type), static_cast<int>(*id)}));
}

SyscallResult get_owner_ex(Syscall& call, const File& file) {
  const bool written =
      call.mm().write_word(call.address(2), file.owner.type, 4) &&
      call.mm().write_word(call.address(2) + 4, static_cast<std::uint64_t>(file.owner.id), 4);
  return written ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
}

}  // namespace trapline::kernel
