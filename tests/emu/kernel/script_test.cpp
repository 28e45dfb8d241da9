// The first lines of scripts (execve(2)).
#include <gtest/gtest.h>

#include "emu/kernel/task/script.hpp"
#include "fs_support.hpp"

namespace trapline::kernel {
namespace {

using testing::bytes_of;
using testing::error_of;

Script parsed(std::string_view text) { return script_of(bytes_of(text))->value(); }

TEST(Script, HasAnInterpreterAndAtMostOneArgument) {
  EXPECT_EQ(parsed("#!/bin/sh\n").interpreter, "/bin/sh");
  EXPECT_FALSE(parsed("#!/bin/sh \t\n").argument);
  EXPECT_EQ(parsed("#! \t/bin/sh").interpreter, "/bin/sh");
  EXPECT_EQ(parsed("#!/bin/awk  -f and more \nx").argument, "-f and more");
}

TEST(Script, OtherFilesAreNone) {
  EXPECT_FALSE(*script_of(bytes_of("")));
  EXPECT_FALSE(*script_of(bytes_of("#")));
  EXPECT_FALSE(*script_of(bytes_of("\177ELF")));
}

TEST(Script, WithoutAnInterpreterItCannotRun) {
  EXPECT_EQ(error_of(script_of(bytes_of("#!"))), ENOEXEC);
  EXPECT_EQ(error_of(script_of(bytes_of("#!  \n/bin/sh"))), ENOEXEC);
  EXPECT_EQ(error_of(script_of(bytes_of("#!/" + std::string(300, 'x') + "\n"))), ENOEXEC);
  EXPECT_EQ(parsed("#!/bin/sh " + std::string(300, 'x')).argument->size(), 246u);
}

}  // namespace
}  // namespace trapline::kernel
