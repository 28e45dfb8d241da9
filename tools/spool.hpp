// A text of any length that waits for its turn, on the disk and without a name there.
#pragma once

#include <cstdio>
#include <memory>
#include <ostream>
#include <string_view>

namespace trapline::tools {

class Spool {
 public:
  // Throws std::system_error where there is no temporary file to be had.
  Spool();

  // After the first write that fails (a full disk) nothing more is kept.
  void add(std::string_view text);
  // Throws std::system_error where a write has failed.
  void copy_to(std::ostream& out);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  int error_ = 0;
};

}  // namespace trapline::tools
