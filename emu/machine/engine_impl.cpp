#include "emu/machine/engine_impl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace trapline::machine {

namespace {

// Where the window of observed granules lies in the engine's physical space: above any guest memory, below
// x86's 2^40.
constexpr std::uint64_t kWindow = 1ull << 39;
constexpr std::uint32_t kWindowSlots = 1u << 20;
constexpr std::uint32_t kProbeSlot = kWindowSlots - 1;  // for locate_fault()

// Changes between code and data after which a granule's code is executed an instruction at a time.
constexpr std::uint8_t kMostConflicts = 16;

// Further than any clock comes, and less than what a refused block costs.
constexpr std::uint64_t kNoLimit = BlockCosts::kRefused - 1;

isa::AccessKind kind_of(uc_mem_type type) {
  switch (type) {
    case UC_MEM_WRITE:
    case UC_MEM_WRITE_PROT:
    case UC_MEM_WRITE_UNMAPPED:
      return isa::AccessKind::Write;
    case UC_MEM_FETCH:
    case UC_MEM_FETCH_PROT:
    case UC_MEM_FETCH_UNMAPPED:
      return isa::AccessKind::Execute;
    default:
      return isa::AccessKind::Read;
  }
}

}  // namespace

void check(uc_err error, const char* doing) {
  if (error != UC_ERR_OK)
    throw std::runtime_error(fmt::format("Unicorn: cannot {}: {}", doing, uc_strerror(error)));
}

Engine::Impl::Impl(isa::Isa isa_, PhysicalMemory& memory_, const EngineSpec& spec)
    : isa(isa_),
      gear(spec.gear),
      memory(memory_),
      costs(isa_, spec.costs, memory_, spec.bare, spec.gear == Gear::Everything) {
  if (isa == isa::Isa::X86_64) {
    check(uc_open(UC_ARCH_X86, UC_MODE_64, &uc), "open an x86-64 engine");
    // SSE4.2 and AES, but no RDRAND and RDSEED, which would read the host's randomness.
    check(uc_ctl_set_cpu_model(uc, UC_CPU_X86_WESTMERE), "choose the CPU model");
  } else {
    // Its default model, a POWER10, is the only one with 64-bit instructions that the API lets one choose
    // in 2.1.4.
    check(uc_open(UC_ARCH_PPC, static_cast<uc_mode>(UC_MODE_PPC64 | UC_MODE_BIG_ENDIAN), &uc),
          "open a PPC64 engine");
  }
  // Room for translated code, bytes; when it is full, all goes and is translated anew. The engine's own
  // choice is 1 GiB.
  constexpr std::uint32_t kTranslations = 64u << 20;
  check(uc_ctl_set_tcg_buffer_size(uc, kTranslations), "bound the translated code");
  check(uc_mem_map_ptr(uc, 0, memory.size(), UC_PROT_ALL, memory.bytes(GuestPa(0), memory.size()).data()),
        "map guest memory");
  check(uc_mmio_map(uc, kWindow, std::uint64_t{kWindowSlots} * kGranule, on_device_read, this,
                    on_device_write, this),
        "map the window");
  check(uc_mem_protect(uc, kWindow, std::uint64_t{kWindowSlots} * kGranule, UC_PROT_NONE),
        "close the window");
  check(uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL), "take over the MMU");
  check(uc_ctl_exits_enable(uc), "leave out exits");

  const auto add = [this](int type, void* function, const char* doing, std::uint64_t first = 1,
                          std::uint64_t last = 0) {
    uc_hook hook = 0;
    check(uc_hook_add(uc, &hook, type, function, this, first, last), doing);
  };
  add(UC_HOOK_TLB_FILL, callback(on_fill), "hook the MMU");
  // Bounded to the window, in physical addresses: without bounds every access anywhere would take the
  // engine's slow path.
  add(UC_HOOK_MEM_READ_PROT | UC_HOOK_MEM_WRITE_PROT, callback(on_protected), "hook the window", kWindow,
      kWindow + std::uint64_t{kWindowSlots} * kGranule - 1);
  add(UC_HOOK_INTR, callback(on_intr), "hook interrupts");
}

