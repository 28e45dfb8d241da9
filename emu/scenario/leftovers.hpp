// What would be left of this process if a signal ended it now: unfinished files and running compilers.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <mutex>
#include <set>

namespace trapline::scenario {

class Leftovers {
 public:
  // Calls `make` and remembers the file or folder, with all that is in it, that it gives; `make` and clear()
  // exclude each other.
  std::filesystem::path add_path(const std::function<std::filesystem::path()>& make);
  void forget_path(const std::filesystem::path& path);

  // The same for a process that leads a group of its own.
  pid_t add_group(const std::function<pid_t()>& start);
  void forget_group(pid_t leader);

  // Kills the groups and removes the paths. Nothing can be added any more: who tries waits for ever.
  void clear();

 private:
  std::mutex mutex_;
  std::set<std::filesystem::path> paths_;
  std::set<pid_t> groups_;
};

}  // namespace trapline::scenario
