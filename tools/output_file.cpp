#include "tools/output_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

namespace trapline::tools {

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  const bool replace = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  if (replace) temporary_ = path_.string() + fmt::format(".{}.tmp", getpid());
  stream_.open(replace ? temporary_ : path_, std::ios::binary | std::ios::trunc);
  if (!stream_) throw std::runtime_error(fmt::format("cannot write {}", path_.string()));
}

OutputFile::~OutputFile() {
  if (committed_ || temporary_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void OutputFile::commit() {
  stream_.close();
  std::error_code error;
  if (stream_ && !temporary_.empty()) std::filesystem::rename(temporary_, path_, error);
  if (!stream_ || error) throw std::runtime_error(fmt::format("cannot write {}", path_.string()));
  committed_ = true;
}

}  // namespace trapline::tools
