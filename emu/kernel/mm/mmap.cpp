// The mappings of an address space (mmap(2), munmap(2), mprotect(2), mremap(2), brk(2)).
#include <algorithm>
#include <utility>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kMaxMapCount = 65530;  // vm.max_map_count
constexpr GuestVa kMmapMinAddress{65536};      // vm.mmap_min_addr, which does not bind root, but what it gets
constexpr std::uint64_t kVmaBytes = 320;       // what a mapping takes of the host's memory, roughly

// Short names come and go.
std::uint64_t vma_size(const Vma& vma) { return kVmaBytes + vma.name.size() / 32 * 32; }

// What RLIMIT_DATA is about (is_data_mapping()).
bool is_data(const Vma& vma) { return vma.permissions.write && !vma.shared && !vma.grows_down; }

// mm/mmap.c: is_mergeable_anon_vma(), as Linux 6.1 has it. Whether `area` may become one with a neighbour.
bool mergeable_pages(const Vma& area, const Vma& neighbour) {
  if (area.anon_vma == 0 && neighbour.anon_vma != 0) return !neighbour.inherited;
  return area.anon_vma == neighbour.anon_vma;
}

bool alike(const Vma& lower, const Vma& upper) {
  return lower.end == upper.start && lower.permissions == upper.permissions && lower.shared == upper.shared &&
         lower.grows_down == upper.grows_down && lower.flags == upper.flags && lower.file == upper.file &&
         lower.object == upper.object && lower.offset_of(lower.end) == upper.file_offset &&
         // Of a stack only the part with the arguments has the name.
         (lower.name == upper.name || (lower.name.empty() && upper.name == "[stack]"));
}

}  // namespace

// --- The set of mappings
// ----------------------------------------------------------------------------------------------------

Mm::VmaMap::iterator Mm::find(GuestVa address) {
  const auto vma = first_ending_after(address);
  return vma != vmas_.end() && vma->second.start <= address ? vma : vmas_.end();
}

Mm::VmaMap::const_iterator Mm::find(GuestVa address) const {
  const auto vma = first_ending_after(address);
  return vma != vmas_.end() && vma->second.start <= address ? vma : vmas_.end();
}

Mm::VmaMap::iterator Mm::first_ending_after(GuestVa address) {
  const auto above = vmas_.upper_bound(address.value);
  if (above == vmas_.begin()) return above;
  const auto below = std::prev(above);
  return below->second.end > address ? below : above;
}

Mm::VmaMap::const_iterator Mm::first_ending_after(GuestVa address) const {
  const auto above = vmas_.upper_bound(address.value);
  if (above == vmas_.begin()) return above;
  const auto below = std::prev(above);
  return below->second.end > address ? below : above;
}

Mm::VmaMap::iterator Mm::insert(Vma vma) {
  const std::uint64_t bytes = vma_size(vma);
  charged_ += bytes;
  machine_.memory().charge(bytes);
  const std::uint64_t start = vma.start.value;
  return vmas_.emplace(start, std::move(vma)).first;
}

Mm::VmaMap::iterator Mm::erase(VmaMap::iterator vma) {
  const std::uint64_t bytes = vma_size(vma->second);
  charged_ -= bytes;
  machine_.memory().uncharge(bytes);
  return vmas_.erase(vma);
}

bool Mm::room_for(std::uint64_t mappings) const {
  return vmas_.size() + mappings <= kMaxMapCount && machine_.memory().can_charge(mappings * kVmaBytes);
}

// Documentation/mm/overcommit-accounting.rst, mode 0: only what cannot possibly fit is refused.
bool Mm::enough_memory(std::uint64_t bytes) const { return bytes <= machine_.memory().size(); }

void Mm::set_limits(const Limits& limits) {
  mapped_limit_ = limits[Resource::AddressSpace].soft;
  data_limit_ = limits[Resource::Data];
}

