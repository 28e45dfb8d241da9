// inotify(7): instances, and who watches what.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/kernel/fs/file.hpp"

namespace trapline::kernel {

// linux/inotify.h
enum Inotify : std::uint32_t {
  kInAccess = 0x1,
  kInModify = 0x2,
  kInAttrib = 0x4,
  kInCloseWrite = 0x8,
  kInCloseNoWrite = 0x10,
  kInOpen = 0x20,
  kInMovedFrom = 0x40,
  kInMovedTo = 0x80,
  kInCreate = 0x100,
  kInDelete = 0x200,
  kInDeleteSelf = 0x400,
  kInMoveSelf = 0x800,
  kInAllEvents = 0xfff,
  kInUnmount = 0x2000,
  kInQueueOverflow = 0x4000,
  kInIgnored = 0x8000,
  kInOnlyDir = 0x01000000,
  kInDontFollow = 0x02000000,
  kInExclUnlink = 0x04000000,
  kInMaskCreate = 0x10000000,
  kInMaskAdd = 0x20000000,
  kInIsDir = 0x40000000,
  kInOneShot = 0x80000000,
};

// Who is told of what happens to files that it has marked.
class FileWatcher {
 public:
  using Key = std::pair<std::uint64_t, std::uint64_t>;

  virtual ~FileWatcher() = default;
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  virtual void tell(Key key, std::uint32_t event, std::string_view name, std::uint32_t cookie) = 0;
  virtual void end_of(Key key) = 0;  // the file is no more

 protected:
  FileWatcher() = default;
};

class InotifyInstance;

// The marks on files. A file is known by its device and number as stat(2) shows them.
class FileWatches {
 public:
  using Key = FileWatcher::Key;

  static constexpr unsigned kMostInstances = 128;  // fs.inotify.max_user_instances
  static constexpr unsigned kMostWatches = 65536;  // fs.inotify.max_user_watches

  bool any() const { return !marks_.empty(); }
  bool instances_allowed() const { return instances_ <= kMostInstances; }
  // To all who watch the file for that. `name` is that of what lies in it; empty: it is about itself.
  void notify(Key key, std::uint32_t event, std::string_view name = {}, std::uint32_t cookie = 0);
  // The file is no more: its watches end.
  void gone(Key key);
  std::uint32_t next_cookie() { return ++cookie_; }
  // The watcher takes its mark away before it goes.
  void mark(Key key, FileWatcher& watcher) { marks_[key].push_back(&watcher); }
  void unmark(Key key, FileWatcher& watcher);

 private:
  friend class InotifyInstance;

  std::map<Key, std::vector<FileWatcher*>> marks_;
  unsigned instances_ = 0;
  unsigned watches_ = 0;
  std::uint32_t cookie_ = 0;
};

// EMFILE: there are too many.
Result<FileRef> make_inotify(isa::Isa isa, const std::shared_ptr<FileWatches>& watches,
                             machine::PhysicalMemory& memory, std::uint64_t flags);
// EINVAL where the file is no instance. The number of the watch; EEXIST, ENOSPC.
SyscallResult add_watch(File& instance, FileWatches::Key key, std::uint32_t mask);
SyscallResult remove_watch(File& instance, int descriptor);
bool is_inotify(const File& file);

}  // namespace trapline::kernel
