#include "tools/program_names.hpp"

#include <stdexcept>

namespace trapline::tools {

namespace {

std::vector<char> bytes_of(const scenario::LoadedProgram& program) {
  if (program.content == nullptr) throw std::runtime_error("it has no file");
  return scenario::read_whole(*program.content);
}

}  // namespace

ProgramNames::ProgramNames(const scenario::LoadedProgram& program)
    : ProgramNames(program, bytes_of(program)) {}

ProgramNames::ProgramNames(const scenario::LoadedProgram& program, const std::vector<char>& bytes)
    : symbols_(scenario::SymbolTable::load(bytes, program.name)),
      tables_(bytes, program.name),
      code_(symbols_, tables_, program) {
  symbols_.relocate(program.load_bias);
}

}  // namespace trapline::tools
