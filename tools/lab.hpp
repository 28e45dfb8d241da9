// What the commands of `trapline lab` share.
#pragma once

#include <memory>
#include <string>

#include "emu/scenario/lab/checker.hpp"
#include "tools/clean_end.hpp"
#include "tools/command_line.hpp"

namespace trapline::tools {

struct LabArguments {
  std::string labs;   // the folder of the exercises; empty: where they are installed
  std::string cache;  // of built programs
};

void add_lab_options(Command& command, LabArguments& arguments);
scenario::lab::CheckOptions check_options(const LabArguments& arguments, CleanEnd& end);

// Says what is wrong with an input, and returns kBadInput.
int refuse_input(const scenario::InputError& error);

// `function`, with refuse_input() where it throws InputError.
template <class Function>
int or_refuse(Function function) {
  try {
    return function();
  } catch (const scenario::InputError& error) {
    return refuse_input(error);
  }
}

// Each with its options, in a source of its own.
void add_lab_watch(Command& lab);
void add_lab_grade(Command& lab);
void add_lab_verify(Command& lab);

// `lab check` in this folder: prints, remembers, and returns whether all of it passed.
bool check_and_print(const std::string& folder_name, const std::string& name, bool verbose,
                     const LabArguments& arguments, CleanEnd& end);

}  // namespace trapline::tools
