// Reads a ring buffer of perf records as a program does that has it mapped (perf_event_open(2), "MMAP
// layout"): from its memory alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/mm/shared_memory.hpp"
#include "emu/kernel/perf/attr.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {

// Of one event, as read(2) and PERF_SAMPLE_READ tell it.
struct CountRead {
  std::uint64_t value = 0;
  std::optional<std::uint64_t> id;
  std::optional<std::uint64_t> lost;
};
struct ReadValues {
  std::optional<std::uint64_t> time_enabled;
  std::optional<std::uint64_t> time_running;
  std::vector<CountRead> counts;  // of a group all, its leader first
};

struct RegisterValue {
  std::string_view name;  // as perf_registers() has it
  std::uint64_t value = 0;
};

// What a record of its type holds, and was asked for.
struct Record {
  std::uint32_t type = 0;  // PERF_RECORD_*
  std::uint16_t misc = 0;  // PERF_RECORD_MISC_*
  std::optional<std::uint64_t> ip;
  std::optional<std::uint32_t> pid;
  std::optional<std::uint32_t> tid;
  std::optional<std::uint32_t> parent_tid;
  std::optional<std::uint32_t> other_tid;  // next_prev_tid
  std::optional<std::uint64_t> time;
  std::optional<std::uint64_t> addr;
  std::optional<std::uint64_t> id;
  std::optional<std::uint64_t> stream_id;
  std::optional<std::uint32_t> cpu;
  std::optional<std::uint64_t> period;
  std::optional<ReadValues> read;
  std::vector<RegisterValue> regs_user;  // empty: none were to be had
  std::vector<RegisterValue> regs_intr;
  std::optional<std::uint64_t> stack_user;  // bytes that could be read
  std::optional<std::uint64_t> weight;
  std::optional<std::uint64_t> data_src;
  std::optional<std::uint64_t> transaction;
  std::optional<std::uint64_t> phys_addr;
  std::optional<std::uint64_t> data_page_size;
  std::optional<std::uint64_t> code_page_size;
  std::vector<std::uint64_t> callchain;  // instructions from the innermost, without PERF_CONTEXT_*
  std::optional<std::uint64_t> lost;
  std::optional<std::string> comm;
  std::optional<std::string> filename;

  bool user() const { return (misc & 7) == 2; }        // PERF_RECORD_MISC_USER
  bool kernel() const { return (misc & 7) == 1; }      // PERF_RECORD_MISC_KERNEL
  bool exec() const { return (misc >> 13 & 1) != 0; }  // PERF_RECORD_MISC_COMM_EXEC
  bool out() const { return (misc >> 13 & 1) != 0; }   // PERF_RECORD_MISC_SWITCH_OUT
  bool preempted() const { return (misc >> 14 & 1) != 0; }
};

class RecordReader {
 public:
  // The attributes of the event of that id, which say what its samples hold; null: it is not known.
  using AttrOf = std::function<const kernel::PerfEventAttr*(std::uint64_t id)>;

  // `owner` is the event that the buffer belongs to.
  RecordReader(kernel::SharedMemory& memory, isa::Isa isa, const kernel::PerfEventAttr& owner, AttrOf attr_of)
      : memory_(memory), isa_(isa), owner_(owner), attr_of_(std::move(attr_of)) {}

  // The records between data_tail and data_head, of which data_tail tells the kernel. Of a buffer that keeps
  // the newest (`overwrite`), those that are whole; none where their beginning cannot be known, because it
  // was filled forwards and went round.
  std::vector<Record> take(bool overwrite);
  // The last of these cases.
  bool wrapped() const { return wrapped_; }

 private:
  class Fields;
  std::uint64_t user_page_field(std::uint64_t offset) const;
  std::vector<std::byte> data(std::uint64_t from, std::uint64_t size) const;
  Record decode(std::span<const std::byte> bytes) const;
  void decode_sample(Fields fields, Record& record) const;

  kernel::SharedMemory& memory_;
  isa::Isa isa_;
  const kernel::PerfEventAttr& owner_;
  AttrOf attr_of_;
  std::uint64_t data_offset_ = 0;
  std::uint64_t data_size_ = 0;
  bool wrapped_ = false;
};

}  // namespace trapline::scenario