// Bytes of [start, end) that are mapped, or of them those that RLIMIT_DATA is about.
std::uint64_t Mm::mapped_in(GuestVa start, GuestVa end, bool data) const {
  std::uint64_t bytes = 0;
  for (auto at = first_ending_after(start); at != vmas_.end() && at->second.start < end; ++at) {
    if (!data || is_data(at->second))
      bytes += std::min(end, at->second.end) - std::max(start, at->second.start);
  }
  return bytes;
}

// may_expand_vm(). A soft data limit of 0 alone is none: programs use that to keep sbrk(2) from working.
bool Mm::may_expand(const Vma& vma, std::uint64_t bytes, std::uint64_t replaced) {
  if (mapped_limit_ != kNoLimit && mapped_ - replaced + bytes > mapped_limit_) return false;
  if (data_limit_.soft == kNoLimit || !is_data(vma)) return true;
  work_ += vmas_.size() * costs::kEach;
  const std::uint64_t data = mapped_in(GuestVa(0), layout_.task_size, true) + bytes - replaced;
  return data <= (data_limit_.soft == 0 ? data_limit_.hard : data_limit_.soft);
}

void Mm::count_mapped() { peak_mapped_ = std::max(peak_mapped_, mapped_); }

// Makes `address` a border between mappings.
void Mm::split(GuestVa address) {
  const auto vma = find(address);
  if (vma == vmas_.end() || vma->second.start == address) return;
  Vma upper = vma->second;
  upper.file_offset = vma->second.offset_of(address);
  upper.start = address;
  Vma lower = vma->second;
  lower.end = address;
  if (lower.name == "[stack]") lower.name.clear();
  erase(vma);
  insert(std::move(lower));
  insert(std::move(upper));
}

// Joins a mapping that is new or has changed to its neighbours where they are alike (mm/mmap.c: vma_merge).
// Returns what it is part of then.
Mm::VmaMap::iterator Mm::merge(VmaMap::iterator area) {
  const auto next = std::next(area);
  const Vma& own = area->second;
  bool take_next = next != vmas_.end() && alike(own, next->second) && mergeable_pages(own, next->second);
  if (area != vmas_.begin()) {
    const auto prev = std::prev(area);
    if (alike(prev->second, own) && mergeable_pages(own, prev->second)) {
      Vma& grown = prev->second;
      take_next = take_next && (grown.anon_vma == 0 || next->second.anon_vma == 0 ||
                                grown.anon_vma == next->second.anon_vma);
      grown.end = own.end;
      grown.name = own.name;
      if (grown.anon_vma == 0) grown.anon_vma = own.anon_vma;
      erase(area);
      area = prev;
    }
  }
  if (take_next) {
    Vma& grown = area->second;
    grown.end = next->second.end;
    grown.name = next->second.name;
    if (grown.anon_vma == 0) {
      grown.anon_vma = next->second.anon_vma;
      grown.inherited = next->second.inherited;
    }
    erase(next);
  }
  return area;
}

// Has [start, end), which lies in `vma`, be a mapping of its own.
Result<Mm::VmaMap::iterator> Mm::isolate(VmaMap::iterator vma, GuestVa start, GuestVa end) {
  const unsigned borders = (vma->second.start < start ? 1u : 0u) + (end < vma->second.end ? 1u : 0u);
  if (borders != 0 && (vma->second.flags & kVmMayNotSplit) != 0) return Error{EINVAL};
  if (borders != 0 && !room_for(borders)) return Error{ENOMEM};
  split(start);
  split(end);
  return vmas_.find(start.value);
}

// --- Where there is room
// ----------------------------------------------------------------------------------------------------

bool Mm::range_free(GuestVa start, std::uint64_t size) const {
  const auto next = first_ending_after(start);
  return next == vmas_.end() || next->second.start >= start + size;
}

// Where what lies below a mapping must end: a stack keeps a gap free that it grows into.
std::uint64_t Mm::start_gap(const Vma& vma) const {
  const std::uint64_t gap = vma.grows_down ? kGuardGap * page_size() : 0;
  return vma.start.value - std::min(vma.start.value, gap);
}

