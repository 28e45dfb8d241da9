#include "emu/kernel/perf/ring_buffer.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

// struct perf_event_mmap_page, linux/perf_event.h.
namespace page {
constexpr std::uint64_t kLock = 8;
constexpr std::uint64_t kOffset = 16;
constexpr std::uint64_t kTimeEnabled = 24;
constexpr std::uint64_t kTimeRunning = 32;
constexpr std::uint64_t kCapabilities = 40;
constexpr std::uint64_t kSize = 72;
constexpr std::uint64_t kReserved = 96;
constexpr std::uint64_t kDataHead = 1024;
constexpr std::uint64_t kDataTail = 1032;
constexpr std::uint64_t kDataOffset = 1040;
constexpr std::uint64_t kDataSize = 1048;
constexpr std::uint64_t kAuxOffset = 1072;
constexpr std::uint64_t kAuxSize = 1080;
}  // namespace page

// cap_bit0_is_deprecated, the second of the bit fields: these begin with the highest bit on big-endian ABIs.
constexpr std::uint64_t capabilities(isa::Isa isa) {
  return isa::byte_order(isa) == std::endian::little ? std::uint64_t{1} << 1 : std::uint64_t{1} << 62;
}

}  // namespace

std::shared_ptr<RingBuffer> RingBuffer::make(machine::Machine& machine, std::uint64_t page_size,
                                             std::uint64_t data_pages, std::uint64_t watermark,
                                             bool overwrite, std::shared_ptr<SharedMemory>& memory) {
  const std::uint64_t size = (1 + data_pages) * page_size;
  memory = std::make_shared<SharedMemory>(machine, size);
  std::shared_ptr<RingBuffer> buffer(new RingBuffer);
  for (std::uint64_t at = 0; at < size; at += page_size) {
    const auto frame = memory->frame(at);
    if (!frame) {
      memory.reset();
      return nullptr;
    }
    buffer->frames_.push_back(*frame);
  }
  buffer->machine_ = &machine;
  buffer->memory_ = memory;
  buffer->page_size_ = page_size;
  buffer->data_size_ = data_pages * page_size;
  buffer->watermark_ = watermark != 0 ? std::min(buffer->data_size_, watermark) : buffer->data_size_ / 2;
  buffer->overwrite_ = overwrite;
  buffer->store(page::kCapabilities, capabilities(machine.isa()), 8);
  buffer->store(page::kSize, page::kReserved, 4);
  buffer->store(page::kDataOffset, page_size, 8);
  buffer->store(page::kDataSize, buffer->data_size_, 8);
  return buffer;
}

std::uint64_t RingBuffer::load(std::uint64_t field, unsigned size) const {
  return isa::load_word(machine_->memory().bytes(frames_.front() + field, size),
                        isa::byte_order(machine_->isa()));
}

void RingBuffer::store(std::uint64_t field, std::uint64_t value, unsigned size) {
  std::array<std::byte, 8> bytes{};
  const std::span<std::byte> word = std::span(bytes).first(size);
  isa::store_word(word, value, isa::byte_order(machine_->isa()));
  machine_->write(frames_.front() + field, word);
}

// One byte always stays free: head and tail are equal in an empty buffer only. The tail is whatever the guest
// wrote there.
bool RingBuffer::has_space(std::uint64_t size, bool backward) const {
  const std::uint64_t tail = load(page::kDataTail, 8);
  const std::uint64_t free = (backward ? head_ - tail - 1 : tail - head_ - 1) & (data_size_ - 1);
  return free >= size;
}

void RingBuffer::copy_in(std::uint64_t at, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::uint64_t place = at & (data_size_ - 1);
    const std::uint64_t in_page = place % page_size_;
    const std::uint64_t here = std::min<std::uint64_t>(bytes.size(), page_size_ - in_page);
    machine_->write(frames_[1 + place / page_size_] + in_page, bytes.first(here));
    bytes = bytes.subspan(here);
    at += here;
  }
}

RingBuffer::Append RingBuffer::append(std::span<const std::byte> record,
                                      std::span<const std::byte> lost_record, bool backward) {
  if (data_size_ == 0 || !mapped()) return Append::Nowhere;
  const std::uint64_t size = lost_record.size() + record.size();
  if (paused || (!overwrite_ && !has_space(size, backward))) {
    ++lost_;
    return Append::Lost;
  }
  const std::uint64_t old = head_;
  head_ = backward ? old - size : old + size;
  const std::uint64_t start = backward ? head_ : old;
  const std::uint64_t written = backward ? 0 - head_ : head_;  // in all
  if (written - wakeup_ > watermark_) wakeup_ += watermark_;
  lost_ = 0;
  copy_in(start, lost_record);
  copy_in(start + lost_record.size(), record);
  store(page::kDataHead, head_, 8);
  return Append::Done;
}

bool RingBuffer::aux_fits(std::uint64_t offset, std::uint64_t size) const {
  const std::uint64_t wanted = load(page::kAuxOffset, 8);
  if (wanted < page_size_ + data_size_ || wanted != offset) return false;
  return load(page::kAuxSize, 8) == size && std::has_single_bit(size / page_size_);
}

// All of these are ints, and wrap.
void RingBuffer::count_sample(std::int32_t wakeup_events) {
  if (wakeup_events == 0) return;
  (void)__builtin_add_overflow(events_since_, 1, &events_since_);
  if (events_since_ < wakeup_events) return;
  (void)__builtin_sub_overflow(events_since_, wakeup_events, &events_since_);
  ++wakeup_;
}

bool RingBuffer::take_wakeup() {
  if (wakeup_seen_ == wakeup_) return false;
  wakeup_seen_ = wakeup_;
  poll_in = true;
  ++wakeups_;
  return true;
}

void RingBuffer::update_user_page(std::uint64_t count, std::uint64_t time_enabled,
                                  std::uint64_t time_running) {
  if (!mapped()) return;
  // Readers compare the sequence lock before and after; nobody reads in between.
  store(page::kLock, load(page::kLock, 4) + 2, 4);
  store(page::kOffset, count, 8);
  store(page::kTimeEnabled, time_enabled, 8);
  store(page::kTimeRunning, time_running, 8);
}

}  // namespace trapline::kernel
