// A process's memory: its mappings (VMAs), the frames behind them, brk, and the kernel's own access to user
// memory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/kernel/mm/access_watch.hpp"
#include "emu/kernel/mm/vma.hpp"
#include "emu/kernel/result.hpp"
#include "emu/kernel/task/limits.hpp"
#include "emu/machine/machine.hpp"
#include "isa/access.hpp"

namespace trapline::kernel {

inline constexpr std::uint64_t kGuardGap = 256;  // pages that stay free below a stack: stack_guard_gap

// Where things lie in an address space (mm/util.c: the top-down layout, without randomisation).
struct Layout {
  GuestVa task_size;  // the first address past user space
  GuestVa stack_top;
  GuestVa mmap_top;  // mappings are placed downwards from here
  std::uint64_t stack_limit = 8u << 20;

  // For programs that begin with this RLIMIT_STACK, in bytes.
  static Layout of(isa::Isa isa, std::uint64_t stack_limit = 8u << 20);
};

// Why a user access cannot be carried out, as SIGSEGV or SIGBUS tells it.
struct MmFault {
  int signal = 0;
  int code = 0;
};

// What a futex(2) is told apart by. Two are equal where a waiter of one can be woken through the other.
struct FutexKey {
  std::uint64_t owner = 0;       // PhysicalMemory::next_owner() of the Mm or of the shared memory
  std::uint64_t offset = 0;      // the address, or the offset in shared memory
  bool process_private = false;  // FUTEX_PRIVATE_FLAG

  auto operator<=>(const FutexKey&) const = default;
};

class Mm {
 public:
  explicit Mm(machine::Machine& machine);
  ~Mm();
  Mm(const Mm&) = delete;
  Mm& operator=(const Mm&) = delete;

  // dup_mm: the address space of a child process. Private pages are shared until one of the two writes to
  // them. Null: ENOMEM.
  std::shared_ptr<Mm> fork();

  isa::Isa isa() const { return machine_.isa(); }
  const Layout& layout() const { return layout_; }
  const machine::AddressSpace& space() const { return space_; }
  std::uint64_t page_size() const { return space_.page_size(); }
  // arch_pick_mmap_layout(), of an address space that is empty yet.
  void pick_layout(std::uint64_t stack_limit);
  // RLIMIT_STACK: how far a stack grows by faults.
  std::uint64_t stack_limit() const { return layout_.stack_limit; }
  void set_stack_limit(std::uint64_t bytes) { layout_.stack_limit = bytes; }

  // RLIMIT_AS and RLIMIT_DATA: how much may be mapped, and how much of it private and writable.
  void set_limits(const Limits& limits);

  // --- Mappings (mmap.cpp) ---
  struct MapRequest {
    std::optional<GuestVa> at{};  // with `fixed` the place, else a hint
    bool fixed = false;
    bool no_replace = false;
    bool populate = false;  // MAP_POPULATE
    bool low = false;       // MAP_32BIT: where 31 bits reach
    std::uint64_t size = 0;
    Vma vma{};  // all but its addresses; shared without a file: memory that is made for it
  };
  Result<GuestVa> map(const MapRequest& request);
  Status unmap(GuestVa start, std::uint64_t size);
  // `grows_down`: PROT_GROWSDOWN, from the start of the mapping on.
  Status protect(GuestVa start, std::uint64_t size, Permissions permissions, bool grows_down = false);
  struct RemapRequest {
    GuestVa old;
    std::uint64_t old_size = 0;
    std::uint64_t new_size = 0;
    bool may_move = false;
    bool dont_unmap = false;        // MREMAP_DONTUNMAP
    std::optional<GuestVa> to{};    // MREMAP_FIXED
    std::optional<GuestVa> hint{};  // where with MREMAP_DONTUNMAP
  };
  Result<GuestVa> remap(const RemapRequest& request);

  // What is mapped of a file from `offset` on, a page's, goes, private copies included (unmap_mapping_range()
  // with even_cows). `file` is the memory or the content that the mappings have.
  void unmap_pages_of(const void* file, std::uint64_t offset);

  // brk(2): the new end of the heap, or the old one where it cannot move.
  GuestVa set_brk(GuestVa end);
  void start_brk(GuestVa start);

