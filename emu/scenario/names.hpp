// The names that scenario files may use for Linux's errors and signals. The numbers are those of
// asm-generic, the same on x86-64 and PPC64.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace trapline::scenario {

struct NamedNumber {
  std::string_view name;
  int number;
};

// What perf_event_open() and its friends answer.
inline constexpr std::array kErrnos{
    NamedNumber{"EPERM", 1},   NamedNumber{"ENOENT", 2},     NamedNumber{"ESRCH", 3},
    NamedNumber{"EINTR", 4},   NamedNumber{"EIO", 5},        NamedNumber{"ENXIO", 6},
    NamedNumber{"E2BIG", 7},   NamedNumber{"EBADF", 9},      NamedNumber{"EAGAIN", 11},
    NamedNumber{"ENOMEM", 12}, NamedNumber{"EACCES", 13},    NamedNumber{"EFAULT", 14},
    NamedNumber{"EBUSY", 16},  NamedNumber{"EEXIST", 17},    NamedNumber{"ENODEV", 19},
    NamedNumber{"EINVAL", 22}, NamedNumber{"EMFILE", 24},    NamedNumber{"ENOSPC", 28},
    NamedNumber{"ENOSYS", 38}, NamedNumber{"EOVERFLOW", 75}, NamedNumber{"EOPNOTSUPP", 95},
};

inline constexpr std::array kSignals{
    NamedNumber{"SIGHUP", 1},     NamedNumber{"SIGINT", 2},   NamedNumber{"SIGQUIT", 3},
    NamedNumber{"SIGILL", 4},     NamedNumber{"SIGTRAP", 5},  NamedNumber{"SIGABRT", 6},
    NamedNumber{"SIGBUS", 7},     NamedNumber{"SIGFPE", 8},   NamedNumber{"SIGKILL", 9},
    NamedNumber{"SIGUSR1", 10},   NamedNumber{"SIGSEGV", 11}, NamedNumber{"SIGUSR2", 12},
    NamedNumber{"SIGPIPE", 13},   NamedNumber{"SIGALRM", 14}, NamedNumber{"SIGTERM", 15},
    NamedNumber{"SIGSTKFLT", 16}, NamedNumber{"SIGXCPU", 24}, NamedNumber{"SIGXFSZ", 25},
    NamedNumber{"SIGVTALRM", 26}, NamedNumber{"SIGPROF", 27}, NamedNumber{"SIGIO", 29},
    NamedNumber{"SIGPWR", 30},    NamedNumber{"SIGSYS", 31},
};

template <class Table>
constexpr std::optional<int> number_of(const Table& table, std::string_view name) {
  for (const NamedNumber& entry : table) {
    if (entry.name == name) return entry.number;
  }
  return std::nullopt;
}

}  // namespace trapline::scenario
