// Directory notification (fcntl(2), F_NOTIFY): a signal for what happens in a folder.
#pragma once

#include <cstdint>
#include <memory>

#include "emu/kernel/fs/inotify.hpp"

namespace trapline::kernel {

class Signals;

// `events` are IN_*; with `again`, it goes on after the first. The folder's file must outlive it.
std::unique_ptr<FileWatcher> make_folder_watch(Signals& signals, const std::shared_ptr<FileWatches>& watches,
                                               const File& folder, FileWatches::Key key, std::uint32_t events,
                                               bool again);

}  // namespace trapline::kernel
