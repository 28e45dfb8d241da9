#include "emu/scenario/kept_warnings.hpp"

#include <fmt/format.h>

#include <sstream>
#include <system_error>

#include "emu/scenario/content.hpp"

namespace trapline::scenario {

namespace fs = std::filesystem;

KeptWarnings::KeptWarnings(const fs::path& cache, isa::Isa isa, const std::string& key,
                           const ProgramSpec& program)
    : file_(cache / fmt::format("{}-{}.warnings", isa::name(isa), key)), program_(program) {}

std::vector<Problem> KeptWarnings::read(const std::string& hash) const {
  std::istringstream lines(read_text(file_));
  std::string line;
  std::vector<Problem> warnings;
  if (!std::getline(lines, line) || line != hash) return warnings;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    Problem& warning = warnings.emplace_back();
    words >> warning.at.line >> warning.at.column;
    words.get();
    std::string name;
    std::getline(words, name, '\t');
    std::getline(words, warning.message);
    warning.at.file = name.empty() ? program_.at.file : (program_.folder / name).lexically_normal().string();
  }
  return warnings;
}

void KeptWarnings::keep(const std::string& hash, const std::vector<Problem>& warnings,
                        const fs::path& written) const {
  std::error_code ignored;
  if (warnings.empty()) {
    fs::remove(file_, ignored);
    return;
  }
  std::string text = hash + "\n";
  for (const Problem& warning : warnings) {
    const bool own = warning.at.file == program_.at.file;
    text += fmt::format("{} {} {}\t{}\n", warning.at.line, warning.at.column,
                        own ? "" : fs::path(warning.at.file).lexically_proximate(program_.folder).string(),
                        warning.message);
  }
  write_text(written, text);
  fs::rename(written, file_);
}

}  // namespace trapline::scenario
