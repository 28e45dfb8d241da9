#include "emu/kernel/mm/mm.hpp"

#include <algorithm>
#include <cstring>

#include "isa/byte_order.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

namespace {

using isa::AccessKind;
using isa::Isa;

constexpr std::uint64_t kMaxMapCount = 65530;  // vm.max_map_count

}  // namespace

Layout Layout::of(Isa isa) {
  // x86-64: arch/x86/include/asm/page_64_types.h, TASK_SIZE_MAX less a guard page. PPC64 with 64 KiB pages:
  // the default 128 TiB window of arch/powerpc/include/asm/task_size_64.h. The gap below the stack is that of
  // mmap_base() for an 8 MiB stack.
  if (isa == Isa::X86_64) {
    return {GuestVa(0x7ffffffff000), GuestVa(0x7ffffffff000), GuestVa(0x7ffff7fff000)};
  }
  return {GuestVa(0x800000000000), GuestVa(0x7ffffffe0000), GuestVa(0x7ffff7fe0000)};
}

Mm::Mm(machine::Machine& machine)
    : machine_(machine),
      layout_(Layout::of(machine.isa())),
      space_(machine::linux_page_size(machine.isa())) {}

Mm::~Mm() {
  for (const auto& [page, frame] : frames_) machine_.memory().release_frame(frame);
}

Mm::VmaMap::iterator Mm::find(GuestVa address) {
  auto vma = vmas_.upper_bound(address.value);
  if (vma == vmas_.begin()) return vmas_.end();
  --vma;
  return address < vma->second.end ? vma : vmas_.end();
}

// Makes `address` a border between mappings.
void Mm::split(GuestVa address) {
  const auto vma = find(address);
  if (vma == vmas_.end() || vma->second.start == address) return;
  Vma upper = vma->second;
  upper.file_offset += address - upper.start;
  upper.start = address;
  vma->second.end = address;
  vmas_.emplace(address.value, std::move(upper));
}

bool Mm::range_free(GuestVa start, std::uint64_t size) const {
  const auto next = vmas_.lower_bound(start.value);
  if (next != vmas_.end() && next->second.start < start + size) return false;
  return next == vmas_.begin() || std::prev(next)->second.end <= start;
}

// The highest gap that fits below an address: mappings are placed top down.
std::optional<GuestVa> Mm::find_gap(std::uint64_t size, GuestVa below) const {
  GuestVa top = below;
  auto vma = vmas_.lower_bound(below.value);
  for (;;) {
    const GuestVa bottom = vma == vmas_.begin() ? GuestVa(page_size()) : std::prev(vma)->second.end;
    if (bottom < top && top - bottom >= size) return top - size;
    if (vma == vmas_.begin()) return std::nullopt;
    --vma;
    top = std::min(top, vma->second.start);
  }
}

Result<GuestVa> Mm::map(const MapRequest& request) {
  const std::uint64_t page = page_size();
  if (request.size == 0) return Error{EINVAL};
  if (request.size > layout_.task_size.value) return Error{ENOMEM};
  const std::uint64_t size = (request.size + page - 1) / page * page;
  // The heuristic overcommit of Linux refuses what cannot possibly fit.
  if (request.vma.permissions.write && size > machine_.memory().size()) return Error{ENOMEM};
  if (vmas_.size() >= kMaxMapCount) return Error{ENOMEM};

  GuestVa start;
  if (request.fixed) {
    start = *request.at;
    if (start.offset_in(page) != 0) return Error{EINVAL};
    if (start > layout_.task_size || layout_.task_size - start < size) return Error{ENOMEM};
    if (!range_free(start, size)) {
      if (request.no_replace) return Error{EEXIST};
      if (const Status unmapped = unmap(start, size); !unmapped) return unmapped.error();
    }
  } else {
    const GuestVa hint = request.at.value_or(GuestVa(0)).align_up(page);
    if (hint.value != 0 && hint < layout_.task_size && layout_.task_size - hint >= size &&
        range_free(hint, size)) {
      start = hint;
    } else if (const auto gap = find_gap(size, layout_.mmap_top)) {
      start = *gap;
    } else {
      return Error{ENOMEM};
    }
  }
  Vma vma = request.vma;
  vma.start = start;
  vma.end = start + size;
  vmas_.emplace(start.value, std::move(vma));
  mapped_ += size;
  return start;
}

void Mm::drop_pages(GuestVa start, GuestVa end) {
  auto page = frames_.lower_bound(start.value);
  while (page != frames_.end() && page->first < end.value) {
    space_.unmap(GuestVa(page->first));
    machine_.memory().release_frame(page->second);
    page = frames_.erase(page);
  }
}

Status Mm::unmap(GuestVa start, std::uint64_t size) {
  const std::uint64_t page = page_size();
  if (start.offset_in(page) != 0 || size == 0) return Error{EINVAL};
  if (start > layout_.task_size || layout_.task_size - start < size) return Error{EINVAL};
  const GuestVa end = (start + size).align_up(page);
  split(start);
  split(end);
  for (auto vma = vmas_.lower_bound(start.value); vma != vmas_.end() && vma->second.start < end;) {
    mapped_ -= vma->second.end - vma->second.start;
    vma = vmas_.erase(vma);
  }
  drop_pages(start, end);
  return Done{};
}

