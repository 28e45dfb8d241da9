// CLONE_* of clone(2), linux/sched.h; the same on both instruction sets.
#pragma once

#include <cstdint>

namespace trapline::isa::linux_abi {

inline constexpr std::uint64_t kCloneSignal = 0x000000ff;  // CSIGNAL
inline constexpr std::uint64_t kCloneVm = 0x00000100;
inline constexpr std::uint64_t kCloneFs = 0x00000200;
inline constexpr std::uint64_t kCloneFiles = 0x00000400;
inline constexpr std::uint64_t kCloneSigHand = 0x00000800;
inline constexpr std::uint64_t kClonePidFd = 0x00001000;
inline constexpr std::uint64_t kClonePtrace = 0x00002000;
inline constexpr std::uint64_t kCloneVfork = 0x00004000;
inline constexpr std::uint64_t kCloneParent = 0x00008000;
inline constexpr std::uint64_t kCloneThread = 0x00010000;
inline constexpr std::uint64_t kCloneNewNs = 0x00020000;
inline constexpr std::uint64_t kCloneSysVSem = 0x00040000;
inline constexpr std::uint64_t kCloneSetTls = 0x00080000;
inline constexpr std::uint64_t kCloneParentSetTid = 0x00100000;
inline constexpr std::uint64_t kCloneChildClearTid = 0x00200000;
inline constexpr std::uint64_t kCloneDetached = 0x00400000;
inline constexpr std::uint64_t kCloneUntraced = 0x00800000;
inline constexpr std::uint64_t kCloneChildSetTid = 0x01000000;
inline constexpr std::uint64_t kCloneIo = 0x80000000;
inline constexpr std::uint64_t kCloneClearSigHand = 0x100000000;
inline constexpr std::uint64_t kCloneIntoCgroup = 0x200000000;
// NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
inline constexpr std::uint64_t kCloneNamespaces = 0x7e020000;

}  // namespace trapline::isa::linux_abi