  // --- Advice and locks (madvise.cpp) ---
  Status advise(GuestVa start, std::uint64_t size, std::uint64_t advice);  // MADV_*
  // mlock and munlock: `locks` is of kVmLocked and kVmLockOnFault.
  Status lock(GuestVa start, std::uint64_t size, std::uint32_t locks);
  // mlockall: of what is there, and of what will be mapped.
  void lock_all(std::uint32_t locks);
  void lock_future(std::uint32_t locks) { default_flags_ = locks; }
  // msync: EBUSY where a locked mapping is to be invalidated, ENOMEM for a hole.
  // MS_INVALIDATE and MS_SYNC.
  Status sync(GuestVa start, std::uint64_t size, bool invalidate, bool wait);
  // mincore: whether a page is in memory; nothing where none is mapped.
  std::optional<bool> in_core(GuestVa address) const;
  // Has the pages there as if they had been accessed: by `kind`, or as the mapping permits. ENOMEM for a hole
  // or where memory is used up, EFAULT or, with `kind`, EINVAL where it is not possible.
  Status populate(GuestVa start, GuestVa end, std::optional<isa::AccessKind> kind = {});

  // Cycles that large calls have taken since this was last asked: they depend on how many pages and mappings
  // were gone through, and how much was copied. What it takes to go through all that is there.
  std::uint64_t work_to_end() const;
  std::uint64_t take_work();

  // --- Access (mm.cpp) ---
  // Told of all below that accesses bytes, but read_present(). Those that are forked from this have it, too.
  void set_access_watch(AccessWatch* watch) { access_watch_ = watch; }
  // From now on write() puts off what it is to write, until that is asked for: execve(2) writes into a new
  // program when that has taken the old one's place.
  void put_off_writes() { put_off_.emplace(); }
  bool carry_out_writes();
  // Makes the page that holds `address` ready for such an access, or says why not.
  std::optional<MmFault> handle_fault(GuestVa address, isa::AccessKind kind);

  // copy_from_user and copy_to_user: everything, or nothing is promised and false (EFAULT) is returned.
  bool read(GuestVa address, std::span<std::byte> out);
  bool write(GuestVa address, std::span<const std::byte> data);
  // How many of `size` bytes from `address` on can be accessed that way.
  std::uint64_t accessible(GuestVa address, std::uint64_t size, isa::AccessKind kind);
  std::optional<std::uint64_t> read_word(GuestVa address, unsigned size);
  bool write_word(GuestVa address, std::uint64_t value, unsigned size);
  // A string up to its NUL; ENAMETOOLONG without one in `limit` bytes, EFAULT.
  Result<std::string> read_string(GuestVa address, std::uint64_t limit);

  // ptrace's (FOLL_FORCE): whatever the permissions are, but not into shared memory that is not writable.
  // A private page becomes this process's own.
  bool remotely_accessible(GuestVa address) const;  // there may be something for others
  bool peek(GuestVa address, std::span<std::byte> out);
  bool poke(GuestVa address, std::span<const std::byte> data);
  // copy_from_user with page faults disabled, unseen by anybody: only what is there already and can be read.
  // How many bytes that were before the first that is not.
  std::size_t read_present(GuestVa address, std::span<std::byte> out) const;

  // `shared`: without FUTEX_PRIVATE_FLAG. Nothing: EFAULT. The caller checks that the address is aligned.
  std::optional<FutexKey> futex_key(GuestVa address, bool shared);

  GuestVa vdso;                   // the kernel's shared object; 0: none (mm_context_t::vdso)
  bool thp_disabled = false;      // PR_SET_THP_DISABLE: remembered only
  std::uint32_t membarriers = 0;  // the kinds that the process registered for (membarrier(2))
  bool elf2 = false;  // PPC64: functions are named by their code, not by a descriptor (TIF_ELF2ABI)

  // --- What /proc tells ---
  // Where execve(2) put what belongs to the program (prctl(2), PR_SET_MM).
  struct ProgramPlaces {
    GuestVa start_code, end_code, start_data, end_data;
    std::uint64_t load_bias = 0;  // how much higher the program lies than its file says
    GuestVa start_stack;
    GuestVa arg_start, arg_end, env_start, env_end;
    std::vector<std::byte> auxv;
  };
  ProgramPlaces places;
  GuestVa brk_start() const { return brk_start_; }
  GuestVa brk() const { return brk_; }
  const std::map<std::uint64_t, Vma>& vmas() const { return vmas_; }
  // What /proc/PID/maps calls a mapping.
  std::string_view name_of(const Vma& vma) const;
  std::uint64_t mapped() const { return mapped_; }  // bytes
  std::uint64_t peak_mapped() const { return peak_mapped_; }
  std::uint64_t rss() const { return space_.pages() * page_size(); }  // bytes that are resident
  std::uint64_t peak_rss() const { return peak_pages_ * page_size(); }
  std::uint64_t locked() const;                                 // bytes
  std::uint64_t page_tables() const { return charged_pages_; }  // bytes
  // How much of a mapping is resident, in bytes.
  std::uint64_t resident(const Vma& vma) const;
  // A checksum of all populated memory and where it lies: equal memories have equal ones.
  std::uint64_t checksum() const;

