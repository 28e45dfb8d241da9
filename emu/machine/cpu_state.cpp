#include "emu/machine/cpu_state.hpp"

#include <utility>

#include "emu/machine/machine.hpp"

namespace trapline::machine {

CpuState::CpuState() = default;
CpuState::~CpuState() { leave(); }

CpuState::CpuState(CpuState&& other) noexcept { take_place_of(other); }

CpuState& CpuState::operator=(CpuState&& other) noexcept {
  if (this == &other) return *this;
  leave();
  take_place_of(other);
  return *this;
}

void CpuState::leave() {
  if (Machine* const machine = std::exchange(in_engine_of_, nullptr)) machine->in_engine_ = nullptr;
  if (Cpu* const cpu = std::exchange(used_by_, nullptr)) cpu->state_ = &cpu->own_;
}

void CpuState::take_place_of(CpuState& other) {
  impl_ = std::move(other.impl_);
  debug_ = std::exchange(other.debug_, {});
  in_engine_of_ = std::exchange(other.in_engine_of_, nullptr);
  used_by_ = std::exchange(other.used_by_, nullptr);
  if (in_engine_of_ != nullptr) in_engine_of_->in_engine_ = this;
  if (used_by_ != nullptr) used_by_->state_ = this;
}

}  // namespace trapline::machine
