#include "emu/kernel/fs/made_files.hpp"

#include <cerrno>
#include <utility>

namespace trapline::kernel {

Status MadeFiles::add(std::string path, const MadeFile& file) {
  if (!files_.try_emplace(std::move(path), file).second) return Error{EEXIST};
  return Done{};
}

void MadeFiles::remove(const std::string& path) {
  files_.erase(path);
  const std::string inside = path + "/";
  for (auto at = files_.lower_bound(inside); at != files_.end() && at->first.starts_with(inside);)
    at = files_.erase(at);
}

const MadeFile* MadeFiles::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

bool MadeFiles::is_folder(std::string_view path) const {
  const std::string inside = path == "/" ? std::string(path) : std::string(path) + "/";
  const auto first = files_.lower_bound(inside);
  return first != files_.end() && first->first.starts_with(inside);
}

std::vector<std::string> MadeFiles::names(std::string_view folder) const {
  std::vector<std::string> found;
  const std::string inside = folder == "/" ? std::string(folder) : std::string(folder) + "/";
  for (auto at = files_.lower_bound(inside); at != files_.end() && at->first.starts_with(inside); ++at) {
    const std::string name =
        at->first.substr(inside.size(), at->first.find('/', inside.size()) - inside.size());
    if (found.empty() || found.back() != name) found.push_back(name);
  }
  return found;
}

}  // namespace trapline::kernel
