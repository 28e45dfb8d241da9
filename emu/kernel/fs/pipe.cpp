#include "emu/kernel/fs/pipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <vector>

#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/wait_queue.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*, POLL*

// What is in a pipe lies in pages of the guest's memory, of which it may use so many. Short writes share the
// last one.
class Pipe {
 public:
  explicit Pipe(machine::Machine& machine) : machine_(machine) {}
  ~Pipe() {
    for (const Buffer& buffer : buffers_) machine_.memory().release_frame(buffer.frame);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::uint64_t page() const { return machine_.memory().frame_size(); }
  bool empty() const { return buffers_.empty(); }
  bool full() const { return buffers_.size() >= most_; }
  std::uint64_t size() const { return most_ * page(); }
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const Buffer& buffer : buffers_) sum += buffer.length;
    return sum;
  }

  std::uint64_t take(std::span<std::byte> out) {
    std::uint64_t done = 0;
    while (done < out.size() && !buffers_.empty()) {
      Buffer& buffer = buffers_.front();
      const std::uint64_t here = std::min<std::uint64_t>(buffer.length, out.size() - done);
      std::ranges::copy(machine_.memory().bytes(buffer.frame + buffer.offset, here),
                        out.begin() + static_cast<std::ptrdiff_t>(done));
      buffer.offset += here;
      buffer.length -= here;
      done += here;
      const bool packet = buffer.packet;  // what is not taken of one is gone
      if (buffer.length != 0 && !packet) continue;
      machine_.memory().release_frame(buffer.frame);
      buffers_.pop_front();
      if (packet) break;
    }
    return done;
  }

  // The same, and it stays there.
  std::vector<std::byte> peek(std::uint64_t size) const {
    std::vector<std::byte> out;
    for (const Buffer& buffer : buffers_) {
      const std::uint64_t here = std::min<std::uint64_t>(buffer.length, size - out.size());
      const auto bytes = machine_.memory().bytes(buffer.frame + buffer.offset, here);
      out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
  }
  std::uint64_t room() const { return full() ? 0 : (most_ - buffers_.size()) * page(); }

  // As much as fits; what is at most a page (PIPE_BUF and more) is written whole or not at all. ENOMEM. With
  // `packets` (O_DIRECT), each part that a page holds is read by itself.
  SyscallResult put(std::span<const std::byte> bytes, bool packets) {
    std::uint64_t done = 0;
    const std::uint64_t rest = bytes.size() % page();
    if (!buffers_.empty() && rest != 0) {
      Buffer& last = buffers_.back();
      if (!last.packet && last.offset + last.length + rest <= page()) {
        copy(last, bytes.first(rest));
        done = rest;
      }
    }
    while (done < bytes.size() && !full()) {
      const auto frame = machine_.allocate_frame();
      if (!frame) return done != 0 ? SyscallResult(done) : Error{ENOMEM};
      Buffer& buffer = buffers_.emplace_back(Buffer{.frame = *frame, .packet = packets});
      const std::uint64_t here = std::min<std::uint64_t>(page(), bytes.size() - done);
      copy(buffer, bytes.subspan(done, here));
      done += here;
    }
    return done;
  }

  SyscallResult resize(std::uint64_t wanted) {
    constexpr std::uint64_t kMost = 1u << 20;  // fs.pipe-max-size
    if (wanted > 0x80000000 || wanted == 0) return Error{EINVAL};
    const std::uint64_t size = std::bit_ceil(std::max(wanted, page()));
    if (size > std::max(kMost, 16 * page())) return Error{EPERM};
    if (size / page() < buffers_.size()) return Error{EBUSY};
    most_ = size / page();
    return size;
  }

  unsigned readers = 0;
  unsigned writers = 0;
  // Of a named pipe: how often each end has been opened, so that who waits for one sees that it was there.
  std::uint64_t readers_ever = 0;
  std::uint64_t writers_ever = 0;
  WaitQueue queue;

 private:
  struct Buffer {
    isa::GuestPa frame;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    bool packet = false;
  };

  void copy(Buffer& buffer, std::span<const std::byte> bytes) {
    machine_.write(buffer.frame + (buffer.offset + buffer.length), bytes);
    buffer.length += bytes.size();
  }

  machine::Machine& machine_;
  std::uint64_t most_ = 16;  // PIPE_DEF_BUFFERS
  std::deque<Buffer> buffers_;
};

