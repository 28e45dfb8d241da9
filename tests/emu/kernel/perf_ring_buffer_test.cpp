// The ring buffer of perf records, as a reader of its pages sees it.
#include "emu/kernel/perf/ring_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <vector>

#include "emu/kernel/perf/record_writer.hpp"
#include "isa/byte_order.hpp"
#include "mm_support.hpp"

namespace trapline::kernel {
namespace {

using Bytes = std::vector<std::byte>;
using Append = RingBuffer::Append;

// Offsets in struct perf_event_mmap_page.
constexpr std::uint64_t kDataHead = 1024;
constexpr std::uint64_t kDataTail = 1032;

Bytes filled(std::size_t size, int value) { return Bytes(size, static_cast<std::byte>(value)); }

class Buffer {
 public:
  explicit Buffer(std::uint64_t data_pages, std::uint64_t watermark = 0, bool overwrite = false,
                  isa::Isa isa = isa::Isa::X86_64)
      : memory(64, isa), order(isa::byte_order(isa)) {
    ring = RingBuffer::make(memory.machine, memory.page, data_pages, watermark, overwrite, shared);
  }

  std::uint64_t field(std::uint64_t at, unsigned size = 8) {
    Bytes bytes(size);
    shared->read(at, bytes);
    return isa::load_word(bytes, order);
  }
  void set_tail(std::uint64_t tail) {
    Bytes bytes(8);
    isa::store_word(bytes, tail, order);
    ASSERT_TRUE(shared->write(kDataTail, bytes));
  }
  std::uint64_t head() { return field(kDataHead); }
  // Bytes of the data area from `at` on, round its end.
  Bytes data(std::uint64_t at, std::size_t size) {
    Bytes bytes(size);
    const std::uint64_t all = ring->data_pages() * memory.page;
    for (std::size_t i = 0; i < size; ++i) {
      shared->read(memory.page + (at + i) % all, std::span(bytes).subspan(i, 1));
    }
    return bytes;
  }
  Append put(std::size_t size, int value, std::size_t lost_size = 0) {
    return ring->append(filled(size, value), filled(lost_size, 0xee), false);
  }

