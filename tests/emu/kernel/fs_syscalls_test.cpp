// The system calls on files, as a guest of either instruction set calls them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "fs_support.hpp"

namespace trapline::kernel {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using testing::Guest;
using testing::TemporaryFolder;
using namespace isa::linux_abi;
using Call = isa::linux_abi::Syscall;

constexpr auto kAtFdCwdArgument = static_cast<std::uint64_t>(kAtFdCwd);
constexpr std::uint64_t kBad = 0x20000000;  // nothing is mapped there

class FileSyscalls : public ::testing::TestWithParam<isa::Isa> {
 public:
  TemporaryFolder host;
  Guest guest;

 protected:
  FileSyscalls() : guest(GetParam(), RootFolder{host.path(), true}) {}

  int error(Call call, std::array<std::uint64_t, 6> args) { return error_of(guest.call(call, args)); }
  std::uint64_t value(Call call, std::array<std::uint64_t, 6> args) {
    const auto result = guest.call(call, args);
    EXPECT_TRUE(result) << "errno " << result.error().number;
    return result ? *result : ~0ull;
  }
  std::uint64_t open(std::string_view path, std::uint64_t flags = 0, std::uint64_t mode = 0644) {
    return value(Call::sys_open, {guest.text(path), flags, mode});
  }
  std::uint64_t at(std::uint64_t offset) const { return (Guest::kData + offset).value; }
  void put_iovec(std::uint64_t offset, std::uint64_t base, std::uint64_t size) {
    ASSERT_TRUE(guest.task.mm->write_word(Guest::kData + offset, base, 8));
    ASSERT_TRUE(guest.task.mm->write_word(Guest::kData + offset + 8, size, 8));
  }
  int add(FileRef file) { return *guest.task.files->add(std::move(file), false, 10); }
};

INSTANTIATE_TEST_SUITE_P(, FileSyscalls, ::testing::ValuesIn(isa::kAllIsas), [](const auto& isa) {
  return isa.param == trapline::isa::Isa::X86_64 ? std::string("X86") : std::string("Ppc64");
});

TEST_P(FileSyscalls, ReadAndWriteMoveBytes) {
  const auto fd = open("/file", kOCreat | kORdWr);
  guest.put(Guest::kData, "hello world");
  EXPECT_EQ(value(Call::sys_write, {fd, at(0), 11}), 11u);
  EXPECT_EQ(host.get("file"), "hello world");
  EXPECT_EQ(value(Call::sys_lseek, {fd, static_cast<std::uint64_t>(-5), 2}), 6u);
  EXPECT_EQ(value(Call::sys_read, {fd, at(100), 50}), 5u);
  EXPECT_EQ(guest.get(Guest::kData + 100, 5), "world");
  EXPECT_EQ(value(Call::sys_read, {fd, at(100), 50}), 0u);
  EXPECT_EQ(value(Call::sys_pread64, {fd, at(100), 2, 4}), 2u);
  EXPECT_EQ(guest.get(Guest::kData + 100, 2), "o ");
  EXPECT_EQ(value(Call::sys_pwrite64, {fd, at(0), 1, 10}), 1u);
  EXPECT_EQ(host.get("file"), "hello worlh");
}

TEST_P(FileSyscalls, DescriptorsAreCheckedBeforeBuffers) {
  host.put("file", "x");
  const auto reader = open("/file");
  const auto writer = open("/file", kOWrOnly);
  EXPECT_EQ(error(Call::sys_read, {99, kBad, 1}), EBADF);
  EXPECT_EQ(error(Call::sys_read, {writer, kBad, 1}), EBADF);
  EXPECT_EQ(error(Call::sys_write, {reader, kBad, 1}), EBADF);
  EXPECT_EQ(error(Call::sys_read, {reader, kBad, 1}), EFAULT);
  EXPECT_EQ(error(Call::sys_write, {writer, kBad, 1}), EFAULT);
  EXPECT_EQ(error(Call::sys_pread64, {99, kBad, 1, static_cast<std::uint64_t>(-1)}), EINVAL);
  EXPECT_EQ(error(Call::sys_readv, {99, kBad, 1}), EBADF);
  EXPECT_EQ(error(Call::sys_getdents64, {reader, kBad, 100}), ENOTDIR);
  EXPECT_EQ(error(Call::sys_ftruncate, {reader, 0}), EINVAL);
  EXPECT_EQ(error(Call::sys_ftruncate, {99, static_cast<std::uint64_t>(-1)}), EINVAL);
}

TEST_P(FileSyscalls, ABufferThatEndsCutsTheTransfer) {
  host.put("file", "0123456789");
  const auto fd = open("/file", kORdWr);
  EXPECT_EQ(value(Call::sys_read, {fd, (guest.end() - 4).value, 10}), 4u);
  EXPECT_EQ(guest.get(guest.end() - 4, 4), "0123");
  EXPECT_EQ(value(Call::sys_read, {fd, (guest.end() - 4).value, 3}), 3u);  // the position moved by 4 only
  EXPECT_EQ(guest.get(guest.end() - 4, 3), "456");
  guest.put(guest.end() - 2, "ab");
  EXPECT_EQ(value(Call::sys_pwrite64, {fd, (guest.end() - 2).value, 10, 0}), 2u);
  EXPECT_EQ(host.get("file"), "ab23456789");
}

TEST_P(FileSyscalls, HugeCountsAreCutAndTakeNoMemory) {
  const auto zero = open("/dev/zero");
  const auto null = open("/dev/null", kOWrOnly);
  const std::uint64_t room = guest.end() - Guest::kData;
  EXPECT_EQ(value(Call::sys_read, {zero, at(0), 1ull << 40}), room);
  EXPECT_EQ(error(Call::sys_read, {zero, at(0), ~0ull}), EFAULT);  // access_ok()
  EXPECT_EQ(value(Call::sys_write, {null, at(0), 0x7fffffff}), room);
}

TEST_P(FileSyscalls, VectorsAreFilledInOrder) {
  host.put("file", "0123456789");
  const auto fd = open("/file", kORdWr);
  put_iovec(0, at(200), 3);
  put_iovec(16, at(300), 0);
  put_iovec(32, at(400), 100);
  EXPECT_EQ(value(Call::sys_readv, {fd, at(0), 3}), 10u);
  EXPECT_EQ(guest.get(Guest::kData + 200, 3) + guest.get(Guest::kData + 400, 7), "0123456789");
  put_iovec(32, at(400), 2);
  EXPECT_EQ(value(Call::sys_pwritev, {fd, at(0), 3, 8}), 5u);
  EXPECT_EQ(host.get("file"), "0123456701234");
  EXPECT_EQ(value(Call::sys_preadv, {fd, at(0), 3, 1}), 5u);
  EXPECT_EQ(guest.get(Guest::kData + 200, 3), "123");
  put_iovec(16, kBad, 4);
  EXPECT_EQ(value(Call::sys_writev, {fd, at(0), 3}), 3u);  // up to what cannot be read
}

TEST_P(FileSyscalls, VectorsAreChecked) {
  const auto fd = open("/dev/null", kORdWr);
  EXPECT_EQ(error(Call::sys_writev, {fd, at(0), 1025}), EINVAL);
  EXPECT_EQ(error(Call::sys_writev, {fd, at(0), static_cast<std::uint64_t>(-1)}), EINVAL);
  EXPECT_EQ(error(Call::sys_writev, {fd, kBad, 1}), EFAULT);
  put_iovec(0, at(100), static_cast<std::uint64_t>(-1));
  EXPECT_EQ(error(Call::sys_writev, {fd, at(0), 1}), EINVAL);
  EXPECT_EQ(value(Call::sys_writev, {fd, at(0), 0}), 0u);
  put_iovec(0, kBad, 0);
  EXPECT_EQ(value(Call::sys_writev, {fd, at(0), 1}), 0u);
}

TEST_P(FileSyscalls, PipesHaveNoPosition) {
  const auto fd = static_cast<std::uint64_t>(add(input_text("typed")));
  EXPECT_EQ(error(Call::sys_lseek, {fd, 0, 1}), ESPIPE);
  EXPECT_EQ(error(Call::sys_pread64, {fd, at(0), 1, 0}), ESPIPE);
  EXPECT_EQ(error(Call::sys_lseek, {99, 0, 9}), EBADF);
  EXPECT_EQ(error(Call::sys_lseek, {fd, 0, 9}), EINVAL);
  EXPECT_EQ(error(Call::sys_fadvise64, {fd, 0, 0, 0}), ESPIPE);
  EXPECT_EQ(error(Call::sys_fsync, {fd}), EINVAL);
  put_iovec(0, at(200), 2);
  put_iovec(16, at(300), 100);
  EXPECT_EQ(value(Call::sys_readv, {fd, at(0), 2}), 5u);
  EXPECT_EQ(guest.get(Guest::kData + 300, 3), "ped");
}

TEST_P(FileSyscalls, CapturedOutputArrivesWhole) {
  std::string out;
  const auto sink = [&](std::string_view text) {
    out += text;
    return out.size() < 10;
  };
  const auto fd = static_cast<std::uint64_t>(add(captured_output("pipe:[1]", sink)));
  guest.put(Guest::kData, "12345678");
  EXPECT_EQ(value(Call::sys_write, {fd, at(0), 8}), 8u);
  EXPECT_EQ(error(Call::sys_write, {fd, at(0), 8}), EFBIG);
  EXPECT_EQ(error(Call::sys_read, {fd, at(0), 8}), EBADF);
  EXPECT_EQ(error(Call::sys_ioctl, {fd, differing(GetParam()).tcgets, at(0)}), ENOTTY);
}

TEST_P(FileSyscalls, OpenChecksThePathAndTheTableFirst) {
  EXPECT_EQ(error(Call::sys_open, {kBad, 0, 0}), EFAULT);
  EXPECT_EQ(error(Call::sys_open, {guest.text(""), 0, 0}), ENOENT);
  EXPECT_EQ(error(Call::sys_open, {guest.text(std::string(4096, 'x')), 0, 0}), ENAMETOOLONG);
  EXPECT_EQ(error(Call::sys_openat, {99, guest.text("file"), 0, 0}), EBADF);
  EXPECT_EQ(error(Call::sys_openat, {99, guest.text("/none"), 0, 0}), ENOENT);
  host.put("file", "x");
  const auto fd = open("/file");
  EXPECT_EQ(error(Call::sys_openat, {fd, guest.text("x"), 0, 0}), ENOTDIR);
  while (guest.task.files->lowest_free()) guest.task.files->add(input_text(""), false).ok();
  EXPECT_EQ(error(Call::sys_open, {guest.text("/new"), kOCreat, 0644}), EMFILE);
  EXPECT_FALSE(std::filesystem::exists(host / "new"));
}

TEST_P(FileSyscalls, OpenFlagsAreKeptAsFcntlShowsThem) {
  const std::uint64_t large_file = GetParam() == isa::Isa::X86_64 ? 0100000 : 0200000;
  const auto fd = open("/file", kOCreat | kOTrunc | kOAppend | kOWrOnly | kOCloExec);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 3}), large_file | kOAppend | kOWrOnly);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 1}), 1u);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 4, kONonBlock | kORdWr}), 0u);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 3}), large_file | kONonBlock | kOWrOnly);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 2, 0}), 0u);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 1}), 0u);
  EXPECT_EQ(error(Call::sys_fcntl, {fd, 12345}), EINVAL);
  EXPECT_EQ(error(Call::sys_fcntl, {99, 12345}), EBADF);
}

