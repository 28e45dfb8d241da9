// What a program says about memory that it has: madvise(2), mlock(2), msync(2), mincore(2).
#include <algorithm>
#include <array>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

namespace {

using isa::AccessKind;

// asm-generic/mman-common.h
enum Advice : std::uint64_t {
  kNormal = 0,
  kRandom = 1,
  kSequential = 2,
  kWillNeed = 3,
  kDontNeed = 4,
  kFree = 8,
  kRemove = 9,
  kDontFork = 10,
  kDoFork = 11,
  kMergeable = 12,
  kUnmergeable = 13,
  kHugePage = 14,
  kNoHugePage = 15,
  kDontDump = 16,
  kDoDump = 17,
  kWipeOnFork = 18,
  kKeepOnFork = 19,
  kCold = 20,
  kPageOut = 21,
  kPopulateRead = 22,
  kPopulateWrite = 23,
  kDontNeedLocked = 24,
};

// The advice that only changes a mapping's flags.
struct FlagAdvice {
  Advice advice;
  std::uint32_t set;
  std::uint32_t clear;
};
constexpr std::array<FlagAdvice, 13> kFlagAdvice{{
    {kNormal, 0, kVmRandRead | kVmSeqRead},
    {kRandom, kVmRandRead, kVmSeqRead},
    {kSequential, kVmSeqRead, kVmRandRead},
    {kDontFork, kVmDontCopy, 0},
    {kDoFork, 0, kVmDontCopy},
    {kMergeable, kVmMergeable, 0},
    {kUnmergeable, 0, kVmMergeable},
    {kHugePage, kVmHugePage, kVmNoHugePage},
    {kNoHugePage, kVmNoHugePage, kVmHugePage},
    {kDontDump, kVmDontDump, 0},
    {kDoDump, 0, kVmDontDump},
    {kWipeOnFork, kVmWipeOnFork, 0},
    {kKeepOnFork, 0, kVmWipeOnFork},
}};

// What a driver mapped stays in memory, locked or not (VM_SPECIAL).
bool special(const Vma& vma) { return (vma.flags & kVmDontExpand) != 0; }

}  // namespace

Status Mm::set_flags(VmaMap::iterator vma, GuestVa start, GuestVa end, std::uint32_t flags) {
  if (flags == vma->second.flags) return Done{};
  const auto changed = isolate(vma, start, end);
  if (!changed) return changed.error();
  (*changed)->second.flags = flags;
  merge(*changed);
  return Done{};
}

// For the part [start, end) of a mapping.
Status Mm::advise_vma(VmaMap::iterator vma, GuestVa start, GuestVa end, std::uint64_t advice) {
  const Vma& old = vma->second;
  const bool locked = (old.flags & kVmLocked) != 0;
  switch (advice) {
    case kWillNeed:
      return Done{};
    case kDontNeed:
    case kDontNeedLocked:
      if ((locked && advice == kDontNeed) || (old.flags & kVmPfnMap) != 0) return Error{EINVAL};
      drop_pages(start, end);
      return Done{};
    case kFree:
      // The pages may go when memory is short, which the kernel need not make use of.
      if (locked || !old.anonymous()) return Error{EINVAL};
      return Done{};
    case kCold:
    case kPageOut:
      if (locked || (old.flags & kVmPfnMap) != 0) return Error{EINVAL};
      return Done{};
    case kRemove:
      if (locked || old.anonymous() || old.special()) return Error{EINVAL};
      if (!old.shared || !old.permissions.write) return Error{EACCES};
      // What is no file of the usual kind has no holes.
      if ((old.flags & kVmReadOnlyTail) != 0) return Error{ENODEV};
      old.object->punch(old.offset_of(start), end - start);
      return Done{};
    case kWipeOnFork:
      if (old.shared || old.file) return Error{EINVAL};
      break;
    case kDoFork:
      if ((old.flags & kVmPfnMap) != 0) return Error{EINVAL};
      break;
    case kDoDump:
      if (special(old)) return Error{EINVAL};
      break;
    case kMergeable:
    case kUnmergeable:
      if (special(old)) return Done{};  // as if it was (ksm_madvise())
      break;
    default:
      break;
  }
  const auto* const change = std::ranges::find(kFlagAdvice, advice, &FlagAdvice::advice);
  return set_flags(vma, start, end, (old.flags & ~change->clear) | change->set);
}

Status Mm::advise(GuestVa start, std::uint64_t size, std::uint64_t advice) {
  const bool populates = advice == kPopulateRead || advice == kPopulateWrite;
  constexpr std::array kOther{kWillNeed, kDontNeed, kDontNeedLocked, kFree, kCold, kPageOut, kRemove};
  const bool known = populates || std::ranges::find(kOther, advice) != kOther.end() ||
                     std::ranges::find(kFlagAdvice, advice, &FlagAdvice::advice) != kFlagAdvice.end();
  if (!known) return Error{EINVAL};
  if (start.offset_in(page_size()) != 0) return Error{EINVAL};
  const GuestVa end = (start + size).align_up(page_size());
  if (end < start || (size != 0 && end == start)) return Error{EINVAL};
  if (end == start) return Done{};
  if (populates) {
    return populate(start, end, advice == kPopulateRead ? AccessKind::Read : AccessKind::Write);
  }
  // Holes are passed over, and told of in the end (madvise(2), ENOMEM).
  bool hole = false;
  for (GuestVa at = start; at < end;) {
    auto vma = first_ending_after(at);
    if (vma == vmas_.end()) return Error{ENOMEM};
    if (vma->second.start > at) {
      hole = true;
      at = vma->second.start;
      if (at >= end) break;
    }
    const GuestVa here = std::min(end, vma->second.end);
    if (const Status done = advise_vma(vma, at, here, advice); !done) return done;
    at = here;
  }
  return hole ? Status(Error{ENOMEM}) : Done{};
}