  testing::Memory memory;
  std::endian order;
  std::shared_ptr<SharedMemory> shared;
  std::shared_ptr<RingBuffer> ring;
};

TEST(RingBuffer, TheUserPageDescribesTheDataArea) {
  Buffer buffer(4);
  EXPECT_EQ(buffer.field(0), 0u);   // version, compat_version
  EXPECT_EQ(buffer.field(40), 2u);  // cap_bit0_is_deprecated
  EXPECT_EQ(buffer.field(72, 4), 96u);
  EXPECT_EQ(buffer.field(1040), 4096u);
  EXPECT_EQ(buffer.field(1048), 4u * 4096);
  EXPECT_EQ(buffer.shared->size(), 5u * 4096);
}

// Bit fields begin with the highest bit, and words with the highest byte.
TEST(RingBuffer, ItIsInTheByteOrderOfTheGuest) {
  Buffer buffer(1, 0, false, isa::Isa::Ppc64);
  EXPECT_EQ(buffer.field(40), std::uint64_t{1} << 62);
  Bytes size(8);
  buffer.shared->read(1048, size);
  EXPECT_EQ(size[5], std::byte{1});  // 64 KiB
  EXPECT_EQ(buffer.put(24, 1), Append::Done);
  EXPECT_EQ(buffer.head(), 24u);
}

TEST(RingBuffer, UpdatesOfTheUserPageLeaveTheSequenceLockEven) {
  Buffer buffer(1);
  buffer.ring->update_user_page(5, 100, 50);
  EXPECT_EQ(buffer.field(8, 4), 2u);
  EXPECT_EQ(buffer.field(12, 4), 0u);  // index: it cannot be read by an instruction
  EXPECT_EQ(buffer.field(16), 5u);
  EXPECT_EQ(buffer.field(24), 100u);
  EXPECT_EQ(buffer.field(32), 50u);
}

TEST(RingBuffer, RecordsFollowEachOther) {
  Buffer buffer(1);
  EXPECT_EQ(buffer.put(16, 1), Append::Done);
  EXPECT_EQ(buffer.put(24, 2), Append::Done);
  EXPECT_EQ(buffer.head(), 40u);
  EXPECT_EQ(buffer.data(0, 16), filled(16, 1));
  EXPECT_EQ(buffer.data(16, 24), filled(24, 2));
}

TEST(RingBuffer, ItIsNeverFilledCompletely) {
  Buffer buffer(1);
  EXPECT_EQ(buffer.put(4088, 1), Append::Done);
  EXPECT_EQ(buffer.put(8, 2), Append::Lost);
  EXPECT_EQ(buffer.ring->lost(), 1u);
  EXPECT_EQ(buffer.head(), 4088u);
  buffer.set_tail(8);
  EXPECT_EQ(buffer.put(8, 2), Append::Done);
}

TEST(RingBuffer, ARecordWrapsAtTheEnd) {
  Buffer buffer(2);
  ASSERT_EQ(buffer.put(8184, 1), Append::Done);
  buffer.set_tail(8184);
  EXPECT_EQ(buffer.put(24, 2), Append::Done);
  EXPECT_EQ(buffer.head(), 8208u);
  EXPECT_EQ(buffer.data(8184, 24), filled(24, 2));
  EXPECT_EQ(buffer.data(16, 8), filled(8, 1));
}

TEST(RingBuffer, ItTellsOfTheLostBeforeTheNext) {
  Buffer buffer(1);
  ASSERT_EQ(buffer.put(4000, 1), Append::Done);
  EXPECT_EQ(buffer.put(200, 2), Append::Lost);
  EXPECT_EQ(buffer.put(200, 2), Append::Lost);
  EXPECT_EQ(buffer.ring->lost(), 2u);
  // There is room for the record alone, but not for both.
  EXPECT_EQ(buffer.put(88, 3, 24), Append::Lost);
  EXPECT_EQ(buffer.ring->lost(), 3u);
  buffer.set_tail(4000);
  EXPECT_EQ(buffer.put(88, 3, 24), Append::Done);
  EXPECT_EQ(buffer.ring->lost(), 0u);
  EXPECT_EQ(buffer.data(4000, 24), filled(24, 0xee));
  EXPECT_EQ(buffer.data(4024, 88), filled(88, 3));
  EXPECT_EQ(buffer.head(), 4112u);
}

TEST(RingBuffer, BackwardTheHeadGoesDown) {
  Buffer buffer(1, 0, true);
  EXPECT_EQ(buffer.ring->append(filled(16, 1), {}, true), Append::Done);
  EXPECT_EQ(buffer.head(), std::uint64_t{0} - 16);
  EXPECT_EQ(buffer.ring->append(filled(24, 2), filled(8, 3), true), Append::Done);
  EXPECT_EQ(buffer.head(), std::uint64_t{0} - 48);
  // The newest is first, and its parts are in order.
  EXPECT_EQ(buffer.data(buffer.head(), 8), filled(8, 3));
  EXPECT_EQ(buffer.data(buffer.head() + 8, 24), filled(24, 2));
  EXPECT_EQ(buffer.data(buffer.head() + 32, 16), filled(16, 1));
}

TEST(RingBuffer, BackwardTooItDoesNotOverwriteWhatIsUnread) {
  Buffer buffer(1);
  EXPECT_EQ(buffer.ring->append(filled(4088, 1), {}, true), Append::Done);
  EXPECT_EQ(buffer.ring->append(filled(8, 1), {}, true), Append::Lost);
  buffer.set_tail(buffer.head());
  EXPECT_EQ(buffer.ring->append(filled(4088, 1), {}, true), Append::Done);
}

TEST(RingBuffer, WithoutPermissionToWriteTheReaderGetsTheNewest) {
  Buffer buffer(1, 0, true);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(buffer.put(2048, i), Append::Done);
  EXPECT_EQ(buffer.head(), 5u * 2048);
  EXPECT_EQ(buffer.data(3 * 2048, 2048), filled(2048, 3));
  EXPECT_EQ(buffer.data(4 * 2048, 2048), filled(2048, 4));
}

// A guest can ask for records that are larger than its buffer.
TEST(RingBuffer, ARecordLargerThanTheBufferKeepsItsEnd) {
  Buffer overwritten(1, 0, true);
  Bytes record = filled(4096 + 16, 1);
  std::ranges::fill(std::span(record).last(16), std::byte{2});
  EXPECT_EQ(overwritten.ring->append(record, {}, false), Append::Done);
  EXPECT_EQ(overwritten.data(0, 16), filled(16, 2));
  Buffer kept(1);
  EXPECT_EQ(kept.ring->append(record, {}, false), Append::Lost);
}

TEST(RingBuffer, PausedItLosesAll) {
  Buffer buffer(1);
  buffer.ring->paused = true;
  EXPECT_EQ(buffer.put(16, 1), Append::Lost);
  EXPECT_EQ(buffer.ring->lost(), 1u);
  buffer.ring->paused = false;
  EXPECT_EQ(buffer.put(16, 1, 24), Append::Done);
}

TEST(RingBuffer, WithoutDataPagesNothingIsLost) {
  Buffer buffer(0);
  EXPECT_EQ(buffer.put(16, 1), Append::Nowhere);
  EXPECT_EQ(buffer.ring->lost(), 0u);
  EXPECT_EQ(buffer.field(1048), 0u);
}

TEST(RingBuffer, UnmappedItIsGone) {
  Buffer buffer(1);
  const std::uint64_t free = buffer.memory.free_frames();
  buffer.shared.reset();
  EXPECT_FALSE(buffer.ring->mapped());
  EXPECT_EQ(buffer.memory.free_frames(), free + 2);
  EXPECT_EQ(buffer.put(16, 1), Append::Nowhere);
  buffer.ring->update_user_page(1, 2, 3);
}

TEST(RingBuffer, ItIsMadeWholeOrNotAtAll) {
  testing::Memory memory(4);
  std::shared_ptr<SharedMemory> shared;
  const std::uint64_t free = memory.free_frames();
  EXPECT_EQ(RingBuffer::make(memory.machine, memory.page, 8, 0, false, shared), nullptr);
  EXPECT_EQ(shared, nullptr);
  EXPECT_EQ(memory.free_frames(), free);
}

TEST(RingBuffer, HalfOfItWakesAReader) {
  Buffer buffer(1);
  EXPECT_EQ(buffer.put(2048, 1), Append::Done);
  EXPECT_FALSE(buffer.ring->take_wakeup());
  EXPECT_FALSE(buffer.ring->poll_in);
  EXPECT_EQ(buffer.put(8, 1), Append::Done);
  EXPECT_TRUE(buffer.ring->take_wakeup());
  EXPECT_TRUE(buffer.ring->poll_in);
  EXPECT_FALSE(buffer.ring->take_wakeup());
}

TEST(RingBuffer, SoDoesAWatermark) {
  Buffer buffer(1, 100);
  EXPECT_EQ(buffer.put(96, 1), Append::Done);
  EXPECT_FALSE(buffer.ring->take_wakeup());
  EXPECT_EQ(buffer.put(96, 1), Append::Done);  // at 192, past 100
  EXPECT_TRUE(buffer.ring->take_wakeup());
  EXPECT_EQ(buffer.put(8, 1), Append::Done);  // at 200, which is not past it
  EXPECT_FALSE(buffer.ring->take_wakeup());
  EXPECT_EQ(buffer.put(8, 1), Append::Done);
  EXPECT_TRUE(buffer.ring->take_wakeup());
}

TEST(RingBuffer, BackwardAWatermarkCountsTheSame) {
  Buffer buffer(1, 100, true);
  EXPECT_EQ(buffer.ring->append(filled(96, 1), {}, true), Append::Done);
  EXPECT_FALSE(buffer.ring->take_wakeup());
  EXPECT_EQ(buffer.ring->append(filled(8, 1), {}, true), Append::Done);
  EXPECT_TRUE(buffer.ring->take_wakeup());
}

TEST(RingBuffer, SoDoesANumberOfSamples) {
  Buffer buffer(1);
  for (int round = 0; round < 3; ++round) {
    buffer.ring->count_sample(2);
    EXPECT_FALSE(buffer.ring->take_wakeup());
    buffer.ring->count_sample(2);
    EXPECT_TRUE(buffer.ring->take_wakeup());
  }
  buffer.ring->count_sample(0);
  EXPECT_FALSE(buffer.ring->take_wakeup());
}

TEST(RecordWriter, ARecordBeginsWithTypeMiscAndSize) {
  RecordWriter writer(std::endian::big);
  writer.begin(RecordType::Comm, 0x2000);
  writer.put_pair(1, -1);
  writer.put_string("sleeping");
  const auto record = writer.finish();
  ASSERT_EQ(record.size(), 32u);
  EXPECT_EQ(isa::load_word(record.first(4), std::endian::big), 3u);
  EXPECT_EQ(isa::load_word(record.subspan(4, 2), std::endian::big), 0x2000u);
  EXPECT_EQ(isa::load_word(record.subspan(6, 2), std::endian::big), 32u);
  EXPECT_EQ(isa::load_word(record.subspan(8, 8), std::endian::big), 0x00000001ffffffffu);
  EXPECT_EQ(record[16], std::byte{'s'});
  EXPECT_EQ(isa::load_word(record.last(8), std::endian::big), 0u);
}

TEST(RecordWriter, TheNextBeginsAnew) {
  RecordWriter writer(std::endian::little);
  writer.begin(RecordType::Sample, 2);
  std::ranges::fill(writer.put_zeros(5000), std::byte{1});
  EXPECT_EQ(writer.finish().size(), 5008u);
  writer.begin(RecordType::Sample, 2);
  writer.put_string("1234567");
  EXPECT_EQ(writer.finish().size(), 16u);
  writer.put(std::uint64_t{0x0102030405060708});
  const auto record = writer.finish();
  EXPECT_EQ(record[16], std::byte{8});
  EXPECT_EQ(record[6], std::byte{24});
}

}  // namespace
}  // namespace trapline::kernel