TEST_P(FileSyscalls, DescriptorsAreDuplicated) {
  host.put("file", "abc");
  const auto fd = open("/file", kOCloExec);
  EXPECT_EQ(fd, 0u);
  EXPECT_EQ(value(Call::sys_dup, {fd}), 1u);
  EXPECT_EQ(value(Call::sys_dup2, {fd, 7}), 7u);
  EXPECT_EQ(value(Call::sys_dup2, {fd, fd}), fd);
  EXPECT_TRUE(guest.task.files->find(0)->close_on_exec);
  EXPECT_EQ(value(Call::sys_dup3, {fd, 8, kOCloExec}), 8u);
  EXPECT_EQ(value(Call::sys_fcntl, {fd, 1030, 8}), 9u);
  EXPECT_EQ(value(Call::sys_fcntl, {7, 1}), 0u);
  EXPECT_EQ(value(Call::sys_fcntl, {9, 1}), 1u);
  EXPECT_EQ(value(Call::sys_read, {1, at(0), 1}), 1u);
  EXPECT_EQ(value(Call::sys_lseek, {9, 0, 1}), 1u);  // one position for all
  EXPECT_EQ(error(Call::sys_dup, {99}), EBADF);
  EXPECT_EQ(error(Call::sys_dup2, {99, 99}), EBADF);
  EXPECT_EQ(error(Call::sys_dup2, {fd, 1024}), EBADF);
  EXPECT_EQ(error(Call::sys_dup2, {fd, static_cast<std::uint64_t>(-1)}), EBADF);
  EXPECT_EQ(error(Call::sys_dup3, {99, 99, 0}), EINVAL);
  EXPECT_EQ(error(Call::sys_dup3, {fd, 5, 1}), EINVAL);
  EXPECT_EQ(error(Call::sys_fcntl, {fd, 0, 1024}), EINVAL);
}

