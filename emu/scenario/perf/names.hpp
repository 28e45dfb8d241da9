// The words of scenario files for what perf_event_open(2) has names for: those of the manual page, with
// dashes.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "emu/kernel/perf/attr.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::scenario {

struct NamedBits {
  std::string_view name;
  std::uint64_t bits;
};

// PERF_COUNT_SW_*: `config` of a software event.
inline constexpr std::array kSoftwareEventNames{
    NamedBits{"cpu-clock", 0},        NamedBits{"task-clock", 1},
    NamedBits{"page-faults", 2},      NamedBits{"context-switches", 3},
    NamedBits{"cpu-migrations", 4},   NamedBits{"page-faults-min", 5},
    NamedBits{"page-faults-maj", 6},  NamedBits{"alignment-faults", 7},
    NamedBits{"emulation-faults", 8}, NamedBits{"dummy", 9},
};

// PERF_SAMPLE_*: not branch stacks and what an auxiliary buffer fills, which no PMU here has.
inline constexpr std::array kSampleNames{
    NamedBits{"ip", kernel::kSampleIp},
    NamedBits{"tid", kernel::kSampleTid},
    NamedBits{"time", kernel::kSampleTime},
    NamedBits{"addr", kernel::kSampleAddr},
    NamedBits{"read", kernel::kSampleRead},
    NamedBits{"callchain", kernel::kSampleCallchain},
    NamedBits{"id", kernel::kSampleId},
    NamedBits{"cpu", kernel::kSampleCpu},
    NamedBits{"period", kernel::kSamplePeriod},
    NamedBits{"stream-id", kernel::kSampleStreamId},
    NamedBits{"regs-user", kernel::kSampleRegsUser},
    NamedBits{"stack-user", kernel::kSampleStackUser},
    NamedBits{"raw", kernel::kSampleRaw},
    NamedBits{"weight", kernel::kSampleWeight},
    NamedBits{"data-src", kernel::kSampleDataSrc},
    NamedBits{"identifier", kernel::kSampleIdentifier},
    NamedBits{"transaction", kernel::kSampleTransaction},
    NamedBits{"regs-intr", kernel::kSampleRegsIntr},
    NamedBits{"phys-addr", kernel::kSamplePhysAddr},
    NamedBits{"data-page-size", kernel::kSampleDataPageSize},
    NamedBits{"code-page-size", kernel::kSampleCodePageSize},
};

// PERF_FORMAT_*
inline constexpr std::array kReadFormatNames{
    NamedBits{"total-time-enabled", kernel::kFormatTotalTimeEnabled},
    NamedBits{"total-time-running", kernel::kFormatTotalTimeRunning},
    NamedBits{"id", kernel::kFormatId},
    NamedBits{"group", kernel::kFormatGroup},
    NamedBits{"lost", kernel::kFormatLost},
};

// CLOCK_*: of `clockid`.
inline constexpr std::array kClockNames{
    NamedBits{"realtime", 0}, NamedBits{"monotonic", 1}, NamedBits{"monotonic-raw", 4},
    NamedBits{"boottime", 7}, NamedBits{"tai", 11},
};

struct NamedFlag {
  std::string_view name;
  bool kernel::PerfEventAttr::*flag;
  std::string_view about;
};

// `exclude: [...]`
inline constexpr std::array kExcludeNames{
    NamedFlag{"user", &kernel::PerfEventAttr::exclude_user, ""},
    NamedFlag{"kernel", &kernel::PerfEventAttr::exclude_kernel, ""},
    NamedFlag{"hv", &kernel::PerfEventAttr::exclude_hv, ""},
    NamedFlag{"idle", &kernel::PerfEventAttr::exclude_idle, ""},
};