// The highest gap that fits: mappings are placed top down.
std::optional<GuestVa> Mm::find_gap(std::uint64_t size) {
  if (size <= largest_gap_) {
    search_from_ = layout_.mmap_top;
    largest_gap_ = 0;
  }
  std::uint64_t top = search_from_.value;
  std::uint64_t largest = largest_gap_;
  auto vma = vmas_.lower_bound(top);
  if (vma != vmas_.end()) top = std::min(top, start_gap(vma->second));
  for (;;) {
    work_ += costs::kEach;
    const bool lowest = vma == vmas_.begin();
    const std::uint64_t bottom =
        lowest ? kMmapMinAddress.value : std::max(kMmapMinAddress, std::prev(vma)->second.end).value;
    if (bottom < top && top - bottom >= size) {
      search_from_ = GuestVa(top);
      largest_gap_ = largest;
      return GuestVa(top - size);
    }
    if (bottom < top) largest = std::max(largest, top - bottom);
    if (lowest) return std::nullopt;
    --vma;
    top = std::min(top, start_gap(vma->second));
  }
}

// The lowest gap of those that MAP_32BIT is about (find_start_end()).
std::optional<GuestVa> Mm::find_low_gap(std::uint64_t size) const {
  constexpr std::uint64_t kBegin = 0x40000000, kEnd = 0x80000000;
  std::uint64_t bottom = kBegin;
  for (auto vma = first_ending_after(GuestVa(kBegin)); vma != vmas_.end(); ++vma) {
    const std::uint64_t top = std::min(start_gap(vma->second), kEnd);
    if (bottom < top && top - bottom >= size) return GuestVa(bottom);
    if (vma->second.end.value >= kEnd) return std::nullopt;
    bottom = std::max(bottom, vma->second.end.value);
  }
  return kEnd - bottom >= size ? std::optional(GuestVa(bottom)) : std::nullopt;
}

Result<GuestVa> Mm::unmapped_area(std::optional<GuestVa> hint, std::uint64_t size) {
  if (size > layout_.task_size.value) return Error{ENOMEM};
  if (hint) {
    const GuestVa at = hint->align_down(page_size());
    if (at.value != 0) {
      const GuestVa start = std::max(at, kMmapMinAddress);
      const auto next = first_ending_after(start);
      if (start < layout_.task_size && layout_.task_size - start >= size &&
          (next == vmas_.end() || start.value + size <= start_gap(next->second))) {
        return start;
      }
    }
  }
  const auto gap = find_gap(size);
  return gap ? Result<GuestVa>(*gap) : Error{ENOMEM};
}

// --- mmap and munmap
// ----------------------------------------------------------------------------------------------------