void Engine::Impl::start_clock() {
  // One hook of a kind is called straight from translated code; a second one would make every call go through
  // a list.
  uc_hook hook = 0;
  const bool by_block = gear == Gear::WatchedPages;
  check(uc_hook_add(uc, &hook, by_block ? UC_HOOK_BLOCK : UC_HOOK_CODE,
                    by_block ? callback(on_block) : callback(on_code), this, 1, 0),
        "hook the clock");
}

Engine::Impl::~Impl() {
  if (uc != nullptr) uc_close(uc);
}

// --- The clock
// -------------------------------------------------------------------------------------------------------------

// Entered at every block, so the usual case is kept free of calls, and of the registers that they would save.
void Engine::Impl::on_block(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (const auto* const known = engine.costs.known(address, size)) [[likely]] {
    const std::uint64_t after = engine.cycles + known->cycles;
    if (after <= engine.limit) [[likely]] {
      engine.cycles = after;
      engine.block_address = address;
      engine.block_size = size;
      return;
    }
  }
  engine.enter_block(uc, address, size);
}

void Engine::Impl::enter_block(uc_engine* engine, std::uint64_t address, std::uint32_t size) {
  if (address != pass_at.value) pass_repeat.reset();  // the REP is over
  if (ends_untraced_step(engine)) return;
  if (!pass_repeat && !untraced_step) limit = run_limit;
  const std::uint64_t after = cycles + costs.of(*space, address, size);
  if (const auto unknown = costs.undecodable(); unknown && !stepping && gear == Gear::WatchedPages) {
    // Nobody can say where the instruction behind it begins.
    alone = Alone{GuestVa(address), *unknown + 1};
    block_size = 0;
    stop = EngineStop::Budget;
    uc_emu_stop(engine);
    return;
  }
  if (after > run_limit) {
    block_size = 0;
    stop = EngineStop::Budget;
    uc_emu_stop(engine);
    return;
  }
  cycles = after;
  block_address = address;
  block_size = size;
}

void Engine::Impl::on_code(uc_engine* uc, std::uint64_t address, std::uint32_t size, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (engine.stop) return;  // already told to stop
  engine.block_size = 0;    // the instruction before this one is complete
  if (engine.untraced_step && engine.step_begun && engine.ends_untraced_step(uc)) return;
  if (engine.cycles >= engine.run_limit) {  // as at a block, before whatever else the instruction stops for
    engine.stop = EngineStop::Budget;
    uc_emu_stop(uc);
    return;
  }
  engine.keep_flags(GuestVa(address));
  if (std::ranges::binary_search(engine.execution_stops, address)) {
    engine.before_execution(uc, address);
    if (engine.stop) return;
  }
  if (engine.intercepts.contains(address)) {
    on_intercept(uc, address, size, self);
    if (engine.stop) return;
  } else {
    engine.repeating = kNowhere;
  }
  on_block(uc, address, size, self);
}

bool Engine::Impl::ends_untraced_step(uc_engine* engine) {
  if (!untraced_step || !std::exchange(step_begun, true)) return false;
  stop = EngineStop::Stepped;
  uc_emu_stop(engine);
  return true;
}

void Engine::Impl::on_untraced(uc_engine* uc, std::uint64_t address, std::uint32_t /*size*/, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (!engine.stop && address != engine.block_address) engine.ends_untraced_step(uc);
}

// The block under way was paid for whole when it was entered; an exception inside it gives back what did not
// execute.
void Engine::Impl::settle() {
  if (block_size == 0) return;
  const std::uint64_t done = pc.value - block_address;
  if (done < block_size) {
    cycles -= costs.of(*space, pc.value, static_cast<std::uint32_t>(block_size - done));
  }
  block_size = 0;
}

// --- The MMU
// ---------------------------------------------------------------------------------------------------------------