TEST_P(FileSyscalls, CloseRangeClosesOrMarks) {
  const FileRef file = input_text("");
  for (int fd = 0; fd < 6; ++fd) (void)guest.task.files->put(fd, file, false);
  const auto before = guest.task.files;
  EXPECT_EQ(value(Call::sys_close_range, {4, ~0u, 0}), 0u);
  EXPECT_EQ(value(Call::sys_close_range, {2, 3, 4}), 0u);
  EXPECT_EQ(guest.task.files->entries().size(), 4u);
  EXPECT_TRUE(guest.task.files->find(3)->close_on_exec);
  EXPECT_EQ(error(Call::sys_close_range, {3, 2, 0}), EINVAL);
  EXPECT_EQ(error(Call::sys_close_range, {0, 1, 1}), EINVAL);
  EXPECT_EQ(value(Call::sys_close_range, {0, 0, 2}), 0u);
  EXPECT_NE(before->find(0), nullptr);  // what others shared with us stays
  EXPECT_EQ(guest.task.files->find(0), nullptr);
  EXPECT_EQ(error(Call::sys_close, {0}), EBADF);
}

TEST_P(FileSyscalls, IoctlSetsCloseOnExec) {
  const bool x86 = GetParam() == isa::Isa::X86_64;
  const auto fd = open("/dev/null");
  EXPECT_EQ(value(Call::sys_ioctl, {fd, x86 ? 0x5451u : 0x20006601u}), 0u);
  EXPECT_TRUE(guest.task.files->find(static_cast<int>(fd))->close_on_exec);
  EXPECT_EQ(value(Call::sys_ioctl, {fd, x86 ? 0x5450u : 0x20006602u}), 0u);
  EXPECT_FALSE(guest.task.files->find(static_cast<int>(fd))->close_on_exec);
  EXPECT_EQ(error(Call::sys_ioctl, {fd, differing(GetParam()).tcgets, at(0)}), ENOTTY);
  host.put("file", "12345");
  const auto file = open("/file");
  EXPECT_EQ(value(Call::sys_ioctl, {file, differing(GetParam()).fionread, at(0)}), 0u);
  EXPECT_EQ(guest.word(Guest::kData, 4), 5u);
}

