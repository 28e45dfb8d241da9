// Paths of a guest as text.
#pragma once

#include <string>
#include <string_view>

namespace trapline::kernel {

inline constexpr std::uint64_t kPathMax = 4096;  // bytes of a path with its NUL, linux/limits.h

inline constexpr std::size_t kNameMax = 255;  // bytes of one name, linux/limits.h

inline std::string join(const std::string& folder, std::string_view name) {
  std::string path = folder == "/" ? std::string() : folder;
  path += '/';
  path += name;
  return path;
}

// Of a path without links, `.` and `..`.
inline std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}
inline std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// A path as calls take it apart that make or remove a name.
struct SplitPath {
  std::string folder;  // with its last slash
  std::string name;    // may be "." or ".."; empty: the root
  bool slash = false;  // slashes follow the name
};
inline SplitPath split_last(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/') + 1;  // 0 where there is nothing else
  const std::size_t start = end == 0 ? 0 : path.rfind('/', end - 1) + 1;
  return {path.substr(0, start), path.substr(start, end - start), end < path.size()};
}

}  // namespace trapline::kernel
