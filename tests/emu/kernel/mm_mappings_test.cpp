// Mappings: how they are placed, split and joined, and what the system calls answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "emu/kernel/fs/devices.hpp"
#include "emu/kernel/fs/proc_text.hpp"
#include "fs_support.hpp"
#include "isa/linux/signals.hpp"
#include "isa/linux/stat_layout.hpp"
#include "mm_support.hpp"

namespace trapline::kernel::testing {
namespace {

using abi::Syscall;
using isa::AccessKind;
using isa::Isa;

constexpr std::uint64_t kAt = 0x10000000;
constexpr std::uint64_t kProtNone = 0, kProtR = 1, kProtRw = 3;
constexpr std::uint64_t kPrivateAnonymous = 0x22, kSharedAnonymous = 0x21, kFixed = 0x10;

std::uint64_t pages(std::uint64_t count) { return count * 4096; }

class MmMappings : public ::testing::Test {
 public:
  Memory memory;
  Mm& mm = *memory.mm;
};

TEST_F(MmMappings, NeighboursBecomeOne) {
  ASSERT_TRUE(mm.map(anonymous(pages(0x1000), pages(1))));
  ASSERT_TRUE(mm.map(anonymous(pages(0x1002), pages(1))));
  ASSERT_TRUE(mm.map(anonymous(pages(0x1001), pages(1))));
  EXPECT_EQ(layout_of(mm), "4096-4099rw");
  ASSERT_TRUE(mm.map(anonymous(pages(0x1003), pages(1), kRead)));
  EXPECT_EQ(layout_of(mm), "4096-4099rw 4099-4100r-");
  ASSERT_TRUE(mm.unmap(GuestVa(pages(0x1001)), pages(1)));
  EXPECT_EQ(layout_of(mm), "4096-4097rw 4098-4099rw 4099-4100r-");
}

TEST_F(MmMappings, ProtectSplitsAndJoins) {
  ASSERT_TRUE(mm.map(anonymous(pages(0x1000), pages(4))));
  ASSERT_TRUE(put_byte(mm, pages(0x1001), 5));
  ASSERT_TRUE(mm.protect(GuestVa(pages(0x1001)), pages(2), kRead));
  EXPECT_EQ(layout_of(mm), "4096-4097rw 4097-4099r- 4099-4100rw");
  ASSERT_TRUE(mm.protect(GuestVa(pages(0x1002)), pages(2), kRead));
  EXPECT_EQ(layout_of(mm), "4096-4097rw 4097-4100r-");
  ASSERT_TRUE(mm.protect(GuestVa(pages(0x1000)), pages(4), kReadWrite));
  EXPECT_EQ(layout_of(mm), "4096-4100rw");
  EXPECT_EQ(byte_at(mm, pages(0x1001)), 5);
  EXPECT_EQ(errno_of(mm.protect(GuestVa(pages(0x1003)), pages(2), kRead)), ENOMEM);
  EXPECT_EQ(layout_of(mm), "4096-4099rw 4099-4100r-");
  EXPECT_EQ(errno_of(mm.protect(GuestVa(pages(0x1003) + 1), pages(1), kRead)), EINVAL);
}

TEST_F(MmMappings, DifferentFlagsStayApart) {
  ASSERT_TRUE(mm.map(anonymous(pages(0x1000), pages(1))));
  ASSERT_TRUE(mm.map(anonymous(pages(0x1001), pages(1), kReadWrite, false, kVmNoReserve)));
  ASSERT_TRUE(mm.map(anonymous(pages(0x1002), pages(1), kReadWrite, true)));
  ASSERT_TRUE(mm.map(anonymous(pages(0x1003), pages(1), kReadWrite, true)));
  EXPECT_EQ(mm.vmas().size(), 4u);
}

// Linux keeps where a page was mapped at first; so do those of a mapping that was moved with pages.
TEST_F(MmMappings, MovedPagesJoinOnlyWhereTheyCameFrom) {
  ASSERT_TRUE(mm.map(anonymous(pages(0x1000), pages(2))));
  ASSERT_TRUE(mm.map(anonymous(pages(0x2000), pages(1))));
  ASSERT_TRUE(put_byte(mm, pages(0x1001), 5));
  ASSERT_TRUE(mm.remap({.old = GuestVa(pages(0x1001)),
                        .old_size = pages(1),
                        .new_size = pages(1),
                        .may_move = true,
                        .to = GuestVa(pages(0x2001))}));
  EXPECT_EQ(layout_of(mm), "4096-4097rw 8192-8193rw 8193-8194rw");
  ASSERT_TRUE(mm.remap({.old = GuestVa(pages(0x2001)),
                        .old_size = pages(1),
                        .new_size = pages(1),
                        .may_move = true,
                        .to = GuestVa(pages(0x1001))}));
  EXPECT_EQ(layout_of(mm), "4096-4098rw 8192-8193rw");
  EXPECT_EQ(byte_at(mm, pages(0x1001)), 5);
}

TEST_F(MmMappings, AChildsHeapGrowsBesideTheInheritedOne) {
  mm.start_brk(GuestVa(kAt));
  EXPECT_EQ(mm.set_brk(GuestVa(kAt + 5000)), GuestVa(kAt + 5000));
  EXPECT_EQ(mm.set_brk(GuestVa(kAt + pages(3))), GuestVa(kAt + pages(3)));
  EXPECT_EQ(mm.vmas().size(), 1u);
  ASSERT_TRUE(put_byte(mm, kAt, 1));
  const auto child = mm.fork();
  EXPECT_EQ(mm.set_brk(GuestVa(kAt + pages(4))), GuestVa(kAt + pages(4)));
  EXPECT_EQ(child->set_brk(GuestVa(kAt + pages(4))), GuestVa(kAt + pages(4)));
  EXPECT_EQ(mm.vmas().size(), 1u);
  EXPECT_EQ(child->vmas().size(), 2u);
}

TEST_F(MmMappings, Brk) {
  mm.start_brk(GuestVa(kAt + 1));
  const GuestVa start(kAt + 4096);
  EXPECT_EQ(mm.set_brk(GuestVa(0)), start);
  EXPECT_EQ(mm.set_brk(start + 1), start + 1);
  ASSERT_TRUE(put_byte(mm, start.value, 3));
  EXPECT_EQ(mm.name_of(mm.vmas().begin()->second), "[heap]");
  EXPECT_EQ(mm.set_brk(start), start);
  EXPECT_TRUE(mm.vmas().empty());
  EXPECT_EQ(mm.set_brk(start + 1), start + 1);
  EXPECT_EQ(byte_at(mm, start.value), 0);
  // A page stays free above, and an obviously excessive heap is refused.
  ASSERT_TRUE(mm.map(anonymous(start.value + pages(4), pages(1))));
  EXPECT_EQ(mm.set_brk(start + pages(4)), start + 1);
  EXPECT_EQ(mm.set_brk(start + pages(3)), start + pages(3));
  ASSERT_TRUE(mm.unmap(start + pages(4), pages(1)));
  EXPECT_EQ(mm.set_brk(start + pages(1000)), start + pages(3));
  EXPECT_EQ(mm.set_brk(GuestVa(~0ull)), start + pages(3));
}

TEST_F(MmMappings, InaccessiblePages) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(1), kNone)));
  EXPECT_EQ(byte_at(mm, kAt), -1);
  const auto bad = mm.handle_fault(GuestVa(kAt), AccessKind::Read);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->code, isa::linux_abi::kSegvAccErr);
  // What may be written or executed may be read as well, on either instruction set.
  ASSERT_TRUE(mm.protect(GuestVa(kAt), pages(1), {.write = true}));
  EXPECT_EQ(byte_at(mm, kAt), 0);
  EXPECT_EQ(layout_of(mm), "65536-65537-w");
}