// Offsets: asm/stat.h of both, by gcc's offsetof.
TEST_P(FileSyscalls, StatIsLaidOut) {
  host.put("file", std::string(5000, 'x'));
  const std::uint64_t path = guest.text("/file");
  const GuestVa buffer = Guest::kData + 1000;
  guest.put(buffer, std::string(200, '\xff'));
  EXPECT_EQ(value(Call::sys_stat, {path, buffer.value}), 0u);
  EXPECT_NE(guest.word(buffer + 8, 8), 0u);                            // st_ino
  EXPECT_EQ(guest.word(buffer + 16, 8), 1u);                           // st_nlink
  EXPECT_EQ(guest.word(buffer + 24, 4), kSIfReg | 0644u);              // st_mode
  EXPECT_EQ(guest.word(buffer + 28, 4), 0u);                           // st_uid
  EXPECT_EQ(guest.word(buffer + 48, 8), 5000u);                        // st_size
  EXPECT_EQ(guest.word(buffer + 56, 8), 4096u);                        // st_blksize
  EXPECT_EQ(guest.word(buffer + 64, 8), 16u);                          // st_blocks
  EXPECT_NE(guest.word(buffer + 88, 8), 0u);                           // st_mtime: the host's
  EXPECT_EQ(guest.get(buffer + 72, 16), guest.get(buffer + 88, 16));   // st_atime
  EXPECT_EQ(guest.get(buffer + 104, 16), guest.get(buffer + 88, 16));  // st_ctime
  EXPECT_EQ(guest.get(buffer + 120, 24), std::string(24, '\0'));
  EXPECT_EQ(guest.get(buffer + 144, 1), "\xff");
  const std::string by_path = guest.get(buffer, 144);
  const auto fd = open("/file");
  EXPECT_EQ(value(Call::sys_fstat, {fd, buffer.value}), 0u);
  EXPECT_EQ(guest.get(buffer, 144), by_path);
  EXPECT_EQ(value(Call::sys_newfstatat, {fd, guest.text(""), buffer.value, kAtEmptyPath}), 0u);
  EXPECT_EQ(guest.get(buffer, 144), by_path);
  EXPECT_EQ(value(Call::sys_newfstatat, {kAtFdCwdArgument, guest.text("file"), buffer.value, 0}), 0u);
  EXPECT_EQ(guest.get(buffer, 144), by_path);
  EXPECT_EQ(error(Call::sys_newfstatat, {kAtFdCwdArgument, guest.text("file"), buffer.value, 1}), EINVAL);
  EXPECT_EQ(error(Call::sys_stat, {guest.text("/none"), kBad}), ENOENT);
  EXPECT_EQ(error(Call::sys_stat, {guest.text("/file"), kBad}), EFAULT);
}