Result<GuestVa> Mm::map(const MapRequest& request) {
  const std::uint64_t page = page_size();
  if (request.size == 0) return Error{EINVAL};
  if (request.size > layout_.task_size.value) return Error{ENOMEM};
  const std::uint64_t size = (request.size + page - 1) / page * page;
  if (vmas_.size() > kMaxMapCount || !machine_.memory().can_charge(vma_size(request.vma))) {
    return Error{ENOMEM};
  }

  GuestVa start;
  if (request.fixed) {
    start = *request.at;
    if (start > layout_.task_size || layout_.task_size - start < size) return Error{ENOMEM};
    if (start.offset_in(page) != 0) return Error{EINVAL};
    if (request.no_replace && !range_free(start, size)) return Error{EEXIST};
  } else {
    const auto low = request.low ? find_low_gap(size) : std::nullopt;
    const auto free =
        request.low ? (low ? Result<GuestVa>(*low) : Error{ENOMEM}) : unmapped_area(request.at, size);
    if (!free) return free;
    start = *free;
  }

  Vma vma = request.vma;
  vma.start = start;
  vma.end = start + size;
  vma.flags |= default_flags_;
  if (!may_expand(vma, size, request.fixed ? mapped_in(start, vma.end) : 0)) return Error{ENOMEM};
  if (vma.anonymous() && vma.shared) {
    if ((vma.flags & kVmNoReserve) == 0 && !enough_memory(size)) return Error{ENOMEM};
    vma.object = std::make_shared<SharedMemory>(machine_, size);
    if (vma.name.empty()) vma.name = "/dev/zero (deleted)";
  } else if (vma.anonymous()) {
    vma.file_offset = start.value;
  }
  if (!vma.shared && vma.permissions.write && (vma.flags & kVmNoReserve) == 0) {
    if (!enough_memory(size)) return Error{ENOMEM};
    vma.flags |= kVmAccount;
  }
  if (request.fixed && !range_free(start, size)) {
    if (const Status unmapped = unmap(start, size); !unmapped) return unmapped.error();
  }
  const bool populate = request.populate || (vma.flags & (kVmLocked | kVmLockOnFault)) == kVmLocked;
  // What a driver mapped is never locked (VM_SPECIAL).
  if ((vma.flags & kVmDontExpand) != 0) vma.flags &= ~std::uint32_t{kVmLocked | kVmLockOnFault};
  merge(insert(std::move(vma)));
  mapped_ += size;
  count_mapped();
  // mmap(2), MAP_POPULATE: it does not fail where pages cannot be had.
  if (populate) static_cast<void>(this->populate(start, start + size));
  return start;
}

void Mm::drop_pages(GuestVa start, GuestVa end) {
  space_.unmap_each(start, end, [this](GuestPa frame) {
    machine_.memory().release_frame(frame);
    work_ += costs::kPage;
  });
  charge_pages();
}

Status Mm::unmap(GuestVa start, std::uint64_t size) {
  const std::uint64_t page = page_size();
  if (start.offset_in(page) != 0 || size == 0) return Error{EINVAL};
  if (start > layout_.task_size || layout_.task_size - start < size) return Error{EINVAL};
  const GuestVa end = (start + size).align_up(page);
  auto vma = first_ending_after(start);
  if (vma == vmas_.end() || vma->second.start >= end) return Done{};
  for (const GuestVa border : {start, end}) {
    const auto across = find(border);
    if (across != vmas_.end() && across->second.start < border &&
        (across->second.flags & kVmMayNotSplit) != 0)
      return Error{EINVAL};
  }
  // A hole in a mapping makes one more of it. What gives memory back needs none.
  if (vma->second.start < start && end < vma->second.end) {
    bool frees = false;
    space_.for_each(start, end, [&](GuestVa, const auto&) { frees = true; });
    if (vmas_.size() >= kMaxMapCount || (!frees && !room_for(1))) return Error{ENOMEM};
  }
  split(start);
  split(end);
  for (vma = vmas_.lower_bound(start.value); vma != vmas_.end() && vma->second.start < end;) {
    mapped_ -= vma->second.size();
    work_ += costs::kMapping + (vma->second.permissions.execute ? costs::kCode : 0);
    vma = erase(vma);
  }
  drop_pages(start, end);
  if (start <= vdso && vdso < end) vdso = GuestVa();  // arch_unmap()

  const GuestVa bottom = vma == vmas_.begin() ? GuestVa(0) : std::prev(vma)->second.end;
  const GuestVa top = vma == vmas_.end() ? layout_.task_size : vma->second.start;
  if (top > search_from_) {
    largest_gap_ = std::max(largest_gap_, top - bottom);
    if (bottom <= search_from_) search_from_ = std::min(top, layout_.mmap_top);
  }
  return Done{};
}

void Mm::unmap_pages_of(const void* file, std::uint64_t offset) {
  work_ += vmas_.size() * costs::kMapping;
  for (const auto& [start, vma] : vmas_) {
    if (vma.object.get() != file && vma.file.get() != file) continue;
    if (vma.offset_of(vma.end) <= offset) continue;
    drop_pages(vma.start + (std::max(offset, vma.file_offset) - vma.file_offset), vma.end);
  }
}