Status Mm::protect(GuestVa start, std::uint64_t size, Permissions permissions) {
  const std::uint64_t page = page_size();
  if (start.offset_in(page) != 0) return Error{EINVAL};
  if (size == 0) return Done{};
  if (start > layout_.task_size || layout_.task_size - start < size) return Error{ENOMEM};
  const GuestVa end = (start + size).align_up(page);
  split(start);
  split(end);
  GuestVa at = start;
  while (at < end) {
    const auto vma = find(at);
    if (vma == vmas_.end()) return Error{ENOMEM};  // what lies before the hole has changed, as on Linux
    vma->second.permissions = permissions;
    for (auto frame = frames_.lower_bound(vma->second.start.value);
         frame != frames_.end() && frame->first < vma->second.end.value; ++frame) {
      space_.map(GuestVa(frame->first), frame->second, permissions);
    }
    at = vma->second.end;
  }
  return Done{};
}

Result<GuestVa> Mm::remap(GuestVa old, std::uint64_t old_size, std::uint64_t new_size, bool may_move) {
  const std::uint64_t page = page_size();
  if (old.offset_in(page) != 0 || new_size == 0 || old_size == 0) return Error{EINVAL};
  old_size = (old_size + page - 1) / page * page;
  new_size = (new_size + page - 1) / page * page;
  const auto vma = find(old);
  if (vma == vmas_.end() || vma->second.end < old + old_size) return Error{EFAULT};
  if (new_size <= old_size) {
    if (new_size < old_size) {
      if (const Status cut = unmap(old + new_size, old_size - new_size); !cut) return cut.error();
    }
    return old;
  }
  const Vma whole = vma->second;
  if (whole.end == old + old_size && range_free(whole.end, new_size - old_size) &&
      old + new_size <= layout_.task_size) {
    vma->second.end = old + new_size;
    mapped_ += new_size - old_size;
    return old;
  }
  if (!may_move) return Error{ENOMEM};
  MapRequest request{.size = new_size, .vma = whole};
  request.vma.file_offset += old - whole.start;
  const auto moved = map(request);
  if (!moved) return moved;
  for (auto frame = frames_.lower_bound(old.value);
       frame != frames_.end() && frame->first < (old + old_size).value;) {
    const GuestVa to = *moved + (frame->first - old.value);
    space_.unmap(GuestVa(frame->first));
    space_.map(to, frame->second, whole.permissions);
    frames_.emplace(to.value, frame->second);
    frame = frames_.erase(frame);
  }
  if (const Status gone = unmap(old, old_size); !gone) return gone.error();
  return moved;
}

Status Mm::discard(GuestVa start, std::uint64_t size) {
  if (start.offset_in(page_size()) != 0) return Error{EINVAL};
  drop_pages(start, (start + size).align_up(page_size()));
  return Done{};
}

void Mm::start_brk(GuestVa start) { brk_start_ = brk_ = start.align_up(page_size()); }

GuestVa Mm::set_brk(GuestVa end) {
  if (end < brk_start_) return brk_;
  const GuestVa old_end = brk_.align_up(page_size());
  const GuestVa new_end = end.align_up(page_size());
  if (new_end < old_end) {
    if (!unmap(new_end, old_end - new_end)) return brk_;
  } else if (old_end < new_end) {
    if (!range_free(old_end, new_end - old_end)) return brk_;
    const auto heap = old_end == brk_start_ ? vmas_.end() : find(old_end - 1);
    if (new_end - brk_start_ > machine_.memory().size()) return brk_;
    if (heap != vmas_.end() && heap->second.name == "[heap]") {
      heap->second.end = new_end;
      mapped_ += new_end - old_end;
    } else {
      MapRequest request{.at = old_end, .fixed = true, .size = new_end - old_end};
      request.vma.permissions = {.read = true, .write = true};
      request.vma.name = "[heap]";
      if (!map(request)) return brk_;
    }
  }
  brk_ = end;
  return brk_;
}

std::optional<MmFault> Mm::populate(const Vma& vma, GuestVa page, AccessKind kind) {
  using isa::linux_abi::kSegvAccErr;
  using isa::linux_abi::kSigSegv;
  if (!vma.permissions.allow(kind)) return MmFault{kSigSegv, kSegvAccErr};
  if (frames_.contains(page.value)) return std::nullopt;
  // Pages that lie behind the file's last one cannot be read from anywhere.
  const std::uint64_t offset = vma.file_offset + (page - vma.start);
  if (vma.file && offset >= (vma.file->size() + page_size() - 1) / page_size() * page_size()) {
    return MmFault{isa::linux_abi::kSigBus, isa::linux_abi::kBusAdrErr};
  }
  const auto frame = machine_.allocate_frame();
  if (!frame) return MmFault{isa::linux_abi::kSigKill, 0};  // the out-of-memory killer
  if (vma.file) {
    if (offset < vma.file->size()) {
      const std::uint64_t size = std::min<std::uint64_t>(page_size(), vma.file->size() - offset);
      machine_.write(*frame, std::span(*vma.file).subspan(offset, size));
    }
  }
  frames_.emplace(page.value, *frame);
  space_.map(page, *frame, vma.permissions);
  return std::nullopt;
}

