#include "emu/kernel/printk/kmsg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <sstream>
#include <utility>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/made_files.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/fs/sysctl.hpp"
#include "emu/kernel/printk/ratelimit.hpp"
#include "emu/kernel/printk/syslog.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): O_*, POLL*

SyscallResult give_text(std::string_view text, std::span<std::byte> out) {
  std::ranges::copy(std::as_bytes(std::span(text)), out.begin());
  return text.size();
}

// /dev/kmsg
class Kmsg final : public File {
 public:
  Kmsg(Syslog& syslog, Scheduler& scheduler, std::string program, const MadeDevice::Request& request)
      : File(request.name, request.flags),
        syslog_(syslog),
        scheduler_(scheduler),
        program_(std::move(program)),
        status_(request.status),
        next_(syslog.log().ring().first()) {}
  ~Kmsg() override {
    if (limit_.missed() == 0) return;
    syslog_.log().log(
        scheduler_.now(),
        fmt::format("\0014{}: {} output lines suppressed due to ratelimiting\n", program_, limit_.missed()));
  }
  Kmsg(const Kmsg&) = delete;
  Kmsg& operator=(const Kmsg&) = delete;

  // A record each.
  SyscallResult read(std::span<std::byte> out) override {
    const LogRecord* const record = syslog_.log().ring().at(next_);
    if (record == nullptr) return Error{EAGAIN};
    if (record->seq != next_) {
      next_ = record->seq;
      return Error{EPIPE};
    }
    ++next_;
    const std::string text = shown(*record);
    if (text.size() > out.size()) return Error{EINVAL};
    return give_text(text, out);
  }
  SyscallResult pread(std::span<std::byte> out, std::uint64_t /*offset*/) override { return read(out); }

  SyscallResult write(std::span<const std::byte> bytes) override {
    if (bytes.size() > Printk::kMostText) return Error{EINVAL};
    if (!limit_.take(scheduler_.now())) return bytes.size();
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    text = text.substr(0, text.find('\0'));
    unsigned facility = 1;  // LOG_USER, so that nobody takes it for the kernel's
    auto level = static_cast<unsigned>(syslog_.log().levels().default_message);
    // "<priority>"
    if (text.starts_with('<')) {
      constexpr unsigned kLevels = 8;
      std::uint64_t number = 0;
      const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
      if (end != text.data() + text.size() && *end == '>') {
        const auto priority = static_cast<unsigned>(number);
        level = priority % kLevels;
        if (const unsigned given = priority / kLevels & 0xff; given != 0) facility = given;
        text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
      }
    }
    syslog_.log().inject(scheduler_.now(), facility, level, text);
    scheduler_.spend(costs::kMessage + costs::kMessageByte * text.size());
    return bytes.size();
  }
  SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t /*offset*/) override {
    return write(bytes);
  }

  SyscallResult seek(std::int64_t offset, Whence whence) override {
    if (offset != 0) return Error{ESPIPE};
    switch (whence) {
      case Whence::Set:
        next_ = syslog_.log().ring().first();
        return 0;
      case Whence::Data:
        next_ = syslog_.cleared();
        return 0;
      case Whence::End:
        next_ = syslog_.log().ring().next();
        return 0;
      default:
        return Error{EINVAL};
    }
  }

  std::uint32_t poll_events() override {
    const LogRecord* const record = syslog_.log().ring().at(next_);
    if (record == nullptr) return 0;
    return kPollIn | kPollRdNorm | (record->seq == next_ ? 0 : kPollErr | kPollPri);
  }
  WaitQueue* wait_queue() override { return &syslog_.log().readers(); }
  bool stream() const override { return true; }
  std::uint64_t cost_of(std::uint64_t bytes) const override { return bytes * costs::kTextByte; }
  Result<FileStatus> status() const override { return status_; }

 private:
  // "priority,number,microseconds,flag;text", and what is no printable character as \xNN.
  static std::string shown(const LogRecord& record) {
    constexpr std::uint64_t kMicrosecond = 1000;
    constexpr unsigned char kLast = 126;
    std::string out = fmt::format("{},{},{},{};", record.facility << 3 | record.level, record.seq,
                                  record.time / kMicrosecond, record.continuation ? 'c' : '-');
    for (const char c : record.text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < ' ' || byte > kLast || c == '\\')
        out += fmt::format("\\x{:02x}", byte);
      else
        out += c;
    }
    return out + '\n';
  }

  Syslog& syslog_;
  Scheduler& scheduler_;
  std::string program_;
  FileStatus status_;
  std::uint64_t next_;
  Ratelimit limit_;
};

