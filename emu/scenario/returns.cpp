#include "emu/scenario/returns.hpp"

#include <iterator>
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

void Returns::await(kernel::Task& task, const Frame& frame, Reached reached) {
  const std::uint64_t address = frame.return_address;
  const auto [place, fresh] = places_.try_emplace(address);
  if (fresh) {
    place->second.observer = kernel_.machine().observers().add(
        {.first = isa::GuestVa(address), .size = 1, .executes = true, .before = true},
        [this, address](const machine::Observation& what) { returned(address, what.cpu); });
  }
  place->second.calls[task.tid()].push_back({frame.cfa, std::move(reached)});
}

bool Returns::awaits(const kernel::Task& task, const Frame& frame) const {
  const auto place = places_.find(frame.return_address);
  if (place == places_.end()) return false;
  const auto calls = place->second.calls.find(task.tid());
  return calls != place->second.calls.end() && calls->second.back().frame == frame.cfa;
}

// A stack grows downwards: of calls that return to one place, as of a function that calls itself, those are
// over whose frames the stack pointer has left.
void Returns::returned(std::uint64_t address, machine::Cpu& cpu) {
  kernel::Task* const task = kernel_.scheduler().running(cpu.index());
  const auto place = places_.find(address);
  if (task == nullptr || place == places_.end()) return;
  const auto calls = place->second.calls.find(task->tid());
  if (calls == place->second.calls.end()) return;
  const std::uint64_t stack = stack_pointer(cpu);
  std::vector<Call> over;
  for (; !calls->second.empty() && stack >= calls->second.back().frame; calls->second.pop_back())
    over.push_back(std::move(calls->second.back()));
  if (calls->second.empty()) place->second.calls.erase(calls);
  if (place->second.calls.empty()) drop_empty();
  for (const Call& call : over) call.reached(cpu, *task);
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
