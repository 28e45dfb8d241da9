// A host folder as the root: what a guest reaches, what it must not reach, and that nothing of the host
// shows.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "fs_support.hpp"

namespace trapline::kernel {
namespace {

using testing::bytes_of;
using ::testing::ElementsAre;
using testing::error_of;
using testing::Guest;
using testing::read_all;
using testing::TemporaryFolder;
using namespace isa::linux_abi;

constexpr std::uint64_t kRead = 0;
constexpr std::uint64_t kDirectory = 0200000;  // of x86-64, as everything here
constexpr std::uint64_t kNoFollow = 0400000;

class RootFolderTest : public ::testing::Test {
 public:
  TemporaryFolder host;

 protected:
  RootFolderTest() {
    std::filesystem::create_directory(host.path() / "root");
    std::filesystem::create_directory(root() / "sub");
    host.put("secret", "outside");
    put("hello", "inside");
  }

  std::filesystem::path root() const { return host.path() / "root"; }
  void put(const std::string& name, std::string_view text) const { host.put("root/" + name, text); }
  void link(const std::string& target, const std::string& name) const {
    std::filesystem::create_symlink(target, root() / name);
  }
  Guest& guest(bool writable = false, std::uint64_t growth_limit = 1u << 20) {
    if (!guest_) guest_.emplace(isa::Isa::X86_64, RootFolder{root(), writable, growth_limit});
    return *guest_;
  }
  Result<FileRef> open(const std::string& path, std::uint64_t flags = kRead, std::uint32_t mode = 0644) {
    return guest().files().open(guest().task, path, flags, mode);
  }
  std::string content(const std::string& path) {
    const auto file = open(path);
    return file ? read_all(**file) : "errno " + std::to_string(file.error().number);
  }
  std::vector<std::string> names(const std::string& path) {
    std::vector<std::string> all;
    const auto folder = open(path, kDirectory);
    if (!folder) return {"errno " + std::to_string(folder.error().number)};
    const auto entries = (*folder)->entries();
    for (const DirectoryEntry& entry : *entries) all.push_back(entry.name);
    return all;
  }
  FileStatus status(const std::string& path) { return *guest().files().status(guest().task, path, false); }
  int status_error(const std::string& path) {
    return error_of(guest().files().status(guest().task, path, true));
  }

