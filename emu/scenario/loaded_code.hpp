// What is at an address of a task's: the names and the unwind tables of the file that is mapped there.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

// All of a file. Throws std::runtime_error where it cannot be read.
std::vector<char> read_whole(const kernel::FileContent& content);

// What a task has begun with: of a script the interpreter.
struct LoadedProgram {
  // Nothing of it has run yet.
  explicit LoadedProgram(const kernel::Task& task);

  std::string name;             // Task::executable of those that run it
  std::uint64_t load_bias = 0;  // for who puts its symbols where it lies
  kernel::FileBytes content;
};

class LoadedCode {
 public:
  // `symbols` and `tables` are of the program; the symbols are where it lies. Files that are mapped beside it
  // are read when somebody asks.
  LoadedCode(const SymbolTable& symbols, UnwindTables& tables, LoadedProgram program)
      : symbols_(symbols), tables_(tables), program_(std::move(program)) {}
  LoadedCode(const LoadedCode&) = delete;
  LoadedCode& operator=(const LoadedCode&) = delete;

  struct Object {
    const SymbolTable& symbols;
    UnwindTables& tables;
    std::uint64_t bias = 0;  // how much higher it lies than its symbols say
    std::string name;        // of a file beside the program's, without folders; "": the program

    std::uint64_t in_symbols(std::uint64_t address) const { return address - bias; }
    std::uint64_t in_file(std::uint64_t address) const { return address - bias - symbols.bias(); }
  };
  // Nothing: no file's, or none that is known.
  std::optional<Object> at(const kernel::Task& task, std::uint64_t address);
  // All files beside the program's whose code is mapped.
  std::vector<Object> libraries(const kernel::Task& task);

  // The function, or the variable, that the address is in; "" where none is near.
  std::string name(const kernel::Task& task, std::uint64_t address);
  // "memcpy+0x12"; "libc.so.6+0x2712a" and "0x7ffff7c2712a" where no symbol is near.
  std::string describe(const kernel::Task& task, std::uint64_t address);
  // "counter.c:12", or "".
  std::string line(const kernel::Task& task, std::uint64_t address);

 private:
  struct Segment {
    std::uint64_t offset = 0;  // in the file
    std::uint64_t size = 0;
    std::uint64_t address = 0;
  };
  struct File {
    File(kernel::FileBytes content, std::string file_name, const std::vector<char>& bytes);
    // Null: it is no ELF file, or cannot be read any more.
    static std::unique_ptr<File> read(const kernel::Vma& vma);

    kernel::FileBytes content;
    std::string name;
    std::vector<Segment> segments;
    SymbolTable symbols;
    UnwindTables tables;
  };
  std::optional<Object> object_of(const kernel::Mm& mm, const kernel::Vma& vma);

  const SymbolTable& symbols_;
  UnwindTables& tables_;
  LoadedProgram program_;
  std::map<const kernel::FileContent*, std::unique_ptr<File>> files_;  // null: no ELF file
};

}  // namespace trapline::scenario
