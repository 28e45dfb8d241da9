// The kinds of files that /proc has.
#pragma once

#include <bit>
#include <functional>
#include <memory>
#include <string>

#include "emu/kernel/fs/allowance.hpp"
#include "emu/kernel/fs/file.hpp"

namespace trapline::kernel {

class Scheduler;
class Mm;

// A text that is made when it is read from its start, and stays the same while it is read on.
struct ProcText {
  std::function<Result<std::string>()> make;
  std::function<SyscallResult(std::span<const std::byte>)> store{};  // what a write does; absent: EIO
};
// `room` is how many bytes of such texts all open files may hold; past it, ENOMEM.
FileRef proc_text_file(std::string name, std::uint64_t flags, const FileStatus& status, Allowance& room,
                       ProcText text);

// A place among what the kernel itself shows, as O_PATH opens one.
FileRef kernel_place(std::string name, std::uint64_t flags, const FileStatus& status);

// /proc/PID/pagemap: a word for each page.
FileRef page_map(Scheduler& scheduler, std::string name, std::uint64_t flags, const FileStatus& status,
                 std::weak_ptr<Mm> mm);

// A process's memory: an offset is an address. It ends with the program: then there is nothing to read.
FileRef memory_image(Scheduler& scheduler, std::string name, std::uint64_t flags, const FileStatus& status,
                     std::weak_ptr<Mm> mm);

}  // namespace trapline::kernel