// Keys of an event of their own.
inline constexpr std::array kAttributeFlags{
    NamedFlag{"pinned", &kernel::PerfEventAttr::pinned,
              "on the CPU whenever its task is, or in error; default true, for a `group`'s member false"},
    NamedFlag{"exclusive", &kernel::PerfEventAttr::exclusive, "its group alone on the CPU; default false"},
    NamedFlag{"inherit", &kernel::PerfEventAttr::inherit, "for the task's children too; default false"},
    NamedFlag{"inherit-thread", &kernel::PerfEventAttr::inherit_thread,
              "for children that are threads only; default false"},
    NamedFlag{"inherit-stat", &kernel::PerfEventAttr::inherit_stat,
              "a record of what each child counted; default false"},
    NamedFlag{"enable-on-exec", &kernel::PerfEventAttr::enable_on_exec,
              "enabled by execve(2); default false"},
    NamedFlag{"remove-on-exec", &kernel::PerfEventAttr::remove_on_exec,
              "removed by execve(2); default false"},
    NamedFlag{"sigtrap", &kernel::PerfEventAttr::sigtrap,
              "SIGTRAP to the task at each overflow; default false"},
    NamedFlag{"write-backward", &kernel::PerfEventAttr::write_backward,
              "the buffer is filled from its end; default false"},
    NamedFlag{"exclude-callchain-kernel", &kernel::PerfEventAttr::exclude_callchain_kernel,
              "not the kernel's part of call chains; default false"},
    NamedFlag{"exclude-callchain-user", &kernel::PerfEventAttr::exclude_callchain_user,
              "not the program's part of call chains; default false"},
    NamedFlag{"mmap", &kernel::PerfEventAttr::mmap, "records of what is mapped to execute; default false"},
    NamedFlag{"mmap-data", &kernel::PerfEventAttr::mmap_data, "records of other mappings; default false"},
    NamedFlag{"mmap2", &kernel::PerfEventAttr::mmap2, "mmap2 in place of mmap records; default false"},
    NamedFlag{"comm", &kernel::PerfEventAttr::comm, "records of new names of tasks; default false"},
    NamedFlag{"comm-exec", &kernel::PerfEventAttr::comm_exec,
              "says in these whether execve(2) gave the name; default false"},
    NamedFlag{"task-records", &kernel::PerfEventAttr::task, "records of fork and exit; default false"},
    NamedFlag{"context-switch", &kernel::PerfEventAttr::context_switch,
              "records of context switches; default false"},
    NamedFlag{
        "sample-id-all", &kernel::PerfEventAttr::sample_id_all,
        "what `sample` has of tid, time, id, stream-id, cpu and identifier in all records; default false"},
};

// Keys of events and actions whose field of struct perf_event_attr, or argument of the call, has another
// name.
struct KeyOfField {
  std::string_view field;
  std::string_view key;
};
inline constexpr std::array kKeysOfFields{
    KeyOfField{"bp_addr", "watch"},
    KeyOfField{"bp_len", "length"},
    KeyOfField{"bp_type", "type"},
    KeyOfField{"sample_period", "period"},
    KeyOfField{"sample_freq", "freq"},
    KeyOfField{"sample_type", "sample"},
    KeyOfField{"exclude_kernel", "exclude"},
    KeyOfField{"group_fd", "group"},
    KeyOfField{"pid", "task"},
    KeyOfField{"mmap", "buffer"},
};

// PERF_RECORD_*: those that there are here.
inline constexpr std::array kRecordTypes{
    NamedBits{"mmap", 1},    NamedBits{"lost", 2},
    NamedBits{"comm", 3},    NamedBits{"exit", 4},
    NamedBits{"fork", 7},    NamedBits{"read", 8},
    NamedBits{"sample", 9},  NamedBits{"mmap2", 10},
    NamedBits{"switch", 14}, NamedBits{"switch-cpu-wide", 15},
};

struct NamedState {
  std::string_view name;
  kernel::EventState state;
};
inline constexpr std::array kStateNames{
    NamedState{"active", kernel::EventState::Active}, NamedState{"inactive", kernel::EventState::Inactive},
    NamedState{"off", kernel::EventState::Off},       NamedState{"error", kernel::EventState::Error},
    NamedState{"exit", kernel::EventState::Exit},
};

constexpr std::string_view name(kernel::EventState state) {
  for (const NamedState& entry : kStateNames) {
    if (entry.state == state) return entry.name;
  }
  return "";
}

// "" where the table does not have it.
template <class Table>
constexpr std::string_view name_of(const Table& table, std::uint64_t bits) {
  for (const NamedBits& entry : table) {
    if (entry.bits == bits) return entry.name;
  }
  return "";
}

}  // namespace trapline::scenario