bool Engine::Impl::on_fill(uc_engine* /*uc*/, std::uint64_t address, uc_mem_type type, uc_tlb_entry* entry,
                           void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  const isa::AccessKind kind = kind_of(type);
  const GuestVa at(address);
  if (engine.filling == Filling::Identity) {
    entry->paddr = at.align_down(kGranule).value;
    entry->perms = UC_PROT_ALL;
    return true;
  }
  if (engine.probed == at.align_down(kGranule) && kind != isa::AccessKind::Execute) {
    entry->paddr = kWindow + std::uint64_t{kProbeSlot} * kGranule;
    entry->perms = static_cast<uc_prot>(UC_PROT_READ | UC_PROT_WRITE);
    return true;
  }
  // What is tried in vain must store nothing elsewhere.
  const bool read_only = engine.probed.has_value();
  if (!(read_only && kind == isa::AccessKind::Write) && engine.fill(at, kind, *entry)) {
    if (read_only) entry->perms = static_cast<uc_prot>(entry->perms & ~UC_PROT_WRITE);
    return true;
  }
  if (engine.stop) return false;  // already told to stop, and this access comes after what did
  engine.stop = EngineStop::PageFault;
  engine.fault = {at, 1, kind};
  return false;
}

bool Engine::Impl::fill(GuestVa address, isa::AccessKind kind, uc_tlb_entry& entry) {
  const auto page = space->translate(address.align_down(kGranule));
  if (!page || !page->permissions.allow(kind)) return false;
  const Permissions& allowed = page->permissions;
  PhysicalMemory::CodeState& code = memory.code_state(page->address);
  unsigned perms = 0;
  entry.paddr = page->address.value;

  const auto slot = slot_of(address.align_down(kGranule));
  if (kind == isa::AccessKind::Execute) {
    if (!fill_code(address.align_down(kGranule), *page)) return false;
    perms = UC_PROT_EXEC;
    if (!slot && allowed.read) perms |= UC_PROT_READ;
  } else {
    if (allowed.read) perms |= UC_PROT_READ;
    if (allowed.write) perms |= UC_PROT_WRITE;
    if (slot) {
      slots[*slot].frame = page->address;
      entry.paddr = kWindow + std::uint64_t{*slot} * kGranule;
    } else if (allowed.write) {
      // What an instruction executed by itself writes next to itself: its translation goes right after it.
      if (code.executed && !(alone && code.conflicts >= kMostConflicts)) return change_use(page->address);
      code.written_freely = true;
    }
  }
  entry.perms = static_cast<uc_prot>(perms);
  return true;
}

// The granule becomes code, and is looked at as such before the engine translates anything in it.
bool Engine::Impl::fill_code(GuestVa granule, const Translation& page) {
  PhysicalMemory::CodeState& code = memory.code_state(page.address);
  // Where an instruction by itself writes next to itself, the engine fetches it once more after the write.
  if (code.written_freely && !(alone && code.conflicts >= kMostConflicts)) return change_use(page.address);
  if (!code.executed) {
    const UntranslatableCode found = look_for_untranslatable(memory.bytes(page.address, kGranule));
    code.unsafe = found.whole;
    code.open_end = found.open_end;
  }
  const auto before = space->translate(granule - kGranule);
  if (!alone && before && memory.code_state(before->address).open_end && joins(granule - kGranule))
    return change_use(before->address);
  const bool careful = code.unsafe || code.conflicts >= kMostConflicts || (code.open_end && joins(granule));
  if (careful && !alone) {
    if (!stop) refusal = Refusal::Alone;
    return false;
  }
  if (careful) stale_code.push_back(page.address);  // not to be found there by the next block
  code.executed = true;
  return true;
}

// Whether an untranslatable instruction that begins in the granule ends in the next one.
bool Engine::Impl::joins(GuestVa granule) const {
  constexpr std::uint64_t kLongest = 15;
  for (std::uint64_t left = 1; left < kLongest; ++left) {
    if (untranslatable(costs.code(*space, granule + (kGranule - left)))) return true;
  }
  return false;
}

// A granule that was written freely may be anywhere in the TLB as such, and one that was executed has
// translations: all goes, from outside of the run, and the instruction is tried again.
bool Engine::Impl::change_use(GuestPa granule) {
  PhysicalMemory::CodeState& code = memory.code_state(granule);
  if (code.conflicts < kMostConflicts) ++code.conflicts;
  stale_code.push_back(granule);
  if (!stop) refusal = Refusal::ChangedUse;
  return false;
}

void Engine::Impl::flush_tlb() {
  check(uc_ctl_flush_tlb(uc), "flush the TLB");
  tlb_dirty = false;
}

