#include "emu/scenario/guest_build.hpp"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "emu/scenario/bare/image.hpp"
#include "emu/scenario/compiler.hpp"
#include "emu/scenario/elf_file.hpp"
#include "emu/scenario/host_process.hpp"
#include "support.hpp"

namespace trapline::scenario {
namespace {

namespace fs = std::filesystem;
using isa::Isa;

constexpr const char* kCounter = R"(scenario: x
program:
  c:
    source: |
      int counter;
      void bump(void) { counter++; }
      int main(void) { bump(); return counter; }
)";

class GuestBuild : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    const char* compiler = GetParam() == Isa::Ppc64 ? "powerpc64-linux-gnu-gcc" : "gcc";
    if (!find_on_path(compiler)) GTEST_SKIP() << "needs " << compiler;
  }

  fs::path build(std::string_view text, const std::string& folder = "", const std::string& cache = "cache") {
    const fs::path home = folder_.path() / folder;
    fs::create_directories(home);
    const Document document = parse(text, home / "a.yaml");
    BuildOptions options;
    options.cache = folder_.path() / cache;
    return build_guest(document.scenarios.at(GetParam()).program, GetParam(), options);
  }
  std::string build_error(std::string_view text) {
    std::string error = test::error_of([&] { build(text); });
    const std::string prefix = folder_.path().string() + "/";
    for (std::size_t at = 0; (at = error.find(prefix, at)) != std::string::npos;)
      error.erase(at, prefix.size());
    return error;
  }
  bool x86() const { return GetParam() == Isa::X86_64; }

  test::TemporaryFolder folder_;
};

TEST_P(GuestBuild, MakesAStaticProgram) {
  const fs::path program = build(kCounter);
  EXPECT_EQ(ElfFile(program).why_not_program(GetParam()), std::nullopt);
  EXPECT_EQ(program.parent_path(), folder_.path() / "cache");
  // Nothing is left of the building: the program, and what is known of it, by what was preprocessed and by
  // its source.
  EXPECT_EQ(std::distance(fs::directory_iterator(program.parent_path()), fs::directory_iterator()), 3);
}

TEST_P(GuestBuild, TheProgramRuns) {
  if (!x86() || sizeof(void*) != 8) GTEST_SKIP() << "the host does not run it";
  const fs::path program = build(kCounter);
  const ProcessResult outcome =
      run({.argv = {program.string()}, .directory = "/", .env = {}, .time_limit = std::chrono::seconds(10)});
  EXPECT_EQ(outcome.status, 1);
}

TEST_P(GuestBuild, ASecondBuildComesFromTheCache) {
  const fs::path first = build(kCounter);
  const auto time = fs::last_write_time(first);
  EXPECT_EQ(build(kCounter), first);
  EXPECT_EQ(fs::last_write_time(first), time);
  EXPECT_NE(build(std::string(kCounter) + "  flags: [-O2]\n"), first);
  EXPECT_NE(build(std::string(kCounter) + "      int other;\n"), first);
}

TEST_P(GuestBuild, EqualProgramsAreEqualWhereverTheyAreBuilt) {
  const fs::path first = build(kCounter, "one", "cache");
  const fs::path second = build(kCounter, "two/deeper", "other/cache");
  EXPECT_EQ(first.filename(), second.filename());
  EXPECT_EQ(test::read(first), test::read(second));
  EXPECT_EQ(test::read(first).find(folder_.path().string()), std::string::npos);
}

TEST_P(GuestBuild, FilesAreEqualWhereverTheyAreBuilt) {
  std::vector<fs::path> programs;
  for (const char* folder : {"one", "two"}) {
    folder_.write(std::string(folder) + "/m.c",
                  "#include \"m.h\"\nconst char* f = __FILE__; int main(void) { return M; }\n");
    folder_.write(std::string(folder) + "/m.h", "#define M 3\n");
    programs.push_back(build("scenario: x\nprogram: {c: m.c}\n", folder, std::string(folder) + "-cache"));
  }
  EXPECT_EQ(programs[0].filename(), programs[1].filename());
  EXPECT_EQ(test::read(programs[0]), test::read(programs[1]));
}

