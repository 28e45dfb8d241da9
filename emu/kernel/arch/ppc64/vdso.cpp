#include "emu/kernel/arch/ppc64/vdso.hpp"

#include <dwarf.h>
#include <elf.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "emu/kernel/arch/vdso_object.hpp"

namespace trapline::kernel::ppc64_arch {

namespace {

using vdso::Bytes;
using vdso::Section;

// --- Code ---

constexpr std::uint64_t kInstruction = 4;
constexpr std::uint64_t kSigtramp = kStartSigtramp + kInstruction;
constexpr std::uint64_t kSigtrampEnd = kStartSigtramp + kInstruction * frame::kTrampolineCode.size();

void put_code(Bytes& object) {
  for (const std::uint32_t instruction : frame::kTrampolineCode) object.put(instruction, kInstruction);
  // What follows the code is the end of a struct rt_sigframe as it was when handlers returned into the frame:
  // GCC's unwinder looks for the pointer to the ucontext there where it finds no CFI, and takes -21 * 8 for
  // "in the frame itself".
  constexpr std::size_t kRestOfTramp = 12, kPointer = 8;
  constexpr std::int64_t kInFrameItself = -21 * 8;
  object.skip_to(object.end() + kRestOfTramp);
  object.put(0, kPointer);                                           // pinfo
  object.put(static_cast<std::uint64_t>(kInFrameItself), kPointer);  // puc
}

// --- Unwinding (DWARF 4, 6.4; Linux Standard Base Core, "Exception Frames") ---

// Registers by the numbers that GCC gives them in .eh_frame. The return address has that of a register which
// no frame needs: LR must keep what it held at the signal.
constexpr std::uint64_t kR1 = 1;
constexpr std::uint64_t kReturnAddress = 67;

enum class Area : std::uint8_t { PtRegs, Vectors };

// `count` registers, whose values lie `step` bytes apart.
struct Saved {
  std::uint64_t first;
  std::uint64_t count;
  Area area;
  std::uint64_t offset;
  std::uint64_t step;
};
constexpr std::uint64_t kFprsAt = frame::kFpRegs - frame::kGpRegs;
constexpr std::uint64_t kLowWord = 4;  // of a doubleword: the rest of the CR's is nothing
constexpr std::array kSaved{
    Saved{0, 1, Area::PtRegs, 0, 8},                          // r0
    Saved{2, 30, Area::PtRegs, 16, 8},                        // r2 to r31; r1 is the CFA
    Saved{32, 32, Area::PtRegs, kFprsAt, 8},                  // f0 to f31
    Saved{65, 1, Area::PtRegs, 8 * kPtLnk, 8},                // LR
    Saved{kReturnAddress, 1, Area::PtRegs, 8 * kPtNip, 8},    // where the signal came
    Saved{68, 8, Area::PtRegs, 8 * kPtCcr + kLowWord, 0},     // CR0 to CR7, each of which is the whole CR
    Saved{77, 32, Area::Vectors, 0, 16},                      // v0 to v31
    Saved{109, 1, Area::Vectors, kVmxSize - 16, 0},           // VRSAVE
    Saved{110, 1, Area::Vectors, kVmxSize - 2 * 16 + 12, 0},  // VSCR
};

// An expression for where something lies in the signal's frame, which begins kCallerFrame above r1. In the
// frame is the address of its struct pt_regs, and at a fixed distance from that struct the address of the
// vector registers; setup_rt_frame() always saves those, so that MSR[VEC] is not asked.
Bytes place_of(Area area, std::uint64_t offset) {
  Bytes expression(std::endian::big);
  expression.put(DW_OP_breg1, 1);
  expression.put_sleb128(frame::kCallerFrame + frame::kMcontext + frame::kRegs);
  expression.put(DW_OP_deref, 1);
  if (area == Area::Vectors) {
    expression.put(DW_OP_plus_uconst, 1);
    expression.put_uleb128(frame::kVRegs - frame::kGpRegs);
    expression.put(DW_OP_deref, 1);
  }
  if (offset != 0) {
    expression.put(DW_OP_plus_uconst, 1);
    expression.put_uleb128(offset);
  }
  return expression;
}

void put_block(Bytes& object, const Bytes& expression) {
  object.put_uleb128(expression.end());
  object.put(expression);
}

// As on Linux, for all of the code as it is before r1 leaves the caller's frame: nobody returns further down.
void put_frame_instructions(Bytes& object) {
  Bytes cfa = place_of(Area::PtRegs, 8 * kR1);
  cfa.put(DW_OP_deref, 1);
  object.put(DW_CFA_def_cfa_expression, 1);
  put_block(object, cfa);
  for (const Saved& saved : kSaved) {
    for (std::uint64_t i = 0; i < saved.count; ++i) {
      object.put(DW_CFA_expression, 1);
      object.put_uleb128(saved.first + i);
      put_block(object, place_of(saved.area, saved.offset + saved.step * i));
    }
  }
}

constexpr std::string_view kSymbol = "__kernel_sigtramp_rt64";

}  // namespace

std::vector<std::byte> vdso_image() {
  Bytes object(std::endian::big);
  object.skip_to(kStartSigtramp);  // the headers follow when it is known where everything is
  const Section code = vdso::section(object, 1, [&] { put_code(object); });
  vdso::Frames frames{.code = {kStartSigtramp, kSigtrampEnd - kStartSigtramp},
                      .augmentation = "zRS",
                      .code_alignment = kInstruction,
                      .return_address = kReturnAddress,
                      .instructions = Bytes(std::endian::big)};
  put_frame_instructions(frames.instructions);
  constexpr std::uint32_t kElfV1 = 1;  // EF_PPC64_ABI: the ABI of big-endian programs
  const vdso::Object spec{.machine = EM_PPC64,
                          .flags = kElfV1,
                          .page_size = machine::linux_page_size(isa::Isa::Ppc64),
                          .soname = "linux-vdso64.so.1",
                          .version = "LINUX_2.6.15",
                          .symbols = {{kSymbol, {kSigtramp, kSigtrampEnd - kSigtramp}}},
                          .code = code};
  const vdso::FrameSections unwinding = vdso::put_frames(object, frames);
  return vdso::finish(std::move(object), spec, unwinding);
}

void map_vdso(Mm& mm) {
  Mm::MapRequest request{.size = mm.page_size()};
  request.vma.permissions = {.read = true, .execute = true};
  request.vma.name = "[vdso]";
  const auto at = mm.map(request);
  if (at && mm.poke(*at, vdso_image())) mm.vdso = *at;
}

}  // namespace trapline::kernel::ppc64_arch
