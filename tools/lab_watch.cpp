// trapline lab watch: checks an exercise whenever one of its files is saved.
#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <map>
#include <set>
#include <system_error>

#include "emu/scenario/descriptor.hpp"
#include "emu/scenario/lab/exercise.hpp"
#include "tools/commands.hpp"
#include "tools/lab.hpp"
#include "tools/lab_folder.hpp"
#include "tools/scenario_jobs.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;

namespace {

struct WatchArguments : LabArguments {
  std::string folder = ".";
};

[[noreturn]] void watch_failed(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Tells which exercises' folders had a file saved in them.
class Saves {
 public:
  Saves() : inotify_(::inotify_init1(IN_CLOEXEC)) {
    if (!inotify_) watch_failed("inotify_init1");
  }

  // Editors write a file, or put another in its place.
  void add(const fs::path& folder) {
    const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
    if (watch < 0) watch_failed(folder.c_str());
    folders_[watch] = folder.filename().string();
  }

  // Waits for some.
  std::set<std::string> next() {
    alignas(inotify_event) std::array<char, 16384> buffer{};
    const ssize_t count = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno != EINTR) watch_failed("inotify");
    std::set<std::string> saved;
    for (ssize_t at = 0; at < count;) {
      inotify_event event{};
      std::memcpy(&event, &buffer[static_cast<std::size_t>(at)], sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
      if (const auto folder = folders_.find(event.wd); folder != folders_.end()) saved.insert(folder->second);
    }
    return saved;
  }

 private:
  scenario::Descriptor inotify_;
  std::map<int, std::string> folders_;
};

int watch_lab(const WatchArguments& arguments) {
  CleanEnd end;
  const LabFolder folder(arguments.folder);
  Saves saves;
  std::size_t count = 0;
  for (const fs::path& path : scenario::lab::exercise_folders(find_labs(arguments.labs))) {
    const fs::path own = folder.path() / path.filename();
    if (!fs::is_directory(own)) continue;
    saves.add(own);
    ++count;
  }
  std::cout << fmt::format("Watching {} exercises in {}; Ctrl-C ends it.\n", count, arguments.folder)
            << std::flush;
  while (true) {
    for (const std::string& exercise : saves.next()) {
      std::cout << '\n';
      or_refuse([&] {
        const bool passed = check_and_print(arguments.folder, exercise, false, arguments, end);
        if (passed) std::cout << "Passed. `trapline lab` says what is next.\n" << std::flush;
        return kAllPass;
      });
    }
  }
}

}  // namespace

void add_lab_watch(Command& lab) {
  const auto arguments = std::make_shared<WatchArguments>();
  Command command = lab.command("watch", "Check an exercise whenever you save one of its files");
  command.option("--in", &arguments->folder, "The student's folder")
      .existing(Existing::Folder)
      .shows_default("this one");
  add_lab_options(command, *arguments);
  command.runs([arguments] { return or_refuse([&] { return watch_lab(*arguments); }); });
}

}  // namespace trapline::tools
