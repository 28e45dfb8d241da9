// fork: private pages are copied when they are written to; shared memory stays shared.
#include <gtest/gtest.h>

#include "isa/linux/signals.hpp"
#include "mm_support.hpp"

namespace trapline::kernel::testing {
namespace {

using isa::AccessKind;
using isa::Isa;

constexpr std::uint64_t kAt = 0x10000000;

class MmFork : public ::testing::TestWithParam<Isa> {
 public:
  Memory memory{256, GetParam()};
  Mm& mm = *memory.mm;
  const std::uint64_t page = memory.page;
};
INSTANTIATE_TEST_SUITE_P(Both, MmFork, ::testing::Values(Isa::X86_64, Isa::Ppc64),
                         [](const auto& test) { return test.param == Isa::X86_64 ? "x86" : "ppc64"; });

TEST_P(MmFork, WritesOfEitherAreNotSeenByTheOther) {
  ASSERT_TRUE(mm.map(anonymous(kAt, 3 * page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  ASSERT_TRUE(put_byte(mm, kAt + page, 2));
  const std::uint64_t before = memory.free_frames();
  const auto child = mm.fork();
  EXPECT_GE(memory.free_frames() + 2, before);  // no more than what is kept about it
  EXPECT_EQ(child->checksum(), mm.checksum());
  ASSERT_TRUE(put_byte(*child, kAt, 11));
  ASSERT_TRUE(put_byte(mm, kAt + page, 12));
  ASSERT_TRUE(put_byte(*child, kAt + 2 * page, 13));
  EXPECT_EQ(byte_at(mm, kAt), 1);
  EXPECT_EQ(byte_at(mm, kAt + page), 12);
  EXPECT_EQ(byte_at(mm, kAt + 2 * page), 0);
  EXPECT_EQ(byte_at(*child, kAt), 11);
  EXPECT_EQ(byte_at(*child, kAt + page), 2);
  EXPECT_EQ(byte_at(*child, kAt + 2 * page), 13);
}

TEST_P(MmFork, TheLastOwnerWritesInPlace) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const GuestPa frame = mm.space().page(GuestVa(kAt))->frame;
  auto child = mm.fork();
  EXPECT_FALSE(mm.space().page(GuestVa(kAt))->permissions.write);
  EXPECT_FALSE(child->space().page(GuestVa(kAt))->permissions.write);
  EXPECT_TRUE(mm.space().page(GuestVa(kAt))->permissions.read);
  child.reset();
  EXPECT_FALSE(mm.handle_fault(GuestVa(kAt), AccessKind::Write));
  EXPECT_EQ(mm.space().page(GuestVa(kAt))->frame, frame);
  EXPECT_TRUE(mm.space().page(GuestVa(kAt))->permissions.write);
  EXPECT_EQ(byte_at(mm, kAt), 1);
}

TEST_P(MmFork, TheParentMayGoFirst) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const GuestPa frame = mm.space().page(GuestVa(kAt))->frame;
  const auto child = mm.fork();
  memory.mm.reset();
  EXPECT_EQ(byte_at(*child, kAt), 1);
  EXPECT_FALSE(child->handle_fault(GuestVa(kAt), AccessKind::Write));
  EXPECT_EQ(child->space().page(GuestVa(kAt))->frame, frame);
}

TEST_P(MmFork, TheRevisionTellsThatWritingEnded) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const std::uint64_t before = mm.space().revision();
  const auto child = mm.fork();
  EXPECT_GT(mm.space().revision(), before);
  // A copy takes the place of what a TLB may hold for reading.
  const std::uint64_t shared = mm.space().revision();
  ASSERT_TRUE(put_byte(mm, kAt, 2));
  EXPECT_GT(mm.space().revision(), shared);
  // An address space that lies where another one lay is not taken for it.
  EXPECT_NE(child->space().revision(), mm.space().revision());
}

TEST_P(MmFork, Generations) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const std::uint64_t initial = memory.free_frames();
  {
    auto child = mm.fork();
    auto grandchild = child->fork();
    auto sibling = mm.fork();
    ASSERT_TRUE(put_byte(*child, kAt, 2));
    auto late = child->fork();
    EXPECT_EQ(byte_at(*grandchild, kAt), 1);
    child.reset();
    EXPECT_EQ(byte_at(*late, kAt), 2);
    ASSERT_TRUE(put_byte(*late, kAt, 3));
    ASSERT_TRUE(put_byte(*sibling, kAt, 4));
    EXPECT_EQ(byte_at(*grandchild, kAt), 1);
    EXPECT_EQ(byte_at(*late, kAt), 3);
    EXPECT_EQ(byte_at(*sibling, kAt), 4);
  }
  EXPECT_EQ(byte_at(mm, kAt), 1);
  EXPECT_EQ(memory.free_frames(), initial);
}

TEST_P(MmFork, ProtectionChangesDoNotBreakTheCopy) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const auto child = mm.fork();
  ASSERT_TRUE(mm.protect(GuestVa(kAt), page, kRead));
  EXPECT_FALSE(put_byte(mm, kAt, 2));
  ASSERT_TRUE(mm.protect(GuestVa(kAt), page, kReadWrite));
  EXPECT_FALSE(mm.space().page(GuestVa(kAt))->permissions.write);
  ASSERT_TRUE(put_byte(mm, kAt, 2));
  EXPECT_EQ(byte_at(*child, kAt), 1);
  ASSERT_TRUE(child->protect(GuestVa(kAt), page, kNone));
  EXPECT_EQ(byte_at(*child, kAt), -1);
  ASSERT_TRUE(child->protect(GuestVa(kAt), page, kReadWrite));
  EXPECT_EQ(byte_at(*child, kAt), 1);
  ASSERT_TRUE(put_byte(*child, kAt, 3));
  EXPECT_EQ(byte_at(mm, kAt), 2);
}

