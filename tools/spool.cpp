#include "tools/spool.hpp"

#include <array>
#include <cerrno>
#include <system_error>

namespace trapline::tools {

namespace {

[[noreturn]] void fail(int error) {
  throw std::system_error(error, std::generic_category(), "cannot keep a trace in the temporary folder");
}

}  // namespace

Spool::Spool() : file_(std::tmpfile()) {
  if (!file_) fail(errno);
}

void Spool::add(std::string_view text) {
  if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) error_ = errno;
}

void Spool::copy_to(std::ostream& out) {
  if (error_ == 0 && std::fflush(file_.get()) != 0) error_ = errno;
  if (error_ != 0) fail(error_);
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) fail(errno);
  std::array<char, 65536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file_.get()))
    out.write(buffer.data(), static_cast<std::streamsize>(count));
  if (std::ferror(file_.get()) != 0) fail(EIO);
}

}  // namespace trapline::tools