TEST_F(MmMappings, OvercommitIsAHeuristic) {
  const std::uint64_t all = memory.machine.memory().size();
  EXPECT_EQ(errno_of(mm.map({.size = all + 1, .vma = anonymous(0, 0).vma})), ENOMEM);
  EXPECT_TRUE(mm.map({.size = all, .vma = anonymous(0, 0).vma}));
  EXPECT_TRUE(mm.map({.size = all, .vma = anonymous(0, 0).vma}));
  EXPECT_TRUE(mm.map({.size = 16 * all, .vma = anonymous(0, 0, kNone).vma}));
  EXPECT_TRUE(mm.map({.size = 16 * all, .vma = anonymous(0, 0, kReadWrite, false, kVmNoReserve).vma}));
  EXPECT_EQ(errno_of(mm.map({.size = 16 * all, .vma = anonymous(0, 0, kReadWrite, true).vma})), ENOMEM);
  const auto reserved = mm.map({.size = 16 * all, .vma = anonymous(0, 0, kNone).vma});
  EXPECT_EQ(errno_of(mm.protect(*reserved, 16 * all, kReadWrite)), ENOMEM);
  EXPECT_TRUE(mm.protect(*reserved, all, kReadWrite));
}

TEST_F(MmMappings, AWholeAddressSpaceCostsNothing) {
  const std::uint64_t before = memory.free_frames();
  const std::uint64_t size = 0x700000000000;
  ASSERT_TRUE(mm.map(anonymous(kAt, size, kNone)));
  ASSERT_TRUE(mm.protect(GuestVa(kAt), size, kRead));
  const auto child = mm.fork();
  EXPECT_LE(before, memory.free_frames() + 2);
  EXPECT_EQ(child->mapped(), size);
  ASSERT_TRUE(mm.advise(GuestVa(kAt), size, 4));
  ASSERT_TRUE(mm.unmap(GuestVa(kAt), size));
}

