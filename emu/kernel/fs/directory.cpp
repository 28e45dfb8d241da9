#include "emu/kernel/fs/directory.hpp"

#include "emu/kernel/fs/positioned_file.hpp"

namespace trapline::kernel {

SyscallResult Directory::seek(std::int64_t offset, Whence whence) {
  const auto to = new_position(position_, entries_ ? entries_->size() : 0, offset, whence);
  if (!to) return to;
  position_ = *to;
  if (position_ == 0 && whence == Whence::Set) forget();  // rewinddir(3): as the directory is now
  return to;
}

void Directory::forget() {
  if (entries_) room_.give_back(entries_->size());
  entries_.reset();
}

Result<std::span<const DirectoryEntry>> Directory::entries() {
  if (!entries_) {
    auto listed = list_();
    if (!listed) return listed.error();
    if (!room_.take(listed->size())) return Error{ENOMEM};
    entries_ = std::move(*listed);
  }
  return std::span<const DirectoryEntry>(*entries_);
}

}  // namespace trapline::kernel
