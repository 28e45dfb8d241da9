// What stands behind Engine, and what its two halves per instruction set share. Includes unicorn.h, so
// nothing outside of this folder includes it.
#pragma once

#include <unicorn/unicorn.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "emu/machine/context_packer.hpp"
#include "emu/machine/engine.hpp"

namespace trapline::machine {

template <class Function>
void* callback(Function* function) {
  return reinterpret_cast<void*>(function);  // the form in which Unicorn's C interface takes every callback
}

// Whole on x86-64, where it has some 5 KiB; packed on PPC64, where it has 80.
struct CpuState::Impl {
  Context context;
  PackedContext packed;
  GuestVa pc;
};

// A store that the engine cuts into single bytes after the judge has passed it whole (device memory,
// unaligned). Says which of the byte stores that follow are parts of it; they come in ascending order.
class SplitStore {
 public:
  void begin(const isa::Access& store) {
    next_ = store.address.value;
    bytes_left_ = store.size;
  }
  void clear() { bytes_left_ = 0; }
  bool owns(const isa::Access& access) {
    if (access.size != 1 || access.kind != isa::AccessKind::Write) return false;
    const std::uint64_t skipped = access.address.value - next_;  // bytes on pages that are not observed
    if (skipped >= bytes_left_) return false;
    next_ += skipped + 1;
    bytes_left_ -= skipped + 1;
    return true;
  }

 private:
  std::uint64_t next_ = 0;
  std::uint64_t bytes_left_ = 0;
};

// PPC64: what the first of two stores of a doubleword, as a vector's is carried out, found there. Should the
// second be vetoed, nothing may have been stored.
class LowerHalf {
 public:
  // A store or load of the program that was observed, before it happens.
  void begin(const isa::Access& access) {
    const bool doubleword = access.kind == isa::AccessKind::Write && access.size == kDoubleword;
    if (!doubleword || access.address != second_) before_.clear();
    second_ = doubleword ? std::optional(access.address + kDoubleword) : std::nullopt;
  }
  void stores(GuestPa address, std::span<const std::byte> before) {
    for (std::size_t i = 0; i < before.size(); ++i) before_.emplace_back(address + i, before[i]);
  }
  std::vector<std::pair<GuestPa, std::byte>> take() { return std::exchange(before_, {}); }

 private:
  static constexpr std::uint32_t kDoubleword = 8;
  std::optional<GuestVa> second_;  // where the other half would begin
  std::vector<std::pair<GuestPa, std::byte>> before_;
};

struct Engine::Impl {
  Impl(isa::Isa isa, PhysicalMemory& memory, const EngineSpec& spec);
  virtual ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // --- What differs between the instruction sets ---
  virtual void enter_user_mode() = 0;
  // Arms the processor's own single-step for one instruction, and puts the guest's own setting back.
  virtual void begin_step() = 0;
  virtual void end_step(bool completed) = 0;
  virtual bool guest_steps() const = 0;  // as begin_step() found it
  // PPC64: whether the engine raises no trace interrupt after the instruction there.
  virtual bool untraced(GuestVa address) const = 0;
  // The cycles that a completed step costs beyond the entry that was counted (the last pass of a REP).
  virtual std::uint64_t extra_step_cycles() = 0;
  // x86: what is left of the count of the REP at `address`; nothing for other instructions.
  virtual std::optional<std::uint64_t> repeat_count(GuestVa address) = 0;
  // What the HelperStore at `address` will write, where that can be told beforehand.
  virtual std::optional<isa::Access> helper_store(GuestVa address) = 0;
  // What the interrupt that ended the run means. Puts the PC where the architecture has it.
  virtual EngineStop on_interrupt(unsigned number) = 0;
  // x86: the engine has raised the exception, whatever the run ended for.
  virtual void clear_exception(unsigned number) = 0;
  // x86: around an instruction with a hook, the flags before it: where it faults, the engine has them wrong.
  virtual void keep_flags(GuestVa address) = 0;
  virtual void put_back_flags(bool faulted) = 0;
  // Whether the engine cannot translate the instruction that `code` starts with (intercepts.hpp); x86 only.
  virtual bool untranslatable(std::span<const std::byte> code) const = 0;
  // The same for all that may begin in the granule.
  virtual UntranslatableCode look_for_untranslatable(std::span<const std::byte> granule) const = 0;

  // The instructions in here are executed one at a time: from the first that the engine could not translate
  // together with those before it.
  struct Alone {
    GuestVa first;
    GuestVa end;
    bool holds(GuestVa address) const { return address >= first && address < end; }
  };