TEST_F(MmMappings, MapCount) {
  Memory large(16384);
  Mm& many = *large.mm;
  unsigned count = 0;
  int error = 0;
  while (error == 0 && count < 70000) {
    // They cannot be joined.
    error = errno_of(many.map({.size = 4096, .vma = anonymous(0, 0, count % 2 == 0 ? kNone : kRead).vma}));
    if (error == 0) ++count;
  }
  EXPECT_EQ(error, ENOMEM);
  EXPECT_EQ(count, 65531u);
  EXPECT_EQ(many.vmas().size(), 65531u);
  EXPECT_EQ(
      errno_of(many.remap(
          {.old = many.vmas().begin()->second.start, .old_size = 4096, .new_size = 8192, .may_move = true})),
      ENOMEM);
  EXPECT_TRUE(many.unmap(many.vmas().begin()->second.start, 4096));
}

TEST_F(MmMappings, BookkeepingIsChargedToTheGuest) {
  Memory small(64);  // 256 KiB
  unsigned count = 0;
  while (count < 70000 &&
         small.mm->map({.size = 4096, .vma = anonymous(0, 0, count % 2 == 0 ? kNone : kRead).vma})) {
    ++count;
  }
  EXPECT_LT(count, 1000u);
  EXPECT_EQ(errno_of(small.mm->protect(small.mm->vmas().begin()->second.start, 4096, kReadWrite)), 0);
  small.mm = std::make_shared<Mm>(small.machine);
  EXPECT_EQ(small.free_frames(), 64u);
}

TEST_F(MmMappings, Hints) {
  const Vma vma = anonymous(0, 0).vma;
  const GuestVa top = mm.layout().mmap_top;
  EXPECT_EQ(*mm.map({.at = GuestVa(kAt + 5), .size = 1, .vma = vma}), GuestVa(kAt));
  EXPECT_EQ(*mm.map({.at = GuestVa(kAt), .size = 1, .vma = vma}), top - 4096);
  EXPECT_EQ(*mm.map({.at = GuestVa(4096), .size = 1, .vma = vma}), GuestVa(65536));
  EXPECT_EQ(*mm.map({.size = 8192, .vma = vma}), top - pages(3));
  ASSERT_TRUE(mm.unmap(top - pages(2), 4096));
  EXPECT_EQ(*mm.map({.size = 8192, .vma = vma}), top - pages(5));
  EXPECT_EQ(*mm.map({.size = 4096, .vma = vma}), top - pages(2));
  EXPECT_EQ(errno_of(mm.map({.at = GuestVa(kAt + 1), .fixed = true, .size = 1, .vma = vma})), EINVAL);
  EXPECT_EQ(errno_of(mm.map({.at = GuestVa(kAt), .fixed = true, .no_replace = true, .size = 1, .vma = vma})),
            EEXIST);
  EXPECT_EQ(errno_of(mm.map({.at = GuestVa(~0xfffull), .fixed = true, .size = 1, .vma = vma})), ENOMEM);
}