TEST_P(MmFork, PokesBreakTheCopyOfText) {
  Mm::MapRequest text{.at = GuestVa(kAt), .fixed = true, .size = page};
  text.vma.permissions = kReadExecute;
  text.vma.file = file_of(page);
  text.vma.name = "/bin/program";
  ASSERT_TRUE(mm.map(text));
  const int original = byte_at(mm, kAt);
  const auto child = mm.fork();
  const std::array trap{std::byte{0xcc}};
  ASSERT_TRUE(child->poke(GuestVa(kAt), trap));
  EXPECT_EQ(byte_at(*child, kAt), 0xcc);
  EXPECT_EQ(byte_at(mm, kAt), original);
  EXPECT_FALSE(child->space().page(GuestVa(kAt))->permissions.write);
  EXPECT_TRUE(child->space().page(GuestVa(kAt))->permissions.execute);
  // A copy that was poked is not shared again but by another fork.
  const auto grandchild = child->fork();
  EXPECT_EQ(byte_at(*grandchild, kAt), 0xcc);
  // The pages of a new file mapping are still the file's.
  text.at = GuestVa(kAt + page);
  ASSERT_TRUE(child->map(text));
  EXPECT_EQ(byte_at(*child, kAt + page), original);
}

TEST_P(MmFork, PokesReachWhatCannotBeAccessed) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kNone)));
  const std::array bytes{std::byte{5}};
  ASSERT_TRUE(mm.poke(GuestVa(kAt), bytes));
  EXPECT_EQ(byte_at(mm, kAt), -1);
  std::array<std::byte, 1> seen{};
  ASSERT_TRUE(mm.peek(GuestVa(kAt), seen));
  EXPECT_EQ(seen, bytes);
  EXPECT_FALSE(mm.poke(GuestVa(kAt + page), bytes));
  EXPECT_FALSE(mm.peek(GuestVa(kAt - 1), seen));
}

