#include "tools/silicon/case.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>

#include "debugunit/x86/debug_registers.hpp"
#include "isa/x86/registers.hpp"
#include "tools/silicon/hash.hpp"

namespace trapline::tools::silicon {

namespace {

namespace dr7 = debugunit::x86::dr7;

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Random {
 public:
  explicit Random(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
  bool percent(unsigned chance) { return below(100) < chance; }

 private:
  std::uint64_t state_;
};

struct Flag {
  std::string_view name;
  unsigned bit;
};
constexpr auto kFlagNames = std::to_array<Flag>({{"cf", 0}, {"zf", 6}, {"df", 10}});
constexpr std::uint64_t kDf = 1 << 10;

// No form reaches further from its operand than this, so that everything stays in the window.
constexpr std::uint64_t kReach = 1024;

std::uint64_t pattern_word(std::uint64_t address) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{pattern(address + i)} << (8 * i);
  return value;
}

class Generator {
 public:
  Generator(Random random, const Form& form) : random_(random), form_(form), place_(place(form)) {}

  Case make(std::uint64_t number) {
    case_.form = &form_;
    case_.number = number;
    if (form_.fixed != 0) {
      a_ = kData + form_.fixed;
    } else {
      case_.window = kData + random_.below(kDataPages - kWindowPages + 1) * kPage;
      a_ = operand(form_.align);
    }
    b_ = random_.percent(50) ? std::clamp(a_ + random_.below(64) - 32, lowest(), highest()) : operand(1);
    case_.operand = a_;
    for (std::uint64_t& value : case_.gpr) value = random_.next();
    case_.rflags |= random_.next() & kComparedFlags & ~kDf;
    for (std::string_view rest = form_.setup; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      assign(word);
    }
    make_inputs();
    if (random_.percent(25)) case_.dr7 |= dr7::kLe | dr7::kGe;  // which processors ignore
    for (unsigned n = 0; n < kBreakpoints; ++n) make_breakpoint(n);
    return std::move(case_);
  }

 private:
  std::uint64_t lowest() const { return case_.window + kReach; }
  std::uint64_t highest() const { return case_.window + kWindowSize - kReach - form_.size; }

  // Often near the border of two pages, often aligned.
  std::uint64_t operand(std::uint64_t align) {
    std::uint64_t address = 0;
    if (random_.percent(40)) {
      const std::uint64_t border = case_.window + random_.between(1, kWindowPages - 1) * kPage;
      address = border - form_.size - 8 + random_.below(form_.size + 17);
    } else {
      address = random_.between(lowest(), highest());
    }
    if (random_.percent(50))
      align = std::max(align, std::min<std::uint64_t>(form_.size & (~form_.size + 1), 16));
    return std::clamp(address & ~(align - 1), lowest(), highest() & ~(align - 1));
  }

  std::uint64_t number(std::string_view text) const {
    const bool hexadecimal = text.starts_with("0x");
    std::uint64_t value = 0;
    const char* const first = text.data() + (hexadecimal ? 2 : 0);
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), value, hexadecimal ? 16 : 10);
    if (error != std::errc{} || end != text.data() + text.size()) malformed();
    return value;
  }

  // A term, or a term and an offset.
  std::uint64_t value(std::string_view text) {
    if (text.starts_with('[')) return pattern_word(value(text.substr(1, text.size() - 2)));
    if (const std::size_t sign = text.find_first_of("+-"); sign != std::string_view::npos) {
      const std::uint64_t offset = number(text.substr(sign + 1));
      const std::uint64_t base = value(text.substr(0, sign));
      return text[sign] == '+' ? base + offset : base - offset;
    }
    constexpr std::uint64_t kMostRepeats = 5;
    constexpr std::uint64_t kBits = 256;  // a bit offset to either side
    if (text == "a") return a_;
    if (text == "b") return b_;
    if (text == "next") return place_.next;
    if (text == "n") return random_.below(kMostRepeats + 1);
    if (text == "bits") return random_.below(2 * kBits) - kBits;
    if (text == "r") return random_.below(2);
    return number(text);
  }