TEST_F(MmMappings, StacksGrow) {
  const auto stack_at = [](std::uint64_t at) {
    Mm::MapRequest stack = anonymous(at, pages(2));
    stack.vma.grows_down = true;
    return stack;
  };
  const std::uint64_t top = kAt + pages(2);
  ASSERT_TRUE(mm.map(stack_at(kAt)));
  EXPECT_FALSE(mm.handle_fault(GuestVa(kAt - pages(3)), AccessKind::Write));
  EXPECT_EQ(mm.vmas().begin()->second.start, GuestVa(kAt - pages(3)));
  EXPECT_EQ(mm.mapped(), pages(5));
  mm.set_stack_limit(pages(8));
  EXPECT_TRUE(mm.handle_fault(GuestVa(top - pages(9)), AccessKind::Write));
  EXPECT_FALSE(mm.handle_fault(GuestVa(top - pages(8)), AccessKind::Write));
  mm.set_stack_limit(~0ull);
  // 256 pages stay between it and another mapping that could be overrun.
  ASSERT_TRUE(mm.map(anonymous(kAt - pages(500), pages(1))));
  EXPECT_TRUE(mm.handle_fault(GuestVa(kAt - pages(244)), AccessKind::Write));
  EXPECT_FALSE(mm.handle_fault(GuestVa(kAt - pages(243)), AccessKind::Write));
  ASSERT_TRUE(mm.protect(GuestVa(kAt - pages(500)), pages(1), kNone));
  EXPECT_FALSE(mm.handle_fault(GuestVa(kAt - pages(244)), AccessKind::Write));
  // mprotect over all of it.
  EXPECT_EQ(errno_of(mm.protect(GuestVa(kAt - pages(500)), pages(1), kRead, true)), EINVAL);
  ASSERT_TRUE(mm.protect(GuestVa(kAt), pages(1), kRead, true));
  EXPECT_EQ(mm.vmas().size(), 3u);
}

TEST_F(MmMappings, NothingIsPlacedRightBelowAStack) {
  Mm::MapRequest stack = anonymous(mm.layout().mmap_top.value - pages(8), pages(4));
  stack.vma.grows_down = true;
  ASSERT_TRUE(mm.map(stack));
  const Vma vma = anonymous(0, 0).vma;
  EXPECT_EQ(*mm.map({.size = pages(5), .vma = vma}), mm.layout().mmap_top - pages(8 + 256 + 5));
  const GuestVa hint = mm.layout().mmap_top - pages(9 + 255);
  EXPECT_NE(*mm.map({.at = hint, .size = pages(1), .vma = vma}), hint);
}

// --- mremap ---

TEST_F(MmMappings, RemapInPlace) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(4))));
  ASSERT_TRUE(put_byte(mm, kAt + pages(3), 1));
  EXPECT_EQ(*mm.remap({.old = GuestVa(kAt), .old_size = pages(4), .new_size = pages(2)}), GuestVa(kAt));
  EXPECT_EQ(mm.mapped(), pages(2));
  EXPECT_EQ(*mm.remap({.old = GuestVa(kAt), .old_size = pages(2), .new_size = pages(4)}), GuestVa(kAt));
  EXPECT_EQ(byte_at(mm, kAt + pages(3)), 0);
  ASSERT_TRUE(mm.map(anonymous(kAt + pages(5), pages(1))));
  EXPECT_EQ(errno_of(mm.remap({.old = GuestVa(kAt), .old_size = pages(4), .new_size = pages(6)})), ENOMEM);
  // Only the part that is at the end can grow where it is.
  EXPECT_EQ(errno_of(mm.remap({.old = GuestVa(kAt), .old_size = pages(2), .new_size = pages(3)})), ENOMEM);
  EXPECT_TRUE(mm.remap({.old = GuestVa(kAt + pages(3)), .old_size = pages(1), .new_size = pages(2)}));
  EXPECT_EQ(layout_of(mm), "65536-65541rw 65541-65542rw");  // one with pages joins none without
}

TEST_F(MmMappings, RemapJoinsWhatItMeets) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(1))));
  ASSERT_TRUE(mm.map(anonymous(kAt + pages(2), pages(1))));
  EXPECT_TRUE(mm.remap({.old = GuestVa(kAt), .old_size = pages(1), .new_size = pages(2)}));
  EXPECT_EQ(layout_of(mm), "65536-65539rw");
}

TEST_F(MmMappings, RemapErrors) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(2))));
  const auto error = [&](std::uint64_t old, std::uint64_t old_size, std::uint64_t new_size,
                         std::optional<std::uint64_t> to = {}) {
    Mm::RemapRequest request{
        .old = GuestVa(old), .old_size = old_size, .new_size = new_size, .may_move = true};
    if (to) request.to = GuestVa(*to);
    return errno_of(mm.remap(request));
  };
  EXPECT_EQ(error(kAt + 1, pages(1), pages(2)), EINVAL);
  EXPECT_EQ(error(kAt, pages(1), 0), EINVAL);
  EXPECT_EQ(error(kAt, 0, pages(1)), EINVAL);  // only shared memory can be had twice
  EXPECT_EQ(error(kAt - pages(1), pages(1), pages(2)), EFAULT);
  EXPECT_EQ(error(kAt, pages(3), pages(4)), EFAULT);
  EXPECT_EQ(error(kAt, pages(2), pages(2), kAt + pages(1)), EINVAL);
  EXPECT_EQ(error(kAt, pages(1), pages(1), kAt + pages(8) + 1), EINVAL);
  EXPECT_EQ(error(kAt, pages(1), pages(1), ~0xfffull), EINVAL);
  EXPECT_EQ(error(kAt, pages(2), memory.machine.memory().size() + pages(3)), ENOMEM);
  EXPECT_EQ(layout_of(mm), "65536-65538rw");
}