TEST_P(GuestBuild, AnIncludedHeaderIsPartOfTheKey) {
  const std::string text =
      "scenario: x\nprogram:\n  c:\n    source: |\n      #include \"n.h\"\n      int main(void) { return N; "
      "}\n";
  folder_.write("n.h", "#define N 1\n");
  const fs::path first = build(text);
  folder_.write("n.h", "#define N 2\n");
  EXPECT_NE(build(text), first);
  folder_.write("n.h", "#define N 1\n");
  EXPECT_EQ(build(text), first);
}

TEST_P(GuestBuild, WhatAnAsmStatementBringsInIsPartOfTheKey) {
  const std::string text =
      "scenario: x\nprogram:\n  c:\n    source: |\n      asm(\".pushsection .rodata; .incbin \\\"my "
      "data\\\"; .popsection\");\n      int main(void) { return 0; }\n";
  folder_.write("my data", "first");
  const fs::path first = build(text);
  EXPECT_EQ(build(text), first);
  folder_.write("my data", "other");
  const fs::path other = build(text);
  EXPECT_NE(other, first);
  EXPECT_NE(test::read(other).find("other"), std::string::npos);
  folder_.write("my data", "first");
  EXPECT_EQ(build(text), first);
}

TEST_P(GuestBuild, ADamagedCacheIsBuiltAnew) {
  const fs::path program = build(kCounter);
  const std::string whole = test::read(program);
  fs::resize_file(program, whole.size() / 2);
  EXPECT_EQ(build(kCounter), program);
  EXPECT_TRUE(test::read(program) == whole);
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 1;
  folder_.write("cache/" + program.filename().string(), damaged);
  EXPECT_EQ(build(kCounter), program);
  EXPECT_TRUE(test::read(program) == whole);
  for (const auto& entry : fs::directory_iterator(folder_.path() / "cache")) {
    if (entry.path().extension() == ".inputs") fs::resize_file(entry.path(), 7);
  }
  EXPECT_EQ(build(kCounter), program);
  fs::resize_file(program, 0);
  EXPECT_EQ(build(kCounter), program);
  EXPECT_TRUE(test::read(program) == whole);
}

TEST_P(GuestBuild, ErrorsInTextStandInTheScenario) {
  EXPECT_EQ(build_error("scenario: x\nprogram:\n  c:\n    source: |\n      int main(void) {\n        return "
                        "wrong;\n      }\n"),
            "a.yaml:6:16: error: 'wrong' undeclared (first use in this function)");
  EXPECT_EQ(build_error("scenario: x\nprogram:\n  c:\n    source: |\n      #include \"none.h\"\n"),
            "a.yaml:5:16: error: none.h: No such file or directory");
}

TEST_P(GuestBuild, ErrorsInFilesStandInTheFile) {
  folder_.write("m.c", "#include \"m.h\"\nint main(void) { return wrong; }\n");
  folder_.write("m.h", "int x = ;\n");
  EXPECT_EQ(build_error("scenario: x\nprogram: {c: m.c}\n"),
            "m.h:1:9: error: expected expression before ';' token");
  folder_.write("m.h", "int x;\n");
  EXPECT_EQ(build_error("scenario: x\nprogram: {c: m.c}\n"),
            "m.c:2:25: error: 'wrong' undeclared (first use in this function)");
}

class SeveralSources : public GuestBuild {
 protected:
  void SetUp() override {
    GuestBuild::SetUp();
    folder_.write("twice.h", "int twice(int x);\n");
    folder_.write("twice.c",
                  "#include \"twice.h\"\nstatic int own = 2;\nint twice(int x) { return own * x; }\n");
  }
};

// With a `static` of the same name in each: they are compiled apart.
constexpr const char* kTwoSources = R"(scenario: x
program:
  c:
    - twice.c
    - source: |
        #include "twice.h"
        static int own = 3;
        int main(void) { return twice(own) - 6; }
    - {source: "int third;"}
)";

TEST_P(SeveralSources, EachIsCompiledByItself) {
  const fs::path first = build(kTwoSources);
  EXPECT_EQ(build(kTwoSources), first);
  fs::create_directories(folder_.path() / "two");
  for (const char* file : {"twice.h", "twice.c"})
    fs::copy_file(folder_.path() / file, folder_.path() / "two" / file);
  EXPECT_EQ(test::read(build(kTwoSources, "two", "other")), test::read(first));
  // What any of them includes is part of the key.
  folder_.write("twice.h", "enum { kOther };\nint twice(int x);\n");
  EXPECT_NE(build(kTwoSources), first);
}

