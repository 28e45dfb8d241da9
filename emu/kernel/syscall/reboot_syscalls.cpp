// reboot(2) and kexec_load(2), of machines with guest code of the kernel; elsewhere the user is root of a
// user namespace only, and they are EPERM.
#include <array>
#include <string>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

using Name = isa::linux_abi::Syscall;

constexpr std::uint64_t kOnCrash = 1, kPreserveContext = 2;  // KEXEC_*
constexpr std::uint64_t kArchMask = 0xffff0000;
constexpr std::uint64_t kMostSegments = 16;                    // KEXEC_SEGMENT_MAX
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;  // that are copied, here
constexpr std::uint64_t kRestart2 = 0xa1b2c3d4;                // LINUX_REBOOT_CMD_RESTART2

SyscallResult sys_kexec_load(Syscall& call) {
  if (!call.kernel.has_modules()) return Error{EPERM};
  const std::uint64_t count = call.args[1];
  const std::uint64_t flags = call.args[3];
  const std::uint64_t machine = call.isa() == isa::Isa::X86_64 ? 62u << 16 : 21u << 16;
  if ((flags & ~(kOnCrash | kPreserveContext | kArchMask)) != 0) return Error{EINVAL};
  const std::uint64_t arch = flags & kArchMask;
  if (arch != 0 && arch != machine) return Error{EINVAL};
  if (count > kMostSegments) return Error{EINVAL};
  if ((flags & kOnCrash) != 0) return refused(EADDRNOTAVAIL, "", "no memory is kept for a crash kernel");
  Kexec& kexec = call.kernel.kernel_half().kexec();
  if (count == 0) {
    kexec.unload();
    return 0;
  }
  const std::uint64_t page = call.mm().page_size();
  Kexec::Image image{.entry = call.address(0), .segments = {}};
  std::uint64_t copied = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::array<std::uint64_t, 4> words{};  // buf, bufsz, mem, memsz
    for (std::size_t word = 0; word < words.size(); ++word) {
      const auto value = call.mm().read_word(call.address(2) + (i * words.size() + word) * 8, 8);
      if (!value) return Error{EFAULT};
      words.at(word) = *value;
    }
    const auto [buffer, bytes, address, size] = words;
    if (address + size < address || address % page != 0 || size % page != 0) return Error{EADDRNOTAVAIL};
    if (bytes > size) return Error{EINVAL};
    if (bytes > kMostBytes - copied) return Error{ENOMEM};
    copied += bytes;
    Kexec::Segment& segment = image.segments.emplace_back();
    segment.address = GuestVa(address);
    segment.size = size;
    segment.bytes.resize(bytes);
    if (!call.mm().read(GuestVa(buffer), segment.bytes)) return Error{EFAULT};
  }
  const Status loaded = kexec.load(std::move(image));
  return loaded ? SyscallResult(0) : loaded.error();
}

SyscallResult sys_reboot(Syscall& call) {
  constexpr std::uint64_t kMagic1 = 0xfee1dead;
  constexpr std::array<std::uint64_t, 4> kMagic2{672274793, 85072278, 369367448, 537993216};
  constexpr std::uint64_t kCadOn = 0x89abcdef, kCadOff = 0;
  if (!call.kernel.has_modules()) return Error{EPERM};
  const auto word = [&call](std::size_t n) { return call.args[n] & 0xffffffff; };
  if (word(0) != kMagic1 || std::ranges::find(kMagic2, word(1)) == kMagic2.end()) return Error{EINVAL};
  if (word(2) == kCadOn || word(2) == kCadOff) return 0;
  if (word(2) == kRestart2 && !call.mm().read_word(call.address(3), 1)) return Error{EFAULT};
  // The rest is guest code's (scenarios/kernel/lib/reboot.c).
  return call.kernel.kernel_half().files().call(call.task, {&call.task, "__kernel_reboot", {word(2)}});
}

}  // namespace

std::span<const SyscallEntry> reboot_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_kexec_load, sys_kexec_load},
      SyscallEntry{Name::sys_reboot, sys_reboot},
  };
  return kTable;
}

}  // namespace trapline::kernel
