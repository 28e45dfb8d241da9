#include "emu/kernel/fs/inotify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>

#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/wait_queue.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

// Its marks refer to it, and it takes them away when it goes.
class InotifyInstance final : public File, public FileWatcher {
 public:
  InotifyInstance(isa::Isa isa, std::shared_ptr<FileWatches> watches, machine::PhysicalMemory& memory,
                  std::uint64_t flags)
      : File("anon_inode:inotify", flags),
        order_(isa::byte_order(isa)),
        all_(std::move(watches)),
        charge_(memory) {
    ++all_->instances_;
  }
  ~InotifyInstance() override {
    for (const auto& [descriptor, watch] : watches_) forget(watch.key);
    --all_->instances_;
  }
  InotifyInstance(const InotifyInstance&) = delete;
  InotifyInstance& operator=(const InotifyInstance&) = delete;

  SyscallResult read(std::span<std::byte> out) override {
    if (events_.empty()) return Error{EAGAIN};
    std::uint64_t done = 0;
    while (!events_.empty() && events_.front().size() <= out.size() - done) {
      put(events_.front(), out.subspan(done));
      done += events_.front().size();
      charge_.remove(footprint(events_.front()));
      events_.pop_front();
    }
    return done == 0 ? SyscallResult(Error{EINVAL}) : done;
  }
  Result<FileStatus> status() const override { return FileStatus{.device = kAnonInodeDevice, .mode = 0600}; }
  SyscallResult ioctl(Syscall& call) override {
    if ((call.args[1] & 0xffffffff) != isa::linux_abi::differing(call.isa()).fionread) return Error{ENOTTY};
    std::uint64_t bytes = 0;
    for (const Event& event : events_) bytes += event.size();
    return call.mm().write_word(call.address(2), bytes, 4) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
  }
  std::uint32_t poll_events() override {
    return events_.empty() ? 0 : isa::linux_abi::kPollIn | isa::linux_abi::kPollRdNorm;
  }
  WaitQueue* wait_queue() override { return &queue_; }
  bool stream() const override { return true; }
  // fs/notify/fdinfo.c
  SyscallResult seek(std::int64_t /*offset*/, Whence /*whence*/) override { return 0; }  // noop_llseek()
  std::string info() const override {
    std::string text;
    for (const auto& [descriptor, watch] : watches_) {
      fmt::format_to(std::back_inserter(text),
                     "inotify wd:{:x} ino:{:x} sdev:{:x} mask:{:x} ignored_mask:0\n", descriptor,
                     watch.key.second, watch.key.first, watch.mask);
    }
    return text;
  }

  SyscallResult add(FileWatches::Key key, std::uint32_t mask) {
    constexpr std::uint32_t kKept = kInAllEvents | kInOneShot | kInExclUnlink;
    const auto known =
        std::ranges::find_if(watches_, [&](const auto& entry) { return entry.second.key == key; });
    if (known != watches_.end()) {
      if ((mask & kInMaskCreate) != 0) return Error{EEXIST};
      std::uint32_t& now = known->second.mask;
      now = (mask & kInMaskAdd) != 0 ? now | (mask & kKept) : mask & kKept;
      return static_cast<std::uint64_t>(known->first);
    }
    if (all_->watches_ >= FileWatches::kMostWatches || !charge_.room(kWatchBytes)) return Error{ENOSPC};
    charge_.add(kWatchBytes);
    ++all_->watches_;
    all_->mark(key, *this);
    watches_.emplace(++last_, Watch{key, mask & kKept});
    return static_cast<std::uint64_t>(last_);
  }

  SyscallResult remove(int descriptor) {
    const auto watch = watches_.find(descriptor);
    if (watch == watches_.end()) return Error{EINVAL};
    end(watch);
    return 0;
  }

  void tell(FileWatches::Key key, std::uint32_t event, std::string_view name, std::uint32_t cookie) override {
    const auto found =
        std::ranges::find_if(watches_, [&](const auto& entry) { return entry.second.key == key; });
    if (found == watches_.end() || (found->second.mask & event & kInAllEvents) == 0) return;
    // Of itself a folder says so only while it stays where it is (inotify_handle_inode_event()).
    if ((event & (kInMoveSelf | kInDeleteSelf)) != 0) event &= ~std::uint32_t{kInIsDir};
    queue({found->first, event, cookie, std::string(name)});
    if ((found->second.mask & kInOneShot) != 0) end(found);
  }

  void end_of(FileWatches::Key key) override {
    const auto found =
        std::ranges::find_if(watches_, [&](const auto& entry) { return entry.second.key == key; });
    if (found != watches_.end()) end(found);
  }

