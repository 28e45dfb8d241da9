#include "emu/machine/vector_layout.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <stdexcept>
#include <string>

#include "emu/machine/context_packer.hpp"
#include "isa/byte_order.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::machine {

namespace {

static_assert(std::endian::native == std::endian::little, "the engine keeps registers in the host's order");

using State = std::vector<std::byte>;

constexpr std::size_t kRegisters = 64;
constexpr std::size_t kSize = sizeof(VsxState::Register);

constexpr std::uint64_t kPage = 0x10000;
constexpr std::uint64_t kPageSize = 0x1000;
constexpr std::uint64_t kData = kPage + 0x800;  // VSCR in 16 bytes, VRSAVE in 16, then the VSRs
constexpr std::uint64_t kVrsaveData = kData + kSize;
constexpr std::uint64_t kVsrData = kVrsaveData + kSize;

struct Close {
  void operator()(uc_engine* uc) const { uc_close(uc); }
};

// What is to be in the registers. Every seed gives other VSRs, of which no two bytes in a row are alike.
struct Content {
  unsigned seed = 0;
  std::uint32_t vscr = 0;
  std::uint32_t vrsave = 0;
};

VsxState::Register pattern(unsigned seed, std::size_t n) {
  VsxState::Register bytes{};
  std::uint64_t x = (seed * kRegisters + n + 1) * 0x9e3779b97f4a7c15;
  for (std::byte& byte : bytes) {
    x = x * 6364136223846793005 + 1442695040888963407;  // Knuth's MMIX generator
    byte = static_cast<std::byte>(x >> 56);
  }
  return bytes;
}

class Probe {
 public:
  Probe() {
    uc_engine* uc = nullptr;
    check(uc_open(UC_ARCH_PPC, static_cast<uc_mode>(UC_MODE_PPC64 | UC_MODE_BIG_ENDIAN), &uc),
          "open a PPC64 engine");
    uc_.reset(uc);
    check(uc_mem_map(uc, kPage, kPageSize, UC_PROT_ALL), "map memory");
    // Every address stands for itself, as nobody asks for another.
    check(uc_ctl_tlb_mode(uc, UC_TLB_VIRTUAL), "take over the MMU");
    const std::uint64_t msr = isa::ppc64::kUserMsr;
    check(uc_reg_write(uc, UC_PPC_REG_MSR, &msr), "write MSR");
    context_ = make_context(uc);

    std::vector<std::uint32_t> code{
        0x7c0018ce,  // lvx v0, 0, r3
        0x10000644,  // mtvscr v0
        0x80a40000,  // lwz r5, 0(r4)
        0x7ca043a6,  // mtspr 256, r5
        0x38a00000,  // li r5, 0
        0x38c40010,  // addi r6, r4, 16
    };
    for (std::uint32_t n = 0; n < kRegisters; ++n) {
      code.push_back(0x7c003698 | (n & 31) << 21 | n >> 5);  // lxvd2x vsn, 0, r6
      code.push_back(0x38c60010);                            // addi r6, r6, 16
    }
    code_size_ = code.size() * 4;
    std::vector<std::byte> bytes(code_size_);
    for (std::size_t i = 0; i < code.size(); ++i) {
      isa::store_word(std::span(bytes).subspan(4 * i, 4), code[i], std::endian::big);
    }
    check(uc_mem_write(uc, kPage, bytes.data(), bytes.size()), "write memory");
  }

  // The CPU state with that in its registers; nothing else differs between any two.
  State with(const Content& content) {
    std::vector<std::byte> data(kVsrData - kData + kRegisters * kSize);
    isa::store_word(std::span(data).subspan(kSize - 4, 4), content.vscr, std::endian::big);
    isa::store_word(std::span(data).subspan(kSize, 4), content.vrsave, std::endian::big);
    for (std::size_t n = 0; n < kRegisters; ++n) {
      std::ranges::copy(pattern(content.seed, n),
                        data.begin() + static_cast<std::ptrdiff_t>((2 + n) * kSize));
    }
    check(uc_mem_write(uc_.get(), kData, data.data(), data.size()), "write memory");
    const std::uint64_t vscr_at = kData;
    const std::uint64_t vrsave_at = kVrsaveData;
    check(uc_reg_write(uc_.get(), UC_PPC_REG_3, &vscr_at), "write a register");
    check(uc_reg_write(uc_.get(), UC_PPC_REG_4, &vrsave_at), "write a register");
    check(uc_emu_start(uc_.get(), kPage, kPage + code_size_, 0, 0), "load vector registers");
    return save();
  }

  State save() {
    check(uc_context_save(uc_.get(), context_.get()), "save a CPU state");
    const auto bytes = context_bytes(uc_.get(), context_.get());
    return {bytes.begin(), bytes.end()};
  }

  void set_fpr(std::size_t n, std::uint64_t value) {
    check(uc_reg_write(uc_.get(), UC_PPC_REG_FPR0 + static_cast<int>(n), &value), "write a register");
  }

