// What a compiler reaches of the host while it works on a scenario that may be anybody's: the compiler's own
// files, the scenario's folder, and a folder to write in. It learns of no other file even whether it is
// there.
//
// The compiler runs under a filter of system calls; each one that names a path waits until the supervisor, in
// Trapline, has found out where the path leads, through all links. What is opened, the supervisor opens, so
// that a path cannot change in between.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace trapline::scenario {

// Folders, or single files, without links in their names.
struct Confinement {
  std::vector<std::filesystem::path> tools;  // to execute and to read
  std::vector<std::filesystem::path> read;
  std::filesystem::path write;  // to read, too, and to make files in
};

class Supervisor {
 public:
  // `listener` is what enter_filter() gave to the process that runs in `folder`, its working directory, for
  // good.
  Supervisor(const Confinement& confinement, std::filesystem::path folder, int listener);

  // Waits for a system call and answers it. False where there will be no more.
  bool answer();

  // The absolute paths, as they were named, that name what lies elsewhere, whether or not anything is there;
  // the first of them.
  const std::vector<std::filesystem::path>& refused() const { return refused_; }

  // All absolute paths that it read, executed or asked about, as they were named but without `.` and `..`,
  // whether or not anything is there; not those below `write`.
  const std::set<std::filesystem::path>& looked_at() const { return looked_at_; }

 private:
  struct Call;
  struct Answer;

  Answer decide(const Call& call);
  Answer open(const Call& call, const std::filesystem::path& path);
  Answer make(const Call& call, const std::filesystem::path& path) const;
  Answer refuse(const std::filesystem::path& path);
  void note(const std::filesystem::path& path);
  bool may_read(const std::filesystem::path& real) const;
  bool on_the_way(const std::filesystem::path& real) const;

  const Confinement& confinement_;
  std::filesystem::path folder_;
  int listener_;
  std::vector<std::filesystem::path> refused_;
  std::set<std::filesystem::path> looked_at_;
};

// Whether `path` is `folder` or lies in it, by their names.
bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace trapline::scenario
