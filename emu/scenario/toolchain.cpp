#include "emu/scenario/toolchain.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <map>
#include <mutex>

#include "emu/scenario/content.hpp"

namespace trapline::scenario {

namespace fs = std::filesystem;

namespace {

// What tells a file from the one that was there before; "" where there is none.
std::string identity(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return "";
  return fmt::format("{} {} {} {} {}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

// Several scenarios are built at a time.
class Answers {
 public:
  template <class Find>
  std::string of(const std::string& question, const fs::path& file, Find find) {
    const std::string key = fmt::format("{}\n{}\n{}", question, file.string(), identity(file));
    {
      const std::scoped_lock lock(mutex_);
      if (const auto known = answers_.find(key); known != answers_.end()) return known->second;
    }
    std::string answer = find();
    const std::scoped_lock lock(mutex_);
    return answers_.emplace(key, std::move(answer)).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
};

Answers& answers() {
  static Answers all;
  return all;
}

std::string asked(const fs::path& compiler, const std::string& question, const AskCompiler& ask) {
  return answers().of(question, compiler, [&] { return ask(compiler, question); });
}

}  // namespace

std::string compiler_version(const fs::path& compiler, const AskCompiler& ask) {
  return asked(compiler, "--version", ask);
}

CompilerLibrary compiler_library(const fs::path& compiler, std::string_view name, const AskCompiler& ask) {
  const fs::path path = asked(compiler, fmt::format("-print-file-name={}", name), ask);
  return {path, answers().of("content", path, [&] { return hash(read_text(path)); })};
}

}  // namespace trapline::scenario
