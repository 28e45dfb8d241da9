// Which files `run` takes for programs: the same that `exec` does.
#include "emu/scenario/elf_file.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/tiny_elf.hpp"

namespace trapline::scenario {
namespace {

constexpr std::size_t kFlags = 48;    // Elf64_Ehdr::e_flags, of which the last byte has the ABI
constexpr std::size_t kMachine = 18;  // e_machine

class ElfFiles : public testing::Test {
 protected:
  ~ElfFiles() override { std::filesystem::remove(path_); }

  ElfFile file(isa::Isa isa, std::size_t at, int value) {
    std::vector<std::byte> image = support::tiny_elf(isa, std::array<std::byte, 4>{}).image;
    image[at] = static_cast<std::byte>(value);
    std::ofstream stream(path_, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
    stream.close();
    return ElfFile(path_);
  }

 private:
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / ("elf_file_test." + std::to_string(getpid()));
};

TEST_F(ElfFiles, Ppc64IsOfEitherAbi) {
  for (const int abi : {0, 1, 2}) {
    const ElfFile elf = file(isa::Isa::Ppc64, kFlags + 3, abi);
    EXPECT_EQ(elf.isa(), isa::Isa::Ppc64);
    EXPECT_EQ(elf.why_not_program(isa::Isa::Ppc64), std::nullopt);
  }
}

TEST_F(ElfFiles, AnotherMachineIsNamed) {
  const ElfFile elf = file(isa::Isa::X86_64, kMachine, 3);  // EM_386
  EXPECT_EQ(elf.isa(), std::nullopt);
  EXPECT_EQ(elf.why_not_program(isa::Isa::X86_64), "is for neither x86-64 nor big-endian PPC64");
}

}  // namespace
}  // namespace trapline::scenario