namespace {

class PipeEnd final : public File {
 public:
  // `place` is where a named one lies.
  PipeEnd(std::shared_ptr<Pipe> pipe, std::string name, std::uint64_t number, std::uint64_t flags,
          std::uint64_t direct, FileRef place = nullptr, std::function<void(bool)> used = {})
      : File(std::move(name), flags),
        pipe_(std::move(pipe)),
        number_(number),
        direct_(direct),
        place_(std::move(place)),
        used_(std::move(used)) {
    if (readable()) ++pipe_->readers, ++pipe_->readers_ever;
    if (writable()) ++pipe_->writers, ++pipe_->writers_ever;
    others_ever_ = others_ever();
    pipe_->queue.wake_all();
  }
  ~PipeEnd() override {
    if (readable()) --pipe_->readers;
    if (writable()) --pipe_->writers;
    pipe_->queue.wake_all();
  }
  const Pipe& pipe() const { return *pipe_; }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  SyscallResult read(std::span<std::byte> out) override {
    if (out.empty()) return 0;
    if (pipe_->empty()) return pipe_->writers == 0 ? SyscallResult(std::uint64_t{0}) : Error{EAGAIN};
    const std::uint64_t done = pipe_->take(out);
    if (used_) used_(false);
    pipe_->queue.wake_all();
    return done;
  }

  SyscallResult write(std::span<const std::byte> bytes) override {
    if (bytes.empty()) return 0;
    if (pipe_->readers == 0) return Error{EPIPE};
    auto done = pipe_->put(bytes, (flags() & direct_) != 0);
    if (done && *done == 0) return Error{EAGAIN};
    if (done && used_) used_(true);
    pipe_->queue.wake_all();
    return done;
  }

  Result<FileStatus> status() const override {
    if (place_) return place_->status();
    return FileStatus{.device = kPipeDevice, .inode = number_, .mode = kSIfIfo | 0600};
  }

  SyscallResult ioctl(Syscall& call) override {
    if ((call.args[1] & 0xffffffff) != differing(call.isa()).fionread) return Error{ENOTTY};
    if (!call.mm().write_word(call.address(2), pipe_->bytes(), 4)) return Error{EFAULT};
    return 0;
  }

  std::uint32_t poll_events() override {
    std::uint32_t events = 0;
    if (writable()) {
      if (!pipe_->full()) events |= kPollOut | kPollWrNorm;
      if (pipe_->readers == 0) events |= kPollErr;
    }
    if (readable()) {
      if (!pipe_->empty()) events |= kPollIn | kPollRdNorm;
      // Who reads a named one before anybody has written to it is not hung up on (pipe_poll()).
      if (pipe_->writers == 0 && (!place_ || pipe_->writers_ever != others_ever_)) events |= kPollHup;
    }
    return events;
  }

  Status change_attributes(const AttributeChange& change) override {
    return place_ ? place_->change_attributes(change) : File::change_attributes(change);
  }
  Result<Xattrs*> xattrs(bool change) override {
    return place_ ? place_->xattrs(change) : File::xattrs(change);
  }
  int host_descriptor() const override { return place_ ? place_->host_descriptor() : -1; }
  bool opening() const override {
    if (!place_ || (flags() & kONonBlock) != 0 || (readable() && writable())) return false;
    return (readable() ? pipe_->writers : pipe_->readers) == 0 && others_ever() == others_ever_;
  }
  SyscallResult tee(PipeEnd& to, std::uint64_t size) const {
    if (pipe_->empty()) return pipe_->writers == 0 ? SyscallResult(std::uint64_t{0}) : Error{EAGAIN};
    if (to.pipe_->readers != 0 && to.pipe_->full()) return Error{EAGAIN};
    return to.write(pipe_->peek(std::min(size, pipe_room(to))));
  }

  WaitQueue* wait_queue() override { return &pipe_->queue; }
  bool stream() const override { return true; }
  bool writes_all() const override { return true; }
  SyscallResult pipe_size() const override { return pipe_->size(); }
  SyscallResult set_pipe_size(std::uint64_t size) override { return pipe_->resize(size); }

 private:
  std::uint64_t others_ever() const { return readable() ? pipe_->writers_ever : pipe_->readers_ever; }

  std::shared_ptr<Pipe> pipe_;
  std::uint64_t number_;
  std::uint64_t direct_;  // O_DIRECT
  FileRef place_;
  std::function<void(bool)> used_;
  std::uint64_t others_ever_ = 0;
};

class EventCounter final : public File {
 public:
  EventCounter(isa::Isa isa, std::uint64_t count, bool semaphore, std::uint64_t flags)
      : File("anon_inode:[eventfd]", flags),
        order_(isa::byte_order(isa)),
        count_(count),
        semaphore_(semaphore) {}

