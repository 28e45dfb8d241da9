#include "emu/scenario/leftovers.hpp"

#include <signal.h>

#include <chrono>
#include <system_error>
#include <thread>

namespace trapline::scenario {

namespace fs = std::filesystem;

fs::path Leftovers::add_path(const std::function<fs::path()>& make) {
  const std::scoped_lock lock(mutex_);
  return *paths_.insert(make()).first;
}

void Leftovers::forget_path(const fs::path& path) {
  const std::scoped_lock lock(mutex_);
  paths_.erase(path);
}

pid_t Leftovers::add_group(const std::function<pid_t()>& start) {
  const std::scoped_lock lock(mutex_);
  return *groups_.insert(start()).first;
}

void Leftovers::forget_group(pid_t leader) {
  const std::scoped_lock lock(mutex_);
  groups_.erase(leader);
}

void Leftovers::clear() {
  mutex_.lock();  // for good
  for (const pid_t leader : groups_) ::kill(-leader, SIGKILL);
  for (const fs::path& path : paths_) {
    // A compiler that dies may still make a file while its folder is being emptied.
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
      std::error_code error;
      fs::remove_all(path, error);
      if (!error && !fs::exists(path, error)) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

}  // namespace trapline::scenario
