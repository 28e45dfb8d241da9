#include "emu/scenario/bare/image.hpp"

#include <gelf.h>

#include <cstddef>
#include <span>

#include "emu/scenario/input_error.hpp"

namespace trapline::scenario {

BareImage::BareImage(const std::filesystem::path& path) : file_(path) {
  const auto damaged = [&path] { return InputError({path.string()}, "is damaged"); };
  GElf_Ehdr header;
  std::size_t count = 0;
  std::size_t file_size = 0;
  const char* const file = elf_rawfile(file_.get(), &file_size);
  if (!file || !gelf_getehdr(file_.get(), &header) || elf_getphdrnum(file_.get(), &count) != 0) {
    throw damaged();
  }
  const auto bytes = std::as_bytes(std::span(file, file_size));
  entry_ = isa::GuestVa(header.e_entry);
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr segment;
    if (!gelf_getphdr(file_.get(), static_cast<int>(i), &segment)) throw damaged();
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    if (segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset ||
        segment.p_filesz > segment.p_memsz) {
      throw damaged();
    }
    segments_.push_back({.address = isa::GuestVa(segment.p_vaddr),
                         .bytes = bytes.subspan(segment.p_offset, segment.p_filesz),
                         .size = segment.p_memsz,
                         .permissions = {.read = (segment.p_flags & PF_R) != 0,
                                         .write = (segment.p_flags & PF_W) != 0,
                                         .execute = (segment.p_flags & PF_X) != 0}});
  }
}

}  // namespace trapline::scenario