// --- mprotect
// ----------------------------------------------------------------------------------------------------

Status Mm::protect(GuestVa start, std::uint64_t size, Permissions permissions, bool grows_down) {
  const std::uint64_t page = page_size();
  if (start.offset_in(page) != 0) return Error{EINVAL};
  if (size == 0) return Done{};
  const GuestVa end = (start + size).align_up(page);
  if (end <= start) return Error{ENOMEM};
  auto vma = first_ending_after(start);
  if (vma == vmas_.end()) return Error{ENOMEM};
  if (grows_down) {
    if (vma->second.start >= end) return Error{ENOMEM};
    if (!vma->second.grows_down) return Error{EINVAL};
    start = vma->second.start;
  }
  for (GuestVa at = start; at < end;) {
    vma = find(at);
    if (vma == vmas_.end()) return Error{ENOMEM};  // what lies before the hole has changed, as on Linux
    const GuestVa here = std::min(end, vma->second.end);
    if (vma->second.permissions != permissions) {
      const Vma& old = vma->second;
      if (permissions.execute != old.permissions.execute) work_ += costs::kCode;
      // A store would have to reach the file.
      const bool may_not = permissions.write && (old.flags & kVmMayNotWrite) != 0;
      if ((permissions.write && old.shared && old.file) || (may_not && (old.shared || old.special())))
        return Error{EACCES};
      if (permissions.execute && (old.flags & kVmMayNotExecute) != 0) return Error{EACCES};
      const bool account = permissions.write && !old.permissions.write && !old.shared &&
                           (old.flags & (kVmAccount | kVmNoReserve)) == 0;
      if (account && !enough_memory(here - at)) return Error{ENOMEM};
      Vma wanted = old;
      wanted.permissions = permissions;
      if (permissions.write && !may_expand(wanted, here - at) && may_expand(old, here - at))
        return Error{ENOMEM};
      const auto changed = isolate(vma, at, here);
      if (!changed) return changed.error();
      Vma& now = (*changed)->second;
      now.permissions = permissions;
      if (account) now.flags |= kVmAccount;
      space_.protect(at, here, [&](GuestPa frame) {
        work_ += costs::kPage;
        return page_permissions(now, frame);
      });
      if ((now.flags & kVmReadOnlyTail) != 0 && at + page < here) {
        Permissions read_only = page_permissions(now);
        read_only.write = false;
        space_.protect(at + page, here, [read_only](GuestPa) { return read_only; });
      }
      work_ += costs::kMapping;
      merge(*changed);
    }
    at = here;
  }
  return Done{};
}

// --- mremap
// ----------------------------------------------------------------------------------------------------

// mm/mremap.c: vma_to_resize().
Status Mm::may_resize(const Vma& vma, GuestVa old, std::uint64_t old_size, std::uint64_t new_size) {
  if (old_size == 0 && !vma.shared) return Error{EINVAL};
  if (old_size > vma.end - old) return Error{EFAULT};
  if (new_size > old_size && (vma.flags & kVmDontExpand) != 0) return Error{EFAULT};
  if (new_size > old_size && !may_expand(vma, new_size - old_size)) return Error{ENOMEM};
  if (new_size > old_size && (vma.flags & kVmAccount) != 0 && !enough_memory(new_size - old_size)) {
    return Error{ENOMEM};
  }
  return Done{};
}

