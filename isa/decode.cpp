#include "isa/decode.hpp"

#include <capstone/capstone.h>
#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "isa/ppc64/classify.hpp"
#include "isa/x86/classify.hpp"
#include "isa/x86/supplement.hpp"

namespace trapline::isa {
namespace {

constexpr std::size_t kX86LongestInstruction = 15;  // SDM vol. 2, 2.3.11
constexpr std::size_t kPpc64InstructionSize = 4;

constexpr std::string_view kBad = "(bad)";

class Handle {
 public:
  explicit Handle(Isa isa) {
    const bool x86 = isa == Isa::X86_64;
    const cs_arch arch = x86 ? CS_ARCH_X86 : CS_ARCH_PPC;
    const auto mode = x86 ? CS_MODE_64 : static_cast<cs_mode>(CS_MODE_64 | CS_MODE_BIG_ENDIAN);
    if (const cs_err error = cs_open(arch, mode, &handle_); error != CS_ERR_OK) {
      throw std::runtime_error(fmt::format("Capstone does not start: {}", cs_strerror(error)));
    }
    cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
  }
  ~Handle() { cs_close(&handle_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  csh get() const { return handle_; }

 private:
  csh handle_ = 0;
};

struct FreeInsn {
  void operator()(cs_insn* insn) const { cs_free(insn, 1); }
};

// Capstone 4 writes cntlzw and cntlzw. without their w.
void correct_mnemonic(std::string& text) {
  constexpr std::string_view kCut = "cntlz";
  if (text.starts_with("cntlz ") || text.starts_with("cntlz. ")) text.insert(kCut.size(), 1, 'w');
}

std::uint32_t big_endian_word(std::span<const std::byte> bytes) {
  std::uint32_t word = 0;
  for (const std::byte byte : bytes.first(kPpc64InstructionSize)) {
    word = word << 8 | std::to_integer<std::uint32_t>(byte);
  }
  return word;
}

}  // namespace

struct Decoder::Impl {
  explicit Impl(Isa which) : isa(which), handle(which), insn(cs_malloc(handle.get())) {
    if (!insn) throw std::bad_alloc();
  }

  // Leaves the instruction in `insn`; null where Capstone knows none.
  const cs_insn* disassemble(std::span<const std::byte> bytes, GuestVa pc) const {
    if (bytes.empty()) return nullptr;
    const auto* code = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    std::uint64_t address = pc.value;
    return cs_disasm_iter(handle.get(), &code, &left, &address, insn.get()) ? insn.get() : nullptr;
  }

  std::optional<std::string> capstone_text(std::span<const std::byte> bytes, GuestVa pc) const {
    const cs_insn* decoded = disassemble(bytes, pc);
    if (decoded == nullptr) return std::nullopt;
    const std::string_view operands(decoded->op_str);
    std::string text =
        operands.empty() ? decoded->mnemonic : fmt::format("{} {}", decoded->mnemonic, operands);
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  Isa isa;
  Handle handle;
  std::unique_ptr<cs_insn, FreeInsn> insn;
};

Decoder::Decoder(Isa isa) : impl_(std::make_unique<Impl>(isa)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Instruction Decoder::decode(std::span<const std::byte> bytes, GuestVa pc) const {
  if (impl_->isa == Isa::Ppc64) {
    if (bytes.size() < kPpc64InstructionSize) return {};
    // Capstone 4 has no part in this: it knows neither all of POWER7 and 8 nor what costs alike.
    return ppc64::classify(big_endian_word(bytes)).value_or(Instruction{.size = kPpc64InstructionSize});
  }
  bytes = bytes.first(std::min(bytes.size(), kX86LongestInstruction));
  if (const auto extra = x86::supplement(bytes)) return extra->instruction;
  const cs_insn* decoded = impl_->disassemble(bytes, pc);
  return decoded == nullptr ? Instruction{} : x86::classify(*decoded, bytes);
}

std::string Decoder::text(std::span<const std::byte> bytes, GuestVa pc) const {
  if (impl_->isa == Isa::Ppc64) {
    if (bytes.size() < kPpc64InstructionSize) return std::string(kBad);
    const std::uint32_t word = big_endian_word(bytes);
    std::optional<std::string> text;
    // Capstone also knows instructions of embedded processors, which are none here.
    if (ppc64::classify(word)) text = impl_->capstone_text(bytes.first(kPpc64InstructionSize), pc);
    if (!text) return fmt::format(".long 0x{:08x}", word);
    correct_mnemonic(*text);
    return *text;
  }
  bytes = bytes.first(std::min(bytes.size(), kX86LongestInstruction));
  if (const auto extra = x86::supplement(bytes)) return extra->text;
  return impl_->capstone_text(bytes, pc).value_or(std::string(kBad));
}

}  // namespace trapline::isa
