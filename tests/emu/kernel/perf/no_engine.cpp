// In place of the engine, for tests of what needs none: it has no registers and runs nothing. That this is
// enough to link the perf core shows that the core is pure.
#include <stdexcept>

#include "emu/machine/engine.hpp"

namespace trapline::machine {

struct Engine::Impl {
  [[noreturn]] static void none() { throw std::logic_error("this test has no engine"); }
};
struct CpuState::Impl {};

void CpuState::Release::operator()(Impl* /*impl*/) const {}

Engine::Engine(isa::Isa /*isa*/, PhysicalMemory& /*memory*/, const EngineSpec& /*spec*/) {}
Engine::~Engine() = default;
CpuState Engine::fresh_state() { return {}; }
void Engine::forget(const AddressSpace& /*space*/) {}
void Engine::code_written(GuestPa /*address*/, std::uint64_t /*size*/) {}
std::uint64_t Engine::latest_counter() const { return 0; }
std::uint64_t Engine::clock() const { Impl::none(); }
void Engine::set_clock(std::uint64_t /*cycles*/) { Impl::none(); }
void Engine::save(CpuState& /*state*/) { Impl::none(); }
void Engine::load(const CpuState& /*state*/) {}
std::uint64_t Engine::get(isa::x86::Reg /*reg*/) const { return 0; }
void Engine::set(isa::x86::Reg /*reg*/, std::uint64_t /*value*/) { Impl::none(); }
std::uint64_t Engine::get(isa::ppc64::Reg /*reg*/) const { return 0; }
void Engine::set(isa::ppc64::Reg /*reg*/, std::uint64_t /*value*/) { Impl::none(); }
GuestVa Engine::pc() const { return {}; }
void Engine::set_pc(GuestVa /*pc*/) { Impl::none(); }
FxsaveImage Engine::fp_state() const { Impl::none(); }
void Engine::set_fp_state(const FxsaveImage& /*image*/) { Impl::none(); }
VsxState Engine::vsx_state() const { Impl::none(); }
void Engine::set_vsx_state(const VsxState& /*registers*/) { Impl::none(); }
void Engine::use(const AddressSpace& /*space*/) { Impl::none(); }
void Engine::observe(std::span<const GuestVa> /*granules*/) { Impl::none(); }
void Engine::hook_execution(std::span<const GuestVa> /*addresses*/) { Impl::none(); }
EngineStop Engine::run(AccessJudge& /*judge*/, RunOptions /*options*/) { Impl::none(); }
GuestVa Engine::locate_fault(GuestVa /*granule*/, isa::AccessKind /*kind*/) { Impl::none(); }
isa::Access Engine::fault() const { Impl::none(); }
unsigned Engine::interrupt() const { Impl::none(); }
const char* Engine::failure() const { Impl::none(); }
void Engine::take_back_lower_half() { Impl::none(); }
isa::Instruction Engine::instruction(GuestVa /*pc*/) const { Impl::none(); }
GuestVa Engine::last_instruction() const { Impl::none(); }
std::optional<std::uint64_t> Engine::repeat_count(GuestVa /*pc*/) const { Impl::none(); }
std::vector<std::byte> Engine::code(GuestVa /*pc*/) const { Impl::none(); }

}  // namespace trapline::machine
