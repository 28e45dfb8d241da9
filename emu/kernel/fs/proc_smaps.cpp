// What /proc tells of each page of a task: smaps, smaps_rollup and pagemap (proc(5)).
#include <fmt/format.h>

#include <array>
#include <iterator>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/fs/proc_text.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

// In bytes. A page is taken for dirty where it is not just what a file has.
struct Use {
  std::uint64_t size = 0;
  std::uint64_t rss = 0;
  std::uint64_t pss = 0;
  std::uint64_t shared_clean = 0;
  std::uint64_t shared_dirty = 0;
  std::uint64_t private_clean = 0;
  std::uint64_t private_dirty = 0;
  std::uint64_t anonymous = 0;
  std::uint64_t locked = 0;

  void add(const Use& other) {
    size += other.size;
    rss += other.rss;
    pss += other.pss;
    shared_clean += other.shared_clean;
    shared_dirty += other.shared_dirty;
    private_clean += other.private_clean;
    private_dirty += other.private_dirty;
    anonymous += other.anonymous;
    locked += other.locked;
  }
};

Use use_of(const machine::PhysicalMemory& memory, const Mm& mm, const Vma& vma) {
  Use use{.size = vma.size()};
  const std::uint64_t page = mm.page_size();
  if ((vma.flags & kVmPfnMap) != 0) return use;  // vm_normal_page(): they are nobody's
  mm.space().for_each(vma.start, vma.end, [&](GuestVa at, const machine::AddressSpace::Page& entry) {
    const bool the_kernels = vma.special() && vma.object->frame(vma.offset_of(at)) == entry.frame;
    // The object that shared memory belongs to is a user of its frames as well.
    const bool of_object = vma.special() ? the_kernels : vma.object != nullptr;
    const std::uint64_t users = std::max<std::uint64_t>(memory.users(entry.frame) - (of_object ? 1 : 0), 1);
    const bool dirty = !the_kernels && (!vma.file || entry.permissions.write);
    use.rss += page;
    use.pss += page / users;
    (users > 1 ? (dirty ? use.shared_dirty : use.shared_clean)
               : (dirty ? use.private_dirty : use.private_clean)) += page;
    if ((!vma.object || vma.special()) && dirty) use.anonymous += page;
    if ((vma.flags & kVmLocked) != 0) use.locked += page / users;
  });
  return use;
}

void append(std::string& text, const Use& use, std::optional<std::uint64_t> page) {
  const auto line = [&](std::string_view name, std::uint64_t bytes) {
    fmt::format_to(std::back_inserter(text), "{:<16}{:8} kB\n", fmt::format("{}:", name), bytes / 1024);
  };
  if (page) {
    line("Size", use.size);
    line("KernelPageSize", *page);
    line("MMUPageSize", *page);
  }
  line("Rss", use.rss);
  line("Pss", use.pss);
  line("Pss_Dirty", use.shared_dirty + use.private_dirty);
  line("Shared_Clean", use.shared_clean);
  line("Shared_Dirty", use.shared_dirty);
  line("Private_Clean", use.private_clean);
  line("Private_Dirty", use.private_dirty);
  line("Referenced", use.rss);
  line("Anonymous", use.anonymous);
  for (const std::string_view none : {"LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped",
                                      "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss"})
    line(none, 0);
  line("Locked", use.locked);
}

// fs/proc/task_mmu.c, show_smap_vma_flags()
std::string vm_flags(const Vma& vma) {
  std::string text = "VmFlags: ";
  const auto flag = [&](bool set, std::string_view name) {
    if (set) fmt::format_to(std::back_inserter(text), "{} ", name);
  };
  const auto has = [&](VmFlag bit) { return (vma.flags & bit) != 0; };
  flag(vma.permissions.read, "rd");
  flag(vma.permissions.write, "wr");
  flag(vma.permissions.execute, "ex");
  flag(vma.shared, "sh");
  flag(true, "mr");
  flag(!has(kVmMayNotWrite), "mw");
  flag(!has(kVmMayNotExecute), "me");
  flag(vma.shared && !has(kVmMayNotWrite), "ms");
  flag(vma.grows_down, "gd");
  flag(has(kVmPfnMap), "pf");
  flag(has(kVmLocked), "lo");
  flag(has(kVmPfnMap), "io");
  flag(has(kVmSeqRead), "sr");
  flag(has(kVmRandRead), "rr");
  flag(has(kVmDontCopy), "dc");
  flag(has(kVmDontExpand), "de");
  flag(has(kVmAccount), "ac");
  flag(has(kVmNoReserve), "nr");
  flag(has(kVmWipeOnFork), "wf");
  flag(has(kVmDontDump), "dd");
  flag(has(kVmHugePage), "hg");
  flag(has(kVmNoHugePage), "nh");
  flag(has(kVmMergeable), "mg");
  return text + '\n';
}

}  // namespace

std::string proc_smaps(const ProcContext& context) {
  std::string text;
  if (!context.task->alive() || !context.task->mm) return text;
  const Mm& mm = *context.task->mm;
  context.sources.scheduler.spend(mm.work_to_end());
  const auto add = [&](const Vma& vma, const std::string& flags) {
    text += proc_maps_line(context, mm, vma);
    append(text, use_of(context.sources.machine.memory(), mm, vma), mm.page_size());
    text += "THPeligible:    0\n";
    text += flags;
  };
  for (const auto& [start, vma] : mm.vmas()) add(vma, vm_flags(vma));
  if (const auto gate = context.sources.arch.gate_vma()) add(*gate, "VmFlags: ex \n");
  return text;
}

std::string proc_smaps_rollup(const ProcContext& context) {
  if (!context.task->alive() || !context.task->mm) return {};
  const Mm& mm = *context.task->mm;
  context.sources.scheduler.spend(mm.work_to_end());
  Use all;
  for (const auto& [start, vma] : mm.vmas()) all.add(use_of(context.sources.machine.memory(), mm, vma));
  const auto& vmas = mm.vmas();
  std::string text =
      fmt::format("{:08x}-{:08x} ---p 00000000 00:00 0 ", vmas.empty() ? 0 : vmas.begin()->first,
                  vmas.empty() ? 0 : vmas.rbegin()->second.end.value);
  constexpr std::size_t kPathColumn = 73;
  text.resize(std::max(text.size(), kPathColumn), ' ');
  text += "[rollup]\n";
  append(text, all, std::nullopt);
  return text;
}

// Documentation/admin-guide/mm/pagemap.rst
std::uint64_t pagemap_entry(const machine::PhysicalMemory& memory, const Mm& mm, GuestVa address) {
  constexpr std::uint64_t kPresent = std::uint64_t{1} << 63, kOfFile = std::uint64_t{1} << 61,
                          kExclusive = std::uint64_t{1} << 56, kSoftDirty = std::uint64_t{1} << 55;
  const auto above = mm.vmas().upper_bound(address.value);
  if (above == mm.vmas().begin() || std::prev(above)->second.end <= address) return 0;
  const Vma& vma = std::prev(above)->second;
  const machine::AddressSpace::Page* const page = mm.space().page(address);
  if (page == nullptr) return kSoftDirty;
  const std::uint64_t users = memory.users(page->frame) - (vma.object ? 1 : 0);
  return kPresent | kSoftDirty | (vma.object || (vma.file && !page->permissions.write) ? kOfFile : 0) |
         (users <= 1 ? kExclusive : 0) | page->frame.value / mm.page_size();
}

}  // namespace trapline::kernel
