#include "emu/kernel/mm/mm.hpp"

#include <algorithm>
#include <array>

#include "emu/kernel/costs.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

namespace {

using isa::AccessKind;
using isa::Isa;

}  // namespace

Layout Layout::of(Isa isa, std::uint64_t stack_limit) {
  const GuestVa task_size(isa::linux_abi::differing(isa).task_size);
  // mmap_base(): below what the stack may take, with the gap that is kept free below it.
  constexpr std::uint64_t kMinGap = 128u << 20;
  const std::uint64_t page = machine::linux_page_size(isa);
  const std::uint64_t guard = kGuardGap * page;
  std::uint64_t gap = stack_limit + guard > stack_limit ? stack_limit + guard : stack_limit;
  gap = std::clamp(gap, kMinGap, task_size.value / 6 * 5);
  return {task_size, task_size, (task_size - gap).align_up(page), stack_limit};
}

// Its revisions are its own: at its address may have been another one that the engine remembers.
Mm::Mm(machine::Machine& machine)
    : machine_(machine),
      id_(machine.memory().next_owner()),
      layout_(Layout::of(machine.isa())),
      space_(machine::linux_page_size(machine.isa()), id_ << 40),
      search_from_(layout_.mmap_top) {}

Mm::~Mm() {
  machine_.forget(space_);
  drop_pages(GuestVa(0), layout_.task_size);
  machine_.memory().uncharge(charged_);
}

void Mm::pick_layout(std::uint64_t stack_limit) {
  layout_ = Layout::of(isa(), stack_limit);
  search_from_ = layout_.mmap_top;
}

std::shared_ptr<Mm> Mm::fork() {
  machine::PhysicalMemory& memory = machine_.memory();
  if (!memory.can_charge(charged_ + charged_pages_)) return nullptr;
  auto child = std::make_shared<Mm>(machine_);
  child->layout_ = layout_;
  child->mapped_limit_ = mapped_limit_;
  child->data_limit_ = data_limit_;
  child->brk_start_ = brk_start_;
  child->brk_ = brk_;
  child->vdso = vdso;
  child->elf2 = elf2;
  child->thp_disabled = thp_disabled;
  child->membarriers = membarriers;
  child->places = places;
  child->access_watch_ = access_watch_;
  child->search_from_ = search_from_;
  child->largest_gap_ = largest_gap_;
  for (const auto& mapping : vmas_) {
    const Vma& vma = mapping.second;
    if ((vma.flags & kVmDontCopy) != 0) {
      child->search_from_ = layout_.mmap_top;  // there is a gap now
      child->largest_gap_ = 0;
      continue;
    }
    Vma copy = vma;
    copy.flags &= ~std::uint32_t{kVmLocked | kVmLockOnFault};  // mlock(2), NOTES: not inherited
    const bool wipe = (vma.flags & kVmWipeOnFork) != 0;
    copy.inherited = vma.anon_vma != 0 && !wipe;
    copy.anon_vma = copy.inherited ? ++child->last_anon_vma_ : 0;
    child->mapped_ += copy.size();
    child->insert(std::move(copy));
    // Nothing of it is the process's own, and the child's faults find the same pages (vma_needs_copy()).
    const bool found_again = vma.special() && vma.anon_vma == 0;
    if (wipe || found_again) continue;
    const auto shown = [&](Permissions permissions) {
      return Permissions{permissions.read, permissions.write && vma.shared, permissions.execute};
    };
    space_.for_each(vma.start, vma.end, [&](GuestVa page, const machine::AddressSpace::Page& entry) {
      memory.share_frame(entry.frame);
      child->space_.map(page, entry.frame, shown(entry.permissions));
    });
    if (!vma.shared && vma.permissions.write) {
      space_.protect(vma.start, vma.end, [&](GuestPa) { return shown(page_permissions(vma)); });
    }
  }
  child->count_mapped();
  child->charge_pages();
  work_ += child->vmas_.size() * costs::kMapping + child->space_.pages() * costs::kPage;
  return child;
}

// --- What it takes
// ----------------------------------------------------------------------------------------------------

std::uint64_t Mm::work_to_end() const {
  return vmas_.size() * costs::kMapping + space_.pages() * costs::kPage;
}

std::uint64_t Mm::take_work() {
  return std::exchange(work_, 0) + costs::beyond_free(std::exchange(copies_, 0)) * costs::kCopy;
}

