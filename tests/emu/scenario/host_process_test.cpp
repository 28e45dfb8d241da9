#include "emu/scenario/host_process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <system_error>
#include <thread>

#include "support.hpp"

namespace trapline::scenario {
namespace {

Command shell(const std::string& script) {
  return {.argv = {"/bin/sh", "-c", script},
          .directory = "/",
          .env = {"PATH=/usr/bin:/bin", "A=b"},
          .time_limit = std::chrono::seconds(20)};
}

TEST(HostProcess, GivesStatusAndBothOutputs) {
  const ProcessResult outcome = run(shell("echo $A; pwd; echo wrong >&2; exit 3"));
  EXPECT_EQ(outcome.status, 3);
  EXPECT_EQ(outcome.output, "b\n/\nwrong\n");
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(run(shell("kill -9 $$")).status, 137);
}

TEST(HostProcess, ReadsItsInputFile) {
  const test::TemporaryFolder folder;
  Command command = shell("cat");
  command.input = folder.write("in", "text");
  EXPECT_EQ(run(command).output, "text");
  EXPECT_EQ(run(shell("cat")).output, "");
}

TEST(HostProcess, EndsWithItsChildrenWhenTheTimeIsOver) {
  Command command = shell("sleep 100 & sleep 100");
  command.time_limit = std::chrono::milliseconds(200);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(run(command).timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HostProcess, KeepsABoundedPartOfTheOutput) {
  EXPECT_EQ(run(shell("head -c 3000000 /dev/zero")).output.size(), std::size_t{1} << 20);
}

TEST(HostProcess, LeftoversEndWithTheirGroup) {
  const test::TemporaryFolder folder;
  Leftovers leftovers;
  Command command =
      shell("echo started > " + (folder.path() / "started").string() + "; sleep 100 & sleep 100");
  command.leftovers = &leftovers;
  leftovers.add_path(
      [&] { return folder.write("unfinished/deep/file", "text").parent_path().parent_path(); });
  leftovers.add_path([&] { return folder.write("finished", "text"); });
  leftovers.forget_path(folder.path() / "finished");
  // Not joined before clear() has ended what it waits for. clear() keeps its lock, so nothing may be
  // forgotten after it; the process is reaped by a process of its own.
  const pid_t child = ::fork();
  if (child == 0) {
    std::thread([&] { run(command); }).detach();
    while (!std::filesystem::exists(folder.path() / "started")) std::this_thread::yield();
    leftovers.clear();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "unfinished"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "finished"));
}

// Runs under the confinement of a compiler: reads its own folder, writes another.
class Confined : public testing::Test {
 protected:
  ProcessResult run_confined(const std::string& script) {
    Command command = shell(script);
    folder_.write("read/own", "own text\n");
    folder_.write("write/made", "");
    folder_.write("other/secret", "secret text\n");
    const auto real = std::filesystem::canonical(folder_.path());
    command.directory = real / "read";
    command.confinement = Confinement{
        .tools = {"/usr/bin", "/usr/lib", "/usr/lib64", "/bin", "/lib", "/lib64", "/etc/ld.so.cache"},
        .read = {real / "read"},
        .write = real / "write"};
    return run(command);
  }
  test::TemporaryFolder folder_;
};

TEST_F(Confined, ReadsItsOwn) {
  const ProcessResult outcome = run_confined("cat own ../read/own; cat < own; [ -e own ] && echo there");
  EXPECT_EQ(outcome.output, "own text\nown text\nown text\nthere\n");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Confined, FindsNothingElsewhere) {
  std::filesystem::create_directories(folder_.path() / "read");
  std::filesystem::create_symlink("../other", folder_.path() / "read/link");
  for (const char* path :
       {"../other/secret", "link/secret", "/etc/passwd", "/proc/self/environ", "/dev/zero", "/dev/tty"}) {
    const ProcessResult outcome =
        run_confined(std::string("cat ") + path + "; [ -e " + path + " ] && echo there");
    EXPECT_EQ(outcome.output, std::string("cat: ") + path + ": No such file or directory\n");
    EXPECT_NE(outcome.status, 0);
  }
}

TEST_F(Confined, WritesNowhereButInItsFolder) {
  const ProcessResult outcome = run_confined(
      "echo x > ../write/new && cat ../write/new; echo x > own; echo x > ../other/new; rm -f own; rm -f "
      "../other/secret; "
      "chmod 777 own; cat own");
  EXPECT_NE(outcome.output.find("x\n"), std::string::npos);
  EXPECT_NE(outcome.output.find("own text\n"), std::string::npos);
  EXPECT_EQ(test::read(folder_.path() / "other/secret"), "secret text\n");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "other/new"));
}

TEST_F(Confined, StartsNothingButTools) {
  folder_.write("read/tool", "#!/bin/sh\necho started\n");
  std::filesystem::permissions(folder_.path() / "read/tool", std::filesystem::perms::all);
  const ProcessResult outcome = run_confined("./tool; ../read/tool; /usr/bin/env echo yes");
  EXPECT_EQ(outcome.output.find("started"), std::string::npos);
  EXPECT_NE(outcome.output.find("yes\n"), std::string::npos);
}

TEST_F(Confined, HasNoNetworkAndNoOtherProcesses) {
  const ProcessResult outcome = run_confined(
      "python3 -S -c 'import socket; socket.socket()' 2>&1 | tail -1; kill -0 $PPID || echo none; cd / || "
      "echo here");
  EXPECT_NE(outcome.output.find("Function not implemented"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("none\n"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("here\n"), std::string::npos) << outcome.output;
}

TEST(HostProcess, WhatCannotStartIsAnError) {
  Command command = shell("");
  command.argv[0] = "/none";
  EXPECT_THROW(run(command), std::system_error);
}

TEST(HostProcess, FindsProgramsOnThePath) {
  EXPECT_TRUE(find_on_path("sh"));
  EXPECT_FALSE(find_on_path("no-such-program-anywhere"));
}

}  // namespace
}  // namespace trapline::scenario
