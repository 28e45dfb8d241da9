#include "emu/kernel/fs/proc_files.hpp"

#include <algorithm>
#include <optional>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/fs/proc_text.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

class ProcTextFile final : public PositionedFile {
 public:
  ProcTextFile(std::string name, std::uint64_t flags, const FileStatus& status, Allowance& room,
               ProcText text)
      : PositionedFile(std::move(name), flags), status_(status), room_(room), source_(std::move(text)) {}
  ~ProcTextFile() override { forget(); }
  ProcTextFile(const ProcTextFile&) = delete;
  ProcTextFile& operator=(const ProcTextFile&) = delete;

  Result<FileStatus> status() const override { return status_; }

 protected:
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    if (out.empty()) return 0;
    if (offset == 0 || !text_) {
      forget();
      auto made = source_.make();
      if (!made) return made.error();
      if (!room_.take(made->size())) return Error{ENOMEM};
      text_ = std::move(*made);
    }
    const std::uint64_t from = std::min<std::uint64_t>(offset, text_->size());
    const auto part = std::as_bytes(std::span(*text_)).subspan(from);
    const auto here = part.first(std::min(part.size(), out.size()));
    std::ranges::copy(here, out.begin());
    return here.size();
  }
  SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t) override {
    return source_.store ? source_.store(bytes) : Error{EIO};
  }

 private:
  void forget() {
    if (text_) room_.give_back(text_->size());
    text_.reset();
  }

  FileStatus status_;
  Allowance& room_;
  ProcText source_;
  std::optional<std::string> text_;
};

class KernelPlace final : public File {
 public:
  KernelPlace(std::string name, std::uint64_t flags, const FileStatus& status)
      : File(std::move(name), flags), status_(status) {}

  Result<FileStatus> status() const override { return status_; }

 private:
  FileStatus status_;
};

class PageMapFile final : public PositionedFile {
 public:
  PageMapFile(Scheduler& scheduler, std::string name, std::uint64_t flags, const FileStatus& status,
              std::weak_ptr<Mm> mm)
      : PositionedFile(std::move(name), flags), scheduler_(scheduler), status_(status), mm_(std::move(mm)) {}

  Result<FileStatus> status() const override { return status_; }

 protected:
  // Whole words only.
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    constexpr std::uint64_t kWord = 8;
    if (offset % kWord != 0 || out.size() % kWord != 0) return Error{EINVAL};
    const auto mm = mm_.lock();
    if (mm == nullptr) return 0;
    const std::uint64_t page = mm->page_size();
    const std::uint64_t pages = mm->layout().task_size.value / page;
    std::uint64_t done = 0;
    for (; done < out.size() && (offset + done) / kWord < pages; done += kWord) {
      const GuestVa address((offset + done) / kWord * page);
      isa::store_word(out.subspan(done, kWord), pagemap_entry(scheduler_.machine().memory(), *mm, address),
                      isa::byte_order(scheduler_.machine().isa()));
    }
    scheduler_.spend(done / kWord * costs::kPage);
    return done;
  }
  SyscallResult write_at(std::span<const std::byte>, std::uint64_t) override { return Error{EBADF}; }

 private:
  Scheduler& scheduler_;
  FileStatus status_;
  std::weak_ptr<Mm> mm_;
};

class MemoryImageFile final : public File {
 public:
  MemoryImageFile(Scheduler& scheduler, std::string name, std::uint64_t flags, const FileStatus& status,
                  std::weak_ptr<Mm> mm)
      : File(std::move(name), flags), scheduler_(scheduler), status_(status), mm_(std::move(mm)) {}

  SyscallResult read(std::span<std::byte> out) override { return move(pread(out, position_)); }
  SyscallResult write(std::span<const std::byte> bytes) override { return move(pwrite(bytes, position_)); }
  SyscallResult pread(std::span<std::byte> out, std::uint64_t offset) override {
    return by_pages(out.size(), offset, [&](Mm& mm, std::uint64_t done, std::uint64_t size) {
      return mm.peek(GuestVa(offset + done), out.subspan(done, size));
    });
  }
  SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return by_pages(bytes.size(), offset, [&](Mm& mm, std::uint64_t done, std::uint64_t size) {
      return mm.poke(GuestVa(offset + done), bytes.subspan(done, size));
    });
  }
  // There is no end to count from.
  SyscallResult seek(std::int64_t offset, Whence whence) override {
    if (whence != Whence::Set && whence != Whence::Current) return Error{EINVAL};
    position_ = (whence == Whence::Current ? position_ : 0) + static_cast<std::uint64_t>(offset);
    return position_;
  }
  Result<FileStatus> status() const override { return status_; }

 private:
  SyscallResult move(const SyscallResult& done) {
    if (done) position_ += *done;
    return done;
  }

  // EIO where not even the first byte is there.
  template <class Access>
  SyscallResult by_pages(std::uint64_t size, std::uint64_t offset, Access access) {
    const auto mm = mm_.lock();
    if (mm == nullptr) return 0;
    std::uint64_t done = 0;
    while (done < size) {
      const std::uint64_t page = mm->page_size();
      const std::uint64_t here = std::min(size - done, page - (offset + done) % page);
      if (!access(*mm, done, here)) break;
      done += here;
    }
    scheduler_.spend(mm->take_work());
    return done == 0 && size != 0 ? SyscallResult(Error{EIO}) : done;
  }

  Scheduler& scheduler_;
  FileStatus status_;
  std::weak_ptr<Mm> mm_;
  std::uint64_t position_ = 0;
};

}  // namespace

FileRef proc_text_file(std::string name, std::uint64_t flags, const FileStatus& status, Allowance& room,
                       ProcText text) {
  return std::make_shared<ProcTextFile>(std::move(name), flags, status, room, std::move(text));
}

FileRef kernel_place(std::string name, std::uint64_t flags, const FileStatus& status) {
  return std::make_shared<KernelPlace>(std::move(name), flags, status);
}

FileRef page_map(Scheduler& scheduler, std::string name, std::uint64_t flags, const FileStatus& status,
                 std::weak_ptr<Mm> mm) {
  return std::make_shared<PageMapFile>(scheduler, std::move(name), flags, status, std::move(mm));
}

FileRef memory_image(Scheduler& scheduler, std::string name, std::uint64_t flags, const FileStatus& status,
                     std::weak_ptr<Mm> mm) {
  return std::make_shared<MemoryImageFile>(scheduler, std::move(name), flags, status, std::move(mm));
}

}  // namespace trapline::kernel
