#include "emu/kernel/printk/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/printk/errname.hpp"

namespace trapline::kernel {

namespace {

// One conversion: what stands between the % and its letter.
struct Conversion {
  bool left = false;
  bool plus = false;
  bool space = false;
  bool alternate = false;
  bool zero = false;
  int width = 0;
  int precision = -1;
  unsigned bytes = 4;    // of the number
  std::size_t many = 0;  // the width, where it is how many bits or bytes there are (%*pb, %*ph)
};

constexpr std::size_t kPage = 4096;          // what lies below is no pointer (check_pointer_msg())
constexpr std::uint64_t kMostErrors = 4095;  // MAX_ERRNO

bool is_error(std::uint64_t value) { return value >= 0 - kMostErrors; }

std::string padded(const Conversion& how, std::string text) {
  const auto width = static_cast<std::size_t>(std::max(how.width, 0));
  if (text.size() >= width) return text;
  return how.left ? text + std::string(width - text.size(), ' ')
                  : std::string(width - text.size(), ' ') + text;
}

std::string number_text(const Conversion& how, std::uint64_t value, bool is_signed, unsigned base,
                        bool upper) {
  const unsigned unused = 8 * (8 - how.bytes);
  std::string sign;
  if (is_signed) {
    const auto with_sign = static_cast<std::int64_t>(value << unused) >> unused;
    sign = with_sign < 0 ? "-" : how.plus ? "+" : how.space ? " " : "";
    value = with_sign < 0 ? 0 - static_cast<std::uint64_t>(with_sign) : static_cast<std::uint64_t>(with_sign);
  } else {
    value = value << unused >> unused;
  }
  std::string digits = base == 10  ? fmt::format("{}", value)
                       : base == 8 ? fmt::format("{:o}", value)
                       : upper     ? fmt::format("{:X}", value)
                                   : fmt::format("{:x}", value);
  if (how.alternate && base == 16) sign += upper ? "0X" : "0x";
  if (how.alternate && base == 8) sign += "0";
  std::size_t least = how.precision > 0 ? static_cast<std::size_t>(how.precision) : 0;
  if (how.zero && !how.left && how.precision < 0 && how.width > 0) {
    const auto width = static_cast<std::size_t>(how.width);
    least = std::max(least, width > sign.size() ? width - sign.size() : 0);
  }
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  return padded(how, sign + digits);
}

class Formatter {
 public:
  Formatter(const FormatUses& uses, std::string_view format, const std::function<std::uint64_t()>& next,
            std::size_t most)
      : uses_(uses), format_(format), next_(next), most_(most) {}

  std::string run() {
    while (at_ < format_.size() && out_.size() < most_) {
      const char c = format_[at_++];
      if (c != '%') {
        out_ += c;
      } else {
        conversion();
      }
    }
    if (out_.size() > most_) out_.resize(most_);
    return std::move(out_);
  }

 private:
  char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  int count() {
    if (accept('*')) return bounded(static_cast<std::int32_t>(next_()));
    int value = 0;
    while (peek() >= '0' && peek() <= '9') value = bounded(10 * value + (format_[at_++] - '0'));
    return value;
  }
  static constexpr int kMostWidth = 4096;
  static int bounded(int value) {
    constexpr int kMost = (1 << 23) - 1;  // FIELD_WIDTH_MAX
    return std::clamp(value, -kMost, kMost);
  }

