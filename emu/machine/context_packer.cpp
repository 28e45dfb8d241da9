#include "emu/machine/context_packer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace trapline::machine {

namespace {

constexpr std::size_t kBits = 64;
// Compared at once, before the chunks in it are.
constexpr std::size_t kChunksAtOnce = 16;

template <class Function>
void for_each_bit(std::span<const std::uint64_t> words, Function function) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::uint64_t word = words[i]; word != 0; word &= word - 1) {
      function(i * kBits + static_cast<std::size_t>(std::countr_zero(word)));
    }
  }
}

}  // namespace

Context make_context(uc_engine* uc) {
  uc_context* context = nullptr;
  check(uc_context_alloc(uc, &context), "make a CPU state");
  return Context(context);
}

std::span<std::byte> context_bytes(uc_engine* uc, uc_context* context) {
  return {reinterpret_cast<std::byte*>(context), uc_context_size(uc)};
}

ContextPacker::ContextPacker(uc_engine* uc)
    : uc_(uc), scratch_(make_context(uc)), bytes_(context_bytes(uc, scratch_.get())), scratch_known_(true) {
  const auto bytes = peek();
  fresh_.assign(bytes.begin(), bytes.end());
  const std::size_t chunks = (bytes_.size() + kChunk - 1) / kChunk;
  differs_.assign((chunks + kBits - 1) / kBits, 0);
}

std::span<const std::byte> ContextPacker::chunk(std::span<const std::byte> state, std::size_t n) const {
  return state.subspan(n * kChunk, std::min(kChunk, state.size() - n * kChunk));
}

void ContextPacker::put_chunk(std::size_t n, std::span<const std::byte> from) {
  std::memcpy(bytes_.data() + n * kChunk, from.data(), from.size());
}

void ContextPacker::save(PackedContext& packed) {
  check(uc_context_save(uc_, scratch_.get()), "save a CPU state");
  std::ranges::fill(differs_, 0);
  packed.bytes.clear();
  const auto same = [this](std::size_t at, std::size_t size) {
    return std::memcmp(bytes_.data() + at, fresh_.data() + at, size) == 0;
  };
  constexpr std::size_t kAtOnce = kChunksAtOnce * kChunk;
  for (std::size_t block = 0; block < bytes_.size(); block += kAtOnce) {
    const std::size_t end = std::min(block + kAtOnce, bytes_.size());
    if (same(block, end - block)) continue;
    for (std::size_t at = block; at < end; at += kChunk) {
      const std::size_t size = std::min(kChunk, end - at);
      if (same(at, size)) continue;
      const std::size_t n = at / kChunk;
      differs_[n / kBits] |= std::uint64_t{1} << n % kBits;
      packed.bytes.insert(packed.bytes.end(), bytes_.data() + at, bytes_.data() + at + size);
    }
  }
  packed.chunks = differs_;
  scratch_known_ = true;
}

void ContextPacker::load(const PackedContext& packed) {
  if (scratch_known_) {
    for_each_bit(differs_, [this](std::size_t n) { put_chunk(n, chunk(fresh_, n)); });
  } else {
    std::ranges::copy(fresh_, bytes_.begin());
  }
  std::size_t from = 0;
  for_each_bit(packed.chunks, [&](std::size_t n) {
    const std::size_t size = chunk(bytes_, n).size();
    put_chunk(n, std::span(packed.bytes).subspan(from, size));
    from += size;
  });
  differs_ = packed.chunks;
  scratch_known_ = true;
  check(uc_context_restore(uc_, scratch_.get()), "load a CPU state");
}

}  // namespace trapline::machine
