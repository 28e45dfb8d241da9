// struct task_struct as the headers for modules declare it (linux/sched.h).
#pragma once

#include <cstdint>

namespace trapline::kernel::task_fields {

// Bytes.
constexpr std::uint64_t kSize = 192;
constexpr std::uint64_t kState = 0;
constexpr std::uint64_t kFlags = 4;
constexpr std::uint64_t kPid = 8;
constexpr std::uint64_t kTgid = 12;
constexpr std::uint64_t kPrio = 16;
constexpr std::uint64_t kStaticPrio = 20;
constexpr std::uint64_t kCpu = 24;
constexpr std::uint64_t kExitCode = 28;
constexpr std::uint64_t kComm = 32;
constexpr std::uint64_t kMm = 48;
constexpr std::uint64_t kRealParent = 56;
constexpr std::uint64_t kParent = 64;
constexpr std::uint64_t kGroupLeader = 72;
constexpr std::uint64_t kTasks = 80;
constexpr std::uint64_t kStartTime = 96;
constexpr std::uint64_t kStack = 120;

}  // namespace trapline::kernel::task_fields
