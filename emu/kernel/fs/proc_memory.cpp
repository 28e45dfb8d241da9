// What /proc tells of a task's memory.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/fs/proc_text.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// Null: it has none any more.
Mm* memory_of(const ProcContext& context) { return context.task->alive() ? context.task->mm.get() : nullptr; }

// What can be read of [start, end).
std::string read_range(Mm& mm, GuestVa start, GuestVa end) {
  if (end <= start) return {};
  std::string text(end - start, '\0');
  for (std::size_t done = 0; done < text.size();) {
    const GuestVa at = start + done;
    const std::size_t here =
        std::min<std::size_t>(text.size() - done, mm.page_size() - at.offset_in(mm.page_size()));
    if (!mm.peek(at, std::as_writable_bytes(std::span(text).subspan(done, here)))) {
      text.resize(done);
      break;
    }
    done += here;
  }
  return text;
}

}  // namespace

std::string proc_maps_line(const ProcContext& context, const Mm& mm, const Vma& vma) {
  // The path of a mapping starts in this column, counted from 0.
  constexpr std::size_t kPathColumn = 73;
  const std::string_view name = mm.name_of(vma);
  const bool object = vma.object && !vma.special();
  const bool from_file = vma.file || object || name.starts_with('/');
  // The nameless files of shared memory have numbers in a file system of their own.
  const std::uint64_t inode = object ? vma.object->inode() : from_file ? context.inode_of(vma.name) : 0;
  const std::uint64_t device = object && !vma.object->backed() ? kMemoryDevice : kRootDevice;
  std::string line =
      fmt::format("{:08x}-{:08x} {}{}{}{} {:08x} {:02x}:{:02x} {} ", vma.start.value, vma.end.value,
                  vma.permissions.read ? 'r' : '-', vma.permissions.write ? 'w' : '-',
                  vma.permissions.execute ? 'x' : '-', vma.shared ? 's' : 'p',
                  vma.anonymous() ? 0 : vma.file_offset, 0, from_file ? device : 0, inode);
  if (!name.empty()) {
    if (line.size() < kPathColumn) line.resize(kPathColumn, ' ');
    for (const char c : name) {
      if (c == '\n') {
        line += "\\012";  // the one character that would break the format
      } else {
        line += c;
      }
    }
  }
  return line + '\n';
}

std::string proc_maps(const ProcContext& context) {
  std::string text;
  if (!context.task->alive() || !context.task->mm) return text;
  const Mm& mm = *context.task->mm;
  for (const auto& [start, vma] : mm.vmas()) text += proc_maps_line(context, mm, vma);
  if (const auto gate = context.sources.arch.gate_vma()) text += proc_maps_line(context, mm, *gate);
  return text;
}

// A program may write something else over its arguments. Where that takes away the last one's NUL, it goes on
// into the environment, up to a NUL there (proc(5), /proc/pid/cmdline).
std::string proc_cmdline(const ProcContext& context) {
  Mm* const mm = memory_of(context);
  if (mm == nullptr) return {};
  const Mm::ProgramPlaces& places = mm->places;
  std::string text = read_range(*mm, places.arg_start, places.arg_end);
  if (text.empty() || text.back() == '\0' || text.size() < places.arg_end - places.arg_start) return text;
  text += read_range(*mm, places.env_start, places.env_end);
  return text.substr(0, text.find('\0'));
}

std::string proc_environ(const ProcContext& context) {
  Mm* const mm = memory_of(context);
  return mm == nullptr ? std::string() : read_range(*mm, mm->places.env_start, mm->places.env_end);
}

std::string proc_auxv(const ProcContext& context) {
  const Mm* const mm = memory_of(context);
  if (mm == nullptr) return {};
  const auto& bytes = mm->places.auxv;
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

MemoryUse memory_use(const Mm& mm) {
  MemoryUse use;
  const std::uint64_t page = mm.page_size();
  const Mm::ProgramPlaces& places = mm.places;
  use.code = places.end_code.align_up(page) - places.start_code.align_down(page);
  std::uint64_t executable = 0;
  for (const auto& [start, vma] : mm.vmas()) {
    const std::uint64_t resident = mm.resident(vma);
    (vma.special() || vma.file ? use.file : vma.object ? use.shared : use.anonymous) += resident;
    if (vma.grows_down) {
      use.stack += vma.size();
    } else if (vma.permissions.execute && !vma.permissions.write) {
      executable += vma.size();
    } else if (vma.permissions.write && !vma.shared) {
      use.data += vma.size();
    }
  }
  use.libraries = executable - std::min(executable, use.code);
  return use;
}

std::string proc_statm(const ProcContext& context) {
  const Mm* const mm = memory_of(context);
  if (mm == nullptr) return "0 0 0 0 0 0 0\n";
  context.sources.scheduler.spend(mm->work_to_end());
  const MemoryUse use = memory_use(*mm);
  const std::uint64_t page = mm->page_size();
  return fmt::format("{} {} {} {} 0 {} 0\n", mm->mapped() / page, mm->rss() / page,
                     (use.file + use.shared) / page, use.code / page, (use.data + use.stack) / page);
}

}  // namespace trapline::kernel
