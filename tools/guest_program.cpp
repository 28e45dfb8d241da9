#include "tools/guest_program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "emu/kernel/fs/host_content.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/mm/elf_file.hpp"
#include "emu/kernel/task/script.hpp"

namespace trapline::tools {

namespace {

namespace fs = std::filesystem;
using kernel::ElfError;
using kernel::FileBytes;

constexpr unsigned kMostScripts = 5;  // an interpreter may be a script in turn (execve(2))

std::string_view value_of(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      return std::string_view(entry).substr(name.size() + 1);
  }
  return {};
}

// The path of something of the host below the root folder, as the guest names it; nothing: it lies elsewhere.
std::optional<std::string> in_root(const fs::path& path, const fs::path& root) {
  const fs::path relative = path.lexically_normal().lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative == "." ? "/" : "/" + relative.string();
}

FileBytes open_image(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) throw ElfError(EACCES, "is a folder, not a program");
  if (fs::exists(path, error) && !fs::is_regular_file(path, error))
    throw ElfError(EACCES, "is not a regular file");
  kernel::HostFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) throw ElfError(ENOENT, fs::exists(path, error) ? "cannot be read" : "does not exist");
  return kernel::host_content(std::move(file));
}

kernel::Result<std::optional<kernel::Script>> script_in(const FileBytes& content) {
  std::array<std::byte, 256> start{};
  const auto size = content->read(0, start);
  return kernel::script_of(std::span(start).first(size ? *size : 0));
}

// Neither an ELF file nor a binary of another kind.
bool is_text(const FileBytes& content) {
  std::array<std::byte, 256> bytes{};
  const auto size = content->read(0, bytes);
  const auto start = std::span(bytes).first(size ? *size : 0);
  return !start.empty() && start[0] != std::byte{0x7f} &&
         std::ranges::find(start, std::byte{0}) == start.end();
}

class Finder {
 public:
  explicit Finder(const GuestProgramRequest& request)
      : request_(request), root_(request.root.empty() ? fs::path() : fs::canonical(request.root)) {
    if (!root_.empty()) found_.working_directory = working_directory();
  }

  GuestProgram find() {
    found_.name = request_.program;
    const std::string& program = request_.program;
    const bool named = program.find('/') == std::string::npos;
    if (!root_.empty()) {
      const auto file = named ? in_path() : as_the_guests();
      if (file) return in_the_root(*file);
    }
    const auto lies = host_path_in_root();
    if (!lies) return on_the_host(named);
    found_.name = *lies;
    return in_the_root(*lies);
  }

 private:
  std::string working_directory() const {
    if (!request_.cwd.empty()) return (fs::path("/") / request_.cwd).lexically_normal();
    std::error_code error;
    const fs::path current = fs::current_path(error);
    return error ? "/" : in_root(current, root_).value_or("/");
  }

  // As the guest's kernel would open it, but that what is in /dev, /proc and /sys is the host's.
  FileBytes open_in_root(const std::string& path) const {
    auto file = kernel::open_below(root_, fs::path(found_.working_directory) / path);
    return file ? kernel::host_content(std::move(*file)) : nullptr;
  }

  // execvp(3)
  std::optional<std::string> in_path() const {
    std::string_view rest = value_of(request_.environment, "PATH");
    for (;;) {
      const std::string_view folder = rest.substr(0, rest.find(':'));
      std::string path = folder.empty() ? request_.program : fmt::format("{}/{}", folder, request_.program);
      const auto file = kernel::open_below(root_, fs::path(found_.working_directory) / path);
      struct stat status {};
      if (file && ::fstat(file->get(), &status) == 0 && (status.st_mode & S_IXUSR) != 0) return path;
      if (folder.size() == rest.size()) return std::nullopt;
      rest.remove_prefix(folder.size() + 1);
    }
  }

  // A relative path is the guest's own where the two have the same working directory, or it was given one.
  std::optional<std::string> as_the_guests() const {
    const std::string& program = request_.program;
    std::error_code error;
    const bool same = !request_.cwd.empty() || in_root(fs::current_path(error), root_).has_value();
    if (!program.starts_with('/') && !same) return std::nullopt;
    return open_in_root(program) ? std::optional(program) : std::nullopt;
  }

  std::optional<std::string> host_path_in_root() const {
    if (root_.empty()) return std::nullopt;
    std::error_code error;
    const fs::path real = fs::canonical(request_.program, error);
    return error || !fs::is_regular_file(real, error) ? std::nullopt : in_root(real, root_);
  }

  GuestProgram in_the_root(const std::string& path) {
    found_.file_name = path;
    FileBytes content = open_in_root(path);
    for (unsigned level = 0; content && level <= kMostScripts; ++level) {
      const auto script = script_in(content);
      if (!script || !*script) break;
      const std::string interpreter = (*script)->interpreter;
      content = open_in_root(interpreter);
      if (!content) {
        throw ElfError(
            ENOENT, fmt::format("is a script for {}, which is not in the guest's root folder", interpreter));
      }
    }
    if (!content) throw ElfError(EACCES, "cannot be read");
    if (is_text(content))
      throw ElfError(ENOEXEC, "is no ELF file and names no interpreter in a first line #!");
    found_.isa = kernel::read_elf(content, "").isa;
    return found_;
  }

  GuestProgram on_the_host(bool named) {
    std::error_code error;
    if (named && !root_.empty() && !fs::exists(request_.program, error)) {
      throw ElfError(ENOENT, fmt::format("is in no folder of the guest's PATH ({}), nor a file here",
                                         value_of(request_.environment, "PATH")));
    }
    found_.image = open_image(request_.program);
    if (is_text(found_.image)) {
      throw ElfError(ENOEXEC,
                     "is no ELF file; a script runs where it and its interpreter lie in the guest's root "
                     "folder: trapline exec --root FOLDER -- SCRIPT");
    }
    found_.isa = kernel::read_elf(found_.image, "").isa;
    return found_;
  }

  const GuestProgramRequest& request_;
  fs::path root_;
  GuestProgram found_;
};

}  // namespace

GuestProgram find_program(const GuestProgramRequest& request) { return Finder(request).find(); }

std::vector<std::string> guest_environment(std::vector<std::string> given, bool has_root) {
  constexpr std::array kUsual{
      std::pair{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      std::pair{"HOME", "/root"}, std::pair{"TERM", "dumb"}, std::pair{"LANG", "C.UTF-8"}};
  if (!has_root) return given;
  for (const auto& [name, value] : kUsual) {
    const bool is_given = std::ranges::any_of(given, [&name = name](const std::string& entry) {
      return entry.starts_with(std::string(name) + '=');
    });
    if (!is_given) given.push_back(fmt::format("{}={}", name, value));
  }
  return given;
}

}  // namespace trapline::tools