// --- Faults
// ----------------------------------------------------------------------------------------------------

Permissions Mm::page_permissions(const Vma& vma) {
  return {.read = vma.accessible(), .write = vma.permissions.write, .execute = vma.permissions.execute};
}

// The same for a page that is there: one that others have as well is copied before it is written to.
Permissions Mm::page_permissions(const Vma& vma, GuestPa frame) const {
  Permissions permissions = page_permissions(vma);
  if (!vma.shared && machine_.memory().users(frame) > 1) permissions.write = false;
  // The first store to a page of a file is noticed.
  if (vma.shared && vma.object && vma.object->backed()) permissions.write = false;
  return permissions;
}

void Mm::charge_pages() {
  const std::uint64_t now = space_.footprint();
  machine_.memory().uncharge(charged_pages_);
  machine_.memory().charge(now);
  charged_pages_ = now;
  peak_pages_ = std::max(peak_pages_, space_.pages());
}

// Neighbours that might become one mapping have their pages in common from the start (mm/rmap.c:
// find_mergeable_anon_vma).
void Mm::prepare_anon_vma(Vma& vma) {
  if (vma.shared || vma.anon_vma != 0) return;
  const auto common = [&](const Vma& lower, const Vma& upper, const Vma& other) {
    return other.anon_vma != 0 && !other.inherited && lower.end == upper.start &&
           lower.flags == upper.flags && !other.shared && lower.grows_down == upper.grows_down &&
           lower.file == upper.file && lower.name == upper.name &&
           lower.offset_of(lower.end) == upper.file_offset;
  };
  const auto here = vmas_.find(vma.start.value);
  if (const auto next = std::next(here); next != vmas_.end() && common(vma, next->second, next->second)) {
    vma.anon_vma = next->second.anon_vma;
  } else if (here != vmas_.begin() && common(std::prev(here)->second, vma, std::prev(here)->second)) {
    vma.anon_vma = std::prev(here)->second.anon_vma;
  } else {
    vma.anon_vma = ++last_anon_vma_;
  }
}

std::optional<MmFault> Mm::map_new(Vma& vma, GuestVa page) {
  constexpr MmFault kNoMemory{isa::linux_abi::kSigKill, 0};  // the out-of-memory killer
  constexpr MmFault kPastTheEnd{isa::linux_abi::kSigBus, isa::linux_abi::kBusAdrErr};
  const std::uint64_t offset = vma.offset_of(page);
  std::optional<GuestPa> frame;
  if (vma.object) {
    if (offset >= vma.object->size()) return kPastTheEnd;
    frame = vma.object->frame(offset);
    if (!frame) return kNoMemory;
    machine_.memory().share_frame(*frame);
  } else {
    frame = machine_.allocate_frame();
    if (!frame) return kNoMemory;
    if (vma.file) {
      // Pages that lie behind the file's last one cannot be read from anywhere.
      const auto size = vma.file->read(offset, machine_.memory().bytes(*frame, page_size()));
      if (!size || *size == 0) {
        machine_.memory().release_frame(*frame);
        return kPastTheEnd;
      }
    }
  }
  Permissions permissions = page_permissions(vma, *frame);
  if (vma.read_only(page)) permissions.write = false;
  space_.map(page, *frame, permissions);
  charge_pages();
  return std::nullopt;
}

// `force`: as FOLL_FORCE of ptrace, whatever the mapping permits.
std::optional<MmFault> Mm::fault_in(Vma& vma, GuestVa page, AccessKind kind, bool force) {
  const bool allowed = kind == AccessKind::Read ? vma.accessible() : vma.permissions.allow(kind);
  const bool write = kind == AccessKind::Write;
  if (!allowed && (!force || (write && vma.shared))) {
    return MmFault{isa::linux_abi::kSigSegv, isa::linux_abi::kSegvAccErr};
  }
  if (write && vma.read_only(page)) return MmFault{isa::linux_abi::kSigBus, isa::linux_abi::kBusAdrErr};
  if (write) prepare_anon_vma(vma);
  if (space_.page(page) == nullptr) {
    const auto bad = map_new(vma, page);
    if (bad || !write || !vma.shared) return bad;
  }
  if (!write) return std::nullopt;
  if (vma.shared && vma.object) vma.object->soil(vma.offset_of(page));
  const machine::AddressSpace::Page* const entry = space_.page(page);
  const GuestPa old = entry->frame;
  if (vma.shared || machine_.memory().users(old) == 1) {
    space_.map(page, old, page_permissions(vma));
    return std::nullopt;
  }
  const auto copy = machine_.allocate_frame();
  if (!copy) return MmFault{isa::linux_abi::kSigKill, 0};
  machine_.write(*copy, machine_.memory().bytes(old, page_size()));
  work_ += (page_size() / machine::kGranule - 1) * costs::kGranule;  // 4 KiB are in the price of a fault
  space_.map(page, *copy, page_permissions(vma));
  machine_.memory().release_frame(old);
  return std::nullopt;
}

