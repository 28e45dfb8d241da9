#include "emu/kernel/fs/leases.hpp"

#include <algorithm>

namespace trapline::kernel {

// __break_lease(): who only reads is in nobody's way but a writer's.
bool Leases::in_the_way(const Lease& lease, const File& opening) {
  return lease.holder != &opening && (opening.writable() || lease.type == kWrite);
}

void Leases::closed(const File& file) {
  --count(file);
  if (std::erase_if(leases_, [&](const Lease& lease) { return lease.holder == &file; }) != 0)
    queue.wake_all();
}

SyscallResult Leases::set(File& file, std::uint64_t type) {
  const auto own = std::ranges::find(leases_, &file, &Lease::holder);
  if (type > kNone) return Error{EINVAL};
  if (type == kNone) {
    if (own == leases_.end()) return Error{EAGAIN};
    leases_.erase(own);
    queue.wake_all();
    return 0;
  }
  // check_conflicting_open()
  const bool writes = file.writable();
  if (type == kRead && writers_ != 0) return Error{EAGAIN};
  if (type == kWrite && (writers_ != (writes ? 1 : 0) || readers_ != (writes ? 0 : 1))) return Error{EAGAIN};
  const bool others = std::ranges::any_of(
      leases_, [&](const Lease& lease) { return lease.holder != &file && (type == kWrite || lease.told); });
  if (others) return Error{EAGAIN};
  if (own == leases_.end()) {
    leases_.push_back({&file, static_cast<Type>(type)});
  } else {
    *own = {&file, static_cast<Type>(type)};
    queue.wake_all();
  }
  return 0;
}

Leases::Type Leases::type_of(const File& file) const {
  const auto own = std::ranges::find(leases_, &file, &Lease::holder);
  return own == leases_.end() ? kNone : own->type;
}

bool Leases::conflict(const File& opening) const {
  return std::ranges::any_of(leases_, [&](const Lease& lease) { return in_the_way(lease, opening); });
}

std::vector<File*> Leases::untold(const File& opening) {
  std::vector<File*> files;
  for (Lease& lease : leases_) {
    if (lease.told || !in_the_way(lease, opening)) continue;
    lease.told = true;
    files.push_back(lease.holder);
  }
  return files;
}

void Leases::take(const File& opening) {
  std::erase_if(leases_, [&](const Lease& lease) { return in_the_way(lease, opening); });
  queue.wake_all();
}

}  // namespace trapline::kernel
