// A call chain while it is collected (struct perf_callchain_entry_ctx): addresses, innermost first, each part
// after a marker that says whose code it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "emu/kernel/perf/attr.hpp"
#include "isa/address.hpp"

namespace trapline::kernel {

// enum perf_callchain_context
inline constexpr std::uint64_t kPerfContextKernel = ~std::uint64_t{0} - 127;
inline constexpr std::uint64_t kPerfContextUser = ~std::uint64_t{0} - 511;

class PerfCallchain {
 public:
  // At most `max_stack` addresses, and no more than kMaxStack.
  explicit PerfCallchain(std::uint16_t max_stack) : room_(max_stack < kMaxStack ? max_stack : kMaxStack) {}

  bool full() const { return room_ == 0; }
  void store(isa::GuestVa address) {
    if (full()) return;
    --room_;
    entries_[count_++] = address.value;
  }
  // With as many markers as there may be, the chain ends.
  void store_context(std::uint64_t context) {
    if (contexts_ == kMaxContexts) {
      room_ = 0;
      return;
    }
    ++contexts_;
    entries_[count_++] = context;
  }

  std::span<const std::uint64_t> entries() const { return std::span(entries_).first(count_); }

 private:
  static constexpr unsigned kMaxContexts = 8;  // kernel.perf_event_max_contexts_per_stack

  std::array<std::uint64_t, kMaxStack + kMaxContexts> entries_{};
  std::size_t count_ = 0;
  std::uint32_t room_;
  unsigned contexts_ = 0;
};

}  // namespace trapline::kernel
