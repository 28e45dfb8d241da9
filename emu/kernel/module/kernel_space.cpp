#include "emu/kernel/module/kernel_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

constexpr std::size_t kAreas = 6;

struct Extent {
  std::uint64_t base = 0;
  std::uint64_t size = 0;
};
using Extents = std::array<Extent, kAreas>;  // in the order of KernelSpace::Area

constexpr std::uint64_t kMiB = 1u << 20;
constexpr std::uint64_t kGiB = 1u << 30;

// x86-64: text and data, modules and per-CPU data near them (within what an instruction reaches), the direct
// map, vmalloc. Kernel images are linked at 0xffffffff80000000 and above, and have the addresses up to the
// first of these.
constexpr Extents kX86{{{0xffffffffa0000000, 16 * kMiB},
                        {0xffffffffa2000000, 16 * kMiB},
                        {0xffffffffc0000000, 512 * kMiB},
                        {0xffff888100000000, 64 * kGiB},
                        {0xffffc90000000000, 64 * kGiB},
                        {0xffffffff90000000, 64 * kMiB}}};
// PPC64: text and data in the direct map, at whose beginning kernel images are linked; modules, per-CPU data
// and stacks in the vmalloc range.
constexpr Extents kPpc64{{{0xc000000080000000, 8 * kMiB},
                          {0xc000000082000000, 16 * kMiB},
                          {0xc008000000000000, 512 * kMiB},
                          {0xc000000100000000, 64 * kGiB},
                          {0xc008000040000000, 64 * kGiB},
                          {0xc008000030000000, 64 * kMiB}}};

const Extents& extents(isa::Isa isa) { return isa == isa::Isa::X86_64 ? kX86 : kPpc64; }
const Extent& extent(isa::Isa isa, KernelSpace::Area area) {
  return extents(isa).at(static_cast<std::size_t>(area));
}

// What one CPU has of per-CPU memory (PCPU_MIN_UNIT_SIZE and what modules need besides).
constexpr std::uint64_t kPerCpuUnit = 256 * 1024;

// kmalloc-8 to kmalloc-8k; what is larger takes whole pages.
constexpr std::uint64_t kSmallest = 8;
constexpr std::uint64_t kLargestCache = 8192;

}  // namespace

KernelSpace::KernelSpace(machine::Machine& machine)
    : machine_(machine),
      space_(machine::linux_page_size(machine.isa()), machine.memory().next_owner() << 40),
      used_(kAreas) {}

KernelSpace::~KernelSpace() { machine_.forget(space_); }

GuestVa KernelSpace::base(Area area) const { return GuestVa(extent(isa(), area).base); }

std::optional<GuestVa> KernelSpace::map(Area area, std::uint64_t bytes, machine::Permissions permissions) {
  const Extent& where = extent(isa(), area);
  std::uint64_t& used = used_[static_cast<std::size_t>(area)];
  const std::uint64_t page = page_size();
  const std::uint64_t pages = std::max<std::uint64_t>(1, bytes / page + (bytes % page != 0 ? 1 : 0));
  if (pages > where.size / page || !machine_.memory().can_charge(pages * page)) return std::nullopt;
  const auto again = take_returned(area, pages * page);
  if (!again) {
    // A page that is never there.
    if (area == Area::Stacks) used += page;
    if (used + pages * page > where.size) return std::nullopt;
    used += pages * page;
  }
  const GuestVa first = again.value_or(GuestVa(where.base + used - pages * page));
  for (std::uint64_t i = 0; i < pages; ++i) {
    const auto frame = machine_.allocate_frame();
    if (!frame) {
      unmap_pages(first, i * page);
      returned_[{area, pages * page}].push_back(first);
      return std::nullopt;
    }
    space_.map(first + i * page, *frame, permissions);
  }
  return first;
}