std::optional<MmFault> Mm::handle_fault(GuestVa address, AccessKind kind) {
  const GuestVa page = address.align_down(page_size());
  auto vma = first_ending_after(address);
  if (vma == vmas_.end() || (vma->second.start > address && !grow_stack(vma, page))) {
    return MmFault{isa::linux_abi::kSigSegv, isa::linux_abi::kSegvMapErr};
  }
  return fault_in(find(address)->second, page, kind, false);
}

// --- The kernel's own access
// ----------------------------------------------------------------------------------------------------

// mm/gup.c, check_vma_flags()
bool Mm::remotely_accessible(GuestVa address) const {
  const auto vma = find(address);
  return vma != vmas_.end() && (vma->second.flags & kVmPfnMap) == 0;
}

// Where a user's byte lies, its page populated and, to be written, this process's own. Nothing where the
// access is not allowed.
std::optional<GuestPa> Mm::bytes_at(GuestVa address, AccessKind kind, bool force) {
  ++copies_;
  if (force && !remotely_accessible(address)) return std::nullopt;
  const auto now = space_.translate(address);
  if (now && now->permissions.allow(kind)) return now->address;
  if (force) {
    if (fault_in(find(address)->second, address.align_down(page_size()), kind, true)) return std::nullopt;
  } else if (handle_fault(address, kind)) {
    return std::nullopt;
  }
  const auto then = space_.translate(address);
  return then ? std::optional(then->address) : std::nullopt;
}

bool Mm::copy_out(GuestVa address, std::span<std::byte> out, bool force) {
  while (!out.empty()) {
    const std::uint64_t here =
        std::min<std::uint64_t>(out.size(), page_size() - address.offset_in(page_size()));
    const auto from = bytes_at(address, AccessKind::Read, force);
    if (!from) return false;
    std::ranges::copy(machine_.memory().bytes(*from, here), out.begin());
    work_ += here / machine::kGranule * costs::kGranule;
    out = out.subspan(here);
    address = address + here;
  }
  return true;
}

bool Mm::copy_in(GuestVa address, std::span<const std::byte> data, bool force) {
  while (!data.empty()) {
    const std::uint64_t here =
        std::min<std::uint64_t>(data.size(), page_size() - address.offset_in(page_size()));
    const auto to = bytes_at(address, AccessKind::Write, force);
    if (!to) return false;
    machine_.write(*to, data.first(here));
    work_ += here / machine::kGranule * costs::kGranule;
    data = data.subspan(here);
    address = address + here;
  }
  return true;
}

template <class Copy>
bool Mm::seen(const isa::Access& access, bool remote, Copy copy) {
  if (access_watch_ == nullptr || access.size == 0) return copy();
  // What is not there yet holds nothing that could be told of.
  for (GuestVa at = access.address; at < access.address + access.size;
       at = at.align_down(page_size()) + page_size()) {
    if (!bytes_at(at, access.kind, remote)) return copy();
  }
  const bool watched = access_watch_->begin(*this, access, remote);
  const bool done = copy();
  if (watched) access_watch_->done();
  return done;
}

bool Mm::read(GuestVa address, std::span<std::byte> out) {
  return seen({address, static_cast<std::uint32_t>(out.size()), AccessKind::Read}, false,
              [&] { return copy_out(address, out, false); });
}
bool Mm::write(GuestVa address, std::span<const std::byte> data) {
  if (put_off_) {
    if (accessible(address, data.size(), AccessKind::Write) != data.size()) return false;
    put_off_->emplace_back(address, std::vector(data.begin(), data.end()));
    return true;
  }
  return seen({address, static_cast<std::uint32_t>(data.size()), AccessKind::Write}, false,
              [&] { return copy_in(address, data, false); });
}
bool Mm::peek(GuestVa address, std::span<std::byte> out) {
  return seen({address, static_cast<std::uint32_t>(out.size()), AccessKind::Read}, true,
              [&] { return copy_out(address, out, true); });
}
bool Mm::poke(GuestVa address, std::span<const std::byte> data) {
  return seen({address, static_cast<std::uint32_t>(data.size()), AccessKind::Write}, true,
              [&] { return copy_in(address, data, true); });
}

