#include "emu/scenario/loaded_code.hpp"

#include <fmt/format.h>
#include <gelf.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <utility>

#include "emu/scenario/elf_file.hpp"

namespace trapline::scenario {

namespace {

const kernel::Vma* vma_at(const kernel::Task& task, std::uint64_t address) {
  if (!task.mm) return nullptr;
  const auto& vmas = task.mm->vmas();
  auto after = vmas.upper_bound(address);
  if (after == vmas.begin()) return nullptr;
  const kernel::Vma& vma = (--after)->second;
  return address < vma.end.value ? &vma : nullptr;
}

}  // namespace

std::vector<char> read_whole(const kernel::FileContent& content) {
  std::vector<char> bytes(content.size());
  const auto size = content.read(0, std::as_writable_bytes(std::span(bytes)));
  if (!size) throw std::runtime_error("its file cannot be read");
  bytes.resize(*size);
  return bytes;
}

LoadedCode::File::File(kernel::FileBytes file_content, std::string file_name, const std::vector<char>& bytes)
    : content(std::move(file_content)),
      name(std::move(file_name)),
      symbols(SymbolTable::load(bytes, name)),
      tables(bytes, name) {
  const ElfFile file(bytes, name);
  std::size_t count = 0;
  if (elf_getphdrnum(file.get(), &count) != 0) return;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (gelf_getphdr(file.get(), static_cast<int>(i), &header) != nullptr && header.p_type == PT_LOAD)
      segments.push_back({header.p_offset, header.p_filesz, header.p_vaddr});
  }
}

std::unique_ptr<LoadedCode::File> LoadedCode::File::read(const kernel::Vma& vma) {
  try {
    return std::make_unique<File>(vma.file, std::filesystem::path(vma.name).filename().string(),
                                  read_whole(*vma.file));
  } catch (const std::exception&) {
    return nullptr;
  }
}

LoadedProgram::LoadedProgram(const kernel::Task& task)
    : name(task.executable), load_bias(task.mm->places.load_bias) {
  if (const kernel::Vma* const vma = vma_at(task, task.mm->places.start_code.value)) content = vma->file;
}

std::optional<LoadedCode::Object> LoadedCode::at(const kernel::Task& task, std::uint64_t address) {
  const kernel::Vma* const vma = vma_at(task, address);
  if (vma != nullptr && vma->file != nullptr && vma->file != program_.content)
    return object_of(*task.mm, *vma);
  if (task.executable != program_.name) return std::nullopt;
  return Object{symbols_, tables_, 0, ""};
}

std::vector<LoadedCode::Object> LoadedCode::libraries(const kernel::Task& task) {
  std::vector<Object> all;
  if (!task.mm) return all;
  for (const auto& [start, vma] : task.mm->vmas()) {
    if (!vma.permissions.execute || vma.file == nullptr || vma.file == program_.content) continue;
    if (auto object = object_of(*task.mm, vma)) all.push_back(std::move(*object));
  }
  return all;
}

std::optional<LoadedCode::Object> LoadedCode::object_of(const kernel::Mm& mm, const kernel::Vma& vma) {
  const auto [known, fresh] = files_.try_emplace(vma.file.get());
  if (fresh) known->second = File::read(vma);
  File* const file = known->second.get();
  if (file == nullptr) return std::nullopt;
  // A mapping begins at a page, and a segment somewhere in it: where two are in one, the later has its own
  // mapping of it.
  const Segment* segment = nullptr;
  for (const Segment& candidate : file->segments) {
    const std::uint64_t page = candidate.offset - candidate.offset % mm.page_size();
    if (page <= vma.file_offset && vma.file_offset < candidate.offset + candidate.size) segment = &candidate;
  }
  if (segment == nullptr) return std::nullopt;
  const std::uint64_t bias = vma.start.value - vma.file_offset - (segment->address - segment->offset);
  return Object{file->symbols, file->tables, bias, file->name};
}

std::string LoadedCode::name(const kernel::Task& task, std::uint64_t address) {
  const auto object = at(task, address);
  const auto symbol = object ? object->symbols.at(object->in_symbols(address)) : std::nullopt;
  return symbol ? symbol->name : "";
}

std::string LoadedCode::describe(const kernel::Task& task, std::uint64_t address) {
  const auto object = at(task, address);
  if (!object) return to_string(Place{"", address});
  const std::uint64_t in_symbols = object->in_symbols(address);
  if (!object->name.empty() && !object->symbols.at(in_symbols))
    return fmt::format("{}+{:#x}", object->name, in_symbols);
  return object->symbols.describe(in_symbols);
}

std::string LoadedCode::line(const kernel::Task& task, std::uint64_t address) {
  const auto object = at(task, address);
  return object ? object->symbols.line(object->in_symbols(address)).value_or("") : "";
}

}  // namespace trapline::scenario