// Drops the translations of one granule, by its physical name: the engine finds them through its MMU, which
// is ours.
void Engine::Impl::forget_code(GuestPa granule) {
  filling = Filling::Identity;
  flush_tlb();
  check(uc_ctl_remove_cache(uc, granule.value, granule.value + kGranule), "drop translated code");
  filling = Filling::Guest;
  flush_tlb();
  memory.code_state(granule) = {.conflicts = memory.code_state(granule).conflicts};
  costs.forget(granule);
}

// --- Observed granules
// -----------------------------------------------------------------------------------------------------

std::optional<std::uint32_t> Engine::Impl::slot_of(GuestVa granule) {
  if (const auto known = slot_by_granule.find(granule.value); known != slot_by_granule.end())
    return known->second;
  if (gear == Gear::WatchedPages) return std::nullopt;
  if (slots.size() == kProbeSlot) return std::nullopt;
  slots.push_back({granule, {}});
  const auto slot = static_cast<std::uint32_t>(slots.size() - 1);
  slot_by_granule.emplace(granule.value, slot);
  return slot;
}

GuestVa Engine::Impl::slot_address(std::uint64_t window_address) const {
  const std::uint64_t offset = window_address - kWindow;
  if (offset / kGranule == kProbeSlot) return *probed + offset % kGranule;
  return slots[offset / kGranule].granule + offset % kGranule;
}

bool Engine::Impl::on_protected(uc_engine* /*uc*/, uc_mem_type type, std::uint64_t address, int size,
                                std::int64_t /*value*/, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  return engine.observed_access(
      {engine.slot_address(address), static_cast<std::uint32_t>(size), kind_of(type)});
}

bool Engine::Impl::observed_access(isa::Access access) {
  if (split.owns(access)) return true;
  split.clear();
  if (isa == isa::Isa::Ppc64) lower_half.begin(access);
  if (!judge->may_pass(access)) {
    stop = EngineStop::Veto;
    return false;
  }
  if (access.kind == isa::AccessKind::Write && access.address.offset_in(access.size) != 0)
    split.begin(access);
  return true;
}

// The engine cuts an access to the window into pieces of up to 8 bytes and takes values as numbers.
std::uint64_t Engine::Impl::on_device_read(uc_engine* /*uc*/, std::uint64_t offset, unsigned size,
                                           void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (offset / kGranule == kProbeSlot) return 0;  // part of a load that locate_fault() tries, and throws away
  const auto bytes = engine.memory.bytes(engine.slots[offset / kGranule].frame + offset % kGranule, size);
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) {
    const unsigned shift = isa::byte_order(engine.isa) == std::endian::little ? i : size - 1 - i;
    value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * shift);
  }
  return value;
}

void Engine::Impl::on_device_write(uc_engine* /*uc*/, std::uint64_t offset, unsigned size,
                                   std::uint64_t value, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (offset / kGranule == kProbeSlot) return;
  const GuestPa address = engine.slots[offset / kGranule].frame + offset % kGranule;
  const auto bytes = engine.memory.bytes(address, size);
  if (engine.isa == isa::Isa::Ppc64) engine.lower_half.stores(address, bytes);
  for (unsigned i = 0; i < size; ++i) {
    const unsigned shift = isa::byte_order(engine.isa) == std::endian::little ? i : size - 1 - i;
    bytes[i] = static_cast<std::byte>(value >> (8 * shift));
  }
  if (engine.memory.code_state(address).executed) {
    // The translation must go before the code can run: let the next block find its budget used.
    engine.stale_code.push_back(address.align_down(kGranule));
    engine.limit = engine.run_limit = 0;
  }
}

// --- Execution hooks
// -------------------------------------------------------------------------------------------------------

void Engine::Impl::on_execution_hook(uc_engine* uc, std::uint64_t address, std::uint32_t /*size*/,
                                     void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (!engine.stop) engine.keep_flags(GuestVa(address));
  // Of the two hooks of an instruction that is intercepted as well, that one goes first, and does both.
  if (!engine.intercepts.contains(address)) engine.before_execution(uc, address);
}