TEST_F(MmMappings, RemapToAPlaceReplacesWhatIsThere) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(4))));
  ASSERT_TRUE(mm.map(anonymous(kAt + pages(16), pages(4), kRead)));
  for (unsigned i = 0; i < 4; ++i) ASSERT_TRUE(put_byte(mm, kAt + pages(i), 1 + static_cast<int>(i)));
  const std::uint64_t rss = mm.rss();
  // A part from the middle, which shrinks to half as well.
  ASSERT_TRUE(mm.remap({.old = GuestVa(kAt + pages(1)),
                        .old_size = pages(2),
                        .new_size = pages(1),
                        .may_move = true,
                        .to = GuestVa(kAt + pages(17))}));
  EXPECT_EQ(layout_of(mm), "65536-65537rw 65539-65540rw 65552-65553r- 65553-65554rw 65554-65556r-");
  EXPECT_EQ(byte_at(mm, kAt + pages(17)), 2);
  EXPECT_EQ(byte_at(mm, kAt + pages(1)), -1);
  EXPECT_EQ(mm.rss(), rss - pages(1));
  EXPECT_EQ(mm.mapped(), pages(6));
}

TEST_F(MmMappings, RemapWithoutUnmapping) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(2))));
  ASSERT_TRUE(put_byte(mm, kAt, 7));
  const auto moved = mm.remap({.old = GuestVa(kAt),
                               .old_size = pages(2),
                               .new_size = pages(2),
                               .may_move = true,
                               .dont_unmap = true});
  ASSERT_TRUE(moved);
  EXPECT_EQ(byte_at(mm, moved->value), 7);
  EXPECT_EQ(byte_at(mm, kAt), 0);
  EXPECT_EQ(mm.mapped(), pages(4));
}

TEST_F(MmMappings, SharedMemoryCanBeHadTwice) {
  ASSERT_TRUE(mm.map(anonymous(kAt, pages(2), kReadWrite, true)));
  ASSERT_TRUE(put_byte(mm, kAt + pages(1), 7));
  const auto second = mm.remap({.old = GuestVa(kAt), .old_size = 0, .new_size = pages(2), .may_move = true});
  ASSERT_TRUE(second);
  EXPECT_EQ(byte_at(mm, second->value + pages(1)), 7);
  ASSERT_TRUE(put_byte(mm, second->value, 8));
  EXPECT_EQ(byte_at(mm, kAt), 8);
  // It does not grow with its mapping.
  const auto larger =
      mm.remap({.old = GuestVa(kAt), .old_size = pages(2), .new_size = pages(3), .may_move = true});
  ASSERT_TRUE(larger);
  const auto bad = mm.handle_fault(*larger + pages(2), AccessKind::Read);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->signal, isa::linux_abi::kSigBus);
}

// --- The system calls ---

class MemoryCalls : public ::testing::TestWithParam<Isa> {
 public:
  static constexpr std::uint64_t kFree = 0x20000000;

  std::int64_t call(Syscall number, std::array<std::uint64_t, 6> args) {
    kernel::Syscall context{guest.kernel, guest.task, guest.machine.cpu(0), args};
    for (const SyscallEntry& entry : memory_syscalls()) {
      if (entry.call != number) continue;
      const auto result = entry.handler(context);
      return result ? static_cast<std::int64_t>(*result) : -result.error().number;
    }
    return -ENOSYS;
  }
  std::int64_t mmap(std::uint64_t at, std::uint64_t size, std::uint64_t prot, std::uint64_t flags,
                    int fd = -1, std::uint64_t offset = 0) {
    return call(Syscall::sys_mmap, {at, size, prot, flags, static_cast<std::uint64_t>(fd), offset});
  }
  std::int64_t madvise(std::uint64_t at, std::uint64_t size, std::uint64_t advice) {
    return call(Syscall::sys_madvise, {at, size, advice});
  }
  std::string maps() {
    const auto file = guest.files().open(guest.task, "/proc/self/maps", 0, 0);
    return read_all(**file);
  }

