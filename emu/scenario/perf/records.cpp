#include "emu/scenario/perf/records.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <utility>

#include "emu/kernel/perf/record_writer.hpp"
#include "emu/scenario/perf/registers.hpp"
#include "isa/byte_order.hpp"

namespace trapline::scenario {

namespace {

using namespace kernel;  // NOLINT(google-build-using-namespace): kSample*, kFormat*

// struct perf_event_mmap_page.
constexpr std::uint64_t kDataHead = 1024;
constexpr std::uint64_t kDataTail = 1032;
constexpr std::uint64_t kDataOffset = 1040;
constexpr std::uint64_t kDataSize = 1048;

constexpr std::size_t kHeader = 8;                               // struct perf_event_header
constexpr std::uint64_t kContextMax = ~std::uint64_t{4095} + 1;  // PERF_CONTEXT_MAX: from here on, no address

}  // namespace

// A record's body from its first field to its last. What lies past the end is zero.
class RecordReader::Fields {
 public:
  Fields(std::span<const std::byte> bytes, std::endian order) : bytes_(bytes), order_(order) {}

  std::uint32_t u32() { return static_cast<std::uint32_t>(next(4)); }
  std::uint64_t u64() { return next(8); }
  bool empty() const { return bytes_.empty(); }
  void skip(std::size_t size) { bytes_ = bytes_.subspan(std::min(size, bytes_.size())); }
  // The last fields, taken away from the end.
  Fields take_end(std::size_t size) {
    const std::size_t taken = std::min(size, bytes_.size());
    const auto end = bytes_.last(taken);
    bytes_ = bytes_.first(bytes_.size() - taken);
    return {end, order_};
  }
  // What is left, up to the NUL.
  std::string text() {
    std::string text;
    for (const std::byte b : bytes_) {
      if (b == std::byte{0}) break;
      text += static_cast<char>(b);
    }
    bytes_ = {};
    return text;
  }

  // None where their ABI is PERF_SAMPLE_REGS_ABI_NONE.
  std::vector<RegisterValue> registers(std::uint64_t mask, isa::Isa isa) {
    std::vector<RegisterValue> registers;
    if (u64() == 0) return registers;
    const auto names = perf_registers(isa);
    for (; mask != 0; mask &= mask - 1) {
      const auto number = static_cast<std::size_t>(std::countr_zero(mask));
      const std::uint64_t value = u64();
      if (number < names.size()) registers.push_back({names[number], value});
    }
    return registers;
  }

  ReadValues read_values(std::uint64_t format) {
    ReadValues read;
    const bool group = (format & kFormatGroup) != 0;
    const auto times = [&] {
      if ((format & kFormatTotalTimeEnabled) != 0) read.time_enabled = u64();
      if ((format & kFormatTotalTimeRunning) != 0) read.time_running = u64();
    };
    const std::uint64_t events = group ? u64() : 1;
    if (group) times();
    for (std::uint64_t i = 0; i < events && !bytes_.empty(); ++i) {
      CountRead& count = read.counts.emplace_back();
      count.value = u64();
      if (!group) times();
      if ((format & kFormatId) != 0) count.id = u64();
      if ((format & kFormatLost) != 0) count.lost = u64();
    }
    return read;
  }

 private:
  std::uint64_t next(std::size_t size) {
    if (bytes_.size() < size) {
      bytes_ = {};
      return 0;
    }
    const std::uint64_t value = isa::load_word(bytes_.first(size), order_);
    skip(size);
    return value;
  }