 private:
  std::optional<Guest> guest_;
};

TEST_F(RootFolderTest, OpensWhatIsInIt) {
  put("sub/deep", "below");
  EXPECT_EQ(content("/hello"), "inside");
  EXPECT_EQ(content("//sub/./deep"), "below");
  EXPECT_EQ(content("/sub/../hello"), "inside");
  EXPECT_EQ((*open("/sub//deep"))->name(), "/sub/deep");
}

TEST_F(RootFolderTest, DotDotStaysInside) {
  EXPECT_EQ(content("/../secret"), "errno 2");
  EXPECT_EQ(content("/sub/../../../secret"), "errno 2");
  EXPECT_EQ(content("/../../hello"), "inside");
}

TEST_F(RootFolderTest, LinksStayInside) {
  link("../secret", "relative");
  link((host / "secret").string(), "absolute");
  link("/hello", "rooted");
  link("..", "sub/up");
  link("../../../../../../etc/passwd", "sub/far");
  EXPECT_EQ(content("/relative"), "errno 2");
  EXPECT_EQ(content("/absolute"), "errno 2");
  EXPECT_EQ(content("/rooted"), "inside");
  EXPECT_EQ(content("/sub/up/hello"), "inside");
  EXPECT_EQ(content("/sub/up/up/secret"), "errno 2");
  EXPECT_EQ(content("/sub/far"), "errno 2");
}

TEST_F(RootFolderTest, LinksLeadToTheKernelsOwnFiles) {
  link("/proc/sys/kernel/osrelease", "release");
  link("dev/null", "null");
  EXPECT_EQ(content("/release"), "6.1.0\n");
  EXPECT_EQ(content("/null"), "");
}

TEST_F(RootFolderTest, TheHostsOwnDevAndProcAreHidden) {
  std::filesystem::create_directory(root() / "proc");
  put("proc/mine", "x");
  EXPECT_EQ(content("/proc/mine"), "errno 2");
  EXPECT_EQ(content("/proc/sys/kernel/perf_event_paranoid"), "2\n");
}

TEST_F(RootFolderTest, LoopsOfLinksEnd) {
  link("b", "a");
  link("a", "b");
  EXPECT_EQ(status_error("/a"), ELOOP);
  EXPECT_EQ(status_error("/a/x"), ELOOP);
  EXPECT_EQ(error_of(open("/a", kNoFollow)), ELOOP);
  EXPECT_EQ(error_of(open("/a", kNoFollow | kDirectory)), ENOTDIR);
}

TEST_F(RootFolderTest, OfNamedPipesAndSocketsOnlyTheNamesAreTheHosts) {
  ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0644), 0);
  ASSERT_EQ(::mknod((root() / "socket").c_str(), S_IFSOCK | 0644, 0), 0);
  EXPECT_EQ(error_of(open("/fifo", kOWrOnly | kONonBlock)), ENXIO);
  {
    const auto reader = open("/fifo");  // nobody of the host is waited for
    ASSERT_TRUE(reader);
    EXPECT_TRUE((*reader)->opening());
    const auto writer = open("/fifo", kOWrOnly);
    EXPECT_FALSE((*reader)->opening());
    EXPECT_EQ(*(*writer)->write(bytes_of("abc")), 3u);
    std::array<std::byte, 8> read{};
    EXPECT_EQ(*(*reader)->read(read), 3u);
  }
  EXPECT_EQ(error_of(open("/socket")), ENXIO);
  EXPECT_EQ(status("/fifo").mode, kSIfIfo | 0644);
  EXPECT_EQ(status("/socket").mode, 0140000u | 0644);
}

