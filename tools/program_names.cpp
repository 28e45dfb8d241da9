#include "tools/program_names.hpp"

#include <array>
#include <span>
#include <stdexcept>
#include <string_view>

namespace trapline::tools {

namespace {

std::vector<char> read_whole(const kernel::FileContent& content) {
  std::vector<char> bytes(content.size());
  const auto size = content.read(0, std::as_writable_bytes(std::span(bytes)));
  if (!size) throw std::runtime_error("its program file cannot be read");
  bytes.resize(*size);
  return bytes;
}

bool is_elf(const kernel::FileContent& content) {
  std::array<char, 4> start{};
  const auto size = content.read(0, std::as_writable_bytes(std::span(start)));
  return size && *size == start.size() &&
         std::string_view(start.data(), start.size()) ==
             "\x7f"
             "ELF";
}

std::vector<char> bytes_of(const ProgramFile& program, kernel::Kernel& kernel, kernel::Task& task) {
  // A script that was given is not what runs.
  if (program.image != nullptr && is_elf(*program.image)) return read_whole(*program.image);
  const auto file = kernel.file_system().open(task, program.name, 0, 0);
  const auto content = file ? (*file)->contents() : kernel::Result<kernel::FileBytes>(file.error());
  if (!content) throw std::runtime_error("its program file cannot be read again");
  return read_whole(**content);
}

}  // namespace

ProgramNames::ProgramNames(const ProgramFile& program, kernel::Kernel& kernel, kernel::Task& task)
    : ProgramNames(program, bytes_of(program, kernel, task)) {}

ProgramNames::ProgramNames(const ProgramFile& program, const std::vector<char>& bytes)
    : symbols_(scenario::SymbolTable::load(bytes, program.name)), unwinder_(bytes, program.name) {
  symbols_.relocate(program.load_bias);
  unwinder_.relocate(program.load_bias);
}

}  // namespace trapline::tools
