#include "emu/kernel/fs/xattrs.hpp"

namespace trapline::kernel {

namespace {

// As ext4 has it for blocks of 4 KiB: what does not fit the inode lies in one block.
constexpr std::uint64_t kRoom = 4096;
constexpr std::uint64_t kEntry = 64;  // what one takes beside its name and value

std::uint64_t entry_size(const std::string& name, const std::string& value) {
  return kEntry + name.size() + value.size();
}

}  // namespace

Result<std::string> Xattrs::get(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return Error{ENODATA};
  return found->second;
}

Status Xattrs::set(const std::string& name, std::string value, std::uint64_t flags) {
  const auto old = values_.find(name);
  if (old != values_.end() && (flags & kCreate) != 0) return Error{EEXIST};
  if (old == values_.end() && (flags & kReplace) != 0) return Error{ENODATA};
  const std::uint64_t before = old == values_.end() ? 0 : entry_size(name, old->second);
  const std::uint64_t after = entry_size(name, value);
  if (charge_.bytes() - before + after > kRoom || !charge_.room(after)) return Error{ENOSPC};
  charge_.remove(before);
  charge_.add(after);
  values_[name] = std::move(value);
  return Done{};
}

Status Xattrs::remove(const std::string& name) {
  const auto old = values_.find(name);
  if (old == values_.end()) return Error{ENODATA};
  charge_.remove(entry_size(name, old->second));
  values_.erase(old);
  return Done{};
}

std::string Xattrs::list() const {
  std::string names;
  for (const auto& [name, value] : values_) {
    names += name;
    names += '\0';
  }
  return names;
}

}  // namespace trapline::kernel
