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

// _IO, _IOR, _IOW of asm-generic/ioctl.h; PowerPC has other direction bits
// (arch/powerpc/include/uapi/asm/ioctl.h).
enum class IoDirection : std::uint8_t { None, Read, Write, ReadWrite };
constexpr std::uint64_t io_code(Isa isa, IoDirection direction, char type, unsigned number, unsigned size) {
  constexpr unsigned kGeneric[] = {0, 2, 1, 3};
  constexpr unsigned kPowerPc[] = {1, 2, 4, 6};
  const auto d = static_cast<unsigned>(direction);
  std::uint64_t bits = 0;
  switch (isa) {
    case Isa::X86_64:
      bits = std::uint64_t{kGeneric[d]} << 30;
      break;
    case Isa::Ppc64:
      bits = std::uint64_t{kPowerPc[d]} << 29;
      break;
  }
  return bits | std::uint64_t{size} << 16 | static_cast<std::uint64_t>(type) << 8 | number;
}

// What differs, one value for each. A further instruction set does not compile until it has its own.
struct Differing {
  // open(2), asm/fcntl.h
  std::uint64_t o_directory;
  std::uint64_t o_nofollow;
  std::uint64_t o_largefile;
  std::uint64_t o_direct;
  // mmap(2) and mlockall(2), asm/mman.h
  std::uint64_t map_32bit;  // 0: there is none
  std::uint64_t map_growsdown;
  std::uint64_t map_locked;
  std::uint64_t map_noreserve;
  std::uint64_t mcl_current;  // MCL_FUTURE and MCL_ONFAULT are the next bits
  // ioctl(2), asm/ioctls.h
  std::uint64_t tcgets;
  std::uint64_t tiocgwinsz;
  std::uint64_t fionread;
  std::uint64_t fioclex;
  std::uint64_t fionclex;
  std::uint64_t fionbio;
  std::uint64_t fioasync;
  // ptrace(2), asm/ptrace.h
  std::uint64_t ptrace_sysemu;
  std::uint64_t ptrace_sysemu_singlestep;
  std::uint64_t ptrace_singleblock;
  // clone(2): which arguments these are (CONFIG_CLONE_BACKWARDS)
  unsigned clone_child_tid;
  unsigned clone_tls;
  std::uint64_t min_sig_stack;  // MINSIGSTKSZ, the smallest that sigaltstack(2) takes
  // Addresses: where user memory ends (TASK_SIZE; with 64 KiB pages DEFAULT_MAP_WINDOW) and may end at most
  // (TASK_SIZE_MAX, access_ok()); where position-independent programs go that have an interpreter
  // (ELF_ET_DYN_BASE); and where the kernel's text begins (_text).
  std::uint64_t task_size;
  std::uint64_t task_size_max;
  std::uint64_t elf_et_dyn_base;
  std::uint64_t kernel_text;
  bool has_tsc_mode;               // prctl(2), PR_GET_TSC and PR_SET_TSC
  bool has_syscall_user_dispatch;  // CONFIG_GENERIC_ENTRY
  bool mmap_checks_prot;           // arch_validate_prot() by mmap(2)
};

constexpr Differing differing(Isa isa) {
  switch (isa) {
    case Isa::X86_64:
      return {.o_directory = 0200000,
              .o_nofollow = 0400000,
              .o_largefile = 0100000,
              .o_direct = 040000,
              .map_32bit = 0x40,
              .map_growsdown = 0x100,
              .map_locked = 0x2000,
              .map_noreserve = 0x4000,
              .mcl_current = 1,
              .tcgets = 0x5401,
              .tiocgwinsz = 0x5413,
              .fionread = 0x541b,
              .fioclex = 0x5451,
              .fionclex = 0x5450,
              .fionbio = 0x5421,
              .fioasync = 0x5452,
              .ptrace_sysemu = 31,
              .ptrace_sysemu_singlestep = 32,
              .ptrace_singleblock = 33,
              .clone_child_tid = 3,
              .clone_tls = 4,
              .min_sig_stack = 2048,
              .task_size = 0x7ffffffff000,
              .task_size_max = 0x7ffffffff000,
              .elf_et_dyn_base = 0x7ffffffff000 / 3 * 2,
              .kernel_text = 0xffffffff81000000,
              .has_tsc_mode = true,
              .has_syscall_user_dispatch = true,
              .mmap_checks_prot = false};
    case Isa::Ppc64:
      return {.o_directory = 040000,
              .o_nofollow = 0100000,
              .o_largefile = 0200000,
              .o_direct = 0400000,
              .map_32bit = 0,
              .map_growsdown = 0x100,
              .map_locked = 0x80,
              .map_noreserve = 0x40,
              .mcl_current = 0x2000,
              .tcgets = 0x402c7413,
              .tiocgwinsz = 0x40087468,
              .fionread = 0x4004667f,
              .fioclex = io_code(isa, IoDirection::None, 'f', 1, 0),
              .fionclex = io_code(isa, IoDirection::None, 'f', 2, 0),
              .fionbio = io_code(isa, IoDirection::Write, 'f', 126, 4),
              .fioasync = io_code(isa, IoDirection::Write, 'f', 125, 4),
              .ptrace_sysemu = 0x1d,
              .ptrace_sysemu_singlestep = 0x1e,
              .ptrace_singleblock = 0x100,
              .clone_child_tid = 4,
              .clone_tls = 3,
              .min_sig_stack = 4096,
              .task_size = 0x800000000000,
              .task_size_max = std::uint64_t{1} << 52,
              .elf_et_dyn_base = 0x100000000,
              .kernel_text = 0xc000000000008000,
              .has_tsc_mode = false,
              .has_syscall_user_dispatch = false,
              .mmap_checks_prot = true};
  }
  return {};
}

}  // namespace trapline::isa::linux_abi
