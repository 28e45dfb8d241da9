// The reader of ring buffers, on memory that is filled here as the kernel fills it.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "emu/machine/machine.hpp"
#include "emu/scenario/perf/records.hpp"
#include "isa/byte_order.hpp"
#include "support.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;

constexpr std::uint64_t kPage = 4096;

class Records : public testing::TestWithParam<Isa> {
 protected:
  Records() : machine_(machine::MachineSpec::defaults(GetParam())), memory_(machine_, 2 * kPage) {
    put(1040, kPage, 8);  // data_offset
    put(1048, kPage, 8);  // data_size
  }

  void put(std::uint64_t at, std::uint64_t value, unsigned size) {
    std::array<std::byte, 8> bytes{};
    const auto word = std::span(bytes).first(size);
    isa::store_word(word, value, isa::byte_order(GetParam()));
    ASSERT_TRUE(memory_.write(at, word));
  }
  // At a position of the ring, which goes round.
  void put_data(std::uint64_t position, std::uint64_t value, unsigned size) {
    put(kPage + position % kPage, value, size);
  }
  std::uint64_t record(std::uint64_t position, std::uint32_t type, const std::vector<std::uint64_t>& words) {
    put_data(position, type, 4);
    put_data(position + 4, 2, 2);
    put_data(position + 6, 8 + 8 * words.size(), 2);
    for (std::size_t i = 0; i < words.size(); ++i) put_data(position + 8 + 8 * i, words[i], 8);
    return position + 8 + 8 * words.size();
  }
  void head_and_tail(std::uint64_t head, std::uint64_t tail) {
    put(1024, head, 8);
    put(1032, tail, 8);
  }
  std::vector<Record> take(bool overwrite = false) {
    return RecordReader(memory_, GetParam(), owner_,
                        [this](std::uint64_t id) { return id == 7 ? &other_ : nullptr; })
        .take(overwrite);
  }

  machine::Machine machine_;
  kernel::SharedMemory memory_;
  kernel::PerfEventAttr owner_;
  kernel::PerfEventAttr other_;
};

TEST_P(Records, AreTakenBetweenTailAndHeadAcrossTheEnd) {
  owner_.sample_type = kernel::kSampleIp | kernel::kSampleAddr;
  const std::uint64_t start = 5 * kPage - 16;
  head_and_tail(record(start, 9, {0x1000, 0x2000}), start);
  const auto records = take();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].ip, 0x1000u);
  EXPECT_EQ(records[0].addr, 0x2000u);
  EXPECT_TRUE(records[0].user());
  EXPECT_TRUE(take().empty());  // they are taken
}

TEST_P(Records, AreReadByTheAttributesOfTheirEvent) {
  owner_.sample_type = kernel::kSampleIdentifier | kernel::kSampleIp;
  other_.sample_type = kernel::kSampleIdentifier | kernel::kSampleRead;
  other_.read_format = kernel::kFormatGroup | kernel::kFormatId | kernel::kFormatTotalTimeRunning;
  std::uint64_t end = record(0, 9, {7, 2, 55, 10, 7, 20, 8});
  end = record(end, 2, {7, 3});
  end = record(end, 9, {6, 0x1000});
  head_and_tail(end, 0);
  const auto records = take();
  ASSERT_EQ(records.size(), 3u);
  ASSERT_TRUE(records[0].read);
  EXPECT_EQ(records[0].id, 7u);
  EXPECT_EQ(records[0].read->time_running, 55u);
  ASSERT_EQ(records[0].read->counts.size(), 2u);
  EXPECT_EQ(records[0].read->counts[1].value, 20u);
  EXPECT_EQ(records[0].read->counts[1].id, 8u);
  EXPECT_EQ(records[1].lost, 3u);
  EXPECT_EQ(records[2].ip, 0x1000u);
}

TEST_P(Records, EndWithTheirSampleId) {
  owner_.sample_type = kernel::kSampleTime | kernel::kSampleTid | kernel::kSampleIdentifier;
  owner_.sample_id_all = true;
  const std::uint64_t threads =
      std::endian::little == isa::byte_order(GetParam()) ? 4ull << 32 | 3 : 3ull << 32 | 4;
  head_and_tail(record(0, 14, {threads, 99, 7}), 0);
  const auto records = take();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].pid, 3u);
  EXPECT_EQ(records[0].tid, 4u);
  EXPECT_EQ(records[0].time, 99u);
  EXPECT_EQ(records[0].id, 7u);
}

TEST_P(Records, OfABufferWrittenBackwardComeNewestFirst) {
  owner_.sample_type = kernel::kSampleIp;
  owner_.write_backward = true;
  record(0ull - 16, 9, {1});
  record(0ull - 32, 9, {2});
  head_and_tail(0ull - 32, 0);
  const auto records = take(true);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].ip, 2u);
  EXPECT_EQ(records[1].ip, 1u);
  EXPECT_EQ(take(true).size(), 2u);  // nothing is taken out
}

TEST_P(Records, ThatWereOverwrittenForwardHaveNoBeginning) {
  owner_.sample_type = kernel::kSampleIp;
  head_and_tail(kPage + 16, 0);
  EXPECT_TRUE(take(true).empty());
}

TEST_P(Records, ThatMakeNoSenseEndTheReading) {
  owner_.sample_type = kernel::kSampleCallchain;
  const std::uint64_t end = record(0, 9, {~0ull, 5});  // more callers than there is room for
  put_data(end, 9, 4);
  put_data(end + 6, 4, 2);  // shorter than its header
  head_and_tail(end + 8, 0);
  const auto records = take();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].callchain, std::vector<std::uint64_t>{5});
}

INSTANTIATE_TEST_SUITE_P(AllIsas, Records, testing::ValuesIn(isa::kAllIsas), test::isa_name);

}  // namespace
}  // namespace trapline::scenario
