#include "emu/kernel/fs/pipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>

#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/wait_queue.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*, POLL*

constexpr std::uint64_t kPipeDevice = 3;

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
      if (buffer.length != 0) continue;
      machine_.memory().release_frame(buffer.frame);
      buffers_.pop_front();
    }
    return done;
  }

  // As much as fits; what is at most a page (PIPE_BUF and more) is written whole or not at all. ENOMEM.
  SyscallResult put(std::span<const std::byte> bytes) {
    std::uint64_t done = 0;
    const std::uint64_t rest = bytes.size() % page();
    if (!buffers_.empty() && rest != 0) {
      Buffer& last = buffers_.back();
      if (last.offset + last.length + rest <= page()) {
        copy(last, bytes.first(rest));
        done = rest;
      }
    }
    while (done < bytes.size() && !full()) {
      const auto frame = machine_.allocate_frame();
      if (!frame) return done != 0 ? SyscallResult(done) : Error{ENOMEM};
      Buffer& buffer = buffers_.emplace_back(Buffer{*frame});
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
  WaitQueue queue;

 private:
  struct Buffer {
    isa::GuestPa frame;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  void copy(Buffer& buffer, std::span<const std::byte> bytes) {
    machine_.write(buffer.frame + (buffer.offset + buffer.length), bytes);
    buffer.length += bytes.size();
  }

  machine::Machine& machine_;
  std::uint64_t most_ = 16;  // PIPE_DEF_BUFFERS
  std::deque<Buffer> buffers_;
};

class PipeEnd final : public File {
 public:
  PipeEnd(std::shared_ptr<Pipe> pipe, std::uint64_t number, std::uint64_t flags)
      : File(fmt::format("pipe:[{}]", number), flags), pipe_(std::move(pipe)), number_(number) {
    ++(writes() ? pipe_->writers : pipe_->readers);
  }
  ~PipeEnd() override {
    --(writes() ? pipe_->writers : pipe_->readers);
    pipe_->queue.wake_all();
  }
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;

  SyscallResult read(std::span<std::byte> out) override {
    if (out.empty()) return 0;
    if (pipe_->empty()) return pipe_->writers == 0 ? SyscallResult(std::uint64_t{0}) : Error{EAGAIN};
    const std::uint64_t done = pipe_->take(out);
    pipe_->queue.wake_all();
    return done;
  }

  SyscallResult write(std::span<const std::byte> bytes) override {
    if (bytes.empty()) return 0;
    if (pipe_->readers == 0) return Error{EPIPE};
    const auto done = pipe_->put(bytes);
    if (done && *done == 0) return Error{EAGAIN};
    pipe_->queue.wake_all();
    return done;
  }

  Result<FileStatus> status() const override {
    return FileStatus{.device = kPipeDevice, .inode = number_, .mode = kSIfIfo | 0600};
  }

  SyscallResult ioctl(Syscall& call) override {
    if ((call.args[1] & 0xffffffff) != differing(call.isa()).fionread) return Error{ENOTTY};
    if (!call.mm().write_word(call.address(2), pipe_->bytes(), 4)) return Error{EFAULT};
    return 0;
  }

  std::uint32_t poll_events() override {
    std::uint32_t events = 0;
    if (writes()) {
      if (!pipe_->full()) events |= kPollOut | kPollWrNorm;
      if (pipe_->readers == 0) events |= kPollErr;
    } else {
      if (!pipe_->empty()) events |= kPollIn | kPollRdNorm;
      if (pipe_->writers == 0) events |= kPollHup;
    }
    return events;
  }

  WaitQueue* wait_queue() override { return &pipe_->queue; }
  bool stream() const override { return true; }
  bool writes_all() const override { return true; }
  SyscallResult pipe_size() const override { return pipe_->size(); }
  SyscallResult set_pipe_size(std::uint64_t size) override { return pipe_->resize(size); }

 private:
  bool writes() const { return (flags() & kOAccMode) == kOWrOnly; }

  std::shared_ptr<Pipe> pipe_;
  std::uint64_t number_;
};

class EventCounter final : public File {
 public:
  EventCounter(isa::Isa isa, std::uint64_t count, bool semaphore, std::uint64_t flags)
      : File("anon_inode:[eventfd]", flags),
        order_(isa::byte_order(isa)),
        count_(count),
        semaphore_(semaphore) {}

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
    FileStatus status;
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
  return {std::make_shared<PipeEnd>(pipe, number, flags),
          std::make_shared<PipeEnd>(pipe, number, flags | kOWrOnly)};
}

FileRef make_event_counter(isa::Isa isa, std::uint64_t count, bool semaphore, std::uint64_t flags) {
  return std::make_shared<EventCounter>(isa, count, semaphore, flags | kORdWr);
}

}  // namespace trapline::kernel
