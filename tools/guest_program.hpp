// What `trapline exec` is asked to run: a program in the guest's root folder, or an ELF file of the host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "isa/isa.hpp"

namespace trapline::tools {

struct GuestProgram {
  isa::Isa isa{};
  kernel::FileBytes image{};  // null: it lies in the root folder
  std::string name;           // argv[0], as the guest may see it
  std::string file_name{};    // in the root folder
  std::string working_directory = "/";
};

struct GuestProgramRequest {
  std::string program;  // as the user named it
  std::string root;     // empty: none
  std::string cwd;      // in the root folder; empty: the host's, where it lies there, or its top
  std::vector<std::string> environment;
};

// A name without a slash is looked for in the folders of the guest's PATH. A path is the guest's where it
// leads to something in its root folder; else it is the host's, and if what it leads to lies in the root
// folder after all, it is started from there. Throws kernel::ElfError.
GuestProgram find_program(const GuestProgramRequest& request);

// With a root folder, a guest that is given no PATH, HOME, TERM or LANG has the usual ones. Nothing comes
// from the caller's own environment.
std::vector<std::string> guest_environment(std::vector<std::string> given, bool has_root);

}  // namespace trapline::tools
