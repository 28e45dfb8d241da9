#include "emu/machine/engine.hpp"

#include <algorithm>

#include "emu/machine/engine_impl.hpp"

namespace trapline::machine {

namespace {

// With few granules observed, lists and flushes stay short; past that the oldest are dropped.
constexpr std::size_t kLingeringSlots = 64;
constexpr std::size_t kMostExecutionHooks = 256;

}  // namespace

void CpuState::Release::operator()(Impl* impl) const {
  delete impl;  // NOLINT(cppcoreguidelines-owning-memory): this is the deleter of impl_
}

Engine::Engine(isa::Isa isa, PhysicalMemory& memory, const EngineSpec& spec)
    : impl_(isa == isa::Isa::X86_64 ? make_x86_engine(memory, spec) : make_ppc64_engine(memory, spec)) {
  impl_->enter_user_mode();
  if (isa == isa::Isa::Ppc64) impl_->pack_states();
  impl_->start_clock();
}

Engine::~Engine() = default;

CpuState Engine::fresh_state() {
  CpuState state;
  impl_->pc = GuestVa(0);
  save(state);
  return state;
}

void Engine::save(CpuState& state) {
  if (state.empty()) state.impl_.reset(new CpuState::Impl);
  CpuState::Impl& saved = *state.impl_;
  if (impl_->packer) {
    impl_->packer->save(saved.packed);
  } else {
    if (!saved.context) saved.context = make_context(impl_->uc);
    check(uc_context_save(impl_->uc, saved.context.get()), "save a CPU state");
  }
  saved.pc = impl_->pc;
}

void Engine::load(const CpuState& state) {
  const CpuState::Impl& saved = *state.impl_;
  if (impl_->packer) {
    impl_->packer->load(saved.packed);
  } else {
    check(uc_context_restore(impl_->uc, saved.context.get()), "load a CPU state");
  }
  impl_->pc = saved.pc;
  impl_->pass_repeat.reset();  // it was another program's
}

GuestVa Engine::pc() const { return impl_->pc; }
void Engine::set_pc(GuestVa pc) { impl_->pc = pc; }

void Engine::use(const AddressSpace& space) {
  if (impl_->space == &space) return;
  impl_->space = &space;
  impl_->space_revision = space.revision();
  impl_->tlb_dirty = true;
  impl_->costs.forget_virtual();
}

void Engine::forget(const AddressSpace& space) {
  if (impl_->space == &space) impl_->space = nullptr;
}

void Engine::observe(std::span<const GuestVa> granules) {
  Impl& engine = *impl_;
  if (engine.gear == Gear::Everything) return;
  // A granule that is no longer wanted keeps its slot: to observe it costs little, and it is often wanted
  // again at once.
  if (engine.slots.size() > kLingeringSlots + granules.size()) {
    engine.slots.clear();
    engine.slot_by_granule.clear();
    engine.tlb_dirty = true;
  }
  for (const GuestVa granule : granules) {
    if (engine.slot_by_granule.contains(granule.value)) continue;
    engine.slot_by_granule.emplace(granule.value, static_cast<std::uint32_t>(engine.slots.size()));
    engine.slots.push_back({granule, {}});
    engine.tlb_dirty = true;
  }
}

void Engine::hook_execution(std::span<const GuestVa> addresses) {
  Impl& engine = *impl_;
  engine.execution_stops.clear();
  for (const GuestVa address : addresses) engine.execution_stops.push_back(address.value);
  std::ranges::sort(engine.execution_stops);
  if (engine.gear == Gear::Everything) return;
  if (engine.execution_hooks.size() > kMostExecutionHooks) {
    for (const auto& [address, hook] : engine.execution_hooks) uc_hook_del(engine.uc, hook);
    engine.execution_hooks.clear();
    engine.hooked_code.clear();
  }
  for (const std::uint64_t address : engine.execution_stops) {
    if (!engine.execution_hooks.contains(address)) {
      uc_hook hook = 0;
      check(uc_hook_add(engine.uc, &hook, UC_HOOK_CODE, callback(Impl::on_execution_hook), &engine, address,
                        address),
            "hook an instruction");
      engine.execution_hooks.emplace(address, hook);
    }
    // Code that was translated before the hook came does not call it.
    const auto page = engine.space == nullptr ? std::nullopt : engine.space->translate(GuestVa(address));
    if (page && engine.hooked_code.insert(page->address.value).second &&
        engine.memory.code_state(page->address).executed) {
      engine.stale_code.push_back(page->address.align_down(kGranule));
    }
  }
}

std::uint64_t Engine::clock() const { return impl_->cycles; }
void Engine::set_clock(std::uint64_t cycles) { impl_->cycles = cycles; }
std::uint64_t Engine::latest_counter() const { return impl_->latest_counter; }

EngineStop Engine::run(AccessJudge& judge, RunOptions options) { return impl_->run(judge, options); }

GuestVa Engine::locate_fault(GuestVa granule, isa::AccessKind kind) {
  class FirstOnGranule final : public AccessJudge {
   public:
    FirstOnGranule(GuestVa wanted, isa::AccessKind kind) : wanted_(wanted), kind_(kind) {}
    bool may_pass(const isa::Access& access) override {
      // The last granule has no end that could be compared with.
      if (access.kind != kind_ || access.address + (access.size - 1) < wanted_ ||
          access.address > wanted_ + (kGranule - 1))
        return true;
      if (!found_) found_ = std::max(access.address, wanted_);
      return false;
    }
    bool may_store(const std::optional<isa::Access>& /*store*/) override { return true; }
    GuestVa found() const { return found_.value_or(wanted_); }

   private:
    GuestVa wanted_;
    isa::AccessKind kind_;
    std::optional<GuestVa> found_;
  };
  CpuState before;
  save(before);
  const std::uint64_t cycles = impl_->cycles;
  const isa::Access fault = impl_->fault;
  FirstOnGranule judge(granule, kind);
  impl_->probed = granule;
  impl_->tlb_dirty = true;
  impl_->run(judge, {.step = true, .pass_store = true});
  impl_->probed.reset();
  impl_->tlb_dirty = true;
  impl_->cycles = cycles;
  impl_->fault = fault;
  load(before);
  return judge.found();
}

isa::Access Engine::fault() const { return impl_->fault; }
unsigned Engine::interrupt() const { return impl_->interrupt; }
const char* Engine::failure() const { return impl_->failure; }

void Engine::take_back_lower_half() {
  for (const auto& [address, byte] : impl_->lower_half.take()) {
    impl_->memory.bytes(address, 1).front() = byte;
    code_written(address, 1);
  }
}

void Engine::code_written(GuestPa address, std::uint64_t size) {
  for (GuestPa at = address.align_down(kGranule); at < address + size; at = at + kGranule) {
    if (impl_->memory.code_state(at).executed) impl_->stale_code.push_back(at);
  }
}

isa::Instruction Engine::instruction(GuestVa pc) const { return impl_->costs.instruction(*impl_->space, pc); }

GuestVa Engine::last_instruction() const {
  GuestVa last(impl_->block_address);
  const GuestVa end = last + impl_->last_block_size;
  for (GuestVa at = last; at < end;) {
    last = at;
    const std::uint8_t size = instruction(at).size;
    if (size == 0) break;
    at = at + size;
  }
  return last;
}

std::optional<std::uint64_t> Engine::repeat_count(GuestVa pc) const { return impl_->repeat_count(pc); }

std::vector<std::byte> Engine::code(GuestVa pc) const {
  const BlockCosts::Code code = impl_->costs.code(*impl_->space, pc);
  const std::span<const std::byte> bytes = code;
  return {bytes.begin(), bytes.end()};
}

}  // namespace trapline::machine