  void conversion() {
    Conversion how;
    for (bool flag = true; flag;) {
      flag = false;
      for (const auto& [letter, is] :
           {std::pair{'-', &how.left}, std::pair{'+', &how.plus}, std::pair{' ', &how.space},
            std::pair{'#', &how.alternate}, std::pair{'0', &how.zero}}) {
        if (accept(letter)) *is = flag = true;
      }
    }
    how.width = count();
    if (how.width < 0) {
      how.left = true;
      how.width = -how.width;
    }
    how.many = static_cast<std::size_t>(how.width);
    how.width = std::min(how.width, kMostWidth);
    // A negative one by * is none.
    if (accept('.')) how.precision = std::max(count(), -1);
    if (accept('h')) {
      how.bytes = accept('h') ? 1 : 2;
    } else if (accept('l')) {
      (void)accept('l');
      how.bytes = 8;
    } else if (accept('z') || accept('t') || accept('L') || accept('j') || accept('q')) {
      how.bytes = 8;
    }
    const char letter = peek();
    if (letter != '\0') ++at_;
    switch (letter) {
      case 'd':
      case 'i':
        out_ += number_text(how, next_(), true, 10, false);
        return;
      case 'u':
        out_ += number_text(how, next_(), false, 10, false);
        return;
      case 'x':
      case 'X':
        out_ += number_text(how, next_(), false, 16, letter == 'X');
        return;
      case 'o':
        out_ += number_text(how, next_(), false, 8, false);
        return;
      case 'c':
        out_ += padded(how, std::string(1, static_cast<char>(next_())));
        return;
      case 's':
        out_ += text(how, GuestVa(next_()));
        return;
      case 'p':
        pointer(how);
        return;
      case '%':
        out_ += '%';
        return;
      default:
        // "Please remove unsupported %…": the rest is as it stands.
        out_ += '%';
        if (letter != '\0') out_ += letter;
    }
  }

  std::string text(const Conversion& how, GuestVa at) const {
    std::string text;
    if (const auto refused = no_pointer(at)) {
      text = *refused;
    } else {
      const auto most = how.precision >= 0 ? static_cast<std::size_t>(how.precision) : most_;
      for (std::byte byte{}; text.size() < most && uses_.space.read(at, {&byte, 1}) && byte != std::byte{0};
           at = at + 1)
        text += static_cast<char>(byte);
    }
    if (how.precision >= 0) text.resize(std::min(text.size(), static_cast<std::size_t>(how.precision)));
    return padded(how, text);
  }

  static std::optional<std::string_view> no_pointer(GuestVa at) {
    if (at.value == 0) return "(null)";
    if (at.value < kPage || is_error(at.value)) return "(efault)";
    return std::nullopt;
  }
  std::vector<std::uint8_t> bytes_at(GuestVa at, std::size_t size) const {
    std::vector<std::byte> bytes(size);
    (void)uses_.space.read(at, bytes);
    std::vector<std::uint8_t> values(size);
    std::transform(bytes.begin(), bytes.end(), values.begin(),
                   [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    return values;
  }

  // %*pb, %*pbl: of so many bits, in words of 32 bits; or the ranges of those that are set.
  std::string bits_at(GuestVa at, std::size_t bits, bool list) const {
    const auto is_set = [&](std::size_t bit) {
      constexpr std::size_t kWord = 64;
      return (uses_.space.read_word(at + bit / kWord * 8).value_or(0) >> (bit % kWord) & 1) != 0;
    };
    std::string text;
    if (list) {
      for (std::size_t bit = 0; bit < bits && text.size() < most_;) {
        if (!is_set(bit)) {
          ++bit;
          continue;
        }
        const std::size_t first = bit;
        while (bit < bits && is_set(bit)) ++bit;
        if (!text.empty()) text += ',';
        text += bit - first == 1 ? fmt::format("{}", first) : fmt::format("{}-{}", first, bit - 1);
      }
      return text;
    }
    constexpr std::size_t kChunk = 32;
    for (std::size_t chunk = (bits + kChunk - 1) / kChunk; chunk-- > 0 && text.size() < most_;) {
      const std::size_t end = std::min(bits, (chunk + 1) * kChunk);
      std::uint32_t value = 0;
      for (std::size_t bit = end; bit-- > chunk * kChunk;) value = value << 1 | (is_set(bit) ? 1 : 0);
      if (!text.empty()) text += ',';
      text += fmt::format("{:0{}x}", value, (end - chunk * kChunk + 3) / 4);
    }
    return text;
  }

  // %pU: in the order of the text (b, B), or with the first three numbers' lower bytes first (l, L).
  std::string uuid_at(GuestVa at) const {
    constexpr std::array<std::size_t, 16> kLittle{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    const bool little = peek() == 'l' || peek() == 'L';
    const bool upper = peek() == 'L' || peek() == 'B';
    const auto bytes = bytes_at(at, kLittle.size());
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::uint8_t byte = bytes[little ? kLittle[i] : i];
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      text += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
    }
    return text;
  }

  // Bytes in hexadecimal, with a character between them or none.
  static std::string hex_of(const std::vector<std::uint8_t>& bytes, char between) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
      if (!text.empty() && between != '\0') text += between;
      text += fmt::format("{:02x}", byte);
    }
    return text;
  }

