#include "emu/kernel/mm/shared_memory.hpp"

#include <vector>

namespace trapline::kernel {

SharedMemory::SharedMemory(machine::Machine& machine, std::uint64_t size)
    : machine_(machine), size_(size), number_(machine.memory().next_owner()) {}

SharedMemory::~SharedMemory() {
  for (const auto& [offset, frame] : frames_) machine_.memory().release_frame(frame);
}

std::optional<GuestPa> SharedMemory::frame(std::uint64_t offset) {
  if (const auto known = frames_.find(offset); known != frames_.end()) return known->second;
  const auto frame = machine_.allocate_frame();
  if (frame) frames_.emplace(offset, *frame);
  return frame;
}

void SharedMemory::punch(std::uint64_t offset, std::uint64_t size) {
  const std::vector<std::byte> zeros(machine_.memory().frame_size());
  // The frames stay, so that no mapping of them need be found.
  for (auto page = frames_.lower_bound(offset); page != frames_.end() && page->first - offset < size;
       ++page) {
    machine_.write(page->second, zeros);
  }
}

}  // namespace trapline::kernel
