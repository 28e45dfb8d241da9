#include "emu/scenario/lab/submission.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <optional>
#include <system_error>

#include "emu/scenario/descriptor.hpp"

namespace trapline::scenario::lab {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_read(const std::string& name, int error) {
  constexpr const char* kLink = "is a link; put the file itself there";
  throw InputError({name, 0, 0}, error == ELOOP ? kLink : std::generic_category().message(error));
}

// What ends a comment that begins here; nothing where none does.
std::optional<std::string_view> end_of_comment(std::string_view text, bool c) {
  if (!c) return text.starts_with('#') ? std::optional<std::string_view>("\n") : std::nullopt;
  if (text.starts_with("//")) return "\n";
  return text.starts_with("/*") ? std::optional<std::string_view>("*/") : std::nullopt;
}

bool in_a_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

std::string read_handed_in(const fs::path& folder, const std::string& name) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) cannot_read(name, errno);
  // Opening a pipe does not wait for its other end, then.
  const Descriptor file(
      ::openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) cannot_read(name, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) cannot_read(name, errno);
  if (!S_ISREG(status.st_mode)) throw InputError({name, 0, 0}, "is no file");
  std::string text;
  std::array<char, 65536> part{};
  ssize_t count = 0;
  while ((count = ::read(file.get(), part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
    if (text.size() > yaml::kMaxBytes) throw InputError({name, 0, 0}, "has more than a MiB");
  }
  if (count < 0) cannot_read(name, errno);
  return text;
}

Submission read_submission(const Exercise& exercise, const fs::path& folder) {
  Submission submission;
  for (const std::string& name : exercise.files) {
    try {
      submission.files[name] = read_handed_in(folder, name);
    } catch (const InputError& error) {
      submission.problems.insert(submission.problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  return submission;
}

Submission starter_with(const Exercise& exercise, const std::vector<fs::path>& overlays) {
  Submission submission;
  for (const std::string& name : exercise.files)
    submission.files[name] = exercise.filled(exercise.folder / "starter" / name);
  for (const fs::path& overlay : overlays) {
    for (const auto& entry : fs::directory_iterator(overlay)) {
      const std::string name = entry.path().filename().string();
      if (!submission.files.contains(name))
        throw InputError({entry.path().string(), 0, 0}, "is none of the files that the student edits");
      submission.files[name] = exercise.filled(entry.path());
    }
  }
  return submission;
}

std::size_t line_not_done(const std::string& name, std::string_view text) {
  constexpr std::string_view kWord = "TODO";
  const bool c = name.ends_with(".c") || name.ends_with(".h");
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    if (const auto end = end_of_comment(rest, c)) {
      at += std::min(rest.find(*end, 1), rest.size());
      continue;
    }
    const bool word = rest.starts_with(kWord) && (at == 0 || !in_a_word(text[at - 1])) &&
                      (rest.size() == kWord.size() || !in_a_word(rest[kWord.size()]));
    if (word) return static_cast<std::size_t>(std::ranges::count(text.substr(0, at), '\n')) + 1;
  }
  return 0;
}

}  // namespace trapline::scenario::lab
