#include "emu/kernel/task/programs.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/task/script.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): file modes

std::string normal(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

std::string from_working_directory(const Task& task, const std::string& path) {
  return path.starts_with('/') ? path : join(task.fs->working_directory, path);
}

std::string words(int error) { return std::generic_category().message(error); }

}  // namespace

// By a descriptor it is the file's name, which need not be in any folder any more.
std::string Program::comm() const {
  const std::string& path = by_descriptor ? elf.name : file_name;
  std::string last = path.substr(path.rfind('/') + 1);
  constexpr std::string_view kGone = " (deleted)";
  if (by_descriptor && last.ends_with(kGone)) last.resize(last.size() - kGone.size());
  return last.substr(0, kCommLength);
}

Program Programs::find(Task& task, ProgramRequest request) {
  Found found = open_exec(task, request.path, request.open_file);
  return complete(task, std::move(found), std::move(request));
}

Program Programs::first(Task& task, const FileBytes& image, ProgramRequest request) {
  first_image_ = image;
  first_name_ = normal("/" + request.file_name);
  first_program_ = request.path;
  return complete(task, {first_image_, first_program_}, std::move(request));
}

// do_open_execat()
Programs::Found Programs::open_exec(Task& task, const std::string& path, const FileRef& open_file) {
  const auto refuse = [](int error) { return ElfError(error, "cannot be executed: " + words(error)); };
  const auto file = open_file ? Result<FileRef>(open_file) : files_.open(task, path, 0, 0);
  if (!file) {
    const std::string named = normal(path);
    if (first_image_ != nullptr && (named == first_name_ || named == first_program_))
      return {first_image_, first_program_};
    throw refuse(file.error().number);
  }
  const auto status = (*file)->status();
  if (!status) throw refuse(status.error().number);
  constexpr std::uint32_t kAnyExecute = 0111;
  if ((status->mode & kSIfMt) != kSIfReg || (status->mode & kAnyExecute) == 0) throw refuse(EACCES);
  if ((*file)->being_written()) throw refuse(ETXTBSY);
  const auto content = (*file)->contents();
  if (!content) throw refuse(content.error().number == ENOMEM ? ENOMEM : EACCES);
  return {*content, (*file)->name()};
}

// The program of a script in the script's place.
Programs::Found Programs::run_scripts(Task& task, Found found, ProgramRequest& request) {
  constexpr unsigned kMostLevels = 5;
  for (unsigned level = 0;; ++level) {
    std::array<std::byte, 256> start{};  // BINPRM_BUF_SIZE
    const auto size = found.content->read(0, start);
    if (!size) throw ElfError(size.error().number, "cannot be read");
    const auto script = script_of(std::span(start).first(*size));
    if (!script) throw ElfError(script.error().number, "is a script that names no interpreter");
    if (!*script) return found;
    if (level == kMostLevels) throw ElfError(ELOOP, "is a script of too many levels of scripts");
    if (level == 0 && request.open_file && request.close_on_exec)
      throw ElfError(ENOENT, "is a script that its interpreter could not open");
    const std::string& interpreter = (*script)->interpreter;
    std::vector<std::string> arguments{interpreter};
    if ((*script)->argument) arguments.push_back(*(*script)->argument);
    arguments.push_back(level == 0 ? request.file_name : request.arguments.front());
    arguments.insert(arguments.end(), request.arguments.begin() + 1, request.arguments.end());
    request.arguments = std::move(arguments);
    try {
      found = open_exec(task, from_working_directory(task, interpreter), {});
    } catch (const ElfError& error) {
      throw ElfError(error.number, fmt::format("is a script for {}, which, looked for in the guest's root "
                                               "folder, {}",
                                               interpreter, error.what()));
    }
  }
}

Program Programs::complete(Task& task, Found found, ProgramRequest request) {
  found = run_scripts(task, std::move(found), request);
  Program program{.elf = read_elf(std::move(found.content), std::move(found.name)),
                  .file_name = std::move(request.file_name),
                  .arguments = std::move(request.arguments),
                  .environment = std::move(request.environment),
                  .by_descriptor = request.open_file != nullptr};
  if (program.elf.isa != isa_) {
    throw ElfError(
        ENOEXEC, fmt::format("is a program for {}, not for {}", isa::name(program.elf.isa), isa::name(isa_)));
  }
  if (const auto path = interpreter_of(program.elf)) program.interpreter = find_interpreter(task, *path);
  return program;
}

ElfFile Programs::find_interpreter(Task& task, const std::string& path) {
  const auto refuse = [&path](int error, const char* what) {
    return ElfError(error, fmt::format("is dynamically linked and needs {}, which, looked for in the guest's "
                                       "root folder, {}; give a folder that has it as the root (--root, or "
                                       "root of a scenario's program), or link the program statically",
                                       path, what));
  };
  Found found;
  try {
    if (path.empty()) throw ElfError(ENOENT, "has no name");
    found = open_exec(task, from_working_directory(task, path), {});
  } catch (const ElfError& error) {
    throw refuse(error.number, error.what());
  }
  if (found.content->size() < sizeof(Elf64_Ehdr)) throw refuse(EIO, "is too short for an ELF header");
  try {
    ElfFile interpreter = read_interpreter(std::move(found.content), std::move(found.name));
    if (interpreter.isa == isa_) return interpreter;
  } catch (const ElfError& error) {
    throw refuse(ELIBBAD, error.what());
  }
  throw refuse(ELIBBAD, "is for another instruction set");
}

}  // namespace trapline::kernel
