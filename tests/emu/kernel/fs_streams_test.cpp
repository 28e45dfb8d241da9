// The standard streams: descriptors of ours that a guest reads and writes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "emu/kernel/fs/host.hpp"
#include "fs_support.hpp"

namespace trapline::kernel {
namespace {

using testing::bytes_of;
using testing::error_of;
using testing::Guest;
using testing::read_all;
using testing::TemporaryFolder;
using namespace isa::linux_abi;
using Call = isa::linux_abi::Syscall;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
    reader = HostFd(ends[0]);
    writer = HostFd(ends[1]);
  }
  HostFd reader;
  HostFd writer;
};

TEST(HostStream, PassesThrough) {
  const Pipe pipe;
  const FileRef in = host_stream(pipe.reader.get(), "/dev/stdin", 0);
  const FileRef out = host_stream(pipe.writer.get(), "/dev/stdout", kOWrOnly);
  EXPECT_EQ(*out->write(bytes_of("hello")), 5u);
  std::array<std::byte, 10> buffer{};
  EXPECT_EQ(*in->read(buffer), 5u);
  EXPECT_EQ(in->status()->mode & kSIfMt, kSIfIfo);
  EXPECT_EQ(error_of(in->seek(0, Whence::Current)), ESPIPE);
  EXPECT_TRUE(in->stream());
}

TEST(HostStream, APipeWithoutReaderIsEpipe) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  { const HostFd closed = std::move(pipe.reader); }
  EXPECT_EQ(error_of(host_stream(pipe.writer.get(), "/dev/stdout", kOWrOnly)->write(bytes_of("x"))), EPIPE);
  std::signal(SIGPIPE, before);
}

TEST(HostStream, AReadOfAPipeDoesNotWaitForMoreThanThereIs) {
  const Pipe pipe;
  Guest guest;
  (void)guest.task.files->put(0, host_stream(pipe.reader.get(), "/dev/stdin", 0), false);
  ASSERT_EQ(::write(pipe.writer.get(), "abc", 3), 3);
  EXPECT_EQ(*guest.call(Call::sys_read, {0, Guest::kData.value, 8192}), 3u);
}

TEST(HostStream, AFileIsSoughtInAsNatively) {
  const TemporaryFolder host;
  host.put("file", "0123456789");
  const HostFd fd(::open((host / "file").c_str(), O_RDONLY | O_CLOEXEC));
  const FileRef in = host_stream(fd.get(), "/dev/stdin", 0);
  EXPECT_EQ(*in->seek(-3, Whence::End), 7u);
  EXPECT_EQ(read_all(*in), "789");
  EXPECT_EQ(in->status()->mode, kSIfReg | 0644);
  EXPECT_EQ(in->status()->size, 10u);
  EXPECT_FALSE(in->stream());
}

TEST(HostStream, SameFilesHaveTheSameNumber) {
  const Pipe pipe;
  const Pipe other;
  const auto inode = [](const HostFd& fd) { return host_stream(fd.get(), "", 0)->status()->inode; };
  EXPECT_NE(inode(pipe.reader), inode(other.reader));
  EXPECT_EQ(inode(pipe.reader), inode(pipe.reader));
}

class Terminal : public ::testing::TestWithParam<isa::Isa> {};
INSTANTIATE_TEST_SUITE_P(, Terminal, ::testing::ValuesIn(isa::kAllIsas));

// Values: `stty -a` of a new terminal, in the constants of asm/termbits.h.
TEST_P(Terminal, AnswersAsANewOne) {
  const HostFd controller(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!controller || ::grantpt(controller.get()) != 0 || ::unlockpt(controller.get()) != 0) {
    GTEST_SKIP() << "the host gives no terminals";
  }
  std::array<char, 64> name{};
  ASSERT_EQ(::ptsname_r(controller.get(), name.data(), name.size()), 0);
  const HostFd terminal(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(static_cast<bool>(terminal));

  Guest guest(GetParam());
  (void)guest.task.files->put(1, host_stream(terminal.get(), "/dev/pts/0", kORdWr), false);
  const auto codes = differing(GetParam());
  const GuestVa buffer = Guest::kData;
  guest.put(buffer, std::string(64, '\xee'));
  EXPECT_EQ(*guest.call(Call::sys_ioctl, {1, codes.tcgets, buffer.value}), 0u);
  const bool x86 = GetParam() == isa::Isa::X86_64;
  EXPECT_EQ(guest.word(buffer, 4), x86 ? 0x500u : 0x300u);         // c_iflag: ICRNL IXON
  EXPECT_EQ(guest.word(buffer + 12, 4), x86 ? 0x8a3bu : 0x5cfu);   // c_lflag
  EXPECT_EQ(guest.word(buffer + (x86 ? 17 : 16), 1), 3u);          // c_cc[VINTR]: ^C
  EXPECT_EQ(guest.word(buffer + (x86 ? 17 + 6 : 16 + 5), 1), 1u);  // c_cc[VMIN]
  EXPECT_EQ(guest.word(buffer + (x86 ? 36 : 44), 1), 0xeeu);       // and no further
  EXPECT_EQ(*guest.call(Call::sys_ioctl, {1, codes.tiocgwinsz, buffer.value}), 0u);
  EXPECT_EQ(guest.word(buffer, 2), 24u);
  EXPECT_EQ(guest.word(buffer + 2, 2), 80u);
  ASSERT_EQ(::write(controller.get(), "abc\n", 4), 4);
  pollfd arrival{terminal.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&arrival, 1, 10000), 1);
  EXPECT_EQ(*guest.call(Call::sys_ioctl, {1, codes.fionread, buffer.value}), 0u);
  EXPECT_EQ(guest.word(buffer, 4), 4u);
  EXPECT_EQ(error_of(guest.call(Call::sys_ioctl, {1, codes.tcgets, 0})), EFAULT);
  EXPECT_EQ(error_of(guest.call(Call::sys_ioctl, {1, 0x12345678, 0})), ENOTTY);
  EXPECT_EQ(guest.task.files->find(1)->file->status()->special_device, 0x8800u);
}

}  // namespace
}  // namespace trapline::kernel