 private:
  using VmaMap = std::map<std::uint64_t, Vma>;  // by start address

  // --- mmap.cpp ---
  VmaMap::iterator find(GuestVa address);
  VmaMap::const_iterator find(GuestVa address) const;
  VmaMap::iterator first_ending_after(GuestVa address);
  VmaMap::const_iterator first_ending_after(GuestVa address) const;
  VmaMap::iterator insert(Vma vma);
  VmaMap::iterator erase(VmaMap::iterator vma);
  void split(GuestVa address);
  VmaMap::iterator merge(VmaMap::iterator area);
  bool room_for(std::uint64_t mappings) const;
  bool enough_memory(std::uint64_t bytes) const;
  std::uint64_t mapped_in(GuestVa start, GuestVa end, bool data = false) const;
  bool may_expand(const Vma& vma, std::uint64_t bytes, std::uint64_t replaced = 0);
  Result<VmaMap::iterator> isolate(VmaMap::iterator vma, GuestVa start, GuestVa end);
  std::uint64_t start_gap(const Vma& vma) const;
  std::optional<GuestVa> find_gap(std::uint64_t size);
  bool range_free(GuestVa start, std::uint64_t size) const;
  std::optional<GuestVa> find_low_gap(std::uint64_t size) const;
  Result<GuestVa> unmapped_area(std::optional<GuestVa> hint, std::uint64_t size);
  Result<GuestVa> remap_to(const RemapRequest& request);
  Status may_resize(const Vma& vma, GuestVa old, std::uint64_t old_size, std::uint64_t new_size);
  Result<GuestVa> move(GuestVa old, std::uint64_t old_size, GuestVa to, std::uint64_t new_size,
                       bool dont_unmap);
  void drop_pages(GuestVa start, GuestVa end);
  bool grow_stack(VmaMap::iterator vma, GuestVa page);
  void count_mapped();

  // --- madvise.cpp ---
  Status set_flags(VmaMap::iterator vma, GuestVa start, GuestVa end, std::uint32_t flags);
  Status advise_vma(VmaMap::iterator vma, GuestVa start, GuestVa end, std::uint64_t advice);

  // --- mm.cpp ---
  static Permissions page_permissions(const Vma& vma);
  Permissions page_permissions(const Vma& vma, GuestPa frame) const;
  std::optional<MmFault> fault_in(Vma& vma, GuestVa page, isa::AccessKind kind, bool force);
  std::optional<MmFault> map_new(Vma& vma, GuestVa page);
  void prepare_anon_vma(Vma& vma);
  std::optional<GuestPa> bytes_at(GuestVa address, isa::AccessKind kind, bool force);
  bool copy_out(GuestVa address, std::span<std::byte> out, bool force);
  bool copy_in(GuestVa address, std::span<const std::byte> data, bool force);
  // Carries the access out by `copy()`, and has it seen.
  template <class Copy>
  bool seen(const isa::Access& access, bool remote, Copy copy);
  void charge_pages();

  machine::Machine& machine_;
  std::uint64_t id_;
  Layout layout_;
  machine::AddressSpace space_;
  VmaMap vmas_;
  std::uint64_t mapped_ = 0;
  std::uint64_t peak_mapped_ = 0;
  std::uint64_t mapped_limit_ = kNoLimit;
  Limit data_limit_{kNoLimit, kNoLimit};
  std::uint64_t peak_pages_ = 0;
  std::uint64_t charged_ = 0;        // for the VMAs; see PhysicalMemory::charge()
  std::uint64_t charged_pages_ = 0;  // for the page table
  AccessWatch* access_watch_ = nullptr;
  std::optional<std::vector<std::pair<GuestVa, std::vector<std::byte>>>> put_off_;
  std::uint64_t work_ = 0;
  std::uint64_t copies_ = 0;  // since take_work()
  std::uint64_t last_anon_vma_ = 0;
  std::uint32_t default_flags_ = 0;  // of new mappings: mlockall(MCL_FUTURE)
  // Above this address no gap is larger than that.
  GuestVa search_from_;
  std::uint64_t largest_gap_ = 0;
  GuestVa brk_start_;
  GuestVa brk_;
};

}  // namespace trapline::kernel

template <>
struct std::hash<trapline::kernel::FutexKey> {
  std::size_t operator()(const trapline::kernel::FutexKey& key) const noexcept {
    return (key.owner * 0x9e3779b97f4a7c15 ^ key.offset ^ static_cast<std::size_t>(key.process_private)) *
           0xff51afd7ed558ccd;
  }
};
