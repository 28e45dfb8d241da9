// What a private mapping is filled from and a program is loaded from: the bytes of a file, page by page, when
// they are needed. A file that is mapped or executed is read no further than that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class FileContent {
 public:
  virtual ~FileContent() = default;
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  // In bytes, now: as on Linux, a private mapping shows what becomes of its file until it has a page of it.
  virtual std::uint64_t size() const = 0;
  // The bytes from `offset` on: how many there were, fewer than asked for at the file's end alone. EIO and
  // the like where the host cannot read it.
  virtual Result<std::uint64_t> read(std::uint64_t offset, std::span<std::byte> out) const = 0;

 protected:
  FileContent() = default;
};

// Two mappings are of the same file where these are equal.
using FileBytes = std::shared_ptr<const FileContent>;

}  // namespace trapline::kernel
