// A guest for tests of files: a task with memory and no program, and a host folder that may be its root.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/machine/machine.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel::testing {

namespace abi = isa::linux_abi;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "trapline-fs-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  void put(std::string_view name, std::string_view text) const { std::ofstream(path_ / name) << text; }
  std::string get(std::string_view name) const {
    std::ifstream file(path_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

inline machine::MachineSpec small_machine(isa::Isa isa, unsigned cpus) {
  machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
  spec.cpus = cpus;
  spec.memory = 16u << 20;
  return spec;
}

inline KernelSpec spec_of(const std::optional<RootFolder>& root) {
  KernelSpec spec;
  spec.root = root;
  return spec;
}

class Guest {
 public:
  static constexpr int kPid = 1234;
  // Two pages that may be read and written, with nothing after them.
  static constexpr GuestVa kData{0x10000000};

  explicit Guest(isa::Isa isa = isa::Isa::X86_64, const std::optional<RootFolder>& root = {},
                 unsigned cpus = 1)
      : machine(small_machine(isa, cpus)),
        kernel(machine, spec_of(root)),
        task(kernel.tasks().add(std::make_shared<Task>(kPid, "guest", machine.memory()))) {
    task.executable = "/bin/guest";
    task.scheduler = &kernel.scheduler();
    task.mm = std::make_shared<Mm>(machine);
    task.files = std::make_shared<FdTable>();
    Mm::MapRequest request{.at = kData, .fixed = true, .size = 2 * task.mm->page_size()};
    request.vma.permissions = {.read = true, .write = true};
    if (!task.mm->map(request)) throw std::runtime_error("map");
  }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // As execve(2) leaves them, `offset` bytes into the data.
  void put_arguments(std::string_view bytes, std::uint64_t offset) {
    put(kData + offset, bytes);
    task.mm->places.arg_start = kData + offset;
    task.mm->places.arg_end = kData + (offset + bytes.size());
  }

  GuestVa end() const { return kData + 2 * task.mm->page_size(); }
  FileSystem& files() { return kernel.file_system(); }

  SyscallResult call(abi::Syscall number, std::array<std::uint64_t, 6> args) {
    task.call = {};
    Syscall call{kernel, task, machine.cpu(0), args};
    const auto table = file_syscalls();
    const auto entry = std::ranges::find(table, number, &SyscallEntry::call);
    if (entry == table.end()) throw std::runtime_error("no such call");
    return entry->handler(call);
  }

  // Writes a string with its NUL and returns its address.
  std::uint64_t text(std::string_view value, std::uint64_t offset = 0) {
    std::string whole(value);
    whole += '\0';
    put(kData + offset, whole);
    return (kData + offset).value;
  }
  void put(GuestVa address, std::string_view bytes) {
    if (!task.mm->write(address, std::as_bytes(std::span(bytes)))) throw std::runtime_error("write");
  }
  std::string get(GuestVa address, std::size_t size) {
    std::string bytes(size, '\0');
    if (!task.mm->read(address, std::as_writable_bytes(std::span(bytes)))) throw std::runtime_error("read");
    return bytes;
  }
  std::uint64_t word(GuestVa address, unsigned size) { return task.mm->read_word(address, size).value(); }

  machine::Machine machine;
  Kernel kernel;
  Task& task;
};

// Everything that is left in a file.
inline std::string read_all(File& file) {
  std::string text;
  std::array<char, 1000> buffer{};
  for (;;) {
    const auto got = file.read(std::as_writable_bytes(std::span(buffer)));
    if (!got || *got == 0) return text;
    text.append(buffer.data(), *got);
  }
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

// 0 where it succeeded.
template <class T>
int error_of(const Result<T>& result) {
  return result ? 0 : result.error().number;
}

}  // namespace trapline::kernel::testing