  Guest guest{GetParam()};
  Mm& mm = *guest.task.mm;
  const std::uint64_t page = mm.page_size();
};
INSTANTIATE_TEST_SUITE_P(Both, MemoryCalls, ::testing::Values(Isa::X86_64, Isa::Ppc64),
                         [](const auto& test) { return test.param == Isa::X86_64 ? "x86" : "ppc64"; });

TEST_P(MemoryCalls, Mmap) {
  EXPECT_EQ(mmap(kFree, 0, kProtRw, kPrivateAnonymous), -EINVAL);
  EXPECT_EQ(mmap(kFree, 1, kProtRw, 0x20), -EINVAL);
  EXPECT_EQ(mmap(kFree, 1, kProtRw, 0x23), -EINVAL);  // MAP_SHARED_VALIDATE is for files
  EXPECT_EQ(mmap(kFree, 1, kProtRw, kPrivateAnonymous, -1, 1), -EINVAL);
  EXPECT_EQ(mmap(kFree, 1, kProtRw, 2), -EBADF);
  EXPECT_EQ(mmap(kFree, 1, kProtRw, kSharedAnonymous | 0x100), -EINVAL);  // MAP_GROWSDOWN
  EXPECT_EQ(mmap(kFree, 1, kProtRw, kPrivateAnonymous | 0x40000), -ENOMEM);
  const std::uint64_t ignored = 0x20000 | (GetParam() == Isa::X86_64 ? 0x4000 : 0x40);  // STACK, NORESERVE
  EXPECT_EQ(mmap(kFree, 2 * page, kProtRw, kPrivateAnonymous | ignored), kFree);
  EXPECT_EQ(mm.rss(), 0u);
  EXPECT_EQ(mmap(kFree, 2 * page, kProtRw, kPrivateAnonymous | kFixed | 0x8000), kFree);  // MAP_POPULATE
  EXPECT_EQ(mm.rss(), 2 * page);
  EXPECT_EQ(mmap(kFree, page, kProtRw, kPrivateAnonymous | 0x100000), -EEXIST);
  const std::uint64_t locked = GetParam() == Isa::X86_64 ? 0x2000 : 0x80;
  EXPECT_EQ(mmap(kFree, page, kProtRw, kPrivateAnonymous | kFixed | locked), kFree);
  EXPECT_EQ(mm.locked(), page);
}

TEST_P(MemoryCalls, TheZeroDevice) {
  const int zero =
      *guest.task.files->add(*guest.files().open(guest.task, "/dev/zero", abi::kORdWr, 0), false);
  ASSERT_EQ(mmap(kFree, page, kProtRw, 2, zero), kFree);
  EXPECT_EQ(byte_at(mm, kFree), 0);
  ASSERT_TRUE(put_byte(mm, kFree, 1));
  ASSERT_EQ(mmap(kFree + 4 * page, page, kProtRw, 1, zero), static_cast<std::int64_t>(kFree + 4 * page));
  const auto child = mm.fork();
  ASSERT_TRUE(put_byte(*child, kFree, 2));
  ASSERT_TRUE(put_byte(*child, kFree + 4 * page, 3));
  EXPECT_EQ(byte_at(mm, kFree), 1);
  EXPECT_EQ(byte_at(mm, kFree + 4 * page), 3);
}

TEST_P(MemoryCalls, Munmap) {
  EXPECT_EQ(call(Syscall::sys_munmap, {kFree, page}), 0);  // nothing there is no error
  EXPECT_EQ(call(Syscall::sys_munmap, {kFree + 1, page}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_munmap, {kFree, 0}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_munmap, {kFree, ~0ull}), -EINVAL);
}

TEST_P(MemoryCalls, Mprotect) {
  ASSERT_EQ(mmap(kFree, 2 * page, kProtRw, kPrivateAnonymous), kFree);
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree, page, kProtR}), 0);
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree, 0, kProtR}), 0);
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree, page, 0x40}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree, page, 0x03000000}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree, page, 0x01000000}), -EINVAL);  // no stack
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree, ~0ull, kProtR}), -ENOMEM);
  EXPECT_EQ(call(Syscall::sys_mprotect, {kFree + 8 * page, page, kProtR}), -ENOMEM);
}