  void assign(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) malformed();
    const std::string_view to = word.substr(0, equals);
    const std::uint64_t what = value(word.substr(equals + 1));
    if (to.starts_with('[')) {
      const std::size_t end = to.find("]:");
      if (end == std::string_view::npos) malformed();
      case_.planted.push_back(
          {value(to.substr(1, end - 1)), what, static_cast<unsigned>(number(to.substr(end + 2)))});
    } else if (const auto flag = std::ranges::find(kFlagNames, to, &Flag::name); flag != kFlagNames.end()) {
      case_.rflags = (case_.rflags & ~(1ull << flag->bit)) | what << flag->bit;
    } else if (to == "fs_base") {
      case_.fs_base = what;
    } else if (to == "gs_base") {
      case_.gs_base = what;
    } else {
      const auto name = std::ranges::find(isa::x86::kRegNames, to);
      const auto index = static_cast<std::size_t>(name - isa::x86::kRegNames.begin());
      if (index >= kGprs) malformed();
      case_.gpr[index] = what;
    }
  }

  [[noreturn]] void malformed() const {
    throw std::logic_error("forms.inc: malformed setup of " + std::string(form_.name));
  }

  // Random bits for SSE and MMX; numbers of moderate size for the x87, which would turn others into
  // exceptions.
  void make_inputs() {
    const auto put = [this](std::uint64_t address, std::uint64_t bits, unsigned size) {
      for (unsigned i = 0; i < size; ++i)
        case_.inputs[address - kScratch + i] = static_cast<std::byte>(bits >> (8 * i));
    };
    for (unsigned i = 0; i < 4; ++i) put(scratch::kXmm + 8 * i, random_.next(), 8);
    for (unsigned i = 0; i < 2; ++i) {
      constexpr std::uint64_t kOne = 0x3fff;  // the biased exponent of 1
      put(scratch::kX87 + 16 * i, random_.next() | 1ull << 63, 8);
      put(scratch::kX87 + 16 * i + 8, (kOne + random_.below(14)) | random_.below(2) << 15, 2);
    }
    constexpr std::uint64_t kMxcsr = 0x1f80;  // all exceptions masked
    put(scratch::kMxcsr, kMxcsr, 4);
  }

  void make_breakpoint(unsigned n) {
    const std::array enables{dr7::l(n), dr7::g(n), dr7::l(n) | dr7::g(n)};
    if (random_.percent(65)) case_.dr7 |= enables[random_.below(enables.size())];
    if (random_.percent(12)) {
      const std::array places{place_.start,    place_.instruction, place_.instruction, place_.instruction + 1,
                              place_.next - 1, place_.next,        place_.end};
      case_.dr[n] = places[random_.below(places.size())];
      case_.dr7 |= dr7::rw(n, dr7::Rw::Execute);
      return;
    }
    case_.dr7 |= dr7::rw(n, random_.percent(50) ? dr7::Rw::Write : dr7::Rw::ReadWrite);
    const auto len = static_cast<dr7::Len>(random_.below(4));
    case_.dr7 |= dr7::len(n, len);
    const std::uint64_t bytes = dr7::bytes(len);
    // About the first and last byte of what an instruction touches, or a few elements away.
    const std::uint64_t near = random_.percent(70) ? a_ : b_;
    const std::uint64_t spread = random_.percent(80) ? 0 : 64;
    const std::uint64_t offset = random_.below(form_.size + bytes + 2 + 2 * spread) - bytes - spread;
    case_.dr[n] = (near + offset) & ~(bytes - 1);
  }

  Random random_;
  const Form& form_;
  Place place_;
  Case case_;
  std::uint64_t a_ = 0;
  std::uint64_t b_ = 0;
};

}  // namespace

Case make_case(std::uint64_t seed, const Form& form, std::uint64_t number) {
  Hash hash;
  hash.add(seed);
  hash.add(form.name);
  hash.add(number);
  return Generator(Random(hash.value()), form).make(number);
}

}  // namespace trapline::tools::silicon