TEST_P(MmFork, PokesIntoSharedMemoryNeedItToBeWritable) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kReadWrite, true)));
  const auto child = mm.fork();
  const std::array bytes{std::byte{5}};
  ASSERT_TRUE(child->poke(GuestVa(kAt), bytes));
  EXPECT_EQ(byte_at(mm, kAt), 5);
  ASSERT_TRUE(child->protect(GuestVa(kAt), page, kRead));
  EXPECT_FALSE(child->poke(GuestVa(kAt), bytes));
  Mm::MapRequest file{.at = GuestVa(kAt + page), .fixed = true, .size = page};
  file.vma.permissions = kRead;
  file.vma.shared = true;
  file.vma.file = file_of(page);
  ASSERT_TRUE(mm.map(file));
  EXPECT_FALSE(mm.poke(GuestVa(kAt + page), bytes));
  EXPECT_EQ(errno_of(mm.protect(GuestVa(kAt + page), page, kReadWrite)), EACCES);
}

TEST_P(MmFork, Advice) {
  ASSERT_TRUE(mm.map(anonymous(kAt, 4 * page)));
  for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(put_byte(mm, kAt + i * page, 7));
  ASSERT_TRUE(mm.advise(GuestVa(kAt), page, 10));             // MADV_DONTFORK
  ASSERT_TRUE(mm.advise(GuestVa(kAt + 2 * page), page, 18));  // MADV_WIPEONFORK
  {
    const auto child = mm.fork();
    EXPECT_EQ(byte_at(*child, kAt), -1);
    EXPECT_EQ(byte_at(*child, kAt + page), 7);
    EXPECT_EQ(byte_at(*child, kAt + 2 * page), 0);
    EXPECT_EQ(byte_at(*child, kAt + 3 * page), 7);
    EXPECT_EQ(child->mapped(), 3 * page);
    // A child of the child is wiped too: the advice stays.
    ASSERT_TRUE(put_byte(*child, kAt + 2 * page, 8));
    EXPECT_EQ(byte_at(*child->fork(), kAt + 2 * page), 0);
  }
  ASSERT_TRUE(mm.advise(GuestVa(kAt), page, 11));             // MADV_DOFORK
  ASSERT_TRUE(mm.advise(GuestVa(kAt + 2 * page), page, 19));  // MADV_KEEPONFORK
  EXPECT_EQ(mm.vmas().size(), 1u);
  const auto child = mm.fork();
  EXPECT_EQ(byte_at(*child, kAt), 7);
  EXPECT_EQ(byte_at(*child, kAt + 2 * page), 7);
  ASSERT_TRUE(mm.map(anonymous(kAt + 8 * page, page, kReadWrite, true)));
  EXPECT_EQ(errno_of(mm.advise(GuestVa(kAt + 8 * page), page, 18)), EINVAL);
}

