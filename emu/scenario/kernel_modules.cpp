#include "emu/scenario/kernel_modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
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
  if (source.sources.front().language == Language::Elf) {
    const fs::path& file = std::get<fs::path>(source.sources.front().text);
    constexpr std::uintmax_t kMost = std::uintmax_t{64} << 20;
    std::error_code error;
    if (!fs::exists(file, error)) throw InputError(at, "no such file");
    if (!fs::is_regular_file(file, error)) throw InputError(at, "not a file");
    if (fs::file_size(file, error) > kMost) throw InputError(at, "longer than 64 MiB, which is too large");
    return read_text(file);
  }
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
  for (const fs::directory_entry& entry : fs::directory_iterator(spec.folder)) {
    if (entry.path().extension() == ".c") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const fs::path& file : files) spec.sources.push_back({{file.string()}, Language::C, file});
  spec.at = spec.sources.front().at;
  return spec;
}

std::span<const std::byte> object_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

void insert_kernel_code(kernel::Kernel& kernel, kernel::Task& main, const KernelCodeSpec& given,
                        const BuildOptions& options, std::function<void(std::string_view line)> console) {
  if (given.empty()) return;
  kernel::KernelHalf& half = kernel.kernel_half();
  half.printk().set_console(
      [told = std::move(console)](const kernel::LogLine& line) {  // Tabs are as they are.
        std::string shown;
        const std::string text = console_line(line);
        for (std::size_t at = 0; at <= text.size();) {
          const std::size_t tab = std::min(text.find('\t', at), text.size());
          shown += (at == 0 ? "" : "\t") + printable(std::string_view(text).substr(at, tab - at));
          at = tab + 1;
        }
        told(shown);
      });
  const Position& first = given.image ? given.image->at : given.modules.front().at;
  BuildOptions quiet = options;
  quiet.warnings = nullptr;
  half.modules().link(
      object_bytes(object_of(library(kernel_folder(options, first)), kernel.isa(), quiet, first)));
  if (given.image) {
    const std::string image = object_of(given.image->source, kernel.isa(), options, first);
    try {
      half.boot(object_bytes(image), main);
    } catch (const kernel::ModuleError& error) {
      throw InputError(first, printable(fmt::format("the kernel image {}", error.what())));
    }
  }
  for (const ModuleSpec& module : given.modules) {
    const std::string object = object_of(module.source, kernel.isa(), options, module.at);
    try {
      const std::string& name = module.source.kernel_object->name;
      half.insert(object_bytes(object), name, module.arguments, main, [&kernel, name](int result) {
        if (result >= 0) return;
        kernel.give_up(fmt::format("the init function of the module {} returned {} ({})", name, result,
                                   std::generic_category().message(-result)));
      });
    } catch (const kernel::ModuleError& error) {
      throw InputError(module.at, printable(fmt::format("the module {} {}", module.source.kernel_object->name,
                                                        error.what())));
    }
  }
}

}  // namespace trapline::scenario