TEST_P(SeveralSources, ErrorsStandWhereTheyAre) {
  EXPECT_EQ(
      build_error("scenario: x\nprogram:\n  c:\n    - source: |\n        int a;\n        int b = wrong;\n"
                  "    - source: |\n          int main(void) { return none; }\n"),
      "a.yaml:6:17: error: 'wrong' undeclared here (not in a function)");
  EXPECT_EQ(build_error("scenario: x\nprogram:\n  c:\n    - source: |\n        int a;\n"
                        "    - source: |\n          int main(void) { return none; }\n"),
            "a.yaml:7:35: error: 'none' undeclared (first use in this function)");
  folder_.write("twice.c", "int a;\nint wrong = ;\n");
  EXPECT_EQ(build_error(kTwoSources), "twice.c:2:13: error: expected expression before ';' token");
  folder_.write("twice.c", "int main(void) { return 0; }\nint twice(int x) { return 2 * x; }\n");
  EXPECT_NE(build_error(kTwoSources).find("multiple definition of `main'"), std::string::npos);
  // The second text's, which stands otherwise than the first.
  EXPECT_EQ(build_error("scenario: x\nprogram:\n  c:\n    - {source: \"int a;\"}\n    - source: |\n          "
                        "void f(void);\n"
                        "          int main(void) { f(); }\n"),
            "a.yaml:7:11: error: undefined reference to `f'");
}

TEST_P(SeveralSources, LinkFlags) {
  const std::string text =
      "scenario: x\nprogram:\n  c:\n    source: |\n      extern char at_end[];\n      int main(void) { "
      "return "
      "(int)(long)at_end; }\n";
  const std::string missing = build_error(text);
  EXPECT_NE(missing.find("undefined reference to `at_end'"), std::string::npos) << missing;
  const fs::path first = build(text + "  link-flags: ['-Wl,--defsym=at_end=0x1234']\n");
  EXPECT_NE(build(text + "  link-flags: ['-Wl,--defsym=at_end=0x1235']\n"), first);
}

TEST_P(SeveralSources, CxxIsBuiltByItsOwnCompiler) {
  folder_.write("old.c", "int old(int class) { return class; }\n");
  const std::string text = R"(scenario: x
program:
  c++:
    - old.c
    - source: |
        #include <stdexcept>
        #include <string>
        extern "C" int old(int);
        namespace { struct Early { int value; Early() : value(old(3)) {} } early; }
        int main() {
          try { throw std::runtime_error("x"); } catch (const std::exception& error) {
            return static_cast<int>(std::string(error.what()).size()) + early.value - 4;
          }
        }
  flags: [-std=c++20, -fno-rtti]
)";
  const fs::path program = build(text);
  EXPECT_EQ(ElfFile(program).why_not_program(GetParam()), std::nullopt);
  fs::create_directories(folder_.path() / "two");
  fs::copy_file(folder_.path() / "old.c", folder_.path() / "two/old.c");
  EXPECT_EQ(test::read(build(text, "two", "other")), test::read(program));
  EXPECT_EQ(build_error("scenario: x\nprogram:\n  c++:\n    source: |\n      int main() { return wrong; }\n"),
            "a.yaml:5:27: error: 'wrong' was not declared in this scope");
}

INSTANTIATE_TEST_SUITE_P(Isas, SeveralSources, testing::ValuesIn(isa::kAllIsas), test::isa_name);

TEST_P(GuestBuild, LinkErrors) {
  const std::string error = build_error(
      "scenario: x\nprogram:\n  c:\n    source: |\n      void f(void);\n      int main(void) { f(); }\n");
  EXPECT_EQ(error, "a.yaml:6:7: error: undefined reference to `f'") << error;
  EXPECT_TRUE(
      build_error("scenario: x\nprogram:\n  c: {source: 'int x;'}\n").starts_with("a.yaml:3:15: error: "));
}

constexpr const char* kAssembly = R"(scenario: x
program:
  assembly:
    x86-64: |
      .globl _start
      _start:
        mov $60, %eax
        mov $7, %edi
        syscall
    ppc64: |
      .globl _start
      .section ".opd", "aw"
      _start: .quad start, .TOC.@tocbase, 0
      .text
      start:
        li 0, 1
        li 3, 7
        sc
)";

