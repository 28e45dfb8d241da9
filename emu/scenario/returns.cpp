#include "emu/scenario/returns.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace trapline::scenario {

namespace {

std::uint64_t stack_pointer(machine::Cpu& cpu) {
  return cpu.isa() == isa::Isa::X86_64 ? cpu.get(isa::x86::Reg::rsp) : cpu.get(isa::ppc64::gpr(1));
}

}  // namespace

Returns::~Returns() {
  for (const auto& [address, place] : places_) kernel_.machine().observers().remove(place.observer);
}

void Returns::await(kernel::Task& task, const Frame& frame, Callee callee, Reached reached) {
  const std::uint64_t address = frame.return_address;
  const auto [place, fresh] = places_.try_emplace(address);
  if (fresh) {
    place->second.observer = kernel_.machine().observers().add(
        {.first = isa::GuestVa(address), .size = 1, .executes = true, .before = true},
        [this, address](const machine::Observation& what) { returned(address, what.cpu); });
  }
  auto& calls = place->second.calls[task.tid()];
  std::erase_if(calls, [&](const Call& call) { return call.frame == frame.cfa && call.callee == callee; });
  calls.push_back({frame.cfa, callee, std::move(reached)});
}

bool Returns::awaits(const kernel::Task& task, const Frame& frame, Callee callee) const {
  const auto place = places_.find(frame.return_address);
  if (place == places_.end()) return false;
  const auto calls = place->second.calls.find(task.tid());
  return calls != place->second.calls.end() && std::ranges::any_of(calls->second, [&](const Call& call) {
           return call.frame == frame.cfa && call.callee == callee;
         });
}

// The stack pointer is then what the frame began at. Of a function that calls itself, other calls return
// there as well, and so do those on other stacks.
void Returns::returned(std::uint64_t address, machine::Cpu& cpu) {
  kernel::Task* const task = kernel_.scheduler().running(cpu.index());
  const auto place = places_.find(address);
  if (task == nullptr || place == places_.end()) return;
  const auto calls = place->second.calls.find(task->tid());
  if (calls == place->second.calls.end()) return;
  const std::uint64_t stack = stack_pointer(cpu);
  const auto returned =
      std::ranges::stable_partition(calls->second, [stack](const Call& call) { return call.frame != stack; });
  std::vector<Call> over(std::move_iterator(returned.begin()), std::move_iterator(returned.end()));
  calls->second.erase(returned.begin(), returned.end());
  if (calls->second.empty()) place->second.calls.erase(calls);
  if (place->second.calls.empty()) drop_empty();
  for (const Call& call : over | std::views::reverse) call.reached(cpu, *task);
}

void Returns::copy(int parent, int child) {
  for (auto& [address, place] : places_) {
    const auto calls = place.calls.find(parent);
    if (calls == place.calls.end()) continue;
    std::vector<Call> copied = calls->second;
    place.calls[child] = std::move(copied);
  }
}

void Returns::forget(int task) {
  for (auto& [address, place] : places_) place.calls.erase(task);
  drop_empty();
}

void Returns::drop_empty() {
  for (auto place = places_.begin(); place != places_.end();) {
    const bool empty = place->second.calls.empty();
    if (empty) kernel_.machine().observers().remove(place->second.observer);
    place = empty ? places_.erase(place) : std::next(place);
  }
}

}  // namespace trapline::scenario
