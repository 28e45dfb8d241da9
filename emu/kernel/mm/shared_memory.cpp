#include "emu/kernel/mm/shared_memory.hpp"

#include <algorithm>
#include <vector>

namespace trapline::kernel {

SharedMemory::SharedMemory(machine::Machine& machine, std::uint64_t size, std::unique_ptr<PageStore> store)
    : machine_(machine), size_(size), number_(machine.memory().next_owner()), store_(std::move(store)) {}

SharedMemory::~SharedMemory() {
  write_back(0, size_);
  for (const auto& [offset, frame] : frames_) machine_.memory().release_frame(frame);
}

std::optional<GuestPa> SharedMemory::frame(std::uint64_t offset) {
  if (const auto known = frames_.find(offset); known != frames_.end()) return known->second;
  std::vector<std::byte> bytes(store_ ? machine_.memory().frame_size() : 0);
  if (store_ && !store_->read(offset, bytes)) return std::nullopt;
  const auto frame = machine_.allocate_frame();
  if (!frame) return frame;
  machine_.write(*frame, bytes);
  frames_.emplace(offset, *frame);
  return frame;
}

void SharedMemory::resize(std::uint64_t size) {
  size_ = size;
  const auto gone = frames_.lower_bound(size);
  for (auto page = gone; page != frames_.end(); ++page) machine_.memory().release_frame(page->second);
  frames_.erase(gone, frames_.end());
  soiled_.erase(soiled_.lower_bound(size), soiled_.end());
}

bool SharedMemory::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::uint64_t page = machine_.memory().frame_size();
  while (!bytes.empty()) {
    const std::uint64_t in_page = offset % page;
    const std::uint64_t here = std::min<std::uint64_t>(bytes.size(), page - in_page);
    const auto to = frame(offset - in_page);
    if (!to) return false;
    machine_.write(*to + in_page, bytes.first(here));
    bytes = bytes.subspan(here);
    offset += here;
  }
  return true;
}

void SharedMemory::read(std::uint64_t offset, std::span<std::byte> out) const {
  const std::uint64_t page = machine_.memory().frame_size();
  while (!out.empty()) {
    const std::uint64_t in_page = offset % page;
    const std::uint64_t here = std::min<std::uint64_t>(out.size(), page - in_page);
    if (const auto from = frames_.find(offset - in_page); from != frames_.end()) {
      std::ranges::copy(machine_.memory().bytes(from->second + in_page, here), out.begin());
    } else if (store_ == nullptr || !store_->read(offset, out.first(here))) {
      std::ranges::fill(out.first(here), std::byte{0});
    }
    out = out.subspan(here);
    offset += here;
  }
}

void SharedMemory::overwrite(std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::uint64_t page = machine_.memory().frame_size();
  while (!bytes.empty()) {
    const std::uint64_t in_page = offset % page;
    const std::uint64_t here = std::min<std::uint64_t>(bytes.size(), page - in_page);
    if (const auto to = frames_.find(offset - in_page); to != frames_.end())
      machine_.write(to->second + in_page, bytes.first(here));
    bytes = bytes.subspan(here);
    offset += here;
  }
}

void SharedMemory::soil(std::uint64_t offset) {
  if (store_ != nullptr && soiled_.insert(offset).second) store_->changes();
}

void SharedMemory::write_back(std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t page = machine_.memory().frame_size();
  for (auto at = soiled_.lower_bound(offset); at != soiled_.end() && *at - offset < size; ++at)
    store_->write(*at, machine_.memory().bytes(frames_.at(*at), page));
}

void SharedMemory::punch(std::uint64_t offset, std::uint64_t size) {
  const std::vector<std::byte> zeros(machine_.memory().frame_size());
  if (store_ != nullptr) {
    for (std::uint64_t at = offset; at < std::min(offset + size, size_); at += zeros.size())
      store_->write(at, zeros);
  }
  // The frames stay, so that no mapping of them need be found.
  for (auto page = frames_.lower_bound(offset); page != frames_.end() && page->first - offset < size;
       ++page) {
    machine_.write(page->second, zeros);
  }
}

}  // namespace trapline::kernel