TEST_P(MmFork, SharedMemoryIsOneForAll) {
  ASSERT_TRUE(mm.map(anonymous(kAt, 2 * page, kReadWrite, true)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  auto child = mm.fork();
  auto grandchild = child->fork();
  EXPECT_EQ(byte_at(*grandchild, kAt), 1);
  ASSERT_TRUE(put_byte(*grandchild, kAt, 2));
  EXPECT_EQ(byte_at(mm, kAt), 2);
  // A page that nobody had touched before is the same one as well.
  ASSERT_TRUE(put_byte(*child, kAt + page, 3));
  EXPECT_EQ(byte_at(mm, kAt + page), 3);
  EXPECT_EQ(byte_at(*grandchild, kAt + page), 3);
  EXPECT_TRUE(mm.space().page(GuestVa(kAt))->permissions.write);
  // What one unmaps or drops stays for the others.
  ASSERT_TRUE(mm.unmap(GuestVa(kAt), 2 * page));
  ASSERT_TRUE(child->advise(GuestVa(kAt), 2 * page, 4));  // MADV_DONTNEED
  EXPECT_EQ(byte_at(*child, kAt), 2);
  child.reset();
  EXPECT_EQ(byte_at(*grandchild, kAt + page), 3);
}

TEST_P(MmFork, SharedMemoryGoesWithItsLastMapping) {
  const std::uint64_t initial = memory.free_frames();
  ASSERT_TRUE(mm.map(anonymous(kAt, 4 * page, kReadWrite, true)));
  for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(put_byte(mm, kAt + i * page, 1));
  auto child = mm.fork();
  ASSERT_TRUE(mm.unmap(GuestVa(kAt), 4 * page));
  EXPECT_LE(memory.free_frames() + 4, initial);
  ASSERT_TRUE(child->unmap(GuestVa(kAt), 3 * page));
  EXPECT_LE(memory.free_frames() + 4, initial);
  child.reset();
  EXPECT_EQ(memory.free_frames(), initial);
}

TEST_P(MmFork, RemovedSharedMemoryReadsAsZero) {
  ASSERT_TRUE(mm.map(anonymous(kAt, 2 * page, kReadWrite, true)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  ASSERT_TRUE(put_byte(mm, kAt + page, 2));
  const auto child = mm.fork();
  ASSERT_TRUE(child->advise(GuestVa(kAt), page, 9));  // MADV_REMOVE
  EXPECT_EQ(byte_at(mm, kAt), 0);
  EXPECT_EQ(byte_at(mm, kAt + page), 2);
}

TEST_P(MmFork, MovedPagesAreStillShared) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const auto child = mm.fork();
  const auto moved = child->remap({.old = GuestVa(kAt),
                                   .old_size = page,
                                   .new_size = page,
                                   .may_move = true,
                                   .to = GuestVa(kAt + 8 * page)});
  ASSERT_TRUE(moved);
  EXPECT_EQ(byte_at(*child, kAt), -1);
  EXPECT_EQ(byte_at(*child, moved->value), 1);
  ASSERT_TRUE(put_byte(*child, moved->value, 2));
  EXPECT_EQ(byte_at(mm, kAt), 1);
}

TEST_P(MmFork, ChecksumsDoNotShowSharing) {
  ASSERT_TRUE(mm.map(anonymous(kAt, 2 * page)));
  ASSERT_TRUE(mm.map(anonymous(kAt + 4 * page, 2 * page, kReadWrite, true)));
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  ASSERT_TRUE(put_byte(mm, kAt + 4 * page, 2));
  const std::uint64_t sum = mm.checksum();
  const auto child = mm.fork();
  EXPECT_EQ(child->checksum(), sum);
  ASSERT_TRUE(put_byte(*child, kAt, 1));  // a copy with the same bytes
  EXPECT_EQ(child->checksum(), sum);
  ASSERT_TRUE(put_byte(*child, kAt, 2));
  EXPECT_NE(child->checksum(), sum);
  EXPECT_EQ(mm.checksum(), sum);
}

TEST_P(MmFork, WithoutMemoryTheWriterDies) {
  ASSERT_TRUE(mm.map(anonymous(kAt, 300 * page, kReadWrite, false, kVmNoReserve)));
  unsigned filled = 0;
  while (put_byte(mm, kAt + filled * page, 1)) ++filled;
  EXPECT_GT(filled, 200u);
  const auto bad = mm.handle_fault(GuestVa(kAt + filled * page), AccessKind::Write);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->signal, isa::linux_abi::kSigKill);
  EXPECT_EQ(mm.fork(), nullptr);  // not even a page table
  ASSERT_TRUE(mm.unmap(GuestVa(kAt + (filled - 8) * page), 8 * page));
  const auto child = mm.fork();
  ASSERT_NE(child, nullptr);
  unsigned copied = 0;
  while (copied < filled && put_byte(*child, kAt + copied * page, 2)) ++copied;
  EXPECT_LE(copied, 8u);
  const auto worse = child->handle_fault(GuestVa(kAt + copied * page), AccessKind::Write);
  ASSERT_TRUE(worse);
  EXPECT_EQ(worse->signal, isa::linux_abi::kSigKill);
  EXPECT_EQ(byte_at(*child, kAt + copied * page), 1);
  // As soon as the parent is gone, there is nothing to copy.
  memory.mm.reset();
  EXPECT_TRUE(put_byte(*child, kAt + copied * page, 2));
}

TEST_P(MmFork, NothingIsLost) {
  memory.mm.reset();
  const std::uint64_t initial = memory.free_frames();
  auto first = std::make_shared<Mm>(memory.machine);
  ASSERT_TRUE(first->map(anonymous(kAt, 8 * page)));
  ASSERT_TRUE(first->map(anonymous(kAt + 8 * page, 8 * page, kReadWrite, true)));
  for (unsigned i = 0; i < 16; i += 2) ASSERT_TRUE(put_byte(*first, kAt + i * page, 1));
  auto second = first->fork();
  for (unsigned i = 0; i < 16; i += 3) ASSERT_TRUE(put_byte(*second, kAt + i * page, 2));
  auto third = second->fork();
  for (unsigned i = 0; i < 16; ++i) ASSERT_TRUE(put_byte(*third, kAt + i * page, 3));
  ASSERT_TRUE(third->unmap(GuestVa(kAt + 4 * page), 8 * page));
  first.reset();
  third.reset();
  EXPECT_EQ(byte_at(*second, kAt), 2);
  second.reset();
  EXPECT_EQ(memory.free_frames(), initial);
}

// --- Futexes ---

TEST_P(MmFork, FutexKeys) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page)));
  ASSERT_TRUE(mm.map(anonymous(kAt + 4 * page, 2 * page, kReadWrite, true)));
  const auto child = mm.fork();
  const auto key = [](Mm& of, std::uint64_t at, bool shared) {
    return of.futex_key(GuestVa(at), shared).value();
  };
  // A private futex is the process's own, wherever it lies.
  EXPECT_EQ(key(mm, kAt, false), key(mm, kAt, false));
  EXPECT_NE(key(mm, kAt, false), key(mm, kAt + 4, false));
  EXPECT_NE(key(mm, kAt, false), key(*child, kAt, false));
  EXPECT_NE(key(mm, kAt + 4 * page, false), key(*child, kAt + 4 * page, false));
  // A shared one is what its memory is.
  EXPECT_NE(key(mm, kAt, true), key(*child, kAt, true));
  EXPECT_EQ(key(mm, kAt + 4 * page, true), key(*child, kAt + 4 * page, true));
  EXPECT_NE(key(mm, kAt + 4 * page, true), key(*child, kAt + 5 * page, true));
  const auto hash = std::hash<FutexKey>();
  EXPECT_EQ(hash(key(mm, kAt + 4 * page, true)), hash(key(*child, kAt + 4 * page, true)));
  // Also where it is mapped elsewhere.
  const auto moved = child->remap({.old = GuestVa(kAt + 5 * page),
                                   .old_size = page,
                                   .new_size = page,
                                   .may_move = true,
                                   .to = GuestVa(kAt + 16 * page)});
  ASSERT_TRUE(moved);
  EXPECT_EQ(key(mm, kAt + 5 * page + 8, true), key(*child, kAt + 16 * page + 8, true));
}

TEST_P(MmFork, FutexesThatHaveNoKey) {
  EXPECT_FALSE(mm.futex_key(GuestVa(kAt), true));
  EXPECT_TRUE(mm.futex_key(GuestVa(kAt), false));  // only an address
  EXPECT_FALSE(mm.futex_key(mm.layout().task_size, false));
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kRead)));
  EXPECT_FALSE(mm.futex_key(GuestVa(kAt), true));
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kRead, true)));
  EXPECT_TRUE(mm.futex_key(GuestVa(kAt), true));
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kNone, true)));
  EXPECT_FALSE(mm.futex_key(GuestVa(kAt), true));
}

TEST_P(MmFork, NoTwoObjectsHaveTheSameKeyEver) {
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kReadWrite, true)));
  const auto before = mm.futex_key(GuestVa(kAt), true);
  ASSERT_TRUE(mm.map(anonymous(kAt, page, kReadWrite, true)));
  EXPECT_NE(mm.futex_key(GuestVa(kAt), true), before);
}

}  // namespace
}  // namespace trapline::kernel::testing
