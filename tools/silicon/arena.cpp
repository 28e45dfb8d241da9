#include "tools/silicon/arena.hpp"

#include <algorithm>
#include <cstring>

#include "tools/silicon/hash.hpp"

namespace trapline::tools::silicon {

namespace {

using Page = std::array<std::byte, kPage>;

const Page& pattern_page() {
  static const Page kPattern = [] {
    Page bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::byte{pattern(i)};
    return bytes;
  }();
  return kPattern;
}

std::uint64_t word(const std::byte* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint32_t digest_of(const std::vector<Word>& words) {
  Hash hash;
  for (const Word& word : words) {
    hash.add(word.address);
    hash.add(word.value);
  }
  return hash.folded();
}

}  // namespace

void Arena::prepare(const Case& test) const {
  const std::size_t first = (test.window - kData) / kPage;
  for (std::size_t page = first; page < first + kWindowPages; ++page)
    std::memcpy(data[page], pattern_page().data(), kPage);
  for (const Planted& planted : test.planted) {
    for (unsigned i = 0; i < planted.size; ++i)
      byte(planted.address + i) = static_cast<std::byte>(planted.value >> (8 * i));
  }
  std::ranges::copy(test.inputs, scratch);
  std::fill_n(scratch + (scratch::kResults - kScratch), scratch::kResultSize, std::byte{0});
}

void Arena::digest(const Case& test, Outcome& outcome) const {
  for (const Ignored& ignored : test.form->ignored) {
    for (std::uint64_t n = 0; n < ignored.times; ++n) {
      const std::uint64_t first = test.operand + ignored.offset + n * ignored.step;
      for (std::uint64_t i = 0; i < ignored.size; ++i) byte(first + i) = std::byte{0};
    }
  }
  const std::size_t first = (test.window - kData) / kPage;
  for (std::size_t page = 0; page < kWindowPages; ++page) {
    for (std::size_t at = 0; at < kPage; at += sizeof(std::uint64_t)) {
      const std::uint64_t now = word(data[first + page] + at);
      if (now != word(pattern_page().data() + at))
        outcome.changed.push_back({test.window + page * kPage + at, now});
    }
  }
  const std::byte* const results = scratch + (scratch::kResults - kScratch);
  for (std::size_t at = 0; at < scratch::kResultSize; at += sizeof(std::uint64_t))
    outcome.stored.push_back({scratch::kResults + at, word(results + at)});
  outcome.memory = digest_of(outcome.changed);
  outcome.results = digest_of(outcome.stored);
}

}  // namespace trapline::tools::silicon
