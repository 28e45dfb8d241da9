// The files that the guest's kernel shows itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fs_support.hpp"
#include "tests/support/memory_content.hpp"

namespace trapline::kernel {
namespace {

using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using testing::error_of;
using testing::Guest;
using ::testing::HasSubstr;
using testing::read_all;
using ::testing::StartsWith;
using namespace isa::linux_abi;

std::string content(Guest& guest, const std::string& path) {
  const auto file = guest.files().open(guest.task, path, 0, 0);
  return file ? read_all(**file) : "errno " + std::to_string(file.error().number);
}

std::vector<std::string> names(Guest& guest, const std::string& path) {
  std::vector<std::string> all;
  const auto folder = guest.files().open(guest.task, path, 0, 0);
  const auto entries = (*folder)->entries();
  for (const DirectoryEntry& entry : *entries) all.push_back(entry.name);
  return all;
}

void map(Guest& guest, std::uint64_t at, Permissions permissions, std::string name, FileBytes file = {},
         std::uint64_t offset = 0, bool shared = false) {
  Mm::MapRequest request{.at = GuestVa(at), .fixed = true, .size = 0x1000};
  request.vma.permissions = permissions;
  request.vma.name = std::move(name);
  request.vma.file = std::move(file);
  request.vma.file_offset = offset;
  request.vma.shared = shared;
  ASSERT_TRUE(guest.task.mm->map(request));
}

TEST(Synthetic, WithoutARootThereIsNothingElse) {
  Guest guest;
  EXPECT_THAT(names(guest, "/"), ElementsAre(".", "..", "dev", "proc", "sys"));
  EXPECT_EQ(content(guest, "/etc/ld.so.cache"), "errno 2");
  EXPECT_EQ(error_of(guest.files().open(guest.task, "/new", kOCreat | kOWrOnly, 0644)), EROFS);
  EXPECT_EQ(error_of(guest.files().make_folder(guest.task, "/new", 0755)), EROFS);
  EXPECT_EQ(error_of(guest.files().remove(guest.task, "/dev/null", false)), EROFS);
}

TEST(Synthetic, ListsItsFolders) {
  Guest guest;
  (void)guest.task.files->put(3, input_text(""), false);
  (void)guest.task.files->put(12, input_text(""), false);
  EXPECT_THAT(names(guest, "/proc"),
              ElementsAreArray({".",           "..",          "cmdline",    "cpuinfo", "devices", "diskstats",
                                "filesystems", "interrupts",  "kmsg",       "loadavg", "meminfo", "misc",
                                "modules",     "mounts",      "partitions", "self",    "stat",    "swaps",
                                "sys",         "thread-self", "uptime",     "version", "vmstat",  "1234"}));
  EXPECT_THAT(names(guest, "/proc/self"), ElementsAreArray({".",
                                                            "..",
                                                            "auxv",
                                                            "cgroup",
                                                            "clear_refs",
                                                            "cmdline",
                                                            "comm",
                                                            "coredump_filter",
                                                            "cpuset",
                                                            "cwd",
                                                            "environ",
                                                            "exe",
                                                            "fd",
                                                            "fdinfo",
                                                            "io",
                                                            "limits",
                                                            "loginuid",
                                                            "map_files",
                                                            "maps",
                                                            "mem",
                                                            "mountinfo",
                                                            "mounts",
                                                            "oom_score",
                                                            "oom_score_adj",
                                                            "pagemap",
                                                            "personality",
                                                            "root",
                                                            "schedstat",
                                                            "sessionid",
                                                            "smaps",
                                                            "smaps_rollup",
                                                            "stat",
                                                            "statm",
                                                            "status",
                                                            "syscall",
                                                            "task",
                                                            "timerslack_ns",
                                                            "wchan"}));
  EXPECT_THAT(names(guest, "/proc/self/fd"), ElementsAre(".", "..", "3", "12"));
  EXPECT_THAT(names(guest, "/proc/self/task"), ElementsAre(".", "..", "1234"));
  EXPECT_THAT(names(guest, "/sys/devices/system"), ElementsAre(".", "..", "cpu"));
}

TEST(Synthetic, TasksAreInProcByTheirNumbers) {
  Guest guest;
  guest.put_arguments(std::string_view("/bin/guest\0one two\0", 19), 0);
  EXPECT_EQ(*guest.files().read_link(guest.task, "/proc/self"), "1234");
  EXPECT_EQ(content(guest, "/proc/1234/comm"), "guest\n");
  EXPECT_EQ(content(guest, "/proc/self/comm"), "guest\n");
  EXPECT_EQ(content(guest, "/proc/1/comm"), "errno 2");
  EXPECT_EQ(content(guest, "/proc/PID/comm"), "errno 2");
  EXPECT_EQ(content(guest, "/proc/01234/comm"), "errno 2");
  EXPECT_EQ(content(guest, "/proc/self/cmdline"), std::string("/bin/guest\0one two\0", 19));
}

TEST(Synthetic, Texts) {
  Guest one;
  Guest four(isa::Isa::Ppc64, {}, 4);
  EXPECT_EQ(content(one, "/proc/sys/kernel/perf_event_paranoid"), "2\n");
  EXPECT_EQ(content(one, "/proc/sys/kernel/osrelease"), "6.1.0\n");
  EXPECT_EQ(content(one, "/sys/devices/system/cpu/online"), "0\n");
  EXPECT_EQ(content(four, "/sys/devices/system/cpu/possible"), "0-3\n");
  EXPECT_THAT(content(one, "/proc/cpuinfo"), StartsWith("processor\t: 0\nvendor_id\t: GenuineIntel\n"));
  EXPECT_THAT(content(four, "/proc/cpuinfo"), HasSubstr("processor\t: 3\ncpu\t\t: POWER7"));
  EXPECT_EQ(error_of(one.files().open(one.task, "/proc/cpuinfo", kORdWr, 0)), EROFS);
}

// The lines are those of Linux for such mappings; the path starts in column 73, counted from 0.
TEST(Synthetic, MapsAreInLinuxsFormat) {
  Guest guest;
  const auto file = support::memory_content(std::vector<std::byte>(0x3000));
  map(guest, 0x400000, {.read = true, .execute = true}, "/bin/guest", file);
  map(guest, 0x401000, {.read = true}, "/bin/guest", file, 0x1000, true);
  map(guest, 0x7ffffffde000, {.read = true, .write = true}, "[stack]");
  const std::string inode =
      std::to_string(guest.files().open(guest.task, "/proc/self/exe", 0, 0)->get()->status()->inode);
  ASSERT_EQ(inode.size(), 1u);
  EXPECT_EQ(content(guest, "/proc/self/maps"),
            "00400000-00401000 r-xp 00000000 00:05 " + inode +
                "                                  /bin/guest\n"
                "00401000-00402000 r--s 00001000 00:05 " +
                inode +
                "                                  /bin/guest\n"
                "10000000-10002000 rw-p 00000000 00:00 0 \n"
                "7ffffffde000-7ffffffdf000 rw-p 00000000 00:00 0                          [stack]\n"
                "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n");
}

TEST(Synthetic, TheProgramsOwnFileIsWhatWasMapped) {
  Guest guest;
  const auto file = support::memory_content(std::vector<std::byte>(7, std::byte{'x'}));
  map(guest, 0x400000, {.read = true}, "/bin/guest", file);
  EXPECT_EQ(*guest.files().read_link(guest.task, "/proc/self/exe"), "/bin/guest");
  EXPECT_EQ(content(guest, "/proc/self/exe"), "xxxxxxx");
  EXPECT_EQ(guest.files().status(guest.task, "/proc/self/exe", true)->mode, kSIfReg | 0755);
  EXPECT_EQ(guest.files().status(guest.task, "/proc/self/exe", false)->mode, kSIfLnk | 0777);
  EXPECT_EQ(error_of(guest.files().open(guest.task, "/proc/self/exe", kOWrOnly, 0)), ETXTBSY);
}

TEST(Synthetic, DescriptorsHavePaths) {
  Guest guest;
  std::string out;
  (void)guest.task.files->put(0, input_text("typed"), false);
  (void)guest.task.files->put(
      1, captured_output("pipe:[7]", [&](std::string_view text) { return !(out += text).empty(); }), false);
  const auto output = guest.files().open(guest.task, "/dev/stdout", kOWrOnly | kOCreat | kOTrunc, 0666);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->get(), guest.task.files->find(1)->file.get());
  EXPECT_EQ(content(guest, "/dev/fd/0"), "typed");
  EXPECT_EQ(error_of(guest.files().open(guest.task, "/dev/stdin", kOWrOnly, 0)), EACCES);
  EXPECT_EQ(error_of(guest.files().open(guest.task, "/dev/stderr", kOWrOnly, 0)), ENOENT);
  EXPECT_EQ(error_of(guest.files().open(guest.task, "/proc/self/fd/1/x", 0, 0)), ENOENT);
  EXPECT_EQ(*guest.files().read_link(guest.task, "/proc/self/fd/1"), "pipe:[7]");
  EXPECT_EQ(guest.files().status(guest.task, "/dev/stdout", true)->mode, kSIfIfo | 0600);
}

// A task of its own process, without memory or files.
Task& add_task(Guest& guest, int tid) {
  Task& task = guest.kernel.tasks().add(std::make_shared<Task>(tid, "other", guest.machine.memory()));
  task.scheduler = &guest.kernel.scheduler();
  return task;
}

TEST(Synthetic, ProcessesAreListedByNumberAndThreadsBelowThem) {
  Guest guest;
  for (const int tid : {99, 1300}) add_task(guest, tid);
  guest.kernel.tasks().add(
      std::make_shared<Task>(1250, "thread", guest.machine.memory(), guest.task.process));
  EXPECT_THAT(names(guest, "/proc"), ::testing::IsSupersetOf({"99", "1234", "1300"}));
  EXPECT_THAT(names(guest, "/proc"), ::testing::Not(::testing::Contains("1250")));
  EXPECT_THAT(names(guest, "/proc/1234/task"), ElementsAre(".", "..", "1234", "1250"));
  EXPECT_EQ(content(guest, "/proc/1250/comm"), "thread\n");
  EXPECT_EQ(content(guest, "/proc/1234/task/1250/comm"), "thread\n");
  EXPECT_EQ(content(guest, "/proc/1234/task/99/comm"), "errno 2");
  EXPECT_EQ(content(guest, "/proc/1234/task/1250/task"), "errno 2");
  EXPECT_EQ(*guest.files().read_link(guest.task, "/proc/thread-self"), "1234/task/1234");
}

TEST(Synthetic, WhatIsOpenOfATaskThatIsGoneAnswersEsrch) {
  Guest guest;
  Task& other = add_task(guest, 99);
  const FileRef comm = *guest.files().open(guest.task, "/proc/99/comm", kORdWr, 0);
  const FileRef maps = *guest.files().open(guest.task, "/proc/99/maps", 0, 0);
  const FileRef folder = *guest.files().open(guest.task, "/proc/99", 0, 0);
  const FileRef memory = *guest.files().open(guest.task, "/proc/99/mem", kORdWr, 0);
  std::array<std::byte, 4> buffer{};
  EXPECT_EQ(*maps->read(buffer), 0u);
  EXPECT_EQ(error_of(comm->write(bytes_of("new"))), EINVAL);  // another process's
  guest.kernel.lifecycle().release_task(other);
  EXPECT_EQ(error_of(comm->pread(buffer, 0)), ESRCH);
  EXPECT_EQ(error_of(comm->write(bytes_of("new"))), ESRCH);
  EXPECT_EQ(error_of(maps->pread(buffer, 0)), ESRCH);
  EXPECT_EQ(error_of(folder->entries()), ENOENT);
  EXPECT_EQ(*memory->pread(buffer, 0), 0u);
  EXPECT_EQ(content(guest, "/proc/99/comm"), "errno 2");
  // The number again, of somebody else.
  add_task(guest, 99);
  EXPECT_EQ(error_of(comm->pread(buffer, 0)), ESRCH);
}

TEST(Synthetic, MemoryIsAFileWhoseOffsetsAreAddresses) {
  Guest guest;
  const FileRef memory = *guest.files().open(guest.task, "/proc/self/mem", kORdWr, 0);
  EXPECT_EQ(*memory->pwrite(bytes_of("abcd"), Guest::kData.value), 4u);
  EXPECT_EQ(guest.get(Guest::kData, 4), "abcd");
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(*memory->pread(buffer, guest.end().value - 8), 8u);
  EXPECT_EQ(error_of(memory->pread(buffer, guest.end().value)), EIO);
  EXPECT_EQ(error_of(memory->seek(0, Whence::End)), EINVAL);
}

TEST(Synthetic, CpuMasksAreAsWideAsTheMachine) {
  Guest guest(isa::Isa::X86_64, {}, 6);
  guest.task.affinity = 0b101101;
  EXPECT_THAT(content(guest, "/proc/self/status"),
              HasSubstr("\nCpus_allowed:\t2d\nCpus_allowed_list:\t0,2-3,5\n"));
}

TEST(Synthetic, TheCommandLineIsWhatLiesInMemory) {
  Guest guest;
  guest.put_arguments(std::string_view("one\0two\0", 8), 0);
  guest.task.mm->places.env_start = guest.task.mm->places.arg_end;
  guest.task.mm->places.env_end = guest.task.mm->places.arg_end + 5;
  guest.put(Guest::kData + 8, std::string_view("A=bc\0", 5));
  EXPECT_EQ(content(guest, "/proc/self/cmdline"), std::string("one\0two\0", 8));
  EXPECT_EQ(content(guest, "/proc/self/environ"), std::string("A=bc\0", 5));
  guest.put(Guest::kData, std::string_view("a new title\0", 12));  // over the NUL, as setproctitle(3) does
  EXPECT_EQ(content(guest, "/proc/self/cmdline"), "a new title");
}

TEST(Synthetic, AFolderKeepsNoDescriptorTableAlive) {
  Guest guest;
  const std::weak_ptr<FdTable> watch = guest.task.files;
  const auto folder = guest.files().open(guest.task, "/proc/self/fd", 0, 0);
  (void)guest.task.files->put(3, *folder, false);
  guest.task.files.reset();
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ((*folder)->entries()->size(), 2u);
}

TEST(Devices, DoWhatTheirManualPagesSay) {
  Guest guest;
  const auto open = [&](const char* path) { return *guest.files().open(guest.task, path, kORdWr, 0); };
  std::array<std::byte, 4> buffer{std::byte{1}};
  EXPECT_EQ(*open("/dev/null")->read(buffer), 0u);
  EXPECT_EQ(*open("/dev/null")->write(buffer), 4u);
  EXPECT_EQ(*open("/dev/zero")->read(buffer), 4u);
  EXPECT_EQ(buffer[0], std::byte{0});
  EXPECT_EQ(*open("/dev/full")->read(buffer), 4u);
  EXPECT_EQ(error_of(open("/dev/full")->write(buffer)), ENOSPC);
  EXPECT_EQ(*open("/dev/null")->seek(100, Whence::Set), 0u);
  EXPECT_EQ(open("/dev/null")->status()->special_device, 0x103u);
  EXPECT_EQ(error_of(open("/dev/null")->contents()), ENODEV);
}

TEST(Devices, RandomIsTheSameInEachRunHoweverItIsRead) {
  Guest first;
  Guest second;
  const auto read = [](Guest& guest, const char* path, std::size_t step) {
    const FileRef file = *guest.files().open(guest.task, path, 0, 0);
    std::string all(60, '\0');
    for (std::size_t at = 0; at < all.size(); at += step) {
      EXPECT_EQ(*file->read(std::as_writable_bytes(std::span(all).subspan(at, step))), step);
    }
    return all;
  };
  const std::string numbers = read(first, "/dev/urandom", 60);
  EXPECT_EQ(numbers, read(first, "/dev/urandom", 5));
  EXPECT_EQ(numbers, read(second, "/dev/random", 3));
  EXPECT_GT(std::set(numbers.begin(), numbers.end()).size(), 30u);
}

}  // namespace
}  // namespace trapline::kernel