TEST_P(MemoryCalls, Mremap) {
  constexpr std::uint64_t kMayMove = 1, kFixedTo = 2, kDontUnmap = 4;
  ASSERT_EQ(mmap(kFree, 2 * page, kProtRw, kPrivateAnonymous), kFree);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree, page, page, 8}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree, page, page, kFixedTo, kFree + 8 * page}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree, page, page, kDontUnmap}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree, page, 2 * page, kDontUnmap | kMayMove}), -EINVAL);
  const auto to = static_cast<std::int64_t>(kFree + 8 * page);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree, page, page, kFixedTo | kMayMove, kFree + 8 * page}), to);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree + 8 * page, page, page, kDontUnmap | kMayMove, kFree}), kFree);
  EXPECT_EQ(call(Syscall::sys_mremap, {kFree + page, page, page, 0}),
            static_cast<std::int64_t>(kFree + page));
}

TEST_P(MemoryCalls, Madvise) {
  ASSERT_EQ(mmap(kFree, 2 * page, kProtRw, kPrivateAnonymous), kFree);
  ASSERT_EQ(mmap(kFree + 4 * page, page, kProtRw, kSharedAnonymous),
            static_cast<std::int64_t>(kFree + 4 * page));
  ASSERT_TRUE(put_byte(mm, kFree, 5));
  for (const unsigned advice :
       {0u, 1u, 2u, 3u, 8u, 10u, 11u, 12u, 13u, 14u, 15u, 16u, 17u, 18u, 19u, 20u, 21u, 22u, 23u}) {
    EXPECT_EQ(madvise(kFree, 2 * page, advice), 0) << advice;
  }
  EXPECT_EQ(byte_at(mm, kFree), 5);
  for (const unsigned advice : {5u, 7u, 25u, 100u, ~0u}) EXPECT_EQ(madvise(kFree, page, advice), -EINVAL);
  EXPECT_EQ(madvise(kFree + 1, page, 4), -EINVAL);
  EXPECT_EQ(madvise(kFree, ~0ull, 4), -EINVAL);
  EXPECT_EQ(madvise(kFree, 0, 4), 0);
  EXPECT_EQ(madvise(kFree, page, 9), -EINVAL);             // MADV_REMOVE of what is no file
  EXPECT_EQ(madvise(kFree + 4 * page, page, 8), -EINVAL);  // MADV_FREE of what is shared
  EXPECT_EQ(madvise(kFree + 4 * page, page, 9), 0);
  ASSERT_EQ(call(Syscall::sys_mprotect, {kFree + 4 * page, page, kProtR}), 0);
  EXPECT_EQ(madvise(kFree + 4 * page, page, 9), -EACCES);
  EXPECT_EQ(madvise(kFree + 4 * page, page, 23), -EINVAL);
  // What is mapped beyond a hole is done as well.
  ASSERT_TRUE(put_byte(mm, kFree + page, 6));
  EXPECT_EQ(madvise(kFree - page, 3 * page, 4), -ENOMEM);
  EXPECT_EQ(byte_at(mm, kFree + page), 0);
  EXPECT_EQ(madvise(kFree + 2 * page, page, 4), -ENOMEM);
  ASSERT_EQ(call(Syscall::sys_mlock, {kFree, page}), 0);
  EXPECT_EQ(madvise(kFree, page, 4), -EINVAL);
  EXPECT_EQ(madvise(kFree, page, 24), 0);  // MADV_DONTNEED_LOCKED
}

TEST_P(MemoryCalls, Mincore) {
  const std::uint64_t vector = Guest::kData.value;
  ASSERT_EQ(mmap(kFree, 3 * page, kProtRw, kPrivateAnonymous), kFree);
  ASSERT_TRUE(put_byte(mm, kFree + page, 1));
  ASSERT_EQ(call(Syscall::sys_mincore, {kFree, 2 * page + 1, vector}), 0);
  EXPECT_EQ(guest.get(GuestVa(vector), 3), std::string("\0\1\0", 3));
  EXPECT_EQ(call(Syscall::sys_mincore, {kFree + 1, page, vector}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mincore, {kFree, 4 * page, vector}), -ENOMEM);
  EXPECT_EQ(call(Syscall::sys_mincore, {kFree, ~0ull, vector}), -ENOMEM);
  EXPECT_EQ(call(Syscall::sys_mincore, {kFree, page, 0}), -EFAULT);
}