// Stops where an instruction breakpoint is, unless it is to be passed.
void Engine::Impl::before_execution(uc_engine* engine, std::uint64_t address) {
  if (stop) return;  // already told to stop
  const bool here = pass_at.value == address;
  if (std::exchange(pass_first, false) && here) {
    pass_repeat = repeat_count(GuestVa(address));
    if (pass_repeat) limit = 0;  // have every block go the long way, which finds the end of the REP
    return;
  }
  // RF stays set until a REP is complete: its next iteration, a count lower by one, is the same instruction.
  if (pass_repeat && here) {
    const auto left = repeat_count(GuestVa(address));
    const bool same = left && *left + 1 == *pass_repeat;
    pass_repeat = same ? left : std::nullopt;
    if (same) return;
  }
  if (!std::ranges::binary_search(execution_stops, address)) return;
  stop = EngineStop::ExecuteHook;
  uc_emu_stop(engine);
}

void Engine::Impl::add_intercept(GuestVa address) {
  intercepts.insert(address.value);
  if (gear == Gear::Everything) return;
  uc_hook hook = 0;
  check(uc_hook_add(uc, &hook, UC_HOOK_CODE, callback(on_intercept), this, address.value, address.value),
        "hook an instruction");
  if (const auto page = space->translate(address)) stale_code.push_back(page->address.align_down(kGranule));
}

void Engine::Impl::on_intercept(uc_engine* uc, std::uint64_t address, std::uint32_t /*size*/, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (engine.stop) return;
  if (engine.gear == Gear::WatchedPages) {
    engine.keep_flags(GuestVa(address));
    engine.before_execution(uc, address);
    if (engine.stop) return;
  }
  switch (engine.costs.intercept(*engine.space, GuestVa(address))) {
    case Intercept::None:
      return;  // the address belongs to other code by now
    case Intercept::HostValue:
      engine.stop = EngineStop::HostValue;
      break;
    case Intercept::HelperStore: {
      const auto store = engine.helper_store(GuestVa(address));
      if (store && engine.refuse_half_store(*store)) break;
      if (std::exchange(engine.pass_store, false) && engine.pass_at.value == address) return;
      if (engine.judge->may_store(store)) return;
      engine.stop = EngineStop::StoreVeto;
      break;
    }
    case Intercept::Alone:
      // The later iterations of a REP begin a block: there, the flags are in order.
      if (engine.stepping || std::exchange(engine.repeating, address) == address) return;
      engine.alone = Alone{GuestVa(address), GuestVa(address + 1)};
      engine.stop = EngineStop::Budget;
      break;
    case Intercept::Sensitive:
      engine.stop = EngineStop::Privileged;
      break;
  }
  uc_emu_stop(uc);
}

// Of a store into two granules, the engine does the part in the first before it looks at the second. A
// processor stores all or nothing.
bool Engine::Impl::refuse_half_store(const isa::Access& store) {
  const GuestVa first = store.address.align_down(kGranule);
  const GuestVa last = (store.address + (store.size - 1)).align_down(kGranule);
  if (store.size == 0 || first == last) return false;
  const auto allowed = [&](GuestVa granule) {
    const auto page = space->translate(granule);
    return page && page->permissions.allow(store.kind);
  };
  if (!allowed(first) || allowed(last)) return false;
  stop = EngineStop::PageFault;
  fault = {last, 1, store.kind};
  return true;
}

void Engine::Impl::on_intr(uc_engine* uc, std::uint32_t number, void* self) {
  Impl& engine = *static_cast<Impl*>(self);
  if (!engine.stop) engine.stop = EngineStop::Interrupt;
  engine.interrupt = number;
  engine.interrupted = true;
  uc_emu_stop(uc);
}

// --- Running
// ---------------------------------------------------------------------------------------------------------------

void Engine::Impl::read_pc() {
  const int reg =
      isa == isa::Isa::X86_64 ? static_cast<int>(UC_X86_REG_RIP) : static_cast<int>(UC_PPC_REG_PC);
  std::uint64_t value = 0;
  check(uc_reg_read(uc, reg, &value), "read the PC");
  pc = GuestVa(value);
}

