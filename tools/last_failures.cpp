#include "tools/last_failures.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "emu/scenario/descriptor.hpp"

namespace trapline::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNone = "-";

std::string entry(std::string_view isa, std::string_view seed, const fs::path& file) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(file, error);
  return fmt::format("{} {} {}", isa, seed, path.string());
}

std::string entry(const Job& job) {
  return entry(isa::name(job.isa), job.seed ? std::to_string(*job.seed) : std::string(kNone),
               job.document->path);
}

std::string entry_not_loaded(const fs::path& file) { return entry(kNone, kNone, file); }

// A line that is not one of ours names no file, and goes.
bool is_there(const std::string& line) {
  const std::size_t path = line.find(" /");
  std::error_code error;
  return path != std::string::npos && fs::exists(line.substr(path + 1), error);
}

}  // namespace

LastFailures::LastFailures(fs::path cache)
    : file_(cache.empty() ? std::move(cache) : cache / "failed"), known_(read()) {}

std::set<std::string> LastFailures::read() const {
  std::set<std::string> lines;
  std::ifstream text(file_);
  for (std::string line; std::getline(text, line);) lines.insert(std::move(line));
  return lines;
}

bool LastFailures::has(const Job& job) const {
  return known_.contains(entry(job)) || known_.contains(entry_not_loaded(job.document->path));
}

void LastFailures::note(const Job& job, bool passed) {
  (passed ? passed_ : failed_).insert(entry(job));
  passed_.insert(entry_not_loaded(job.document->path));
}

void LastFailures::note_not_loaded(const fs::path& file) { failed_.insert(entry_not_loaded(file)); }

void LastFailures::keep() const {
  const auto is_known = [&](const std::string& line) { return known_.contains(line); };
  const bool is_news = !std::ranges::all_of(failed_, is_known) || std::ranges::any_of(passed_, is_known);
  if (file_.empty() || !is_news) return;
  std::error_code error;
  fs::create_directories(file_.parent_path(), error);
  // Another run may do the same.
  const scenario::Descriptor lock(
      ::open((file_.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return;
  std::set<std::string> lines = read();
  for (const std::string& line : passed_) lines.erase(line);
  for (const std::string& line : failed_) {
    if (line.find('\n') == std::string::npos) lines.insert(line);
  }
  std::erase_if(lines, [](const std::string& line) { return !is_there(line); });
  const fs::path written = file_.string() + ".new";
  std::ofstream out(written, std::ios::binary | std::ios::trunc);
  for (const std::string& line : lines) out << line << '\n';
  out.close();
  if (out) fs::rename(written, file_, error);
}

}  // namespace trapline::tools
