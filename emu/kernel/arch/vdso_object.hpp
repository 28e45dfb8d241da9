// The shared object that a kernel maps into every program, written as a file: what the vDSOs of the
// instruction sets have in common. Sources: System V ABI, chapters 4 and 5; Linux Standard Base Core, "Symbol
// Versioning" and "Exception Frames"; DWARF 4, 6.4 and 7.6.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace trapline::kernel::vdso {

// Bytes, written from the first to the last. In the object, a place in the file is an address, too.
class Bytes {
 public:
  explicit Bytes(std::endian order) : order_(order) {}

  std::endian order() const { return order_; }
  std::uint64_t end() const { return bytes_.size(); }

  void put(std::uint64_t value, std::size_t size);
  void put(const Bytes& other) { bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end()); }
  void put_text(std::string_view text);  // with a NUL behind it
  // Seven bits a byte, the lowest first, as long as something is left.
  void put_uleb128(std::uint64_t value);
  void put_sleb128(std::int64_t value);
  // DW_EH_PE_pcrel | DW_EH_PE_sdata4
  void put_distance_to(std::uint64_t address) { put(address - end(), 4); }
  void align(std::uint64_t alignment) { bytes_.resize((end() + alignment - 1) / alignment * alignment); }
  void skip_to(std::uint64_t at) { bytes_.resize(at); }
  void overwrite(std::uint64_t at, const Bytes& other);
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::endian order_;
  std::vector<std::byte> bytes_;
};

struct Section {
  std::uint64_t start = 0;
  std::uint64_t size = 0;
};

// What `put` appends, from an aligned place on.
Section section(Bytes& object, std::uint64_t alignment, const std::function<void()>& put);

// --- Unwinding ---

// The code from `start` to `end`, and how to unwind from any instruction of it.
struct Frames {
  Section code;
  std::string_view augmentation;     // "zR", and "S" where it is a signal's frame
  std::uint64_t code_alignment = 1;  // bytes
  std::uint64_t return_address = 0;  // the number of its register
  Bytes instructions;                // of the only FDE
};

struct FrameSections {
  Section eh_frame;
  Section header;
};
FrameSections put_frames(Bytes& object, const Frames& frames);

// --- The file ---

// How much room the headers want, with and without a note.
inline constexpr std::uint64_t kHeaders = 0xe8, kHeadersWithNote = 0x120;

struct Symbol {
  std::string_view name;
  Section code;
  bool weak = false;
};

struct Object {
  std::uint16_t machine = 0;  // EM_*
  std::uint32_t flags = 0;    // e_flags
  std::uint64_t page_size = 0;
  std::string_view soname{};
  std::string_view version{};  // of all symbols
  std::vector<Symbol> symbols{};
  Section code{};
  Section note{};  // of no size: there is none
};

// The rest of an object that holds code, frames and perhaps a note, and has room for the headers at its
// start.
std::vector<std::byte> finish(Bytes object, const Object& spec, const FrameSections& frames);

}  // namespace trapline::kernel::vdso