 private:
  std::unique_ptr<uc_engine, Close> uc_;
  Context context_;
  std::size_t code_size_ = 0;
};

[[noreturn]] void not_found(const char* what) {
  throw std::runtime_error(std::string("Unicorn: a PPC64 CPU state does not show ") + what);
}

VsxState::Register reversed(VsxState::Register bytes) {
  std::ranges::reverse(bytes);
  return bytes;
}

bool holds(const State& state, std::size_t vsr, unsigned seed) {
  if (vsr + kRegisters * kSize > state.size()) return false;
  for (std::size_t n = 0; n < kRegisters; ++n) {
    const auto at = state.begin() + static_cast<std::ptrdiff_t>(vsr + n * kSize);
    if (!std::ranges::equal(reversed(pattern(seed, n)), std::span(at, kSize))) return false;
  }
  return true;
}

std::vector<std::size_t> difference(const State& a, const State& b) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) places.push_back(i);
  }
  return places;
}

}  // namespace

const VectorLayout& VectorLayout::get() {
  static const VectorLayout kLayout;
  return kLayout;
}

VectorLayout::VectorLayout() {
  Probe probe;
  probe.with({});  // whatever the first run of the code changes for good
  const State base = probe.with({});
  size_ = base.size();
  const auto first = reversed(pattern(0, 0));
  const auto found = std::search(base.begin(), base.end(), first.begin(), first.end());
  vsr_ = static_cast<std::size_t>(found - base.begin());
  if (!holds(base, vsr_, 0) || !holds(probe.with({.seed = 1}), vsr_, 1)) not_found("the VSRs");
  for (std::size_t n = 0; n < kRegisters / 2; ++n) probe.set_fpr(n, 0x0123456789abcdef * (n + 1));
  const State with_fprs = probe.save();
  for (std::size_t n = 0; n < kRegisters / 2; ++n) {
    const auto half = std::span(with_fprs).subspan(vsr_ + n * kSize + 8, 8);
    if (isa::load_word(half, std::endian::little) != 0x0123456789abcdef * (n + 1)) not_found("the FPRs");
  }

  const State nj = probe.with({.vscr = kVscrNj});
  for (const std::size_t at : difference(base, nj)) nj_.push_back({at, base[at], nj[at]});
  constexpr std::size_t kMostNj = 16;  // the register's byte, and modes of the floating point units
  if (nj_.empty() || nj_.size() > kMostNj) not_found("VSCR[NJ]");

  const auto sat = difference(base, probe.with({.vscr = kVscrSat}));
  if (sat.size() != 1) not_found("VSCR[SAT]");
  sat_ = sat.front();
  if (std::ranges::any_of(std::span(base).subspan(sat_, kSize),
                          [](std::byte b) { return b != std::byte{}; })) {
    not_found("VSCR[SAT] alone");
  }

  constexpr std::uint32_t kMark = 0x89abcdef;
  const State marked = probe.with({.vrsave = kMark});
  const auto vrsave = difference(base, marked);
  if (vrsave.size() != 4) not_found("VRSAVE");
  vrsave_ = vrsave.front();
  if (isa::load_word(std::span(marked).subspan(vrsave_, 4), std::endian::little) != kMark)
    not_found("VRSAVE");
}

void VectorLayout::read(std::span<const std::byte> state, VsxState& registers) const {
  if (state.size() != size_) not_found("what others do");
  for (std::size_t n = 0; n < kRegisters; ++n) {
    std::ranges::reverse_copy(state.subspan(vsr_ + n * kSize, kSize), registers.vsr[n].begin());
  }
  registers.vscr = 0;
  if (state[nj_.front().at] == nj_.front().set) registers.vscr |= kVscrNj;
  if (std::ranges::any_of(state.subspan(sat_, kSize), [](std::byte b) { return b != std::byte{}; })) {
    registers.vscr |= kVscrSat;
  }
  registers.vrsave =
      static_cast<std::uint32_t>(isa::load_word(state.subspan(vrsave_, 4), std::endian::little));
}

void VectorLayout::write(std::span<std::byte> state, const VsxState& registers) const {
  if (state.size() != size_) not_found("what others do");
  for (std::size_t n = 0; n < kRegisters; ++n) {
    const auto at = state.subspan(vsr_ + n * kSize, kSize);
    std::ranges::reverse_copy(registers.vsr[n], at.begin());
  }
  for (const Byte& byte : nj_) state[byte.at] = (registers.vscr & kVscrNj) != 0 ? byte.set : byte.clear;
  std::ranges::fill(state.subspan(sat_, kSize), std::byte{0});
  if ((registers.vscr & kVscrSat) != 0) state[sat_] = std::byte{1};
  isa::store_word(state.subspan(vrsave_, 4), registers.vrsave, std::endian::little);
}

}  // namespace trapline::machine
