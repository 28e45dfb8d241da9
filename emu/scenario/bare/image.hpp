// A bare program's ELF file as the machine takes it.
#pragma once

#include <filesystem>
#include <vector>

#include "emu/machine/bare/bare_machine.hpp"
#include "emu/scenario/elf_file.hpp"

namespace trapline::scenario {

class BareImage {
 public:
  // Throws InputError where it is no readable ELF file, or damaged.
  explicit BareImage(const std::filesystem::path& path);

  // Those with memory; their bytes are this object's.
  const std::vector<machine::BareSegment>& segments() const { return segments_; }
  isa::GuestVa entry() const { return entry_; }

 private:
  ElfFile file_;
  std::vector<machine::BareSegment> segments_;
  isa::GuestVa entry_;
};

}  // namespace trapline::scenario
