// The ring buffer of perf records (struct perf_buffer; perf_event_open(2), "MMAP layout"): a user page, and
// 2^n pages of records, in memory that guests map. It lives for as long as somebody has it mapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "emu/kernel/mm/shared_memory.hpp"

namespace trapline::kernel {

class PerfEvent;

class RingBuffer {
 public:
  // `data_pages`: 0 or a power of two. `watermark`: bytes after which a reader is woken; 0: half of the
  // buffer. `overwrite`: mapped without PROT_WRITE, so that what is old makes room. The memory is made whole,
  // at once; null: it is used up. The caller has the only share of `memory`.
  static std::shared_ptr<RingBuffer> make(machine::Machine& machine, std::uint64_t page_size,
                                          std::uint64_t data_pages, std::uint64_t watermark, bool overwrite,
                                          std::shared_ptr<SharedMemory>& memory);

  // What mappings show; null when there are none left, and the buffer with it.
  std::shared_ptr<SharedMemory> memory() const { return memory_.lock(); }
  bool mapped() const { return !memory_.expired(); }
  std::uint64_t data_pages() const { return data_size_ / page_size_; }
  // Whether the user page asks for an auxiliary buffer there (aux_offset, aux_size).
  bool aux_fits(std::uint64_t offset, std::uint64_t size) const;

  enum class Append : std::uint8_t {
    Done,
    Lost,     // there was no room, or the buffer is paused: lost() is one more
    Nowhere,  // it has no data pages, or nobody has it mapped any more
  };
  // Puts a record in. Where lost() is not 0, `lost_record` tells of it and goes in first; else it is empty.
  Append append(std::span<const std::byte> record, std::span<const std::byte> lost_record, bool backward);
  // Records for which there was no room since the last that went in.
  std::uint64_t lost() const { return lost_; }

  // A sample went in, of an event that wants to be woken every so many (0: not by their number).
  void count_sample(std::int32_t wakeup_events);
  // Whether a reader is to be woken since this was last asked; poll_in says so, too.
  bool take_wakeup();
  std::uint64_t wakeups() const { return wakeups_; }  // how often that was so

  // The user page's fields that concern the event that the buffer was made for. Times in nanoseconds.
  void update_user_page(std::uint64_t count, std::uint64_t time_enabled, std::uint64_t time_running);

  bool paused = false;             // PERF_EVENT_IOC_PAUSE_OUTPUT
  bool poll_in = false;            // what poll(2) shows next, once (rb->poll)
  std::vector<PerfEvent*> events;  // whose output comes here, in the order in which they came

 private:
  RingBuffer() = default;

  bool has_space(std::uint64_t size, bool backward) const;
  void copy_in(std::uint64_t at, std::span<const std::byte> bytes);
  std::uint64_t load(std::uint64_t field, unsigned size) const;
  void store(std::uint64_t field, std::uint64_t value, unsigned size);

  machine::Machine* machine_ = nullptr;
  std::weak_ptr<SharedMemory> memory_;
  std::vector<GuestPa> frames_;  // of the memory, which holds them: valid while it is mapped
  std::uint64_t page_size_ = 0;
  std::uint64_t data_size_ = 0;
  std::uint64_t watermark_ = 0;
  bool overwrite_ = false;
  std::uint64_t head_ = 0;  // grows forever; backward it begins at 0 and goes down
  std::uint64_t lost_ = 0;
  // Goes up by the watermark when head_ is so far past it, and by one for each other wake-up (rb->wakeup).
  std::uint64_t wakeup_ = 0;
  std::uint64_t wakeup_seen_ = 0;
  std::uint64_t wakeups_ = 0;
  std::int32_t events_since_ = 0;  // samples since the last wake-up by their number (rb->events)
};

}  // namespace trapline::kernel