  // %pI4, %pi4, %pI6 and %pi6; not the shortened %pI6c, and no socket addresses.
  std::string address_at(GuestVa at, bool plain) const {
    if (peek() == '6') {
      const auto bytes = bytes_at(at, 16);
      std::string text;
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 2 == 0 && !plain) text += ':';
        text += fmt::format("{:02x}", bytes[i]);
      }
      return text;
    }
    auto bytes = bytes_at(at, 4);
    const char order = at_ + 1 < format_.size() ? format_[at_ + 1] : '\0';
    if (order == 'l' || (order == 'h' && uses_.space.isa() == isa::Isa::X86_64)) std::ranges::reverse(bytes);
    std::string text;
    for (const std::uint8_t byte : bytes) {
      if (!text.empty()) text += '.';
      text += plain ? fmt::format("{:03}", byte) : fmt::format("{}", byte);
    }
    return text;
  }

  // %pt: a time64_t (T) or a struct rtc_time (R), as date (d), time (t) or both; r: the fields as they are;
  // s: a space between the two.
  std::string time_at(GuestVa at) {
    std::array<std::int64_t, 6> fields{};  // seconds, minutes, hours, day, month, year
    if (accept('T')) {
      constexpr std::int64_t kDay = 86400;
      const auto seconds = static_cast<std::int64_t>(uses_.space.read_word(at).value_or(0));
      std::int64_t days = seconds / kDay;
      std::int64_t rest = seconds % kDay;
      if (rest < 0) {
        rest += kDay;
        --days;
      }
      // Days since 1 March of the year 0, in eras of 400 years (Hinnant).
      days += 719468;
      const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
      const std::int64_t day_of_era = days - era * 146097;
      const std::int64_t year =
          (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
      const std::int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
      const std::int64_t month = (5 * day_of_year + 2) / 153;
      const std::int64_t day = day_of_year - (153 * month + 2) / 5 + 1;
      fields = {rest % 60,
                rest / 60 % 60,
                rest / 3600,
                day,
                month < 10 ? month + 2 : month - 10,
                year + era * 400 + (month < 10 ? 0 : 1) - 1900};
    } else if (accept('R')) {
      for (std::size_t i = 0; i < fields.size(); ++i)
        fields[i] = static_cast<std::int32_t>(uses_.space.read_word(at + 4 * i, 4).value_or(0));
    } else {
      return "(%pt?)";
    }
    bool date = true;
    bool time = true;
    bool raw = false;
    bool space = false;
    if (accept('d'))
      time = false;
    else if (accept('t'))
      date = false;
    for (;;) {
      if (accept('r'))
        raw = true;
      else if (accept('s'))
        space = true;
      else
        break;
    }
    std::string text;
    if (date)
      text += fmt::format("{:04}-{:02}-{:02}", fields[5] + (raw ? 0 : 1900), fields[4] + (raw ? 0 : 1),
                          fields[3]);
    if (date && time) text += space ? ' ' : 'T';
    if (time) text += fmt::format("{:02}:{:02}:{:02}", fields[2], fields[1], fields[0]);
    return text;
  }

  // Those that show what the pointer points to. Nothing: it is none of them.
  std::optional<std::string> pointed_to(const Conversion& how, GuestVa at) {
    constexpr std::string_view kLetters = "bUMmIihat";
    if (peek() == '\0' || kLetters.find(peek()) == std::string_view::npos) return std::nullopt;
    const char letter = format_[at_++];
    if (const auto refused = no_pointer(at)) return padded(how, std::string(*refused));
    switch (letter) {
      case 'b':
        return bits_at(at, how.many, peek() == 'l');
      case 'U':
        return padded(how, uuid_at(at));
      case 'M':
      case 'm': {
        auto bytes = bytes_at(at, 6);
        const char dashes = peek();
        const bool reversed =
            dashes == 'R' || (dashes == 'F' && at_ + 1 < format_.size() && format_[at_ + 1] == 'R');
        if (reversed) std::ranges::reverse(bytes);
        return padded(how, hex_of(bytes, letter == 'm' ? '\0' : dashes == 'F' ? '-' : ':'));
      }
      case 'I':
      case 'i':
        return padded(how, address_at(at, letter == 'i'));
      case 'h': {
        constexpr std::size_t kMost = 64;
        const auto bytes = bytes_at(at, std::clamp<std::size_t>(how.many, 1, kMost));
        return hex_of(bytes, peek() == 'C' ? ':' : peek() == 'D' ? '-' : peek() == 'N' ? '\0' : ' ');
      }
      case 'a':
        return fmt::format("0x{:016x}", uses_.space.read_word(at).value_or(0));
      default:
        return padded(how, time_at(at));
    }
  }

  // A pointer to a function is one to its descriptor (PPC64; dereference_function_descriptor()).
  GuestVa code_at(GuestVa address) const {
    if (uses_.space.isa() != isa::Isa::Ppc64 || uses_.kallsyms.at(address) != nullptr) return address;
    return GuestVa(uses_.space.read_word(address).value_or(address.value));
  }

  void pointer(const Conversion& how) {
    show_pointer(how);
    // All letters and digits after it belong to it, known or not.
    while ((peek() >= '0' && peek() <= '9') || (peek() >= 'a' && peek() <= 'z') ||
           (peek() >= 'A' && peek() <= 'Z'))
      ++at_;
  }

  void show_pointer(Conversion how) {
    const std::uint64_t value = next_();
    how.bytes = 8;
    if (const auto shown = pointed_to(how, GuestVa(value))) {
      out_ += *shown;
      return;
    }
    switch (peek()) {
      case 'B':
        ++at_;
        out_ += padded(how, uses_.kallsyms.sprint_backtrace(GuestVa(value)));
        return;
      case 'S':
        ++at_;
        (void)accept('R');
        out_ += padded(how, uses_.kallsyms.sprint_symbol(code_at(GuestVa(value))));
        return;
      case 's': {
        ++at_;
        const KernelSymbol* const symbol = uses_.kallsyms.at(code_at(GuestVa(value)));
        out_ += padded(how, symbol == nullptr        ? fmt::format("{:#x}", value)
                            : symbol->module.empty() ? symbol->name
                                                     : fmt::format("{} [{}]", symbol->name, symbol->module));
        return;
      }
      case 'F':
      case 'f':
        ++at_;
        out_ += padded(how, uses_.kallsyms.sprint_symbol(code_at(GuestVa(value))));
        return;
      case 'x':
      case 'K':
        ++at_;
        break;
      case 'e':
        ++at_;
        if (!is_error(value)) break;
        if (const auto name = errname(0 - value)) {
          out_ += padded(how, fmt::format("-{}", *name));
        } else {
          out_ += number_text(how, value, true, 10, false);
        }
        return;
      default:
        break;
    }
    // Linux prints a hash that differs at each boot; without randomness the address itself is what it would
    // be with no_hash_pointers.
    how.precision = 16;
    out_ += number_text(how, value, false, 16, false);
  }

  const FormatUses& uses_;
  std::string_view format_;
  const std::function<std::uint64_t()>& next_;
  std::size_t most_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string vsnprintf(const FormatUses& uses, std::string_view format,
                      const std::function<std::uint64_t()>& next, std::size_t most) {
  return Formatter(uses, format, next, most).run();
}

}  // namespace trapline::kernel