Result<GuestVa> Mm::remap(const RemapRequest& request) {
  const std::uint64_t page = page_size();
  const GuestVa old = request.old;
  if (old.offset_in(page) != 0) return Error{EINVAL};
  // A size that is rounded up to nothing is none.
  const std::uint64_t old_size = (request.old_size + page - 1) / page * page;
  const std::uint64_t new_size = (request.new_size + page - 1) / page * page;
  if (new_size == 0) return Error{EINVAL};
  const auto vma = find(old);
  if (vma == vmas_.end()) return Error{EFAULT};
  if (request.to || request.dont_unmap) {
    RemapRequest rounded = request;
    rounded.old_size = old_size;
    rounded.new_size = new_size;
    return remap_to(rounded);
  }
  if (old_size >= new_size) {
    if (old_size > new_size) {
      if (const Status cut = unmap(old + new_size, old_size - new_size); !cut) return cut.error();
    }
    return old;
  }
  if (const Status allowed = may_resize(vma->second, old, old_size, new_size); !allowed)
    return allowed.error();
  const std::uint64_t more = new_size - old_size;
  Vma& whole = vma->second;
  if (old_size == whole.end - old && more <= layout_.task_size - whole.end && range_free(whole.end, more)) {
    const bool locked = (whole.flags & (kVmLocked | kVmLockOnFault)) == kVmLocked;
    whole.end = whole.end + more;
    merge(vma);
    mapped_ += more;
    count_mapped();
    if (locked) static_cast<void>(populate(old + old_size, old + new_size));
    return old;
  }
  if (!request.may_move) return Error{ENOMEM};
  auto to = unmapped_area({}, new_size);
  if (!to) return to;
  return move(old, old_size, *to, new_size, false);
}

// MREMAP_FIXED and MREMAP_DONTUNMAP.
Result<GuestVa> Mm::remap_to(const RemapRequest& request) {
  const GuestVa old = request.old;
  const std::uint64_t new_size = request.new_size;
  std::uint64_t old_size = request.old_size;
  if (const auto wanted = request.to ? request.to : request.hint) {
    if (wanted->offset_in(page_size()) != 0) return Error{EINVAL};
    if (new_size > layout_.task_size.value || *wanted > layout_.task_size - new_size) return Error{EINVAL};
    if (old + old_size > *wanted && *wanted + new_size > old) return Error{EINVAL};
  }
  if (vmas_.size() + 2 >= kMaxMapCount - 3) return Error{ENOMEM};
  if (request.to) {
    if (const Status gone = unmap(*request.to, new_size); !gone) return gone.error();
  }
  if (old_size > new_size) {
    if (const Status cut = unmap(old + new_size, old_size - new_size); !cut) return cut.error();
    old_size = new_size;
  }
  const auto vma = find(old);
  if (vma == vmas_.end()) return Error{EFAULT};
  if (request.dont_unmap && (vma->second.flags & kVmDontExpand) != 0) return Error{EINVAL};
  if (const Status allowed = may_resize(vma->second, old, old_size, new_size); !allowed)
    return allowed.error();
  if (request.dont_unmap && !may_expand(vma->second, old_size)) return Error{ENOMEM};
  auto to = request.to ? Result<GuestVa>(*request.to) : unmapped_area(request.hint, new_size);
  if (!to) return to;
  return move(old, old_size, *to, new_size, request.dont_unmap);
}