std::optional<std::string> KernelSpace::map_at(GuestVa address, std::uint64_t bytes,
                                               machine::Permissions permissions) {
  constexpr std::uint64_t kX86Start = 0xffff800000000000;
  constexpr std::uint64_t kPpc64Start = 0xc000000000000000, kPpc64End = 0xc00e000000000000;
  const bool x86 = isa() == isa::Isa::X86_64;
  const GuestVa first = address.align_down(page_size());
  const std::uint64_t last = address.value + bytes - 1;
  if (bytes == 0) return std::nullopt;
  if (last < address.value || first.value < (x86 ? kX86Start : kPpc64Start) || (!x86 && last >= kPpc64End))
    return fmt::format("lies at {:#x} to {:#x}, which are no addresses of the kernel's", address.value, last);
  for (const Extent& area : extents(isa())) {
    if (first.value < area.base + area.size && last >= area.base) {
      return fmt::format("lies at {:#x} to {:#x}, where the kernel itself has {:#x} to {:#x}", address.value,
                         last, area.base, area.base + area.size - 1);
    }
  }
  for (GuestVa page = first; page.value <= last && page >= first; page = page + page_size()) {
    if (space_.translate(page)) continue;  // of another section
    const auto frame = machine_.memory().can_charge(page_size()) ? machine_.allocate_frame() : std::nullopt;
    if (!frame) return "does not fit into the machine's memory";
    space_.map(page, *frame, permissions);
  }
  return std::nullopt;
}

std::optional<GuestVa> KernelSpace::take_returned(Area area, std::uint64_t bytes) {
  const auto found = returned_.find({area, bytes});
  if (found == returned_.end() || found->second.empty()) return std::nullopt;
  const GuestVa address = found->second.back();
  found->second.pop_back();
  return address;
}

void KernelSpace::unmap(Area area, GuestVa address, std::uint64_t bytes) {
  const std::uint64_t size = (bytes + page_size() - 1) / page_size() * page_size();
  unmap_pages(address, size);
  returned_[{area, size}].push_back(address);
}

void KernelSpace::unmap_pages(GuestVa address, std::uint64_t bytes) {
  space_.unmap_each(address, address + bytes,
                    [this](machine::GuestPa frame) { machine_.memory().release_frame(frame); });
}

void KernelSpace::protect(GuestVa address, std::uint64_t bytes, machine::Permissions permissions) {
  space_.protect(address, address + bytes, [permissions](machine::GuestPa) { return permissions; });
}

// --- Reading and writing ---

template <class Use>
bool KernelSpace::each_piece(GuestVa address, std::uint64_t bytes, Use use) const {
  for (std::uint64_t done = 0; done < bytes;) {
    const GuestVa at = address + done;
    const auto page = space_.translate(at);
    if (!page) return false;
    const std::uint64_t piece = std::min(bytes - done, page_size() - at.offset_in(page_size()));
    use(page->address, done, piece);
    done += piece;
  }
  return true;
}

bool KernelSpace::read(GuestVa address, std::span<std::byte> bytes) const {
  return each_piece(address, bytes.size(), [&](machine::GuestPa from, std::uint64_t at, std::uint64_t size) {
    std::ranges::copy(machine_.memory().bytes(from, size), bytes.subspan(at).begin());
  });
}

bool KernelSpace::write(GuestVa address, std::span<const std::byte> bytes) {
  return each_piece(address, bytes.size(), [&](machine::GuestPa to, std::uint64_t at, std::uint64_t size) {
    machine_.write(to, bytes.subspan(at, size));
  });
}

std::optional<std::uint64_t> KernelSpace::read_word(GuestVa address, std::size_t size) const {
  std::array<std::byte, 8> bytes{};
  if (!read(address, std::span(bytes).first(size))) return std::nullopt;
  return isa::load_word(std::span(bytes).first(size), isa::byte_order(isa()));
}

bool KernelSpace::write_word(GuestVa address, std::uint64_t value, std::size_t size) {
  std::array<std::byte, 8> bytes{};
  isa::store_word(std::span(bytes).first(size), value, isa::byte_order(isa()));
  return write(address, std::span(bytes).first(size));
}

