// A 64-bit ELF file in memory, through libelf. A copy, not a mapping: the file may change while we read.
#pragma once

#include <libelf.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "isa/isa.hpp"

namespace trapline::scenario {

class ElfFile {
 public:
  // Throws InputError where it cannot be read or is no 64-bit ELF file.
  explicit ElfFile(const std::filesystem::path& path);
  // Of a file that somebody else has read; `name` is for errors.
  ElfFile(std::vector<char> bytes, const std::string& name);

  Elf* get() const { return elf_.get(); }

  // By its machine and byte order: x86-64, or PPC64 big-endian, of ELFv1 or v2; nothing for others.
  std::optional<isa::Isa> isa() const;

  // What is wrong with it as a static program for `wanted`; nothing where it is one.
  std::optional<std::string> why_not_program(isa::Isa wanted) const;

 private:
  struct End {
    void operator()(Elf* elf) const { elf_end(elf); }
  };

  std::vector<char> bytes_;
  std::unique_ptr<Elf, End> elf_;
};

}  // namespace trapline::scenario
