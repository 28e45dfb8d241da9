#include "tools/output_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

namespace trapline::tools {

OutputFile::OutputFile(std::filesystem::path path, scenario::Leftovers* leftovers)
    : leftovers_(leftovers), path_(std::move(path)), stdout_(path_ == "-") {
  if (stdout_) return;
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  const bool replace = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  if (replace) temporary_ = path_.string() + fmt::format(".{}.tmp", getpid());
  const auto open = [this] {
    stream_.open(temporary_.empty() ? path_ : temporary_, std::ios::binary | std::ios::trunc);
    return temporary_;
  };
  if (leftovers_ && replace) {
    leftovers_->add_path(open);
  } else {
    open();
  }
  if (!stream_) throw std::runtime_error(fmt::format("cannot write {}", path_.string()));
}

OutputFile::~OutputFile() {
  if (committed_ || temporary_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
  if (leftovers_) leftovers_->forget_path(temporary_);
}

void OutputFile::commit() {
  if (stdout_) {
    if (!std::cout.flush()) throw std::runtime_error("cannot write to stdout");
    committed_ = true;
    return;
  }
  stream_.close();
  std::error_code error;
  if (stream_ && !temporary_.empty()) std::filesystem::rename(temporary_, path_, error);
  if (!stream_ || error) throw std::runtime_error(fmt::format("cannot write {}", path_.string()));
  committed_ = true;
  if (leftovers_ && !temporary_.empty()) leftovers_->forget_path(temporary_);
}

}  // namespace trapline::tools
