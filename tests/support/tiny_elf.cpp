#include "tests/support/tiny_elf.hpp"

#include <elf.h>

#include "isa/byte_order.hpp"

namespace trapline::support {

namespace {

// Appends numbers in the byte order of a program.
class Writer {
 public:
  explicit Writer(std::endian order) : order_(order) {}

  void put(std::uint64_t value, std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    isa::store_word(std::span(bytes_).last(size), value, order_);
  }
  void half(std::uint64_t value) { put(value, 2); }
  void word(std::uint64_t value) { put(value, 4); }
  void xword(std::uint64_t value) { put(value, 8); }
  void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::endian order_;
  std::vector<std::byte> bytes_;
};

struct Segment {
  std::uint64_t flags = 0;
  isa::GuestVa address{};
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
};

// Elf64_Phdr, of a segment that begins at the file's first byte.
void put_segment(Writer& out, const Segment& segment) {
  out.word(PT_LOAD);
  out.word(segment.flags);
  out.xword(0);
  out.xword(segment.address.value);
  out.xword(segment.address.value);
  out.xword(segment.file_size);
  out.xword(segment.memory_size);
  out.xword(0x10000);  // p_align
}

}  // namespace

TinyElf tiny_elf(isa::Isa isa, std::span<const std::byte> code) {
  constexpr std::uint64_t kSegments = 2;
  constexpr std::uint64_t kHeaders = sizeof(Elf64_Ehdr) + kSegments * sizeof(Elf64_Phdr);
  constexpr std::uint64_t kElfV2 = 2;  // EF_PPC64_ABI: the entry point is code, not a function descriptor
  const bool x86 = isa == isa::Isa::X86_64;
  const isa::GuestVa entry = kImageBase + kHeaders;

  Writer out(isa::byte_order(isa));  // Elf64_Ehdr
  for (const int byte : {ELFMAG0, int{ELFMAG1}, int{ELFMAG2}, int{ELFMAG3}})
    out.put(static_cast<unsigned>(byte), 1);
  out.put(ELFCLASS64, 1);
  out.put(x86 ? ELFDATA2LSB : ELFDATA2MSB, 1);
  out.put(EV_CURRENT, 1);
  out.put(ELFOSABI_NONE, 1);
  out.xword(0);
  out.half(ET_EXEC);
  out.half(x86 ? EM_X86_64 : EM_PPC64);
  out.word(EV_CURRENT);
  out.xword(entry.value);
  out.xword(sizeof(Elf64_Ehdr));  // e_phoff
  out.xword(0);                   // no sections
  out.word(x86 ? 0 : kElfV2);
  out.half(sizeof(Elf64_Ehdr));
  out.half(sizeof(Elf64_Phdr));
  out.half(kSegments);
  out.half(sizeof(Elf64_Shdr));
  out.half(0);
  out.half(0);
  const std::uint64_t size = kHeaders + code.size();
  put_segment(out, {PF_R | PF_X, kImageBase, size, size});
  put_segment(out, {PF_R | PF_W, kImageData, 0, kImageDataSize});
  out.append(code);
  return {out.take(), entry};
}

}  // namespace trapline::support