EngineStop Engine::Impl::start() {
  interrupted = false;
  const uc_err error = uc_emu_start(uc, pc.value, 0, 0, 0);
  read_pc();
  if (interrupted) clear_exception(interrupt);
  if (stop == EngineStop::Interrupt) return on_interrupt(interrupt);
  if (stop) return *stop;
  if (error == UC_ERR_INSN_INVALID) return EngineStop::Invalid;
  failure = uc_strerror(error);
  return EngineStop::Failure;
}

// The engine translates a block whole before it executes any of it, so a fetch beyond its first instruction
// has failed at the block's start. Says from where to where its instructions are executed by themselves
// instead, which gets to that fetch.
std::optional<Engine::Impl::Alone> Engine::Impl::fetched_ahead() const {
  const GuestVa granule = fault.address.align_down(kGranule);
  if (pc.align_down(kGranule) == granule) {
    // Of a granule whose code is not to be translated together.
    if (refusal != Refusal::Alone) return std::nullopt;
    return Alone{granule, granule + kGranule};
  }
  return Alone{pc, granule};
}

// What becomes of the instruction at the PC without its being executed, where it would be by itself.
std::optional<EngineStop> Engine::Impl::before_alone(const RunOptions& options) const {
  const std::uint64_t cost = costs.of(costs.instruction(*space, pc));
  if (!options.step && cycles + cost > std::min(options.limit, kNoLimit)) return EngineStop::Budget;
  if (!untranslatable(costs.code(*space, pc))) return std::nullopt;
  const bool stops = !pass_first && std::ranges::binary_search(execution_stops, pc.value);
  return stops ? EngineStop::ExecuteHook : EngineStop::Invalid;
}

EngineStop Engine::Impl::run(AccessJudge& asked, RunOptions options) {
  judge = &asked;
  if (options.pass_first || options.pass_store || pass_at != pc) {
    pass_repeat.reset();
    pass_at = pc;
  }
  const GuestVa first = pc;
  bool begun = false;
  alone.reset();
  for (;;) {
    // Anew where the run goes on below with nothing executed yet.
    begun |= pc != first;
    pass_first = options.pass_first && !begun;
    pass_store = options.pass_store && !begun;
    for (const GuestPa granule : stale_code) forget_code(granule);
    stale_code.clear();
    if (tlb_dirty || space->revision() != space_revision) {
      if (space->revision() != space_revision) costs.forget_virtual();
      space_revision = space->revision();
      flush_tlb();
    }
    stop.reset();
    split.clear();
    refusal = Refusal::None;
    block_size = 0;
    if (alone && !alone->holds(pc)) alone.reset();
    if (alone) {
      if (const auto instead = before_alone(options)) return *instead;
    }
    const bool step = stepping = options.step || alone;
    run_limit = step ? kNoLimit : std::min(options.limit, kNoLimit);
    untraced_step = step && untraced(pc);
    step_begun = false;
    limit = pass_repeat || untraced_step ? 0 : run_limit;
    if (step) begin_step();
    const EngineStop result = start();
    const bool completed = result == EngineStop::Stepped;
    if (completed) cycles += extra_step_cycles();
    if (step) end_step(completed);
    const bool fetch = result == EngineStop::PageFault && fault.kind == isa::AccessKind::Execute;
    const bool between_blocks =
        completed || result == EngineStop::SystemCall || result == EngineStop::Budget || fetch;
    put_back_flags(!between_blocks || (result == EngineStop::Budget && gear == Gear::Everything));
    last_block_size = block_size;
    const bool cut = untraced_step && pc.value > block_address && pc.value < block_address + block_size;
    if (between_blocks && !cut) block_size = 0;
    settle();
    if (completed && !options.step && !guest_steps() && alone) {
      begun = true;
      if (alone->first + 1 == alone->end) alone.reset();
      continue;
    }
    if (result == EngineStop::Budget) {
      const auto found = costs.take_intercepts();
      for (const GuestVa address : found) add_intercept(address);
      if (!found.empty() || alone) continue;
      if (!stale_code.empty()) continue;  // written by the guest: it goes before anything of it can run
    }
    if (refusal == Refusal::ChangedUse) continue;
    if (fetch && !alone) {
      alone = fetched_ahead();
      if (alone) continue;
    }
    return result;
  }
}

}  // namespace trapline::machine