// --- Locks
// ----------------------------------------------------------------------------------------------------

Status Mm::lock(GuestVa start, std::uint64_t size, std::uint32_t locks) {
  const GuestVa first = start.align_down(page_size());
  const GuestVa end = (start + size).align_up(page_size());
  if (end < first) return Error{EINVAL};
  for (GuestVa at = first; at < end;) {
    const auto vma = find(at);
    if (vma == vmas_.end()) return Error{ENOMEM};
    const GuestVa here = std::min(end, vma->second.end);
    const std::uint32_t others = vma->second.flags & ~std::uint32_t{kVmLocked | kVmLockOnFault};
    const Status done = special(vma->second) ? Done{} : set_flags(vma, at, here, others | locks);
    if (!done) return done;
    at = here;
  }
  if (locks != kVmLocked) return Done{};
  Status done = populate(first, end);
  // mlock(2): what cannot be accessed is ENOMEM; what cannot be had now, EAGAIN.
  if (done) return done;
  return Error{done.error().number == ENOMEM ? EAGAIN : ENOMEM};
}

void Mm::lock_all(std::uint32_t locks) {
  for (GuestVa at; at < layout_.task_size;) {
    const auto vma = first_ending_after(at);
    if (vma == vmas_.end()) break;
    const GuestVa start = vma->second.start;
    const GuestVa end = vma->second.end;
    const std::uint32_t others = vma->second.flags & ~std::uint32_t{kVmLocked | kVmLockOnFault};
    // A whole mapping: there is nothing to split, and so nothing to fail.
    if (!special(vma->second)) static_cast<void>(set_flags(vma, start, end, others | locks));
    at = end;
  }
  if (locks != kVmLocked) return;
  for (const auto& [start, vma] : vmas_) {
    const Status done = populate(vma.start, vma.end);
    if (!done && done.error().number == ENOMEM) return;  // no memory for the rest either
  }
}

std::uint64_t Mm::locked() const {
  std::uint64_t bytes = 0;
  for (const auto& [start, vma] : vmas_) bytes += (vma.flags & kVmLocked) != 0 ? vma.size() : 0;
  return bytes;
}

Status Mm::populate(GuestVa start, GuestVa end, std::optional<AccessKind> kind) {
  for (GuestVa at = start; at < end;) {
    const auto vma = find(at);
    if (vma == vmas_.end()) return Error{ENOMEM};
    const bool write = vma->second.permissions.write && !vma->second.shared;
    const AccessKind access = kind.value_or(write ? AccessKind::Write : AccessKind::Read);
    // Asked for by name (MADV_POPULATE_READ), that a page table cannot take reading away does not count.
    if (kind == AccessKind::Read && !vma->second.permissions.read) return Error{EINVAL};
    for (const GuestVa here = std::min(end, vma->second.end); at < here; at = at + page_size()) {
      work_ += page_size() / machine::kGranule * costs::kGranule;
      if ((vma->second.flags & kVmPfnMap) != 0) return Error{kind ? EINVAL : EFAULT};
      const auto bad = fault_in(vma->second, at, access, false);
      if (!bad) continue;
      if (bad->signal == isa::linux_abi::kSigKill) return Error{ENOMEM};
      // madvise(2): the permissions do not allow it, or there is nothing past the end of the file.
      return Error{kind && bad->signal == isa::linux_abi::kSigSegv ? EINVAL : EFAULT};
    }
  }
  return Done{};
}

// --- msync and mincore
// ----------------------------------------------------------------------------------------------------

// Only pages of files that lie elsewhere are behind them.
Status Mm::sync(GuestVa start, std::uint64_t size, bool invalidate, bool wait) {
  const GuestVa end = (start + size).align_up(page_size());
  if (end < start || (size != 0 && end == start)) return Error{ENOMEM};
  bool hole = false;
  for (GuestVa at = start; at < end;) {
    work_ += costs::kEach;
    const auto vma = first_ending_after(at);
    if (vma == vmas_.end()) return Error{ENOMEM};
    hole |= vma->second.start > at;
    if (vma->second.start >= end) break;
    if (invalidate && (vma->second.flags & kVmLocked) != 0) return Error{EBUSY};
    // Buffers of perf events have no fsync(2).
    if (wait && (vma->second.flags & kVmReadOnlyTail) != 0) return Error{EINVAL};
    const Vma& area = vma->second;
    if (area.shared && area.object) {
      const GuestVa from = std::max(at, area.start);
      area.object->write_back(area.offset_of(from), std::min(end, area.end) - from);
    }
    at = vma->second.end;
  }
  return hole ? Status(Error{ENOMEM}) : Done{};
}

std::optional<bool> Mm::in_core(GuestVa address) const {
  const auto found = find(address);
  if (found == vmas_.end()) return std::nullopt;
  const Vma& vma = found->second;
  const std::uint64_t offset = vma.offset_of(address.align_down(page_size()));
  // can_do_mincore(): of what is no file and not anonymous nothing is told.
  if (vma.special() || space_.page(address) != nullptr) return true;
  if (vma.object) return vma.object->resident(offset);
  return vma.file && offset < vma.file->size();  // in the page cache
}

}  // namespace trapline::kernel
