// What the kernel's work takes of virtual time beyond what every system call and trap does
// (emu/machine/costs.hpp), in cycles. Two things hold for each: it is in the order of what Linux takes for it
// on a current processor, and no less than a twentieth of what it takes us on the host, in nanoseconds
// (tools/bench, "host time"). So cycles bound the host's time.
#pragma once

#include <cstdint>

namespace trapline::kernel::costs {

// Of what a call does again and again, the first times are in its price.
constexpr std::uint64_t beyond_free(std::uint64_t times) {
  constexpr std::uint64_t kFree = 16;
  return times > kFree ? times - kFree : 0;
}

inline constexpr std::uint64_t kEach = 8;  // to look at one of many: mappings, tasks, locks, waiters

inline constexpr std::uint64_t kMoved = 32;  // to do something with it: wake, move, signal, enable

// --- Memory ---
inline constexpr std::uint64_t kPage = 16;      // to go through a page of a page table
inline constexpr std::uint64_t kMapping = 64;   // the same for a mapping
inline constexpr std::uint64_t kGranule = 256;  // to copy or clear 4 KiB
inline constexpr std::uint64_t kCopy = 10;  // to find and check what one copy from or to user memory is about
// A fault that becomes a signal: no mapping is found for it, and the log says so (show_signal_msg()).
inline constexpr std::uint64_t kBadFault = 1000;
inline constexpr std::uint64_t kCode = 2000;  // what could be executed no more can, or the other way round
// PPC64: a signal frame's VMX and VSX registers, saved or restored.
inline constexpr std::uint64_t kVectorFrame = 700;
// PPC64: a register set of another thread's (ptrace(2)): the general ones, and those of which a set is half
// of a bank.
inline constexpr std::uint64_t kRegset = 700;
inline constexpr std::uint64_t kVectorRegset = 1000;

// --- Files ---
inline constexpr std::uint64_t kPathByte = 4;    // taken over, and hashed
inline constexpr std::uint64_t kName = 100;      // one name of a path, looked up (fs/namei.c: walk_component)
inline constexpr std::uint64_t kNameDeep = 400;  // each of a long path besides: nobody keeps those in a cache
inline constexpr std::uint64_t kNameAbove = 10;  // each that leads to where such a walk begins anew
inline constexpr std::uint64_t kDirectoryEntry = 400;  // read, and put into order
// To make, remove or rename a file, on a file system with a journal.
inline constexpr std::uint64_t kChange = 15'000;
inline constexpr std::uint64_t kRandomBytes = 8;  // that many in a cycle
inline constexpr std::uint64_t kFile = 16;        // to look at an open one (poll, select)

// --- /proc ---
inline constexpr std::uint64_t kTextByte = 8;  // seq_printf()

// --- Functions that kernel code calls ---
inline constexpr std::uint64_t kExported = 100;  // each
inline constexpr std::uint64_t kAllocate = 100;  // kmalloc(), without what it clears
inline constexpr std::uint64_t kSymbol = 4;      // each that is gone through (kallsyms_lookup_name())
inline constexpr std::uint64_t kMessage = 1000;  // printk() of a line, and of each byte:
inline constexpr std::uint64_t kMessageByte = 10;
inline constexpr std::uint64_t kFormatByte = 8;   // snprintf()
inline constexpr std::uint64_t kCallback = 1000;  // a function of kernel code is called and has returned

// --- Programs ---
// execve(2): another address space, and nothing of the program in any cache: a cold start takes Linux that
// long.
inline constexpr std::uint64_t kExec = 800'000;

}  // namespace trapline::kernel::costs