// linux/stat.h
TEST_P(FileSyscalls, StatxIsLaidOut) {
  const GuestVa buffer = Guest::kData + 1000;
  EXPECT_EQ(value(Call::sys_statx, {kAtFdCwdArgument, guest.text("/dev/zero"), 0, 0x7ff, buffer.value}), 0u);
  EXPECT_EQ(guest.word(buffer, 4), 0x7ffu);                // stx_mask
  EXPECT_EQ(guest.word(buffer + 4, 4), 4096u);             // stx_blksize
  EXPECT_EQ(guest.word(buffer + 16, 4), 1u);               // stx_nlink
  EXPECT_EQ(guest.word(buffer + 28, 2), kSIfChr | 0666u);  // stx_mode
  EXPECT_EQ(guest.word(buffer + 128, 4), 1u);              // stx_rdev_major
  EXPECT_EQ(guest.word(buffer + 132, 4), 5u);              // stx_rdev_minor
  EXPECT_EQ(guest.word(buffer + 140, 4), 8u);              // stx_dev_minor
  EXPECT_EQ(error(Call::sys_statx, {0, kBad, 0, 0x80000000, 0}), EINVAL);
  EXPECT_EQ(error(Call::sys_statx, {0, kBad, 0x6000, 0, 0}), EINVAL);
}

TEST_P(FileSyscalls, LinksAreFollowedOrNot) {
  host.put("file", "x");
  std::filesystem::create_symlink("file", host / "link");
  const GuestVa buffer = Guest::kData + 1000;
  EXPECT_EQ(value(Call::sys_stat, {guest.text("/link"), buffer.value}), 0u);
  EXPECT_EQ(guest.word(buffer + 24, 4), kSIfReg | 0644u);
  EXPECT_EQ(value(Call::sys_lstat, {guest.text("/link"), buffer.value}), 0u);
  EXPECT_EQ(guest.word(buffer + 24, 4), kSIfLnk | 0777u);
  guest.put(buffer, "......");
  EXPECT_EQ(value(Call::sys_readlink, {guest.text("/link"), buffer.value, 3}), 3u);
  EXPECT_EQ(guest.get(buffer, 4), "fil.");
  EXPECT_EQ(error(Call::sys_readlink, {guest.text("/none"), buffer.value, 0}), EINVAL);
  EXPECT_EQ(error(Call::sys_readlinkat, {kAtFdCwdArgument, guest.text("file"), buffer.value, 3}), EINVAL);
}

