// Advisory locks as a table; guests show how processes use them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emu/kernel/fs/file_locks.hpp"
#include "fs_support.hpp"

namespace trapline::kernel {
namespace {

using testing::error_of;

class FileLocksTest : public ::testing::Test {
 protected:
  using Kind = FileLocks::Kind;
  using Lock = FileLocks::Lock;
  static constexpr FileLocks::FileKey kFile{1, 7};

  FileLocks::Owner owner(unsigned n) const { return &owners_[n]; }
  Lock lock(unsigned n, bool exclusive, std::uint64_t start, std::uint64_t last) const {
    return {.owner = owner(n), .exclusive = exclusive, .start = start, .last = last};
  }
  // What somebody else finds in the way, byte by byte: r, w or a dot.
  std::string seen(std::uint64_t bytes) const {
    std::string text;
    for (std::uint64_t at = 0; at < bytes; ++at) {
      const auto other = locks.conflict(kFile, Kind::Range, lock(9, true, at, at));
      text += !other ? '.' : other->exclusive ? 'w' : 'r';
    }
    return text;
  }

  machine::PhysicalMemory memory{1u << 20, 4096};
  FileLocks locks{memory};

 private:
  std::array<char, 10> owners_{};
};

TEST_F(FileLocksTest, RangesOfOneOwnerSplitAndJoin) {
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, true, 0, 9)));
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, false, 4, 5)));
  EXPECT_EQ(seen(12), "wwwwrrwwww..");
  ASSERT_TRUE(locks.clear(kFile, Kind::Range, lock(0, false, 5, 6)));
  EXPECT_EQ(seen(12), "wwwwr..www..");
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, true, 4, 6)));
  EXPECT_EQ(seen(12), "wwwwwwwwww..");
  EXPECT_EQ(locks.conflict(kFile, Kind::Range, lock(9, false, 3, 3))->last, 9u);
}

TEST_F(FileLocksTest, ReadersShareAndWritersDoNot) {
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, false, 0, 9)));
  EXPECT_FALSE(locks.conflict(kFile, Kind::Range, lock(1, false, 5, 20)));
  EXPECT_TRUE(locks.conflict(kFile, Kind::Range, lock(1, true, 9, 20)));
  EXPECT_FALSE(locks.conflict(kFile, Kind::Range, lock(1, true, 10, 20)));
  EXPECT_FALSE(locks.conflict(kFile, Kind::Whole, lock(1, true, 0, 9)));
  EXPECT_FALSE(locks.conflict({1, 8}, Kind::Range, lock(1, true, 0, 9)));
}

TEST_F(FileLocksTest, TheEndOfAFileIsAnEndOfRanges) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0} >> 1;
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, true, 5, kMax)));
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, true, kMax, kMax)));
  EXPECT_EQ(locks.conflict(kFile, Kind::Range, lock(1, true, kMax, kMax))->start, 5u);
  ASSERT_TRUE(locks.clear(kFile, Kind::Range, lock(0, false, 7, kMax)));
  EXPECT_EQ(seen(9), ".....ww..");
}

TEST_F(FileLocksTest, ReleaseLeavesOtherOwnersAndFiles) {
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(0, false, 0, 1)));
  ASSERT_TRUE(locks.set(kFile, Kind::Range, lock(1, false, 0, 0)));
  ASSERT_TRUE(locks.set({1, 8}, Kind::Whole, lock(0, true, 0, 1)));
  locks.release(owner(0), kFile);
  EXPECT_EQ(seen(2), "r.");
  EXPECT_TRUE(locks.conflict({1, 8}, Kind::Whole, lock(1, true, 0, 1)));
  locks.release(owner(0));
  EXPECT_FALSE(locks.conflict({1, 8}, Kind::Whole, lock(1, true, 0, 1)));
}

TEST_F(FileLocksTest, AChainOfWaitersIsADeadlockWhereItCloses) {
  std::array<char, 2> tasks{};
  locks.waits(&tasks[0], owner(1), owner(2));
  locks.waits(&tasks[1], owner(2), owner(3));
  EXPECT_TRUE(locks.deadlock(owner(3), owner(1)));
  EXPECT_FALSE(locks.deadlock(owner(4), owner(1)));
  locks.waits_no_more(&tasks[1]);
  EXPECT_FALSE(locks.deadlock(owner(3), owner(1)));
}

TEST_F(FileLocksTest, TheyTakeOfTheGuestsMemory) {
  const std::uint64_t free = memory.free_frames();
  std::uint64_t at = 0;
  while (locks.set(kFile, Kind::Range, lock(0, true, at, at))) at += 2;
  EXPECT_GT(at, 1000u);
  EXPECT_EQ(memory.free_frames(), 0u);
  EXPECT_EQ(error_of(locks.clear(kFile, Kind::Range, lock(0, true, 0, 0))), 0);
  locks.release(owner(0));
  EXPECT_EQ(memory.free_frames(), free);
}

}  // namespace
}  // namespace trapline::kernel
