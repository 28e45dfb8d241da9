// The inode numbers that a guest sees: given out in the order in which it first sees the files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace trapline::kernel {

class InodeNumbers {
 public:
  std::uint64_t of_host(std::uint64_t device, std::uint64_t inode) {
    return number(host_, std::pair(device, inode));
  }
  // Of a file that only the guest's kernel has.
  std::uint64_t of_path(const std::string& path) { return number(paths_, path); }

  // Of a file of a task, /proc/PID/...: FNV-1a of its path, out of the way of the others.
  static std::uint64_t of_task(const std::string& path) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return std::uint64_t{1} << 52 | hash >> 12;
  }

  // The host may give the number of a file that is gone to a new one, which must not look like the old.
  void forget_host(std::uint64_t device, std::uint64_t inode) { host_.erase(std::pair(device, inode)); }

 private:
  template <class Map>
  std::uint64_t number(Map& map, const typename Map::key_type& key) {
    const auto [entry, fresh] = map.emplace(key, last_ + 1);
    if (fresh) ++last_;
    return entry->second;
  }

  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> host_;
  std::map<std::string, std::uint64_t> paths_;
  std::uint64_t last_ = 0;
};

}  // namespace trapline::kernel