TEST_P(FileSyscalls, AccessIsRoots) {
  host.put("file", "x");
  EXPECT_EQ(value(Call::sys_access, {guest.text("/file"), 6}), 0u);
  EXPECT_EQ(error(Call::sys_access, {guest.text("/file"), 1}), EACCES);
  EXPECT_EQ(value(Call::sys_access, {guest.text("/"), 7}), 0u);
  EXPECT_EQ(value(Call::sys_access, {guest.text("/dev/null"), 2}), 0u);
  EXPECT_EQ(error(Call::sys_access, {guest.text("/proc/cpuinfo"), 2}), EROFS);
  EXPECT_EQ(error(Call::sys_access, {guest.text("/none"), 0}), ENOENT);
  EXPECT_EQ(error(Call::sys_access, {kBad, 8}), EINVAL);
  EXPECT_EQ(error(Call::sys_faccessat2, {kAtFdCwdArgument, guest.text("/file"), 0, 1}), EINVAL);
  EXPECT_EQ(value(Call::sys_faccessat, {kAtFdCwdArgument, guest.text("file"), 4}), 0u);
}

TEST_P(FileSyscalls, DirectoriesAreReadInPieces) {
  for (const char* name : {"bb", "a", "ccccccccccc"}) host.put(name, "");
  const auto fd = open("/", GetParam() == isa::Isa::X86_64 ? 0200000 : 040000);
  const GuestVa buffer = Guest::kData + 1000;
  std::vector<std::string> names;
  std::map<std::string, std::uint64_t> types;
  std::uint64_t next = 0;
  for (;;) {
    const std::uint64_t size = value(Call::sys_getdents64, {fd, buffer.value, 60});
    if (size == 0) break;
    for (std::uint64_t offset = 0; offset < size; offset += guest.word(buffer + offset + 16, 2)) {
      ASSERT_EQ(offset % 8, 0u);
      EXPECT_EQ(guest.word(buffer + offset + 8, 8), ++next);
      const auto name = guest.task.mm->read_string(buffer + offset + 19, 256);
      ASSERT_TRUE(name);
      names.push_back(*name);
      types[names.back()] = guest.word(buffer + offset + 18, 1);
    }
  }
  EXPECT_THAT(names, ElementsAre(".", "..", "a", "bb", "ccccccccccc", "dev", "proc", "sys"));
  EXPECT_EQ(types["a"], 8u);  // DT_REG
  EXPECT_EQ(types["."], 4u);  // DT_DIR
  EXPECT_EQ(value(Call::sys_lseek, {fd, 0, 0}), 0u);
  EXPECT_EQ(error(Call::sys_getdents64, {fd, buffer.value, 23}), EINVAL);
  EXPECT_EQ(error(Call::sys_getdents64, {fd, kBad, 100}), EFAULT);
  EXPECT_EQ(value(Call::sys_getdents64, {fd, buffer.value, 24}), 24u);
  EXPECT_EQ(error(Call::sys_read, {fd, buffer.value, 24}), EISDIR);
}