TEST_P(GuestBuild, AssemblyIsBareUnlessItAsksForTheLibrary) {
  const fs::path program = build(kAssembly);
  EXPECT_LT(fs::file_size(program), 70'000u);
  EXPECT_EQ(ElfFile(program).why_not_program(GetParam()), std::nullopt);
  EXPECT_EQ(build(kAssembly), program);
}

TEST_P(GuestBuild, AssemblyErrorsStandInTheScenario) {
  EXPECT_EQ(
      build_error("scenario: x\nprogram:\n  assembly: |\n    # a comment\n      nop\n      frobnicate 1\n"),
      x86() ? "a.yaml:6:7: error: no such instruction: `frobnicate 1'"
            : "a.yaml:6:7: error: unrecognized opcode: `frobnicate'");
}

TEST_P(GuestBuild, AssemblyFilesAndWhatTheyInclude) {
  folder_.write("s.inc", ".globl value\n.set value, 1\n");
  folder_.write("s.s", ".include \"s.inc\"\n.globl _start\n_start: nop\n.data\n.long value\n");
  const std::string text = "scenario: x\nprogram: {assembly: {file: s.s}}\n";
  const fs::path first = build(text);
  folder_.write("s.inc", ".globl value\n.set value, 2\n");
  EXPECT_NE(build(text), first);
  folder_.write("s.s", "nop\nfrobnicate\n");
  EXPECT_TRUE(build_error(text).starts_with("s.s:2:1: error: "));
}

TEST_P(GuestBuild, AssemblyWithThePreprocessor) {
  folder_.write("s.S", "#define LABEL _start\n.globl LABEL\nLABEL: nop\n");
  EXPECT_TRUE(fs::exists(build("scenario: x\nprogram: {assembly: {file: s.S}}\n")));
}

TEST_P(GuestBuild, ManyAtOnceAgree) {
  std::vector<fs::path> programs(4);
  std::vector<std::thread> threads;
  for (fs::path& program : programs) {
    threads.emplace_back([&] { program = build(kCounter); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const fs::path& program : programs) EXPECT_EQ(program, programs.front());
  EXPECT_EQ(ElfFile(programs.front()).why_not_program(GetParam()), std::nullopt);
}

TEST_P(GuestBuild, ACompilerThatDoesNotEndIsStopped) {
  // Includes itself twice, to a depth that has no practical end.
  folder_.write("bomb.h", "#if __INCLUDE_LEVEL__ < 100\n#include \"bomb.h\"\n#include \"bomb.h\"\n#endif\n");
  const std::string text = "scenario: x\nprogram:\n  c: {source: '#include \"bomb.h\"'}\n";
  const Document document = parse(text, folder_.path() / "a.yaml");
  BuildOptions options;
  options.cache = folder_.path() / "cache";
  options.time_limit = std::chrono::milliseconds(1000);
  const std::string error =
      test::error_of([&] { build_guest(document.scenarios.at(GetParam()).program, GetParam(), options); });
  EXPECT_EQ(error, (folder_.path() / "a.yaml").string() + ":3:15: error: the compiler takes longer than 1 s");
  EXPECT_TRUE(fs::is_empty(folder_.path() / "cache"));
}

constexpr const char* kBare = R"(scenario: x
kind: bare
program:
  assembly: |
    .include "bare.inc"
    bare_start
      done
    .data
    cell: .quad 1
)";

TEST_P(GuestBuild, BareProgramsLieLowAndAreEqualWhereverTheyAreBuilt) {
  const fs::path first = build(kBare, "one", "cache");
  const fs::path second = build(kBare, "two/deeper", "other/cache");
  EXPECT_EQ(first.filename(), second.filename());
  EXPECT_TRUE(test::read(first) == test::read(second));
  EXPECT_EQ(test::read(first).find(folder_.path().string()), std::string::npos);

  const BareImage image(first);
  EXPECT_EQ(image.entry().value, x86() ? 0x100000u : 0x10000u);
  const auto writable = std::ranges::find_if(image.segments(), [](const machine::BareSegment& segment) {
    return !segment.bytes.empty() && segment.permissions.write;
  });
  ASSERT_NE(writable, image.segments().end());
  EXPECT_EQ(writable->address.value % (x86() ? 0x1000 : 0x10000), 0u);
  EXPECT_FALSE(writable->permissions.execute);
}

TEST_P(GuestBuild, BareCProgramsAreCalledByTheKit) {
  const std::string text =
      "scenario: x\nkind: bare\nprogram:\n  c: {source: 'int x; int main(void) { return x; }'}\n";
  const fs::path first = build(text, "one", "cache");
  const fs::path second = build(text, "two", "other/cache");
  EXPECT_EQ(first.filename(), second.filename());
  EXPECT_TRUE(test::read(first) == test::read(second));
  EXPECT_EQ(test::read(first).find(folder_.path().string()), std::string::npos);
}

TEST_P(GuestBuild, ErrorsInTheKitsMacrosStandWhereTheyAreUsed) {
  const std::string head =
      "scenario: x\nkind: bare\nprogram:\n  assembly: |\n    .include \"bare.inc\"\n    bare_start\n";
  EXPECT_EQ(build_error(head + (x86() ? "    arm 0, a, Q, 1\n" : "    load_address r3\n")).substr(0, 19),
            "a.yaml:7:5: error: ");
  EXPECT_EQ(build_error(head + "    done\n    frobnicate 1\n").substr(0, 19), "a.yaml:8:5: error: ");
}

TEST_P(GuestBuild, OwnElfFilesAreChecked) {
  const fs::path program = build(kCounter);
  fs::copy_file(program, folder_.path() / "good");
  EXPECT_EQ(build("scenario: x\nprogram: {elf: good}\n"), folder_.path() / "good");
  folder_.write("bad", "not ELF");
  EXPECT_EQ(build_error("scenario: x\nprogram: {elf: bad}\n"), "a.yaml:2:16: error: bad is not an ELF file");
  fs::copy_file("/proc/self/exe", folder_.path() / "dynamic");
  const std::string dynamic = "scenario: x\nprogram: {elf: dynamic}\n";
  if (x86()) {
    EXPECT_EQ(build(dynamic), folder_.path() / "dynamic");
  } else {
    EXPECT_EQ(build_error(dynamic), "a.yaml:2:16: error: dynamic is for x86-64, not ppc64");
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, GuestBuild, testing::ValuesIn(isa::kAllIsas), test::isa_name);

TEST(GuestCache, LiesWhereOnlyItsUserCanMakeIt) {
  const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
  const std::string cache = std::getenv("XDG_CACHE_HOME") ? std::getenv("XDG_CACHE_HOME") : "";
  ::setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(default_cache_folder(), "/x/trapline");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  ::setenv("HOME", "/h", 1);
  EXPECT_EQ(default_cache_folder(), "/h/.cache/trapline");
  ::setenv("HOME", "", 1);
  EXPECT_EQ(default_cache_folder(), "");
  ::unsetenv("HOME");
  const passwd* const user = ::getpwuid(::getuid());
  EXPECT_EQ(default_cache_folder(), user ? fs::path(user->pw_dir) / ".cache/trapline" : fs::path());
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  const Document document = parse(kCounter, "a.yaml");
  BuildOptions options;
  options.cache = "";
  EXPECT_THROW(build_guest(document.scenarios.at(Isa::X86_64).program, Isa::X86_64, options),
               std::runtime_error);
}

TEST(GuestCompiler, AWrapperIsPassedOver) {
  const test::TemporaryFolder folder;
  const fs::path wrapper = folder.write("ccache", "#!/bin/sh\n");
  fs::permissions(wrapper, fs::perms::owner_exec, fs::perm_options::add);
  fs::create_symlink("ccache", folder.path() / "gcc");
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (folder.path().string() + ":" + path).c_str(), 1);
  const fs::path found = find_compiler(Isa::X86_64, Language::C, {});
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_NE(found.parent_path(), folder.path());
}

TEST(GuestCompiler, AMissingOneIsNamedWithItsPackage) {
  const test::TemporaryFolder folder;
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.path().c_str(), 1);
  const Document document = parse(kCounter, folder.path() / "a.yaml");
  BuildOptions options;
  options.cache = folder.path() / "cache";
  const std::string error =
      test::error_of([&] { build_guest(document.scenarios.at(Isa::Ppc64).program, Isa::Ppc64, options); });
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(
      error,
      (folder.path() / "a.yaml").string() +
          ":4:13: error: building it for ppc64 needs powerpc64-linux-gnu-gcc, which is not installed; on "
          "Debian: apt-get install gcc-powerpc64-linux-gnu libc6-dev-ppc64-cross");
}

}  // namespace
}  // namespace trapline::scenario
