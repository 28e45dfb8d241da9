#include "emu/scenario/symbols.hpp"

#include <gtest/gtest.h>

#include <string>

#include "emu/scenario/guest_build.hpp"
#include "emu/scenario/host_process.hpp"
#include "support.hpp"

namespace trapline::scenario {
namespace {

namespace fs = std::filesystem;
using isa::Isa;

constexpr const char* kProgram = R"(scenario: x
program:
  c:
    source: |
      int counter = 3;
      static long hidden[4];
      __attribute__((noinline)) static void bump(void) {
        counter++;
        hidden[1]++;
      }
      int main(void) { bump(); return counter; }
)";

class Symbols : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    const char* compiler = GetParam() == Isa::Ppc64 ? "powerpc64-linux-gnu-gcc" : "gcc";
    if (!find_on_path(compiler)) GTEST_SKIP() << "needs " << compiler;
  }
  fs::path build(std::string_view text) {
    BuildOptions options;
    options.cache = folder_.path() / "cache";
    return build_guest(parse(text, folder_.path() / "a.yaml").scenarios.at(GetParam()).program, GetParam(),
                       options);
  }
  test::TemporaryFolder folder_;
};

TEST_P(Symbols, VariablesByName) {
  const SymbolTable table = SymbolTable::load(build(kProgram));
  const auto counter = table.find("counter");
  ASSERT_TRUE(counter);
  EXPECT_EQ(counter->size, 4u);
  EXPECT_FALSE(counter->function);
  EXPECT_EQ(table.find("hidden")->size, 32u);
  EXPECT_EQ(table.find("nothing"), std::nullopt);
  EXPECT_EQ(table.resolve("counter+2"), counter->address + 2);
  EXPECT_EQ(table.resolve("0x1234"), 0x1234u);
  EXPECT_EQ(table.resolve("nothing+2"), std::nullopt);
  EXPECT_EQ(table.resolve("no place"), std::nullopt);
  EXPECT_EQ(table.describe(counter->address), "counter");
  EXPECT_EQ(table.describe(table.find("hidden")->address + 8), "hidden+0x8");
}

// ELFv1 on PPC64: the symbol's own value is its descriptor's address, in .opd.
TEST_P(Symbols, FunctionsAreTheirCode) {
  const fs::path program = build(kProgram);
  const SymbolTable table = SymbolTable::load(program);
  const auto bump = table.find("bump");
  ASSERT_TRUE(bump);
  EXPECT_TRUE(bump->function);
  EXPECT_GT(bump->size, 8u);
  EXPECT_EQ(table.describe(bump->address), "bump");
  EXPECT_EQ(table.describe(bump->address + 4), "bump+0x4");
  EXPECT_EQ(table.at(bump->address + bump->size - 1)->name, "bump");
  const auto line = table.line(bump->address);
  ASSERT_TRUE(line);
  EXPECT_EQ(*line, "a.yaml:8");
  EXPECT_EQ(table.line(table.find("main")->address), "a.yaml:11");
}

TEST_P(Symbols, WhatIsNowhere) {
  const SymbolTable table = SymbolTable::load(build(kProgram));
  EXPECT_EQ(table.describe(0), "0x0");
  EXPECT_EQ(table.describe(0x10), "0x10");
  EXPECT_EQ(table.describe(~std::uint64_t{0}), "0xffffffffffffffff");
  EXPECT_EQ(table.line(0x10), std::nullopt);
}

TEST_P(Symbols, TheLibrarysFunctionsHaveTheirUsualNames) {
  const SymbolTable table =
      SymbolTable::load(build("scenario: x\nprogram:\n  c: {source: '#include <unistd.h>\n\n    int "
                              "main(void) { return (int)write(1, \"\", 0); }'}\n"));
  EXPECT_EQ(table.describe(table.find("write")->address), "write");
}

TEST_P(Symbols, LabelsOfAssemblyReachToTheNext) {
  const SymbolTable table = SymbolTable::load(build(R"(scenario: x
program:
  assembly: |
    .text
    code:
      nop
      nop
    more:
      nop
    .data
    value: .long 1
    next: .long 2
    .globl _start
    .section ".opd", "aw"
    _start: .quad code, 0, 0
)"));
  const std::uint64_t code = table.find("code")->address;
  const std::uint64_t more = table.find("more")->address;
  // The assembler makes a symbol in .opd a function, which is better than a label.
  EXPECT_EQ(table.describe(code + 1), GetParam() == Isa::Ppc64 ? "_start+0x1" : "code+0x1");
  EXPECT_EQ(table.describe(more), "more");
  EXPECT_EQ(table.describe(table.find("value")->address + 3), "value+0x3");
  EXPECT_EQ(table.describe(table.find("next")->address), "next");
  EXPECT_EQ(table.line(code), "a.yaml:6");
  if (GetParam() == Isa::Ppc64) {
    EXPECT_EQ(table.find("_start")->address, code);
  }
}

// Each byte of the headers, and a share of the rest, damaged in turn: an error or a table, nothing else.
TEST_P(Symbols, DamagedFilesAreHarmless) {
  const std::string whole =
      test::read(build("scenario: x\nprogram:\n  c: {source: 'int counter; void _start(void) { counter++; "
                       "}'}\n  libc: false\n"));
  for (std::size_t at = 0; at < whole.size(); at += at < 512 ? 1 : whole.size() / 300 + 1) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(~damaged[at]);
    const fs::path path = folder_.write("damaged", damaged);
    test::error_of([&] {
      const SymbolTable table = SymbolTable::load(path);
      const auto counter = table.find("counter");
      table.describe(counter ? counter->address : at);
      const auto start = table.find("_start");
      table.line(start ? start->address : at);
    });
  }
  for (std::size_t size = 0; size < whole.size(); size += size < 128 ? 1 : whole.size() / 50 + 1) {
    const fs::path path = folder_.write("short", whole.substr(0, size));
    test::error_of([&] { SymbolTable::load(path).line(0x401000); });
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, Symbols, testing::ValuesIn(isa::kAllIsas), test::isa_name);

TEST(SymbolFiles, BadOnesAreInputErrors) {
  const test::TemporaryFolder folder;
  const auto error = [](const fs::path& path) { return test::error_of([&] { SymbolTable::load(path); }); };
  const fs::path text = folder.write("text", "hello");
  EXPECT_EQ(error(text), text.string() + ": error: not an ELF file");
  EXPECT_EQ(error(folder.write("empty", "")),
            (folder.path() / "empty").string() + ": error: not an ELF file");
  EXPECT_EQ(error(folder.path()), folder.path().string() + ": error: not a file");
  EXPECT_EQ(error(folder.path() / "none"), (folder.path() / "none").string() + ": error: no such file");
  std::string narrow(
      "\x7f"
      "ELF\x01\x01\x01",
      7);
  narrow.resize(64);
  EXPECT_EQ(error(folder.write("narrow", narrow)),
            (folder.path() / "narrow").string() + ": error: not a 64-bit ELF file");
}

}  // namespace
}  // namespace trapline::scenario
