#include "tools/kernel_modules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include "emu/scenario/compiler.hpp"

namespace trapline::tools {

namespace {

// "name=value,name=1,2,3" as init_module(2) takes it: name="value" name="1,2,3".
std::string module_arguments(const std::string& text) {
  std::vector<std::string> parameters;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, comma - at);
    if (part.find('=') == std::string::npos && !parameters.empty())
      parameters.back() += "," + part;
    else
      parameters.push_back(part);
    at = comma + 1;
  }
  std::string arguments;
  for (const std::string& parameter : parameters) {
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    arguments += fmt::format("{}=\"{}\" ", parameter.substr(0, equals),
                             parameter.substr(std::min(equals + 1, parameter.size())));
  }
  return arguments;
}

}  // namespace

scenario::ModuleSpec module_named(const std::string& text) {
  // A file's name may hold a colon itself; what follows the last one is parameters where it sets any.
  const std::size_t colon = text.rfind(':');
  const bool parameters = colon != std::string::npos && text.find('=', colon) != std::string::npos;
  const std::string name = text.substr(0, parameters ? colon : text.size());
  if (name.empty()) throw std::invalid_argument("a module is FILE.c or FILE.ko[:NAME=VALUE,…]");
  const std::filesystem::path file = std::filesystem::absolute(name);
  const bool source = file.extension() == ".c";
  scenario::ModuleSpec module;
  module.at.file = name;
  if (parameters) module.arguments = module_arguments(text.substr(colon + 1));
  module.source.at = module.at;
  module.source.folder = file.parent_path();
  module.source.sources.push_back(
      {module.at, source ? scenario::Language::C : scenario::Language::Elf, file});
  module.source.kernel_object = scenario::ProgramSpec::KernelObject{.name = scenario::module_name(file)};
  return module;
}

scenario::ModuleSpec image_named(const std::vector<std::string>& files) {
  scenario::ModuleSpec image;
  image.source.kernel_object = scenario::ProgramSpec::KernelObject{.name = "kernel", .builtin = true};
  for (const std::string& name : files) {
    const std::filesystem::path file = std::filesystem::absolute(name);
    const bool source = file.extension() == ".c";
    if (!source && files.size() != 1)
      throw std::invalid_argument("a kernel image is several files FILE.c, or one ELF file");
    image.source.sources.push_back({{name}, source ? scenario::Language::C : scenario::Language::Elf, file});
  }
  image.at = image.source.at = image.source.sources.front().at;
  image.source.folder = std::filesystem::absolute(files.front()).parent_path();
  return image;
}

}  // namespace trapline::tools