// mm/mremap.c: move_vma(). What it takes is checked, but for the room in this table.
Result<GuestVa> Mm::move(GuestVa old, std::uint64_t old_size, GuestVa to, std::uint64_t new_size,
                         bool dont_unmap) {
  if (vmas_.size() >= kMaxMapCount - 3 || !room_for(1)) return Error{ENOMEM};
  Vma moved = find(old)->second;
  const bool part = moved.start != old || moved.end != old + old_size;
  if (part && (moved.flags & kVmMayNotSplit) != 0) return Error{EINVAL};
  if (dont_unmap && (moved.flags & kVmAccount) != 0 && !enough_memory(new_size)) return Error{ENOMEM};
  moved.file_offset = moved.offset_of(old);
  // Without pages yet, it is as good as mapped here at first.
  if (moved.anonymous() && !moved.shared && moved.anon_vma == 0) moved.file_offset = to.value;
  moved.start = to;
  moved.end = to + new_size;
  const bool locked = (moved.flags & (kVmLocked | kVmLockOnFault)) == kVmLocked;
  merge(insert(std::move(moved)));
  mapped_ += new_size;
  count_mapped();

  std::vector<std::pair<GuestVa, machine::AddressSpace::Page>> pages;
  const GuestVa end = old + old_size;
  space_.for_each(old, end, [&](GuestVa page, const auto& entry) {
    pages.emplace_back(page, entry);
    work_ += costs::kPage;
  });
  space_.unmap_each(old, end, [](GuestPa) {});
  for (const auto& [page, entry] : pages) space_.map(to + (page - old), entry.frame, entry.permissions);
  charge_pages();
  if (vdso == old) vdso = to;  // vdso_mremap()

  if (dont_unmap) {
    // What stays behind is empty and not locked.
    const auto left = find(old);
    if (left->second.start == old && left->second.end == end) {
      left->second.anon_vma = 0;
      left->second.inherited = false;
    }
    left->second.flags &= ~std::uint32_t{kVmLocked | kVmLockOnFault};
  } else if (old_size != 0) {
    if (const Status gone = unmap(old, old_size); !gone) return gone.error();
  }
  if (locked) static_cast<void>(populate(to + old_size, to + new_size));
  return to;
}

// --- brk and the stack
// ----------------------------------------------------------------------------------------------------

void Mm::start_brk(GuestVa start) { brk_start_ = brk_ = start.align_up(page_size()); }

GuestVa Mm::set_brk(GuestVa end) {
  if (end < brk_start_ || end > layout_.task_size) return brk_;
  const GuestVa old_end = brk_.align_up(page_size());
  const GuestVa new_end = end.align_up(page_size());
  if (new_end < old_end) {
    if (!unmap(new_end, old_end - new_end)) return brk_;
  } else if (old_end < new_end) {
    const std::uint64_t data = end - brk_start_ + (places.end_data - places.start_data);
    if (data > data_limit_.soft) return brk_;
    // A page stays free between the heap and what follows.
    const auto next = first_ending_after(old_end);
    if (next != vmas_.end() && (new_end + page_size()).value > start_gap(next->second)) return brk_;
    MapRequest request{.at = old_end, .fixed = true, .size = new_end - old_end};
    request.vma.permissions = {.read = true, .write = true};
    if (!map(request)) return brk_;
  }
  brk_ = end;
  return brk_;
}

// mm/mmap.c: expand_downwards(). A stack grows towards an access, up to its limit and not near another
// mapping, unless that is inaccessible anyway.
bool Mm::grow_stack(VmaMap::iterator vma, GuestVa page) {
  if (!vma->second.grows_down || page < kMmapMinAddress) return false;
  const std::uint64_t more = vma->second.start - page;
  if (vma->second.end - page > layout_.stack_limit || !enough_memory(more)) return false;
  if (!may_expand(vma->second, more)) return false;
  // Of memory that was moved to where it has no addresses below.
  if (vma->second.start - page > vma->second.file_offset) return false;
  if (vma != vmas_.begin()) {
    const Vma& below = std::prev(vma)->second;
    if (!below.grows_down && below.accessible() && page - below.end < kGuardGap * page_size()) return false;
  }
  auto node = vmas_.extract(vma);
  Vma& grown = node.mapped();
  mapped_ += grown.start - page;
  grown.file_offset -= grown.start - page;
  grown.start = page;
  node.key() = page.value;
  vmas_.insert(std::move(node));
  count_mapped();
  return true;
}

// --- What /proc tells
// ----------------------------------------------------------------------------------------------------

std::string_view Mm::name_of(const Vma& vma) const {
  if (!vma.name.empty()) return vma.name;
  if (vma.anonymous() && vma.start < brk_ && vma.end > brk_start_) return "[heap]";
  return {};
}

}  // namespace trapline::kernel
