// Constants of the Linux ABI. Those that are the same on both instruction sets are plain; the others are in
// Differing, one value for each. Sources: the kernel's user-space headers (asm-generic/*, and
// arch/powerpc/include/uapi/asm/{fcntl,mman,ioctl,ioctls}.h).
#pragma once

#include <cstdint>

#include "isa/isa.hpp"

namespace trapline::isa::linux_abi {

// open(2) flags, asm-generic/fcntl.h
inline constexpr std::uint64_t kOAccMode = 03;
inline constexpr std::uint64_t kOWrOnly = 01;
inline constexpr std::uint64_t kORdWr = 02;
inline constexpr std::uint64_t kOCreat = 0100;
inline constexpr std::uint64_t kOExcl = 0200;
inline constexpr std::uint64_t kOTrunc = 01000;
inline constexpr std::uint64_t kOAppend = 02000;
inline constexpr std::uint64_t kOAsync = 020000;  // FASYNC
inline constexpr std::uint64_t kONonBlock = 04000;
inline constexpr std::uint64_t kONoCtty = 0400;
inline constexpr std::uint64_t kODSync = 010000;
inline constexpr std::uint64_t kONoATime = 01000000;
inline constexpr std::uint64_t kOCloExec = 02000000;
inline constexpr std::uint64_t kOSync = 04000000;  // __O_SYNC
inline constexpr std::uint64_t kOPath = 010000000;
inline constexpr std::uint64_t kOTmpFile = 020000000;  // __O_TMPFILE
inline constexpr std::int64_t kAtFdCwd = -100;
inline constexpr std::uint64_t kAtSymlinkNoFollow = 0x100;
inline constexpr std::uint64_t kAtRemoveDir = 0x200;
inline constexpr std::uint64_t kAtSymlinkFollow = 0x400;
inline constexpr std::uint64_t kAtEmptyPath = 0x1000;

// mmap(2), asm-generic/mman-common.h
inline constexpr std::uint64_t kProtRead = 1;
inline constexpr std::uint64_t kProtWrite = 2;
inline constexpr std::uint64_t kProtExec = 4;
inline constexpr std::uint64_t kMapShared = 1;
inline constexpr std::uint64_t kMapPrivate = 2;
inline constexpr std::uint64_t kMapTypeMask = 0xf;
inline constexpr std::uint64_t kMapFixed = 0x10;
inline constexpr std::uint64_t kMapAnonymous = 0x20;
inline constexpr std::uint64_t kMapFixedNoReplace = 0x100000;
inline constexpr std::uint64_t kMremapMayMove = 1;
inline constexpr std::uint64_t kMremapFixed = 2;
inline constexpr std::uint64_t kMadvDontNeed = 4;

// file types and modes, linux/stat.h
inline constexpr std::uint32_t kSIfMt = 0170000;
inline constexpr std::uint32_t kSIfIfo = 0010000;
inline constexpr std::uint32_t kSIfChr = 0020000;
inline constexpr std::uint32_t kSIfDir = 0040000;
inline constexpr std::uint32_t kSIfBlk = 0060000;
inline constexpr std::uint32_t kSIfReg = 0100000;
inline constexpr std::uint32_t kSIfLnk = 0120000;
inline constexpr std::uint32_t kSIfSock = 0140000;
inline constexpr std::uint32_t kSIsUid = 04000;
inline constexpr std::uint32_t kSIsGid = 02000;
inline constexpr std::uint32_t kSIsVtx = 01000;
inline constexpr std::uint32_t kModeBits = 07777;  // all that chmod(2) sets

// the auxiliary vector, linux/auxvec.h
enum AuxType : std::uint64_t {
  kAtNull = 0,
  kAtPhdr = 3,
  kAtPhent = 4,
  kAtPhnum = 5,
  kAtPageSz = 6,
  kAtBase = 7,
  kAtFlags = 8,
  kAtEntry = 9,
  kAtUid = 11,
  kAtEuid = 12,
  kAtGid = 13,
  kAtEgid = 14,
  kAtPlatform = 15,
  kAtHwCap = 16,
  kAtClkTck = 17,
  kAtSecure = 23,
  kAtRandom = 25,
  kAtHwCap2 = 26,
  kAtExecFn = 31,
  kAtSysInfoEhdr = 33,
  kAtMinSigStkSz = 51,
};

struct Differing {
  std::uint64_t o_directory;
  std::uint64_t o_nofollow;
  std::uint64_t o_largefile;
  std::uint64_t o_direct;
  std::uint64_t map_growsdown;
  std::uint64_t tcgets;
  std::uint64_t tiocgwinsz;
  std::uint64_t fionread;
};

constexpr Differing differing(Isa isa) {
  if (isa == Isa::X86_64) return {0200000, 0400000, 0100000, 040000, 0x100, 0x5401, 0x5413, 0x541b};
  return {040000, 0100000, 0200000, 0400000, 0x100, 0x402c7413, 0x40087468, 0x4004667f};
}

// _IO, _IOR, _IOW of asm-generic/ioctl.h; PowerPC has other direction bits
// (arch/powerpc/include/uapi/asm/ioctl.h).
enum class IoDirection : std::uint8_t { None, Read, Write, ReadWrite };
constexpr std::uint64_t io_code(Isa isa, IoDirection direction, char type, unsigned number, unsigned size) {
  constexpr unsigned kGeneric[] = {0, 2, 1, 3};
  constexpr unsigned kPowerPc[] = {1, 2, 4, 6};
  const auto d = static_cast<unsigned>(direction);
  const std::uint64_t bits =
      isa == Isa::X86_64 ? std::uint64_t{kGeneric[d]} << 30 : std::uint64_t{kPowerPc[d]} << 29;
  return bits | std::uint64_t{size} << 16 | static_cast<std::uint64_t>(type) << 8 | number;
}

}  // namespace trapline::isa::linux_abi
