// Files in the guest's memory without a name in any folder (memfd_create(2)).
#pragma once

#include <cstdint>
#include <string>

#include "emu/kernel/fs/file.hpp"

namespace trapline::kernel {

class Scheduler;
class TaskTable;

// F_SEAL_*, linux/fcntl.h
enum Seal : std::uint64_t {
  kSealSeal = 0x01,
  kSealShrink = 0x02,
  kSealGrow = 0x04,
  kSealWrite = 0x08,
  kSealFutureWrite = 0x10,
  kSealExec = 0x20,
};

FileRef make_memfd(Scheduler& scheduler, const TaskTable& tasks, const std::string& name, std::uint64_t seals,
                   std::uint32_t permissions, std::uint64_t flags);

}  // namespace trapline::kernel
