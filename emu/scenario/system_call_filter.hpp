// The system calls that a confined compiler may make, as a seccomp filter of its own process.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

struct sock_filter;  // NOLINT(readability-identifier-naming): Linux's

namespace trapline::scenario {

// What a system call does with the path that it names.
enum class PathUse : std::uint8_t { Open, Look, LookAtLink, Change, Execute };

// A system call that names a path: the numbers of its arguments, -1 where it has none.
struct PathCall {
  long number = 0;
  PathUse use = PathUse::Look;
  int folder = -1;  // a descriptor that a relative path starts from
  int path = 0;
  int flags = -1;  // of open(2)
  int mode = -1;
};

// Nothing where the call names none.
const PathCall* path_call(long number);

// Lets through what computes, and reads and writes what is open; a path_call() waits for a supervisor
// (seccomp_unotify(2)); all else is as on a kernel that lacks it. Nothing where the host's processor is not
// known.
std::optional<std::vector<sock_filter>> system_call_filter();

// Puts the calling process under the filter, without a way back. The descriptor that its supervisor listens
// on, or -1 with errno. Safe between fork(2) and execve(2).
int enter_filter(std::span<sock_filter> filter);

}  // namespace trapline::scenario
