#include "tools/silicon/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "isa/x86/registers.hpp"
#include "tools/silicon/hash.hpp"

namespace trapline::tools::silicon {

namespace {

struct FlagBit {
  char letter;
  std::uint64_t bit;
};
constexpr auto kFlagBits = std::to_array<FlagBit>(
    {{'C', 1u << 0}, {'P', 1u << 2}, {'A', 1u << 4}, {'Z', 1u << 6}, {'S', 1u << 7}, {'O', 1u << 11}});

std::uint64_t defined_flags(const Form& form) {
  std::uint64_t mask = kComparedFlags;
  for (const FlagBit& flag : kFlagBits) {
    if (form.undefined.find(flag.letter) != std::string_view::npos) mask &= ~flag.bit;
  }
  return mask;
}

std::string describe(const Stop& stop) {
  switch (stop.kind) {
    case StopKind::Trap:
      return fmt::format("#DB with DR6.B={:04b} at +{:#x}", stop.slots, stop.pc);
    case StopKind::End:
      return fmt::format("the end at +{:#x}", stop.pc);
    case StopKind::Fault:
      return fmt::format("a fault at +{:#x}", stop.pc);
  }
  return {};
}

std::string register_differences(const Stop& expected, const Stop& got) {
  if (!expected.gpr || !got.gpr) return "general registers";
  std::string text;
  for (std::size_t i = 0; i < kGprs; ++i) {
    const std::uint64_t wanted = (*expected.gpr)[i];
    const std::uint64_t found = (*got.gpr)[i];
    if (wanted != found)
      text += fmt::format("{}{} is {:#x}, not {:#x}", text.empty() ? "" : "; ", isa::x86::kRegNames[i], found,
                          wanted);
  }
  return text;
}

// Of two lists in the order of addresses. Where one lacks an address, the other's word alone is named.
std::string word_differences(const std::vector<Word>& expected, const std::vector<Word>& got) {
  constexpr std::size_t kMostWords = 4;
  std::map<std::uint64_t, std::pair<std::string, std::string>> words;
  for (const Word& word : expected) words[word.address].first = fmt::format("{:#018x}", word.value);
  for (const Word& word : got) words[word.address].second = fmt::format("{:#018x}", word.value);
  std::erase_if(words, [](const auto& item) { return item.second.first == item.second.second; });
  std::string text;
  std::size_t shown = 0;
  for (const auto& [address, values] : words) {
    if (++shown > kMostWords) return text + "; …";
    const auto& [wanted, found] = values;
    text += fmt::format("{}{:#x} holds {}, not {}", text.empty() ? "" : "; ", address,
                        found.empty() ? "what it did" : found, wanted.empty() ? "what it did" : wanted);
  }
  return text;
}

}  // namespace

std::string_view name(Aspect aspect) {
  switch (aspect) {
    case Aspect::Hits:
      return "hits";
    case Aspect::Slots:
      return "DR6";
    case Aspect::Pc:
      return "PC";
    case Aspect::Registers:
      return "registers";
    case Aspect::Flags:
      return "flags";
    case Aspect::Memory:
      return "memory";
    case Aspect::Results:
      return "SSE, MMX or x87 registers";
    case Aspect::Fault:
      return "fault";
  }
  return {};
}

Stop make_stop(const Case& test, StopKind kind, std::uint64_t pc, unsigned slots, std::uint64_t flags,
               const std::array<std::uint64_t, kGprs>& gpr) {
  Hash hash;
  for (const std::uint64_t value : gpr) hash.add(value);
  return {kind, pc - place(*test.form).start, slots, flags & defined_flags(*test.form), hash.folded(), gpr};
}

std::optional<Difference> compare(const Outcome& expected, const Outcome& got) {
  const std::size_t common = std::min(expected.stops.size(), got.stops.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Stop& wanted = expected.stops[i];
    const Stop& found = got.stops[i];
    const auto differ = [i](Aspect aspect, std::string_view text) {
      return Difference{aspect, fmt::format("stop {}: {}", i + 1, text)};
    };
    const std::string instead = fmt::format("{}, not {}", describe(found), describe(wanted));
    if (wanted.kind != found.kind) {
      const bool fault = wanted.kind == StopKind::Fault || found.kind == StopKind::Fault;
      return differ(fault ? Aspect::Fault : Aspect::Hits, instead);
    }
    if (wanted.pc != found.pc) return differ(Aspect::Pc, instead);
    if (wanted.slots != found.slots) return differ(Aspect::Slots, instead);
    if (wanted.registers != found.registers)
      return differ(Aspect::Registers, register_differences(wanted, found));
    if (wanted.flags != found.flags)
      return differ(Aspect::Flags, fmt::format("RFLAGS {:#x}, not {:#x}", found.flags, wanted.flags));
  }
  if (expected.stops.size() != got.stops.size()) {
    return Difference{Aspect::Hits, fmt::format("{} stops, not {}", got.stops.size(), expected.stops.size())};
  }
  const bool recorded = expected.stored.empty();
  if (expected.memory != got.memory) {
    return Difference{Aspect::Memory,
                      recorded ? "the data at the end" : word_differences(expected.changed, got.changed)};
  }
  if (expected.results != got.results) {
    return Difference{Aspect::Results,
                      recorded ? "the registers at the end" : word_differences(expected.stored, got.stored)};
  }
  return std::nullopt;
}

}  // namespace trapline::tools::silicon
