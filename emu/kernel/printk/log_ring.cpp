#include "emu/kernel/printk/log_ring.hpp"

#include <algorithm>
#include <utility>

namespace trapline::kernel {

namespace {

// With the number that each block of text begins with, aligned to it.
std::size_t block_size(const LogRecord& record) {
  constexpr std::size_t kWord = 8;
  return kWord + (record.text.size() + kWord - 1) / kWord * kWord;
}

}  // namespace

void LogRing::add(LogRecord record) {
  constexpr std::size_t kAverage = 32;  // bytes of a message, by which Linux counts out descriptors
  record.seq = next_++;
  used_ += block_size(record);
  records_.push_back(std::move(record));
  while (used_ > kBytes || records_.size() > kBytes / kAverage) {
    used_ -= block_size(records_.front());
    records_.pop_front();
  }
}

const LogRecord* LogRing::at(std::uint64_t seq) const {
  if (seq >= next_) return nullptr;
  return &records_[std::max(seq, first()) - first()];
}

}  // namespace trapline::kernel
