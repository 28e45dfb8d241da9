// Finds what execve(2) is to run: the file, the interpreters of scripts and the one of a dynamic program,
// with nothing changed yet (fs/exec.c, fs/binfmt_script.c, and fs/binfmt_elf.c up to begin_new_exec()).
#pragma once

#include <string>
#include <vector>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/task/program.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

struct ProgramRequest {
  std::string path;                      // absolute
  std::string file_name;                 // as the caller named it
  std::vector<std::string> arguments{};  // argv[0] onwards; there is one at the least
  std::vector<std::string> environment{};
  FileRef open_file{};         // what `path` was when it was opened, for a program by descriptor
  bool close_on_exec = false;  // that descriptor is: no interpreter could open it
};

class Programs {
 public:
  Programs(FileSystem& files, isa::Isa isa) : files_(files), isa_(isa) {}

  // Throws ElfError: its number is that of execve(2).
  Program find(Task& task, ProgramRequest request);

  // The first program of the machine, where it lies in no file that the guest can see: it can be executed
  // again by the name that it was started by. Throws ElfError.
  Program first(Task& task, const FileBytes& image, ProgramRequest request);

 private:
  struct Found {
    FileBytes content;
    std::string name;
  };
  Found open_exec(Task& task, const std::string& path, const FileRef& open_file);
  Found run_scripts(Task& task, Found found, ProgramRequest& request);
  Program complete(Task& task, Found found, ProgramRequest request);
  ElfFile find_interpreter(Task& task, const std::string& path);

  FileSystem& files_;
  isa::Isa isa_;
  FileBytes first_image_;
  std::string first_name_;     // as it was started, a path
  std::string first_program_;  // as the guest knows it
};

}  // namespace trapline::kernel