TEST_P(MemoryCalls, Locks) {
  ASSERT_EQ(mmap(kFree, 4 * page, kProtRw, kPrivateAnonymous), kFree);
  EXPECT_EQ(call(Syscall::sys_mlock, {kFree + 1, page}), 0);  // two pages
  EXPECT_EQ(mm.rss(), 2 * page);
  EXPECT_EQ(mm.locked(), 2 * page);
  EXPECT_EQ(mm.fork()->locked(), 0u);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree, page, 2}), -EBUSY);
  EXPECT_EQ(call(Syscall::sys_munlock, {kFree, page}), 0);
  EXPECT_EQ(mm.locked(), page);
  EXPECT_EQ(call(Syscall::sys_mlock2, {kFree + 2 * page, page, 1}), 0);
  EXPECT_EQ(mm.rss(), 2 * page);
  EXPECT_EQ(call(Syscall::sys_mlock2, {kFree, page, 2}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mlock, {kFree, 5 * page}), -ENOMEM);
  EXPECT_EQ(call(Syscall::sys_munlock, {kFree + 8 * page, page}), -ENOMEM);
  ASSERT_EQ(call(Syscall::sys_mprotect, {kFree + 3 * page, page, kProtNone}), 0);
  EXPECT_EQ(call(Syscall::sys_mlock, {kFree + 3 * page, page}), -ENOMEM);

  const std::uint64_t current = GetParam() == Isa::X86_64 ? 1 : 0x2000;
  EXPECT_EQ(call(Syscall::sys_mlockall, {0}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mlockall, {current << 2}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mlockall, {current << 3 | current}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_mlockall, {current | current << 1}), 0);
  EXPECT_EQ(mm.locked(), mm.mapped());
  const std::uint64_t rss = mm.rss();
  ASSERT_EQ(mmap(kFree + 8 * page, page, kProtRw, kPrivateAnonymous),
            static_cast<std::int64_t>(kFree + 8 * page));
  EXPECT_EQ(mm.rss(), rss + page);
  EXPECT_EQ(call(Syscall::sys_munlockall, {}), 0);
  EXPECT_EQ(mm.locked(), 0u);
}

TEST_P(MemoryCalls, Msync) {
  ASSERT_EQ(mmap(kFree, 2 * page, kProtRw, kPrivateAnonymous), kFree);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree, 2 * page, 4}), 0);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree, 2 * page, 5}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree, 2 * page, 8}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree + 1, page, 4}), -EINVAL);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree, 3 * page, 4}), -ENOMEM);
  EXPECT_EQ(call(Syscall::sys_msync, {kFree - page, 2 * page, 4}), -ENOMEM);
}

TEST(MemoryMaps, LooksLikeLinux) {
  Guest guest;
  Mm& mm = *guest.task.mm;
  ASSERT_TRUE(mm.unmap(Guest::kData, pages(2)));
  ASSERT_TRUE(mm.map(anonymous(0x400000, pages(2))));
  mm.start_brk(GuestVa(0x402000));
  mm.set_brk(GuestVa(0x402001));
  ASSERT_TRUE(mm.map(anonymous(0x500000, pages(1), {.execute = true})));
  ASSERT_TRUE(mm.map(anonymous(0x600000, pages(2), kReadWrite, true)));
  ASSERT_TRUE(mm.protect(GuestVa(0x601000), pages(1), kNone));
  Mm::MapRequest stack = anonymous(0x700000, pages(3));
  stack.vma.grows_down = true;
  stack.vma.name = "[stack]";
  ASSERT_TRUE(mm.map(stack));
  ASSERT_TRUE(mm.protect(GuestVa(0x700000), pages(1), kRead));
  const auto maps = [&] {
    Kernel& kernel = guest.kernel;
    const ProcSources sources{kernel.machine(), kernel.scheduler(), kernel.tasks(), kernel.arch(), false};
    return proc_maps({.sources = sources, .task = &guest.task, .inode_of = [](const auto&) { return 9; }});
  };
  const std::string inode = std::to_string(mm.vmas().at(0x600000).object->number());
  EXPECT_EQ(maps(),
            "00400000-00403000 rw-p 00000000 00:00 0                                  [heap]\n"
            "00500000-00501000 --xp 00000000 00:00 0 \n"
            "00600000-00601000 rw-s 00000000 00:01 " +
                inode +
                "                                  /dev/zero (deleted)\n"
                "00601000-00602000 ---s 00001000 00:01 " +
                inode +
                "                                  /dev/zero (deleted)\n"
                "00700000-00701000 r--p 00000000 00:00 0 \n"
                "00701000-00703000 rw-p 00000000 00:00 0                                  [stack]\n"
                "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
  ASSERT_TRUE(mm.protect(GuestVa(0x700000), pages(1), kReadWrite));
  EXPECT_THAT(maps(),
              ::testing::HasSubstr(
                  "\n00700000-00703000 rw-p 00000000 00:00 0                                  [stack]\n"));
}

}  // namespace
}  // namespace trapline::kernel::testing
