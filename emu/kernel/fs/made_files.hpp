// Files in /dev, /proc and /sys that are there only in some machines: those of the kernel's guest code, and
// what the kernel shows of it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "emu/kernel/fs/file.hpp"

namespace trapline::kernel {

class Task;

struct MadeFolder {};
struct MadeLink {
  std::string target;
};
struct MadeText {
  std::function<std::string()> make;
  std::function<SyscallResult(std::span<const std::byte>)> store{};  // ProcText::store
};
struct MadeDevice {
  // `asked` are all flags of open(2), `flags` those that the file keeps.
  struct Request {
    std::string name;
    std::uint64_t asked = 0;
    std::uint64_t flags = 0;
    FileStatus status{};
  };
  std::function<Result<FileRef>(Task& task, const Request& request)> open;
  std::uint64_t number = 0;  // of a character device; 0: a regular file
};

struct MadeFile {
  std::variant<MadeFolder, MadeLink, MadeText, MadeDevice> content;
  std::uint32_t permissions = 0;
};

class MadeFiles {
 public:
  // EEXIST. Folders that it lies in are made with it.
  Status add(std::string path, const MadeFile& file);
  // With all that is in it.
  void remove(const std::string& path);

  const MadeFile* find(const std::string& path) const;
  bool is_folder(std::string_view path) const;
  // In that folder, by name.
  std::vector<std::string> names(std::string_view folder) const;

 private:
  std::map<std::string, MadeFile> files_;
};

}  // namespace trapline::kernel