// /proc/kmsg: all who have it open read what syslog(2) reads.
class ProcKmsg final : public File {
 public:
  ProcKmsg(Syslog& syslog, const MadeDevice::Request& request)
      : File(request.name, request.flags), syslog_(syslog), status_(request.status) {}

  SyscallResult read(std::span<std::byte> out) override {
    const bool waits = (flags() & kONonBlock) == 0;
    if (!syslog_.unread() && (!out.empty() || !waits)) return Error{EAGAIN};
    return give_text(syslog_.read(out.size()), out);
  }
  SyscallResult pread(std::span<std::byte> out, std::uint64_t /*offset*/) override { return read(out); }
  SyscallResult seek(std::int64_t offset, Whence whence) override {
    const auto moved = new_position(position_, 0, offset, whence);
    if (moved) position_ = *moved;
    return moved;
  }
  std::uint32_t poll_events() override { return syslog_.unread() ? kPollIn | kPollRdNorm : 0; }
  WaitQueue* wait_queue() override { return &syslog_.log().readers(); }
  bool stream() const override { return true; }
  std::uint64_t cost_of(std::uint64_t bytes) const override { return bytes * costs::kTextByte; }
  Result<FileStatus> status() const override { return status_; }

 private:
  Syslog& syslog_;
  FileStatus status_;
  std::uint64_t position_ = 0;
};

std::string levels_text(const ConsoleLevels& levels) {
  return fmt::format("{}\t{}\t{}\t{}", levels.console, levels.default_message, levels.minimum_console,
                     levels.default_console);
}

// As many as are given.
Status set_levels(ConsoleLevels& levels, const std::string& text) {
  std::istringstream words(text);
  for (int* const level :
       {&levels.console, &levels.default_message, &levels.minimum_console, &levels.default_console}) {
    int value = 0;
    if (words >> value)
      *level = value;
    else if (words.eof())
      break;
    else
      return Error{EINVAL};
  }
  return Done{};
}

}  // namespace

void make_kmsg_files(MadeFiles& made, Sysctls& sysctls, Syslog& syslog, Scheduler& scheduler) {
  constexpr std::uint32_t kDevicePermissions = 0644;
  constexpr std::uint32_t kProcPermissions = 0400;
  const auto open_kmsg = [&syslog, &scheduler](Task& task, const MadeDevice::Request& request) {
    return Result<FileRef>(std::make_shared<Kmsg>(syslog, scheduler, task.comm, request));
  };
  const auto open_proc = [&syslog](Task& /*task*/, const MadeDevice::Request& request) {
    return Result<FileRef>(std::make_shared<ProcKmsg>(syslog, request));
  };
  (void)made.add("/dev/kmsg", {.content = MadeDevice{.open = open_kmsg, .number = device_number(1, 11)},
                               .permissions = kDevicePermissions});
  (void)made.add("/proc/kmsg", {.content = MadeDevice{.open = open_proc}, .permissions = kProcPermissions});
  sysctls.keep(
      "/proc/sys/kernel/printk",
      {.read = [&syslog] { return levels_text(syslog.log().levels()); },
       .write = [&syslog](const std::string& text) { return set_levels(syslog.log().levels(), text); }});
}

}  // namespace trapline::kernel