std::optional<MmFault> Mm::handle_fault(GuestVa address, AccessKind kind) {
  using isa::linux_abi::kSegvMapErr;
  using isa::linux_abi::kSigSegv;
  const GuestVa page = address.align_down(page_size());
  auto vma = find(address);
  if (vma == vmas_.end()) {
    // A stack grows towards the access, up to its limit and not into another mapping (mm/mmap.c:
    // expand_downwards).
    vma = vmas_.upper_bound(address.value);
    const bool grows = vma != vmas_.end() && vma->second.grows_down && address < layout_.task_size;
    if (!grows || vma->second.end - page > layout_.stack_limit) return MmFault{kSigSegv, kSegvMapErr};
    constexpr std::uint64_t kGuardGap = 256;  // pages: stack_guard_gap
    if (vma != vmas_.begin()) {
      const Vma& below = std::prev(vma)->second;
      if (page < below.end + kGuardGap * page_size()) return MmFault{kSigSegv, kSegvMapErr};
    }
    auto node = vmas_.extract(vma);
    mapped_ += node.mapped().start - page;
    node.mapped().start = page;
    node.key() = page.value;
    vma = vmas_.insert(std::move(node)).position;
  }
  return populate(vma->second, page, kind);
}

// Host memory of user bytes within one page, populated; empty where the access is not allowed.
std::span<std::byte> Mm::bytes_at(GuestVa address, std::uint64_t size, AccessKind kind, bool force) {
  auto page = space_.translate(address);
  if (!page || !(force || page->permissions.allow(kind))) {
    const auto vma = find(address);
    if (force && vma != vmas_.end()) {
      const AccessKind any = vma->second.permissions.read      ? AccessKind::Read
                             : vma->second.permissions.execute ? AccessKind::Execute
                                                               : AccessKind::Write;
      if (populate(vma->second, address.align_down(page_size()), any)) return {};
    } else if (handle_fault(address, kind)) {
      return {};
    }
    page = space_.translate(address);
    if (!page || !(force || page->permissions.allow(kind))) return {};
  }
  return machine_.memory().bytes(page->address, std::min(size, page_size() - address.offset_in(page_size())));
}

bool Mm::read(GuestVa address, std::span<std::byte> out) {
  while (!out.empty()) {
    const auto bytes = bytes_at(address, out.size(), AccessKind::Read, false);
    if (bytes.empty()) return false;
    std::ranges::copy(bytes, out.begin());
    out = out.subspan(bytes.size());
    address = address + bytes.size();
  }
  return true;
}

bool Mm::write(GuestVa address, std::span<const std::byte> data) {
  while (!data.empty()) {
    const auto bytes = bytes_at(address, data.size(), AccessKind::Write, false);
    if (bytes.empty()) return false;
    machine_.write(space_.translate(address)->address, data.first(bytes.size()));
    data = data.subspan(bytes.size());
    address = address + bytes.size();
  }
  return true;
}

bool Mm::poke(GuestVa address, std::span<const std::byte> data) {
  while (!data.empty()) {
    const auto bytes = bytes_at(address, data.size(), AccessKind::Write, true);
    if (bytes.empty()) return false;
    machine_.write(space_.translate(address)->address, data.first(bytes.size()));
    data = data.subspan(bytes.size());
    address = address + bytes.size();
  }
  return true;
}

std::uint64_t Mm::accessible(GuestVa address, std::uint64_t size, AccessKind kind) {
  std::uint64_t done = 0;
  while (done < size) {
    const auto bytes = bytes_at(address + done, size - done, kind, false);
    if (bytes.empty()) break;
    done += bytes.size();
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

std::uint64_t Mm::checksum() const {
  // FNV-1a, 64 bit, over eight bytes at a time.
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto& [page, frame] : frames_) {
    hash = (hash ^ page) * kPrime;
    const auto bytes = machine_.memory().bytes(frame, page_size());
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      hash = (hash ^ isa::load_word(bytes.subspan(at, 8), std::endian::little)) * kPrime;
    }
  }
  return hash;
}

Result<std::string> Mm::read_string(GuestVa address, std::uint64_t limit) {
  std::string text;
  while (text.size() < limit) {
    const auto bytes = bytes_at(address + text.size(), limit - text.size(), AccessKind::Read, false);
    if (bytes.empty()) return Error{EFAULT};
    const auto end = std::ranges::find(bytes, std::byte{0});
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(end - bytes.begin()));
    if (end != bytes.end()) return text;
  }
  return Error{ENAMETOOLONG};
}

}  // namespace trapline::kernel
