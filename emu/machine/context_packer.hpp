// Unicorn's saved CPU states, and a form of them that keeps only what differs from a fresh one. Includes
// unicorn.h, so nothing outside of this folder includes it.
#pragma once

#include <unicorn/unicorn.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace trapline::machine {

// Throws std::runtime_error for a call to Unicorn that only a fault of ours, or a host out of memory, can
// make fail.
void check(uc_err error, const char* doing);

struct FreeContext {
  void operator()(uc_context* unwanted) const { uc_context_free(unwanted); }
};
using Context = std::unique_ptr<uc_context, FreeContext>;
Context make_context(uc_engine* uc);

// A saved state is flat: a header of Unicorn's, then a copy of the processor's own structure.
std::span<std::byte> context_bytes(uc_engine* uc, uc_context* context);

struct PackedContext {
  std::vector<std::uint64_t> chunks;  // a bit for each chunk that differs
  std::vector<std::byte> bytes;       // those chunks
};

// PPC64 states are 80 KiB long, nearly all of it tables that never change: with thousands of sleeping tasks
// too much. What the processor's structure points to is the engine's and stays where it is, and a state never
// goes to another engine, so that pointers are bytes like others.
class ContextPacker {
 public:
  // The state that the engine is in counts as the fresh one.
  explicit ContextPacker(uc_engine* uc);

  void save(PackedContext& packed);
  void load(const PackedContext& packed);

  // Changes the engine's state as `edit` does; it takes the state's bytes.
  template <class Edit>
  void edit(Edit edit) {
    check(uc_context_save(uc_, scratch_.get()), "save a CPU state");
    scratch_known_ = false;
    edit(bytes_);
    check(uc_context_restore(uc_, scratch_.get()), "load a CPU state");
  }
  // Its bytes, until the next call.
  std::span<const std::byte> peek() {
    check(uc_context_save(uc_, scratch_.get()), "save a CPU state");
    scratch_known_ = false;
    return bytes_;
  }

 private:
  static constexpr std::size_t kChunk = 64;

  std::span<const std::byte> chunk(std::span<const std::byte> state, std::size_t n) const;
  void put_chunk(std::size_t n, std::span<const std::byte> from);

  uc_engine* uc_;
  Context scratch_;
  std::span<std::byte> bytes_;  // of scratch_
  std::vector<std::byte> fresh_;
  std::vector<std::uint64_t> differs_;  // by chunk: where scratch_ is not fresh
  bool scratch_known_ = false;          // whether differs_ is right
};

}  // namespace trapline::machine