  // Saved states are made of this one from now on.
  void pack_states() { packer = std::make_unique<ContextPacker>(uc); }
  void start_clock();
  EngineStop run(AccessJudge& asked, RunOptions options);
  EngineStop start();
  std::optional<Alone> fetched_ahead() const;
  std::optional<EngineStop> before_alone(const RunOptions& options) const;
  void settle();
  bool fill(GuestVa address, isa::AccessKind kind, uc_tlb_entry& entry);
  bool fill_code(GuestVa granule, const Translation& page);
  bool joins(GuestVa granule) const;
  bool change_use(GuestPa granule);
  bool observed_access(isa::Access access);
  bool refuse_half_store(const isa::Access& store);
  GuestVa slot_address(std::uint64_t window_address) const;
  std::optional<std::uint32_t> slot_of(GuestVa granule);
  void flush_tlb();
  void forget_code(GuestPa granule);
  void read_pc();

  // --- Callbacks of the engine ---
  static void on_block(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self);
  [[gnu::noinline]] void enter_block(uc_engine* engine, std::uint64_t address, std::uint32_t size);
  static void on_code(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self);
  static void on_intercept(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self);
  void add_intercept(GuestVa address);
  void before_execution(uc_engine* engine, std::uint64_t address);
  // Of a step without a trace interrupt: stops at the instruction after the first.
  static void on_untraced(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self);
  bool ends_untraced_step(uc_engine* engine);
  static void on_execution_hook(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self);
  static bool on_fill(uc_engine* uc, std::uint64_t address, uc_mem_type type, uc_tlb_entry* entry,
                      void* self);
  static bool on_protected(uc_engine* uc, uc_mem_type type, std::uint64_t address, int size,
                           std::int64_t value, void* self);
  static std::uint64_t on_device_read(uc_engine* uc, std::uint64_t offset, unsigned size, void* self);
  static void on_device_write(uc_engine* uc, std::uint64_t offset, unsigned size, std::uint64_t value,
                              void* self);
  static void on_intr(uc_engine* uc, std::uint32_t number, void* self);

  uc_engine* uc = nullptr;
  std::unique_ptr<ContextPacker> packer;
  const isa::Isa isa;
  const Gear gear;
  PhysicalMemory& memory;
  BlockCosts costs;
  const AddressSpace* space = nullptr;
  std::uint64_t space_revision = 0;
  GuestVa pc;

  // The clock, and the block whose cost it already holds.
  std::uint64_t cycles = 0;
  std::uint64_t latest_counter = 0;  // that a program read (RDTSC)
  std::uint64_t limit = ~0ull;       // past which a block is not simply entered
  std::uint64_t run_limit = ~0ull;   // past which it is not entered at all
  std::uint64_t block_address = 0;
  std::uint32_t block_size = 0;  // 0: no block is under way
  std::uint32_t last_block_size = 0;

  // The run under way.
  AccessJudge* judge = nullptr;
  std::optional<EngineStop> stop;
  isa::Access fault{};
  unsigned interrupt = 0;
  const char* failure = "";
  GuestVa pass_at;
  bool pass_first = false;
  bool pass_store = false;
  std::optional<std::uint64_t> pass_repeat;  // of a REP whose breakpoint was passed: its count then
  std::optional<GuestVa> probed;             // the granule that locate_fault() is about
  SplitStore split;
  LowerHalf lower_half;
  enum class Filling : std::uint8_t { Guest, Identity } filling = Filling::Guest;
  std::vector<GuestPa> stale_code;  // granules whose translations must go before the next run
  // Why a fault is none of the guest's, and the run goes on.
  enum class Refusal : std::uint8_t {
    None,
    ChangedUse,  // code and data changed places
    Alone,       // the granule's instructions are to be executed one at a time
  } refusal = Refusal::None;
  std::optional<Alone> alone;
  bool stepping = false;  // one instruction only
  static constexpr std::uint64_t kNowhere = ~0ull;
  std::uint64_t repeating = kNowhere;  // the Intercept::Alone that was met last, until another instruction is
  bool untraced_step = false;
  bool step_begun = false;   // of an untraced step, the first instruction
  bool interrupted = false;  // on_intr() was called

  // The window of observed granules.
  struct Slot {
    GuestVa granule;
    GuestPa frame;
  };
  std::vector<Slot> slots;
  std::unordered_map<std::uint64_t, std::uint32_t> slot_by_granule;  // never iterated
  bool tlb_dirty = false;

  // Addresses where execution stops, sorted, and those that the engine has a hook on (which outlive their
  // use).
  std::vector<std::uint64_t> execution_stops;
  std::unordered_map<std::uint64_t, uc_hook> execution_hooks;
  std::unordered_set<std::uint64_t> intercepts;   // virtual addresses; never iterated
  std::unordered_set<std::uint64_t> hooked_code;  // physical addresses whose translation holds the hook
};

std::unique_ptr<Engine::Impl> make_x86_engine(PhysicalMemory& memory, const EngineSpec& spec);
std::unique_ptr<Engine::Impl> make_ppc64_engine(PhysicalMemory& memory, const EngineSpec& spec);

}  // namespace trapline::machine
