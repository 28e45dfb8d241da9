#include "emu/scenario/direct_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <sstream>
#include <system_error>
#include <utility>

#include "emu/scenario/confinement.hpp"
#include "emu/scenario/content.hpp"

namespace trapline::scenario {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBuilds = 4;
constexpr std::string_view kProgram = "program";
constexpr std::string_view kNothing = "nothing";
constexpr std::string_view kFolder = "folder";
constexpr std::string_view kTool = "tool:";
// What it stands for is the time of its file, which nobody keeps.
constexpr std::string_view kTimestamp = "__TIMESTAMP__";

// Of a file of the compiler's: what tells one version of it from another; empty where there is none. They do
// not change while we run.
std::string state_of_tool(const fs::path& path) {
  static std::mutex mutex;
  static std::map<fs::path, std::string> known;
  const std::scoped_lock lock(mutex);
  const auto [entry, is_new] = known.try_emplace(path);
  if (is_new) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      entry->second = fmt::format("{}{}", kTool, kFolder);
    } else {
      const auto size = fs::file_size(path, error);
      const auto time = fs::last_write_time(path, error).time_since_epoch().count();
      entry->second =
          error ? fmt::format("{}{}", kTool, kNothing) : fmt::format("{}{}.{}", kTool, size, time);
    }
  }
  return entry->second;
}

}  // namespace

struct DirectCache::Build {
  std::string program;
  std::vector<std::pair<std::string, std::string>> paths =
      {};  // what it was; its name, relative in the folder

  std::string text() const {
    std::string text = fmt::format("{} {}\n", kProgram, program);
    for (const auto& [state, name] : paths) text += fmt::format("{} {}\n", state, name);
    return text;
  }
};

DirectCache::DirectCache(const fs::path& cache, std::string_view isa, std::string_view key, fs::path folder)
    : file_(cache / fmt::format("{}-{}.direct", isa, key)), folder_(std::move(folder)) {}

// Of a text that may be damaged: then something in it agrees with no file.
std::vector<DirectCache::Build> DirectCache::builds() const {
  std::istringstream lines(read_text(file_));
  std::vector<Build> all;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = std::min(line.find(' '), line.size());
    std::string state = line.substr(0, space);
    std::string name = line.substr(std::min(space + 1, line.size()));
    if (state == kProgram) {
      all.push_back({std::move(name)});
    } else if (all.empty()) {
      return {};
    } else {
      all.back().paths.emplace_back(std::move(state), std::move(name));
    }
  }
  return all;
}

// To the compilers, what a link leads out of the folder to is not there. Nothing where no state says what
// they read.
std::optional<std::string> DirectCache::state_in_folder(const fs::path& path) const {
  std::error_code error;
  const fs::path real = fs::canonical(folder_ / path, error);
  if (error || !lies_in(real, folder_)) return std::string(kNothing);
  if (fs::is_directory(real, error)) return std::string(kFolder);
  if (!fs::is_regular_file(real, error)) return std::nullopt;
  const std::string text = read_text(real);
  if (text.find(kTimestamp) != std::string::npos) return std::nullopt;
  return hash(text);
}

std::optional<std::string> DirectCache::find(const std::vector<fs::path>& compilers) const {
  const auto by_them = [&](const Build& build) {
    return std::ranges::all_of(compilers, [&](const fs::path& compiler) {
      const std::string tool = fs::canonical(compiler).string();
      return std::ranges::any_of(build.paths, [&](const auto& path) { return path.second == tool; });
    });
  };
  const auto unchanged = [&](const auto& path) {
    const auto& [state, name] = path;
    if (state.starts_with(kTool)) return compilers.empty() || state_of_tool(name) == state;
    return state_in_folder(name) == state;
  };
  for (const Build& build : builds()) {
    if (by_them(build) && std::ranges::all_of(build.paths, unchanged)) return build.program;
  }
  return std::nullopt;
}

void DirectCache::keep(const std::string& program, const std::vector<fs::path>& looked_at,
                       fs::file_time_type begun, const fs::path& written) const {
  Build build{program};
  for (const fs::path& path : looked_at) {
    if (path.string().find('\n') != std::string::npos) return;
    if (!lies_in(path, folder_)) {
      // What lies elsewhere is the compiler's own, or is not there for it whatever the host has.
      if (const std::string state = state_of_tool(path); !state.empty())
        build.paths.emplace_back(state, path.string());
      continue;
    }
    const auto state = state_in_folder(path);
    if (!state) return;
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    if (!error && fs::is_regular_file(real, error) && fs::last_write_time(real, error) >= begun) return;
    build.paths.emplace_back(*state, path.lexically_relative(folder_).string());
  }
  std::string text = build.text();
  std::size_t count = 1;
  for (const Build& other : builds()) {
    if (other.paths != build.paths && count++ < kMostBuilds) text += other.text();
  }
  write_text(written, text);
  fs::rename(written, file_);
}

}  // namespace trapline::scenario