bool Mm::carry_out_writes() {
  bool done = true;
  const auto writes = *std::exchange(put_off_, std::nullopt);
  for (const auto& [address, data] : writes) done = write(address, data) && done;
  return done;
}

std::size_t Mm::read_present(GuestVa address, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const GuestVa at = address + done;
    const auto from = space_.translate(at);
    if (!from || !from->permissions.read) break;
    const std::size_t here =
        std::min<std::size_t>(out.size() - done, page_size() - at.offset_in(page_size()));
    std::ranges::copy(machine_.memory().bytes(from->address, here), out.subspan(done).begin());
    done += here;
  }
  return done;
}

std::uint64_t Mm::accessible(GuestVa address, std::uint64_t size, AccessKind kind) {
  std::uint64_t done = 0;
  while (done < size) {
    if (!bytes_at(address + done, kind, false)) break;
    done += std::min(size - done, page_size() - (address + done).offset_in(page_size()));
  }
  return done;
}

std::optional<std::uint64_t> Mm::read_word(GuestVa address, unsigned size) {
  std::array<std::byte, 8> bytes{};
  if (!read(address, std::span(bytes).first(size))) return std::nullopt;
  return isa::load_word(std::span(bytes).first(size), isa::byte_order(isa()));
}

bool Mm::write_word(GuestVa address, std::uint64_t value, unsigned size) {
  std::array<std::byte, 8> bytes{};
  isa::store_word(std::span(bytes).first(size), value, isa::byte_order(isa()));
  return write(address, std::span(bytes).first(size));
}

// futex(2) and kernel/futex/core.c, get_futex_key(): a private one is only an address, which need not even be
// mapped.
std::optional<FutexKey> Mm::futex_key(GuestVa address, bool shared) {
  if (address >= layout_.task_size) return std::nullopt;
  if (!shared) return FutexKey{id_, address.value, true};
  const auto before = find(address);
  const bool read_only = before != vmas_.end() && !before->second.permissions.write;
  // Of private memory nobody could change the word, but through its file.
  if (read_only && before->second.anonymous()) return std::nullopt;
  if (handle_fault(address, read_only ? AccessKind::Read : AccessKind::Write)) return std::nullopt;
  const Vma& vma = find(address)->second;
  if (vma.object) return FutexKey{vma.object->number(), vma.offset_of(address), false};
  return FutexKey{id_, address.value, false};
}

std::uint64_t Mm::resident(const Vma& vma) const {
  std::uint64_t pages = 0;
  space_.for_each(vma.start, vma.end, [&](GuestVa, const machine::AddressSpace::Page&) { ++pages; });
  return pages * page_size();
}

std::uint64_t Mm::checksum() const {
  // FNV-1a, 64 bit, over eight bytes at a time.
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = 0xcbf29ce484222325;
  space_.for_each(GuestVa(0), layout_.task_size, [&](GuestVa page, const machine::AddressSpace::Page& entry) {
    hash = (hash ^ page.value) * kPrime;
    const auto bytes = machine_.memory().bytes(entry.frame, page_size());
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      hash = (hash ^ isa::load_word(bytes.subspan(at, 8), std::endian::little)) * kPrime;
    }
  });
  return hash;
}

Result<std::string> Mm::read_string(GuestVa address, std::uint64_t limit) {
  std::string text;
  while (text.size() < limit) {
    const GuestVa at = address + text.size();
    const auto from = bytes_at(at, AccessKind::Read, false);
    if (!from) return Error{EFAULT};
    const auto bytes = machine_.memory().bytes(
        *from, std::min(limit - text.size(), page_size() - at.offset_in(page_size())));
    const auto end = std::ranges::find(bytes, std::byte{0});
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.begin()));
    if (end == bytes.end()) continue;
    (void)seen({address, static_cast<std::uint32_t>(text.size() + 1), AccessKind::Read}, false,
               [] { return true; });
    return text;
  }
  return Error{ENAMETOOLONG};
}

}  // namespace trapline::kernel