TEST_P(FileSyscalls, TheWorkingDirectoryMoves) {
  const GuestVa buffer = Guest::kData + 1000;
  EXPECT_EQ(value(Call::sys_mkdir, {guest.text("/one"), 0777}), 0u);
  EXPECT_EQ(value(Call::sys_chdir, {guest.text("one/../one/.")}), 0u);
  EXPECT_EQ(value(Call::sys_getcwd, {buffer.value, 5}), 5u);
  EXPECT_EQ(guest.get(buffer, 5), std::string("/one\0", 5));
  EXPECT_EQ(error(Call::sys_getcwd, {buffer.value, 4}), ERANGE);
  EXPECT_EQ(value(Call::sys_mkdirat, {kAtFdCwdArgument, guest.text("two"), 0777}), 0u);
  EXPECT_TRUE(std::filesystem::is_directory(host / "one/two"));
  const auto fd = open("/");
  const auto file = open("file", kOCreat | kOWrOnly);
  EXPECT_EQ(error(Call::sys_fchdir, {file}), ENOTDIR);
  EXPECT_EQ(error(Call::sys_fchdir, {99}), EBADF);
  EXPECT_EQ(value(Call::sys_fchdir, {fd}), 0u);
  EXPECT_EQ(guest.task.fs->working_directory, "/");
  EXPECT_EQ(error(Call::sys_chdir, {guest.text("/one/file")}), ENOTDIR);
  EXPECT_EQ(value(Call::sys_chdir, {guest.text("/proc/self")}), 0u);
  EXPECT_EQ(guest.task.fs->working_directory, "/proc/1234");
}

TEST_P(FileSyscalls, NamesComeAndGo) {
  const auto root = open("/");
  EXPECT_EQ(value(Call::sys_umask, {0077}), 022u);
  EXPECT_EQ(value(Call::sys_close, {value(Call::sys_creat, {guest.text("a"), 0666})}), 0u);
  EXPECT_EQ(std::filesystem::status(host / "a").permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(value(Call::sys_mkdir, {guest.text("d"), 0777}), 0u);
  EXPECT_EQ(std::filesystem::status(host / "d").permissions(), std::filesystem::perms(0700));
  EXPECT_EQ(value(Call::sys_rename, {guest.text("a"), guest.text("d/b", 100)}), 0u);
  EXPECT_EQ(value(Call::sys_renameat2, {root, guest.text("d/b"), root, guest.text("c", 100), 0}), 0u);
  EXPECT_EQ(error(Call::sys_renameat2, {root, guest.text("c"), root, guest.text("e", 100), 4}), EINVAL);
  EXPECT_EQ(value(Call::sys_truncate, {guest.text("c"), 10}), 0u);
  EXPECT_EQ(host.get("c").size(), 10u);
  EXPECT_EQ(error(Call::sys_truncate, {guest.text("d"), 10}), EISDIR);
  EXPECT_EQ(error(Call::sys_truncate, {guest.text("/dev/null"), 10}), EINVAL);
  EXPECT_EQ(value(Call::sys_unlink, {guest.text("c")}), 0u);
  EXPECT_EQ(error(Call::sys_unlinkat, {root, guest.text("d"), 0}), EISDIR);
  EXPECT_EQ(error(Call::sys_unlinkat, {root, guest.text("d"), 1}), EINVAL);
  EXPECT_EQ(value(Call::sys_unlinkat, {root, guest.text("d"), kAtRemoveDir}), 0u);
  EXPECT_EQ(error(Call::sys_rmdir, {guest.text("d")}), ENOENT);
}

TEST_P(FileSyscalls, AFileOutlivesItsName) {
  const auto fd = open("/file", kOCreat | kORdWr);
  guest.put(Guest::kData + 100, "abc");
  EXPECT_EQ(value(Call::sys_unlink, {guest.text("/file")}), 0u);
  EXPECT_EQ(value(Call::sys_write, {fd, at(100), 3}), 3u);
  EXPECT_EQ(value(Call::sys_pread64, {fd, at(200), 3, 0}), 3u);
  EXPECT_EQ(guest.get(Guest::kData + 200, 3), "abc");
}

TEST(LlSeek, TakesTheOffsetInHalves) {
  TemporaryFolder host;
  host.put("file", "");
  Guest guest(isa::Isa::Ppc64, RootFolder{host.path(), false});
  const auto fd = *guest.call(Call::sys_open, {guest.text("/file"), 0, 0});
  const GuestVa result = Guest::kData + 64;
  EXPECT_EQ(*guest.call(Call::sys__llseek, {fd, 1, 2, result.value, 0}), 0u);
  EXPECT_EQ(guest.word(result, 8), 0x100000002u);
  EXPECT_EQ(error_of(guest.call(Call::sys__llseek, {fd, 0, 0, kBad, 0})), EFAULT);
}

}  // namespace
}  // namespace trapline::kernel
