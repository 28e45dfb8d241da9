#include "emu/scenario/kernel_modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/scenario/content.hpp"
#include "emu/scenario/utf8.hpp"

namespace trapline::scenario {

namespace {

namespace fs = std::filesystem;

fs::path kernel_folder(const BuildOptions& options, const Position& at) {
  std::error_code error;
  fs::path folder = fs::canonical(options.kernel_folder, error);
  if (error || options.kernel_folder.empty())
    throw InputError(at,
                     "the kernel's headers (scenarios/kernel) are not there, which belong to the command");
  return folder;
}

std::string object_of(ProgramSpec source, isa::Isa isa, const BuildOptions& options, const Position& at) {
  if (source.sources.front().language == Language::Elf)
    return read_text(std::get<fs::path>(source.sources.front().text));
  source.kernel_object->headers = kernel_folder(options, at) / "include";
  source.is_static = false;
  return read_text(build_guest(source, isa, options));
}

// What of the kernel is guest code itself: its library.
ProgramSpec library(const fs::path& folder) {
  ProgramSpec spec;
  spec.folder = folder / "lib";
  spec.kernel_object = ProgramSpec::KernelObject{.name = "vmlinux"};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(spec.folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const fs::path& file : files) spec.sources.push_back({{file.string()}, Language::C, file});
  spec.at = spec.sources.front().at;
  return spec;
}

std::span<const std::byte> object_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

void insert_modules(kernel::Kernel& kernel, kernel::Task& main, std::span<const ModuleSpec> modules,
                    const BuildOptions& options, std::function<void(std::string_view line)> console) {
  if (modules.empty()) return;
  kernel::KernelHalf& half = kernel.kernel_half();
  half.printk().set_console(
      [told = std::move(console)](const kernel::LogLine& line) { told(printable(console_line(line))); });
  const Position& first = modules.front().at;
  BuildOptions quiet = options;
  quiet.warnings = nullptr;
  half.modules().link(
      object_bytes(object_of(library(kernel_folder(options, first)), kernel.isa(), quiet, first)));
  for (const ModuleSpec& module : modules) {
    const std::string object = object_of(module.source, kernel.isa(), options, module.at);
    try {
      half.insert(object_bytes(object), module.source.kernel_object->name, module.arguments, main);
    } catch (const kernel::ModuleError& error) {
      throw InputError(module.at,
                       printable(fmt::format("the module {} {}", module.source.kernel_object->name, error.what())));
    }
  }
}

}  // namespace trapline::scenario