  std::span<const std::byte> bytes_;
  std::endian order_;
};

std::uint64_t RecordReader::user_page_field(std::uint64_t offset) const {
  std::array<std::byte, 8> bytes{};
  memory_.read(offset, bytes);
  return isa::load_word(bytes, isa::byte_order(isa_));
}

// Positions count all bytes that were ever written; the buffer is a ring.
std::vector<std::byte> RecordReader::data(std::uint64_t from, std::uint64_t size) const {
  std::vector<std::byte> bytes(size);
  const std::uint64_t start = from & (data_size_ - 1);
  const std::uint64_t first = std::min(size, data_size_ - start);
  memory_.read(data_offset_ + start, std::span(bytes).first(first));
  memory_.read(data_offset_, std::span(bytes).subspan(first));
  return bytes;
}

std::vector<Record> RecordReader::take(bool overwrite) {
  data_offset_ = user_page_field(kDataOffset);
  data_size_ = user_page_field(kDataSize);
  const std::uint64_t head = user_page_field(kDataHead);
  std::vector<std::byte> bytes;
  if (data_size_ == 0) return {};
  const std::uint64_t tail = overwrite ? 0 : user_page_field(kDataTail);
  if (owner_.write_backward) {
    // The head comes down from 0, and the newest record is at it.
    bytes = data(head, std::min(tail - head, data_size_));
  } else {
    wrapped_ = head - tail > data_size_;
    if (wrapped_) return {};
    bytes = data(tail, head - tail);
  }
  std::vector<Record> records;
  std::span<const std::byte> left = bytes;
  while (left.size() >= kHeader) {
    const std::uint64_t size = isa::load_word(left.subspan(6, 2), isa::byte_order(isa_));
    if (size < kHeader || size > left.size()) break;
    records.push_back(decode(left.first(size)));
    left = left.subspan(size);
  }
  if (!overwrite) {
    std::array<std::byte, 8> word{};
    isa::store_word(word, head, isa::byte_order(isa_));
    (void)memory_.write(kDataTail, word);
  }
  return records;
}

Record RecordReader::decode(std::span<const std::byte> bytes) const {
  Fields fields(bytes, isa::byte_order(isa_));
  Record record;
  record.type = fields.u32();
  record.misc = static_cast<std::uint16_t>(isa::load_word(bytes.subspan(4, 2), isa::byte_order(isa_)));
  fields.skip(4);
  if (static_cast<RecordType>(record.type) == RecordType::Sample) {
    decode_sample(fields, record);
    return record;
  }
  if (owner_.sample_id_all) {
    // In this order, at the end (struct sample_id).
    const auto has = [this](std::uint64_t bit) { return (owner_.sample_type & bit) != 0; };
    const bool parts[] = {has(kSampleTid),      has(kSampleTime), has(kSampleId),
                          has(kSampleStreamId), has(kSampleCpu),  has(kSampleIdentifier)};
    Fields end = fields.take_end(8 * static_cast<std::size_t>(std::ranges::count(parts, true)));
    if (has(kSampleTid)) {
      record.pid = end.u32();
      record.tid = end.u32();
    }
    if (has(kSampleTime)) record.time = end.u64();
    if (has(kSampleId)) record.id = end.u64();
    if (has(kSampleStreamId)) record.stream_id = end.u64();
    if (has(kSampleCpu)) {
      record.cpu = end.u32();
      end.skip(4);
    }
    if (has(kSampleIdentifier)) record.id = end.u64();
  }
  const auto thread = [&] {
    record.pid = fields.u32();
    record.tid = fields.u32();
  };
  const auto type = static_cast<RecordType>(record.type);
  switch (type) {
    case RecordType::Mmap:
    case RecordType::Mmap2:
      thread();
      record.addr = fields.u64();
      fields.skip(type == RecordType::Mmap ? 16 : 48);  // length, offset; device, inode, protection, flags
      record.filename = fields.text();
      break;
    case RecordType::Lost:
      record.id = fields.u64();
      record.lost = fields.u64();
      break;
    case RecordType::Comm:
      thread();
      record.comm = fields.text();
      break;
    case RecordType::Fork:
    case RecordType::Exit:
      record.pid = fields.u32();
      fields.skip(4);
      record.tid = fields.u32();
      record.parent_tid = fields.u32();
      record.time = fields.u64();
      break;
    case RecordType::SwitchCpuWide:
      fields.skip(4);
      record.other_tid = fields.u32();
      break;
    case RecordType::Read:
      thread();
      record.read = fields.read_values(owner_.read_format);
      break;
    default:
      break;
  }
  return record;
}

void RecordReader::decode_sample(Fields fields, Record& record) const {
  const PerfEventAttr* attr = &owner_;
  if ((attr->sample_type & kSampleIdentifier) != 0) {
    record.id = fields.u64();
    if (const PerfEventAttr* const known = attr_of_(*record.id)) attr = known;
  }
  const auto has = [attr](std::uint64_t bit) { return (attr->sample_type & bit) != 0; };
  if (has(kSampleIp)) record.ip = fields.u64();
  if (has(kSampleTid)) {
    record.pid = fields.u32();
    record.tid = fields.u32();
  }
  if (has(kSampleTime)) record.time = fields.u64();
  if (has(kSampleAddr)) record.addr = fields.u64();
  if (has(kSampleId)) record.id = fields.u64();
  if (has(kSampleStreamId)) record.stream_id = fields.u64();
  if (has(kSampleCpu)) {
    record.cpu = fields.u32();
    fields.skip(4);
  }
  if (has(kSamplePeriod)) record.period = fields.u64();
  if (has(kSampleRead)) record.read = fields.read_values(attr->read_format);
  if (has(kSampleCallchain)) {
    for (std::uint64_t left = fields.u64(); left > 0 && !fields.empty(); --left) {
      const std::uint64_t ip = fields.u64();
      if (ip < kContextMax) record.callchain.push_back(ip);
    }
  }
  if (has(kSampleRaw)) fields.skip(fields.u32());
  if (has(kSampleRegsUser)) record.regs_user = fields.registers(attr->sample_regs_user, isa_);
  if (has(kSampleStackUser)) {
    const std::uint64_t size = fields.u64();
    fields.skip(size);
    record.stack_user = size == 0 ? 0 : fields.u64();
  }
  if (has(kSampleWeight | kSampleWeightStruct)) record.weight = fields.u64();
  if (has(kSampleDataSrc)) record.data_src = fields.u64();
  if (has(kSampleTransaction)) record.transaction = fields.u64();
  if (has(kSampleRegsIntr)) record.regs_intr = fields.registers(attr->sample_regs_intr, isa_);
  if (has(kSamplePhysAddr)) record.phys_addr = fields.u64();
  if (has(kSampleDataPageSize)) record.data_page_size = fields.u64();
  if (has(kSampleCodePageSize)) record.code_page_size = fields.u64();
}

}  // namespace trapline::scenario
