#include "emu/scenario/host_process.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <system_error>

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