TEST_F(RootFolderTest, DevicesAreNotOpened) {
  if (::mknod((root() / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) {
    GTEST_SKIP() << "only root makes devices";
  }
  EXPECT_EQ(error_of(open("/null")), EACCES);
  EXPECT_EQ(status("/null").special_device, 0u);
}

TEST_F(RootFolderTest, ReadOnlyUnlessAskedFor) {
  auto& files = guest().files();
  EXPECT_EQ(error_of(open("/hello", kOWrOnly)), EROFS);
  EXPECT_EQ(error_of(open("/hello", kORdWr)), EROFS);
  EXPECT_EQ(error_of(open("/hello", kOTrunc)), EROFS);
  EXPECT_EQ(error_of(open("/new", kOCreat | kOWrOnly)), EROFS);
  EXPECT_EQ(error_of(open("/new", kOCreat)), EROFS);
  EXPECT_EQ(error_of(open("/hello", kOCreat)), 0);  // it exists
  EXPECT_EQ(error_of(files.make_folder(guest().task, "/new", 0755)), EROFS);
  EXPECT_EQ(error_of(files.make_folder(guest().task, "/sub", 0755)), EEXIST);
  EXPECT_EQ(error_of(files.remove(guest().task, "/hello", false)), EROFS);
  EXPECT_EQ(error_of(files.remove(guest().task, "/sub", true)), EROFS);
  EXPECT_EQ(error_of(files.rename(guest().task, "/hello", "/bye", 0)), EROFS);
  EXPECT_EQ(host.get("root/hello"), "inside");
  EXPECT_TRUE(status("/hello").read_only);
}

TEST_F(RootFolderTest, WritesWhereAllowed) {
  guest(true);
  const auto file = open("/new", kOCreat | kORdWr, 0640);
  ASSERT_TRUE(file);
  EXPECT_EQ(*(*file)->write(bytes_of("abcdef")), 6u);
  EXPECT_EQ(*(*file)->seek(-4, Whence::End), 2u);
  EXPECT_EQ(*(*file)->write(bytes_of("XY")), 2u);
  EXPECT_EQ(*(*file)->pwrite(bytes_of("!"), 0), 1u);
  EXPECT_EQ(host.get("root/new"), "!bXYef");
  struct stat made {};
  ASSERT_EQ(::stat((root() / "new").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 07777, 0640u);  // whatever our own umask is
  EXPECT_TRUE((*file)->truncate(2));
  EXPECT_EQ(host.get("root/new"), "!b");
  EXPECT_EQ(error_of(open("/new", kOCreat | kOExcl | kOWrOnly)), EEXIST);
  EXPECT_TRUE(open("/new", kOWrOnly | kOTrunc));
  EXPECT_EQ(host.get("root/new"), "");
}

TEST_F(RootFolderTest, NeverMakesSetUserIdFiles) {
  guest(true);
  ASSERT_TRUE(open("/new", kOCreat | kOWrOnly, 06755));
  struct stat made {};
  ASSERT_EQ(::stat((root() / "new").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 07777, 0755u);
  EXPECT_EQ(status("/new").mode, kSIfReg | 06755);  // for the guest it is one
}

TEST_F(RootFolderTest, WhatAGuestChangesOfAFileIsItsOwn) {
  guest(true);
  auto& files = guest().files();
  const auto place = files.place(guest().task, "/hello", true);
  ASSERT_TRUE(place);
  ASSERT_TRUE((*place)->change_attributes({.permissions = 04000, .uid = 7, .gid = 8}));
  EXPECT_EQ(status("/hello").mode, kSIfReg | 04000);
  EXPECT_EQ(status("/hello").uid, 7u);
  EXPECT_EQ(status("/hello").gid, 8u);
  struct stat host_file {};
  ASSERT_EQ(::stat((root() / "hello").c_str(), &host_file), 0);
  EXPECT_EQ(host_file.st_mode & 07777, 0600u);  // we must be able to open it
  EXPECT_EQ(host_file.st_uid, ::getuid());
  EXPECT_EQ(content("/hello"), "inside");
  EXPECT_EQ(error_of(files.make_node(guest().task, "/device", 0020644)), EPERM);
}

TEST_F(RootFolderTest, LinksThatAGuestMakesLeadNowhereOutside) {
  guest(true);
  auto& files = guest().files();
  ASSERT_TRUE(files.make_link(guest().task, "/up", "../secret"));
  ASSERT_TRUE(files.make_link(guest().task, "/absolute", (host.path() / "secret").string()));
  EXPECT_EQ(error_of(open("/up")), ENOENT);
  EXPECT_EQ(error_of(open("/absolute")), ENOENT);
  EXPECT_EQ(error_of(files.add_name(guest().task, "/up", true, "/name")), ENOENT);
  ASSERT_TRUE(files.add_name(guest().task, "/up", false, "/name"));
  EXPECT_EQ(status("/name").mode & kSIfMt, kSIfLnk);
}

TEST_F(RootFolderTest, AppendsWhateverThePosition) {
  guest(true);
  const auto file = open("/hello", kOWrOnly | kOAppend);
  ASSERT_TRUE(file);
  EXPECT_EQ(*(*file)->write(bytes_of("+")), 1u);
  EXPECT_EQ(*(*file)->seek(0, Whence::Current), 7u);
  EXPECT_EQ(*(*file)->pwrite(bytes_of("-"), 0), 1u);  // pwrite(2), "Bugs"
  EXPECT_EQ(host.get("root/hello"), "inside+-");
}

TEST_F(RootFolderTest, CreationFollowsADanglingLinkInside) {
  guest(true);
  link("sub/target", "dangling");
  link("../outside", "escape");
  ASSERT_TRUE(open("/dangling", kOCreat | kOWrOnly));
  EXPECT_TRUE(std::filesystem::exists(root() / "sub/target"));
  ASSERT_TRUE(open("/escape", kOCreat | kOWrOnly));
  EXPECT_TRUE(std::filesystem::exists(root() / "outside"));
  EXPECT_FALSE(std::filesystem::exists(host / "outside"));
  EXPECT_EQ(error_of(open("/dangling", kOCreat | kOExcl | kOWrOnly)), EEXIST);
}

TEST_F(RootFolderTest, GrowsNoFurtherThanAllowed) {
  constexpr std::uint64_t kNew = 4096;  // what a new file takes
  guest(true, kNew + 10);
  const auto file = open("/new", kOCreat | kORdWr);
  ASSERT_TRUE(file);
  EXPECT_EQ(*(*file)->write(bytes_of("12345678")), 8u);
  EXPECT_EQ(*(*file)->pwrite(bytes_of("12345678"), 0), 8u);  // what is there already is free
  EXPECT_EQ(error_of((*file)->write(bytes_of("12345678"))), ENOSPC);
  EXPECT_EQ(error_of((*file)->pwrite(bytes_of("1"), std::uint64_t{1} << 40)), ENOSPC);
  EXPECT_EQ(error_of((*file)->truncate(std::uint64_t{1} << 40)), ENOSPC);
  EXPECT_TRUE((*file)->truncate(10));
  EXPECT_EQ(error_of(open("/other", kOCreat | kOWrOnly)), ENOSPC);
}

// The expectations are what Linux answers on ext4.
TEST_F(RootFolderTest, ErrorsOfNames) {
  guest(true);
  auto& files = guest().files();
  auto& task = guest().task;
  link("sub", "link");
  link("nowhere", "dangling");
  EXPECT_EQ(error_of(open("/hello/x")), ENOTDIR);
  EXPECT_EQ(error_of(open("/hello/")), ENOTDIR);
  EXPECT_EQ(error_of(open("/none/x", kOCreat)), ENOENT);
  EXPECT_EQ(error_of(open("/hello", kDirectory)), ENOTDIR);
  EXPECT_EQ(error_of(open("/sub", kOWrOnly)), EISDIR);
  EXPECT_EQ(error_of(open("/sub", kOTrunc)), EISDIR);
  EXPECT_EQ(error_of(open("/sub/", kOCreat)), EISDIR);
  EXPECT_EQ(error_of(open("/sub/x/", kOCreat)), EISDIR);
  EXPECT_EQ(error_of(open("/hello/", kOCreat)), EISDIR);
  EXPECT_EQ(error_of(open("/" + std::string(256, 'x'))), ENAMETOOLONG);
  EXPECT_TRUE(open("/link/", kNoFollow));

  EXPECT_EQ(error_of(files.make_folder(task, "/", 0755)), EEXIST);
  EXPECT_EQ(error_of(files.make_folder(task, "/hello/", 0755)), EEXIST);
  EXPECT_EQ(error_of(files.make_folder(task, "/dangling", 0755)), EEXIST);
  EXPECT_EQ(error_of(files.make_folder(task, "/none/x", 0755)), ENOENT);
  EXPECT_EQ(error_of(files.make_folder(task, "/hello/x", 0755)), ENOTDIR);
  EXPECT_EQ(error_of(files.make_folder(task, "/made/", 0700)), 0);

  EXPECT_EQ(error_of(files.remove(task, "/sub", false)), EISDIR);
  EXPECT_EQ(error_of(files.remove(task, "/sub/", false)), EISDIR);
  EXPECT_EQ(error_of(files.remove(task, "/sub/.", false)), EISDIR);
  EXPECT_EQ(error_of(files.remove(task, "/link/", false)), ENOTDIR);
  EXPECT_EQ(error_of(files.remove(task, "/link/", true)), ENOTDIR);
  EXPECT_EQ(error_of(files.remove(task, "/sub/.", true)), EINVAL);
  EXPECT_EQ(error_of(files.remove(task, "/sub/..", true)), ENOTEMPTY);
  EXPECT_EQ(error_of(files.remove(task, "/", true)), EBUSY);
  EXPECT_EQ(error_of(files.remove(task, "/hello", true)), ENOTDIR);
  EXPECT_EQ(error_of(files.remove(task, "/none", true)), ENOENT);

  EXPECT_EQ(error_of(files.rename(task, "/hello", "/new/", 0)), ENOTDIR);
  EXPECT_EQ(error_of(files.rename(task, "/link/", "/new", 0)), ENOTDIR);
  EXPECT_EQ(error_of(files.rename(task, "/sub", "/sub/in", 0)), EINVAL);
  EXPECT_EQ(error_of(files.rename(task, "/sub", "/hello", 0)), ENOTDIR);
  EXPECT_EQ(error_of(files.rename(task, "/hello", "/sub", 0)), EISDIR);
  EXPECT_EQ(error_of(files.rename(task, "/sub/.", "/x", 0)), EBUSY);
  EXPECT_EQ(error_of(files.rename(task, "/none", "/sub/..", 0)), EBUSY);
  EXPECT_EQ(error_of(files.rename(task, "/hello", "/dev/hello", 0)), EXDEV);
  EXPECT_EQ(error_of(files.rename(task, "/sub", "/proc", 0)), EBUSY);

  EXPECT_EQ(error_of(files.rename(task, "/hello", "/sub/moved", 0)), 0);
  EXPECT_EQ(content("/sub/moved"), "inside");
  EXPECT_EQ(error_of(files.remove(task, "/sub", true)), ENOTEMPTY);
  EXPECT_EQ(error_of(files.remove(task, "/sub/moved", false)), 0);
  EXPECT_EQ(error_of(files.remove(task, "/sub/", true)), 0);
  EXPECT_EQ(error_of(files.remove(task, "/link", false)), 0);
}

TEST_F(RootFolderTest, ReadsLinks) {
  link("some/where", "link");
  auto& files = guest().files();
  EXPECT_EQ(*files.read_link(guest().task, "/link"), "some/where");
  EXPECT_EQ(error_of(files.read_link(guest().task, "/hello")), EINVAL);
  EXPECT_EQ(error_of(files.read_link(guest().task, "/none")), ENOENT);
  EXPECT_EQ(status("/link").mode, kSIfLnk | 0777);
  EXPECT_EQ(status("/link").size, 10u);
}

TEST_F(RootFolderTest, ListsByName) {
  for (const char* name : {"zebra", "apple", "Mango", "1"}) put(std::string("sub/") + name, "");
  EXPECT_THAT(names("/sub"), ElementsAre(".", "..", "1", "Mango", "apple", "zebra"));
  EXPECT_THAT(names("/"), ElementsAre(".", "..", "dev", "hello", "proc", "sub", "sys"));
}

TEST_F(RootFolderTest, ARewoundFolderIsListedAnew) {
  const auto folder = open("/sub", kDirectory);
  EXPECT_EQ((*folder)->entries()->size(), 2u);
  put("sub/new", "");
  EXPECT_EQ((*folder)->entries()->size(), 2u);
  EXPECT_EQ(*(*folder)->seek(0, Whence::Set), 0u);
  EXPECT_EQ((*folder)->entries()->size(), 3u);
}

TEST_F(RootFolderTest, FoldersAreKnownByTheirOwnPath) {
  link("sub", "link");
  EXPECT_EQ(*guest().files().folder(guest().task, "/link/../link/."), "/sub");
  EXPECT_EQ(error_of(guest().files().folder(guest().task, "/hello")), ENOTDIR);
}

TEST_F(RootFolderTest, NothingOfTheHostShows) {
  put("program", "#!");
  ASSERT_EQ(::chmod((root() / "program").c_str(), 0510), 0);
  ASSERT_EQ(::chmod((root() / "hello").c_str(), 0600), 0);
  std::filesystem::create_hard_link(root() / "hello", root() / "second");
  const FileStatus hello = status("/hello");
  const FileStatus program = status("/program");
  EXPECT_EQ(hello.inode + 1, program.inode);  // in the order of first sight
  EXPECT_EQ(hello.inode, status("/second").inode);
  EXPECT_EQ(hello.mode, kSIfReg | 0644);
  EXPECT_EQ(program.mode, kSIfReg | 0755);
  EXPECT_EQ(hello.links, 2u);
  EXPECT_EQ(hello.size, 6u);
  EXPECT_EQ(status("/sub").mode, kSIfDir | 0755);
  EXPECT_EQ(status("/sub").links, 2u);
  EXPECT_EQ(status("/sub").size, 4096u);
  EXPECT_EQ((*open("/hello"))->status()->inode, hello.inode);
}

TEST_F(RootFolderTest, AReusedNumberOfTheHostIsANewNumber) {
  guest(true);
  std::uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(open("/again", kOCreat | kOWrOnly));
    const std::uint64_t now = status("/again").inode;
    EXPECT_GT(now, last);
    last = now;
    ASSERT_TRUE(guest().files().remove(guest().task, "/again", false));
  }
}

TEST_F(RootFolderTest, TheSameFolderLooksTheSameTwice) {
  for (const char* name : {"c", "a", "b"}) put(std::string("sub/") + name, name);
  const auto look = [&] {
    Guest again(isa::Isa::X86_64, RootFolder{root(), false});
    std::vector<std::pair<std::string, std::uint64_t>> seen;
    const auto folder = again.files().open(again.task, "/sub", kDirectory, 0);
    const auto entries = (*folder)->entries();
    for (const DirectoryEntry& entry : *entries) seen.emplace_back(entry.name, entry.inode);
    return seen;
  };
  const auto before = look();
  std::filesystem::remove(root() / "sub/a");
  put("sub/later", "");
  put("sub/a", "a");  // another inode of the host, in another place of its folder
  std::filesystem::remove(root() / "sub/later");
  EXPECT_EQ(before, look());
}

TEST_F(RootFolderTest, MappingAFileReadsAndKeepsNothingOfIt) {
  guest(true, std::uint64_t{1} << 31);  // the machine has 16 MiB
  const auto file = open("/big", kOCreat | kORdWr);
  ASSERT_TRUE((*file)->truncate(1u << 30));
  ASSERT_TRUE((*file)->pwrite(testing::bytes_of("end"), (1u << 30) - 3));
  const auto content = (*file)->contents();
  ASSERT_TRUE(content);
  EXPECT_EQ((*content)->size(), 1u << 30);
  std::array<std::byte, 8> bytes{};
  EXPECT_EQ(*(*content)->read((1u << 30) - 3, bytes), 3u);
  EXPECT_EQ(bytes[0], std::byte{'e'});
  EXPECT_EQ(*(*content)->read(1u << 30, bytes), 0u);
}

TEST_F(RootFolderTest, MappingsOfAFileShareItsContent) {
  guest(true);
  const auto file = open("/hello", kORdWr);
  const auto first = (*file)->contents();
  ASSERT_TRUE(first);
  EXPECT_EQ(*(*open("/hello"))->contents(), *first);
  ASSERT_TRUE((*file)->pwrite(testing::bytes_of("J"), 0));
  EXPECT_EQ(*(*file)->contents(), *first);
  std::array<std::byte, 1> byte{};
  EXPECT_EQ(*(*first)->read(0, byte), 1u);
  EXPECT_EQ(byte[0], std::byte{'J'});
}

TEST_F(RootFolderTest, AMissingFolderIsTheCallersMistake) {
  testing::Guest other;
  Kernel& kernel = other.kernel;
  const FileSystemUses uses{kernel.machine(), kernel.scheduler(), kernel.tasks(), kernel.arch(),
                            kernel.perf()};
  EXPECT_THROW(FileSystem(uses, RootFolder{host / "none", false}), std::system_error);
  EXPECT_THROW(FileSystem(uses, RootFolder{host / "secret", false}), std::system_error);
}

}  // namespace
}  // namespace trapline::kernel