 private:
  static constexpr std::uint64_t kWatchBytes = 256;
  static constexpr std::size_t kMostEvents = 16384;  // fs.inotify.max_queued_events

  struct Watch {
    FileWatches::Key key;
    std::uint32_t mask = 0;
  };
  // struct inotify_event: wd, mask, cookie, len, and the name in whole units.
  struct Event {
    static constexpr std::uint64_t kHead = 16;

    int descriptor = 0;
    std::uint32_t mask = 0;
    std::uint32_t cookie = 0;
    std::string name;

    std::uint64_t name_size() const { return name.empty() ? 0 : (name.size() + kHead) / kHead * kHead; }
    std::uint64_t size() const { return kHead + name_size(); }
    bool operator==(const Event&) const = default;
  };

  static std::uint64_t footprint(const Event& event) { return 64 + event.size(); }

  void put(const Event& event, std::span<std::byte> out) const {
    const std::uint64_t words[] = {static_cast<std::uint32_t>(event.descriptor), event.mask, event.cookie,
                                   event.name_size()};
    for (std::size_t i = 0; i < std::size(words); ++i)
      isa::store_word(out.subspan(4 * i, 4), words[i], order_);
    const auto name = out.subspan(Event::kHead, event.name_size());
    std::ranges::fill(name, std::byte{0});
    std::ranges::copy(std::as_bytes(std::span(event.name)), name.begin());
  }

  // What repeats the last one is told once. Where too many wait, one tells that others were lost.
  void queue(Event event) {
    if (!events_.empty() && events_.back() == event) return;
    if (events_.size() >= kMostEvents || !charge_.room(footprint(event))) {
      const Event overflow{-1, kInQueueOverflow, 0, {}};
      if (events_.empty() || events_.back() == overflow) return;
      event = overflow;
    }
    charge_.add(footprint(event));
    events_.push_back(std::move(event));
    queue_.wake_all();
  }

  void forget(FileWatches::Key key) {
    all_->unmark(key, *this);
    --all_->watches_;
  }

  void end(std::map<int, Watch>::iterator watch) {
    forget(watch->second.key);
    charge_.remove(kWatchBytes);
    const int descriptor = watch->first;
    watches_.erase(watch);
    queue({descriptor, kInIgnored, 0, {}});
  }

  std::endian order_;
  std::shared_ptr<FileWatches> all_;
  machine::Charge charge_;
  std::map<int, Watch> watches_;
  int last_ = 0;
  std::deque<Event> events_;
  WaitQueue queue_;
};

void FileWatches::unmark(Key key, FileWatcher& watcher) {
  const auto marks = marks_.find(key);
  if (marks == marks_.end()) return;
  std::erase(marks->second, &watcher);
  if (marks->second.empty()) marks_.erase(marks);
}

// A watch may end while the others are told.
void FileWatches::notify(Key key, std::uint32_t event, std::string_view name, std::uint32_t cookie) {
  const auto marks = marks_.find(key);
  if (marks == marks_.end()) return;
  const std::vector<FileWatcher*> watchers = marks->second;
  for (FileWatcher* const watcher : watchers) watcher->tell(key, event, name, cookie);
}

void FileWatches::gone(Key key) {
  const auto marks = marks_.find(key);
  if (marks == marks_.end()) return;
  const std::vector<FileWatcher*> watchers = marks->second;
  for (FileWatcher* const watcher : watchers) watcher->end_of(key);
}

Result<FileRef> make_inotify(isa::Isa isa, const std::shared_ptr<FileWatches>& watches,
                             machine::PhysicalMemory& memory, std::uint64_t flags) {
  auto instance = std::make_shared<InotifyInstance>(isa, watches, memory, flags);
  if (!watches->instances_allowed()) return Error{EMFILE};
  return FileRef(std::move(instance));
}

SyscallResult add_watch(File& instance, FileWatches::Key key, std::uint32_t mask) {
  auto* const inotify = dynamic_cast<InotifyInstance*>(&instance);
  return inotify == nullptr ? SyscallResult(Error{EINVAL}) : inotify->add(key, mask);
}

SyscallResult remove_watch(File& instance, int descriptor) {
  auto* const inotify = dynamic_cast<InotifyInstance*>(&instance);
  return inotify == nullptr ? SyscallResult(Error{EINVAL}) : inotify->remove(descriptor);
}

bool is_inotify(const File& file) { return dynamic_cast<const InotifyInstance*>(&file) != nullptr; }

}  // namespace trapline::kernel
