#include "emu/kernel/fs/folder_watch.hpp"

#include <utility>

#include "emu/kernel/signal/sigio.hpp"
#include "emu/kernel/signal/signals.hpp"

namespace trapline::kernel {

namespace {

class FolderWatch final : public FileWatcher {
 public:
  FolderWatch(Signals& signals, const std::shared_ptr<FileWatches>& watches, const File& folder, Key key,
              std::uint32_t events, bool again)
      : signals_(signals),
        watches_(watches),
        folder_(folder),
        key_(std::move(key)),
        events_(events),
        again_(again) {
    watches_->mark(key_, *this);
  }
  ~FolderWatch() override { watches_->unmark(key_, *this); }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  void tell(Key, std::uint32_t event, std::string_view name, std::uint32_t) override {
    if (name.empty() || (event & events_) == 0) return;
    if (!again_) events_ = 0;
    signals_.send_sigio(folder_, PollReason::Message);
  }
  void end_of(Key) override { events_ = 0; }

 private:
  Signals& signals_;
  std::shared_ptr<FileWatches> watches_;
  const File& folder_;
  Key key_;
  std::uint32_t events_;
  bool again_;
};

}  // namespace

std::unique_ptr<FileWatcher> make_folder_watch(Signals& signals, const std::shared_ptr<FileWatches>& watches,
                                               const File& folder, FileWatches::Key key, std::uint32_t events,
                                               bool again) {
  return std::make_unique<FolderWatch>(signals, watches, folder, key, events, again);
}

}  // namespace trapline::kernel
