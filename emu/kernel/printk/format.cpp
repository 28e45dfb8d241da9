#include "emu/kernel/printk/format.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  unsigned bytes = 4;  // of the number
};

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
  static int bounded(int value) { return std::clamp(value, -4096, 4096); }

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
    constexpr std::size_t kPage = 4096;  // what lies below is no pointer (check_pointer_msg())
    std::string text;
    constexpr std::uint64_t kErrors = 4095;  // IS_ERR_VALUE()
    if (at.value < kPage || at.value >= 0 - kErrors) {
      text = at.value == 0 ? "(null)" : "(efault)";
    } else {
      const auto most = how.precision >= 0 ? static_cast<std::size_t>(how.precision) : most_;
      for (std::byte byte{}; text.size() < most && uses_.space.read(at, {&byte, 1}) && byte != std::byte{0};
           at = at + 1)
        text += static_cast<char>(byte);
    }
    if (how.precision >= 0) text.resize(std::min(text.size(), static_cast<std::size_t>(how.precision)));
    return padded(how, text);
  }

  // A pointer to a function is one to its descriptor (PPC64; dereference_function_descriptor()).
  GuestVa code_at(GuestVa address) const {
    if (uses_.space.isa() != isa::Isa::Ppc64 || uses_.kallsyms.at(address) != nullptr) return address;
    return GuestVa(uses_.space.read_word(address).value_or(address.value));
  }

  void pointer(Conversion how) {
    const std::uint64_t value = next_();
    how.bytes = 8;
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
        if (value == 0) break;
        how.zero = false;
        out_ += number_text(how, value, true, 10, false);
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