std::optional<std::string> KernelSpace::read_string(GuestVa address, std::size_t most) const {
  std::string text;
  for (std::byte byte{}; text.size() < most; text += static_cast<char>(byte), address = address + 1) {
    if (!read(address, {&byte, 1})) return std::nullopt;
    if (byte == std::byte{0}) return text;
  }
  return std::nullopt;
}

// --- The heap ---

GuestVa KernelSpace::kmalloc(std::uint64_t bytes) {
  // ZERO_SIZE_PTR stands for an object of no size.
  constexpr GuestVa kZeroSize(16);
  if (bytes == 0) return kZeroSize;
  if (bytes > kLargestCache) {
    const std::uint64_t size = (bytes + page_size() - 1) / page_size() * page_size();
    const auto pages = size < bytes ? std::nullopt : map(Area::Heap, size, {.read = true, .write = true});
    if (!pages) return GuestVa(0);
    allocated_.emplace(pages->value, size);
    return *pages;
  }
  const std::uint64_t size = std::bit_ceil(std::max(bytes, kSmallest));
  std::vector<GuestVa>& cache = free_[size];
  if (cache.empty()) {
    const std::uint64_t slab = std::max(page_size(), kLargestCache);
    const auto pages = map(Area::Heap, slab, {.read = true, .write = true});
    if (!pages) return GuestVa(0);
    for (std::uint64_t at = slab; at >= size; at -= size) cache.push_back(*pages + (at - size));
  }
  const GuestVa object = cache.back();
  cache.pop_back();
  allocated_.emplace(object.value, size);
  const std::vector<std::byte> zeroes(size);
  (void)write(object, zeroes);
  return object;
}

bool KernelSpace::kfree(GuestVa address) {
  const auto found = allocated_.find(address.value);
  if (found == allocated_.end()) return false;
  const std::uint64_t size = found->second;
  allocated_.erase(found);
  if (size > kLargestCache)
    unmap(Area::Heap, address, size);
  else
    free_[size].push_back(address);
  return true;
}

std::uint64_t KernelSpace::ksize(GuestVa address) const {
  const auto found = allocated_.find(address.value);
  return found == allocated_.end() ? 0 : found->second;
}

// --- Per-CPU memory ---

std::uint64_t KernelSpace::per_cpu_offset(unsigned cpu) const { return cpu * kPerCpuUnit; }

GuestVa KernelSpace::alloc_percpu(std::uint64_t bytes, std::uint64_t alignment) {
  if (!std::has_single_bit(alignment) || alignment > page_size() || bytes > kPerCpuUnit) return GuestVa(0);
  if (used_[static_cast<std::size_t>(Area::PerCpu)] == 0 &&
      !map(Area::PerCpu, machine_.cpus() * kPerCpuUnit, {.read = true, .write = true}))
    return GuestVa(0);
  const std::uint64_t size = (bytes + alignment - 1) / alignment * alignment;
  auto address = take_returned(Area::PerCpu, size);
  if (!address || address->offset_in(alignment) != 0) {
    if (address) returned_[{Area::PerCpu, size}].push_back(*address);
    const std::uint64_t at = (percpu_used_ + alignment - 1) / alignment * alignment;
    if (at + size > kPerCpuUnit) return GuestVa(0);
    percpu_used_ = at + size;
    address = base(Area::PerCpu) + at;
  }
  percpu_allocated_.emplace(address->value, size);
  const std::vector<std::byte> zeroes(size);
  for (unsigned cpu = 0; cpu < machine_.cpus(); ++cpu) (void)write(*address + per_cpu_offset(cpu), zeroes);
  return *address;
}

void KernelSpace::free_percpu(GuestVa address) {
  const auto found = percpu_allocated_.find(address.value);
  if (found == percpu_allocated_.end()) return;
  returned_[{Area::PerCpu, found->second}].push_back(address);
  percpu_allocated_.erase(found);
}

}  // namespace trapline::kernel