  SyscallResult seek(std::int64_t /*offset*/, Whence /*whence*/) override { return 0; }  // noop_llseek()
  SyscallResult read(std::span<std::byte> out) override {
    if (out.size() < kSize) return Error{EINVAL};
    if (count_ == 0) return Error{EAGAIN};
    const std::uint64_t taken = semaphore_ ? 1 : count_;
    count_ -= taken;
    isa::store_word(out.first(kSize), taken, order_);
    queue_.wake_all();
    return kSize;
  }

  SyscallResult write(std::span<const std::byte> bytes) override {
    if (bytes.size() != kSize) return Error{EINVAL};
    const std::uint64_t added = isa::load_word(bytes.first(kSize), order_);
    if (added == ~std::uint64_t{0}) return Error{EINVAL};
    if (kMost - count_ < added) return Error{EAGAIN};
    count_ += added;
    queue_.wake_all();
    return kSize;
  }

  Result<FileStatus> status() const override {
    FileStatus status{.device = kAnonInodeDevice};
    status.mode = 0600;  // anonymous inodes have no type
    return status;
  }

  std::uint32_t poll_events() override {
    return (count_ > 0 ? kPollIn : 0) | (count_ < kMost ? kPollOut : 0);
  }
  WaitQueue* wait_queue() override { return &queue_; }
  bool stream() const override { return true; }

 private:
  static constexpr std::uint64_t kSize = 8;
  static constexpr std::uint64_t kMost = ~std::uint64_t{0} - 1;

  std::endian order_;
  std::uint64_t count_;
  bool semaphore_;
  WaitQueue queue_;
};

}  // namespace

std::pair<FileRef, FileRef> make_pipe(machine::Machine& machine, std::uint64_t number, std::uint64_t flags) {
  auto pipe = std::make_shared<Pipe>(machine);
  const std::string name = fmt::format("pipe:[{}]", number);
  const std::uint64_t direct = differing(machine.isa()).o_direct;
  // The packets are the writer's business.
  return {std::make_shared<PipeEnd>(pipe, name, number, flags & ~direct, direct),
          std::make_shared<PipeEnd>(pipe, name, number, flags | kOWrOnly, direct)};
}

Result<FileRef> open_fifo(machine::Machine& machine, std::weak_ptr<Pipe>& pipe, FileRef place,
                          std::string name, std::uint64_t flags, std::function<void(bool)> used) {
  auto shared = pipe.lock();
  if (shared == nullptr) pipe = shared = std::make_shared<Pipe>(machine);
  if ((flags & kOAccMode) == kOWrOnly && (flags & kONonBlock) != 0 && shared->readers == 0)
    return Error{ENXIO};
  return FileRef(std::make_shared<PipeEnd>(std::move(shared), std::move(name), 0, flags,
                                           differing(machine.isa()).o_direct, std::move(place),
                                           std::move(used)));
}

bool same_pipe(const File& one, const File& other) {
  const auto* const a = dynamic_cast<const PipeEnd*>(&one);
  const auto* const b = dynamic_cast<const PipeEnd*>(&other);
  return a != nullptr && b != nullptr && &a->pipe() == &b->pipe();
}

bool pipe_has_readers(const File& end) {
  const auto* const pipe = dynamic_cast<const PipeEnd*>(&end);
  return pipe != nullptr && pipe->pipe().readers != 0;
}

std::uint64_t pipe_room(const File& end) {
  const auto* const pipe = dynamic_cast<const PipeEnd*>(&end);
  return pipe == nullptr ? 0 : pipe->pipe().readers == 0 ? pipe->pipe().page() : pipe->pipe().room();
}

SyscallResult tee_pipe(File& from, File& to, std::uint64_t size) {
  auto* const a = dynamic_cast<PipeEnd*>(&from);
  auto* const b = dynamic_cast<PipeEnd*>(&to);
  return a == nullptr || b == nullptr ? SyscallResult(Error{EINVAL}) : a->tee(*b, size);
}

FileRef make_event_counter(isa::Isa isa, std::uint64_t count, bool semaphore, std::uint64_t flags) {
  return std::make_shared<EventCounter>(isa, count, semaphore, flags | kORdWr);
}

}  // namespace trapline::kernel
