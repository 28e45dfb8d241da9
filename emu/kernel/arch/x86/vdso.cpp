#include "emu/kernel/arch/x86/vdso.hpp"

#include <dwarf.h>
#include <elf.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "emu/kernel/arch/vdso_object.hpp"

namespace trapline::kernel::x86_arch {

namespace {

using vdso::Bytes;
using vdso::Section;

// vdso.lds.S: each function has a name of its own, and a weak one without the prefix.
struct Function {
  std::string_view name;
  std::uint32_t number;  // of the system call
};
constexpr std::string_view kPrefix = "__vdso_";
constexpr std::array kFunctions{
    Function{"__vdso_clock_gettime", 228}, Function{"__vdso_gettimeofday", 96},
    Function{"__vdso_clock_getres", 229},  Function{"__vdso_time", 201},
    Function{"__vdso_getcpu", 309},
};

// MOV EAX, number; SYSCALL; RET. The arguments are where the call wants them.
Section put_function(Bytes& object, const Function& function) {
  return vdso::section(object, 16, [&] {
    object.put(0xb8, 1);
    object.put(function.number, 4);
    for (const unsigned byte : {0x0fu, 0x05u, 0xc3u}) object.put(byte, 1);
  });
}

}  // namespace

std::vector<std::byte> vdso_image() {
  Bytes object(std::endian::little);
  object.skip_to(vdso::kCodeStart);
  vdso::Object spec{.machine = EM_X86_64,
                    .page_size = machine::linux_page_size(isa::Isa::X86_64),
                    .soname = "linux-vdso.so.1",
                    .version = "LINUX_2.6"};
  spec.code = vdso::section(object, 16, [&] {
    for (const Function& function : kFunctions) {
      const Section code = put_function(object, function);
      spec.symbols.push_back({function.name, code});
      spec.symbols.push_back({function.name.substr(kPrefix.size()), code, true});
    }
  });
  // System V ABI, AMD64 supplement, 3.6.2: at every instruction the return address is on top of the stack.
  constexpr std::uint64_t kRsp = 7, kReturnAddress = 16, kWord = 8;
  vdso::Frames frames{.code = spec.code,
                      .augmentation = "zR",
                      .return_address = kReturnAddress,
                      .instructions = Bytes(std::endian::little)};
  frames.instructions.put(DW_CFA_def_cfa, 1);
  frames.instructions.put_uleb128(kRsp);
  frames.instructions.put_uleb128(kWord);
  frames.instructions.put(DW_CFA_offset | kReturnAddress, 1);
  frames.instructions.put_uleb128(1);
  const vdso::FrameSections unwinding = vdso::put_frames(object, frames);
  return vdso::finish(std::move(object), spec, unwinding);
}

void map_vdso(Mm& mm) {
  constexpr std::uint64_t kVvarPages = 4, kVdsoPages = 2;
  const std::uint64_t vvar = kVvarPages * mm.page_size();
  Mm::MapRequest request{.size = vvar + kVdsoPages * mm.page_size()};
  request.vma.permissions = {.read = true};
  request.vma.name = "[vvar]";
  const auto at = mm.map(request);
  if (!at) return;
  request.at = *at + vvar;
  request.fixed = true;
  request.size = kVdsoPages * mm.page_size();
  request.vma.permissions = {.read = true, .execute = true};
  request.vma.name = "[vdso]";
  if (mm.map(request) && mm.poke(*at + vvar, vdso_image())) mm.vdso = *at + vvar;
}

}  // namespace trapline::kernel::x86_arch
