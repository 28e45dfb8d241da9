// The command line: commands, and their options with what is allowed of each. command_line.cpp alone knows
// the library that reads it, whose headers take longer to compile than a command does.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
class Option;
}  // namespace CLI

namespace trapline::tools {

// The exit status where arguments or files are bad.
inline constexpr int kBadInput = 2;

// What an option sets.
using Value = std::variant<bool*, std::string*, std::vector<std::string>*, unsigned*, std::uint64_t*,
                           std::optional<unsigned>*, std::optional<std::uint64_t>*>;

enum class Existing : std::uint8_t { Path, File, Folder };

class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  Option& required();
  Option& between(std::uint64_t least, std::uint64_t most);
  Option& one_of(const std::vector<std::string>& words);
  Option& existing(Existing what);
  // A number of bytes, or one with K, M or G.
  Option& bytes();
  // The help text names the value that it has before, or `text` in its place.
  Option& shows_default();
  Option& shows_default(const std::string& text);
  // It may be given several times, with one value each.
  Option& repeatable();
  // Another option has to be given, too; these others must not.
  Option& with(std::string_view other);
  Option& without(std::initializer_list<std::string_view> others);
  // The value becomes what the function makes of it; it throws std::invalid_argument where it can be nothing.
  Option& becomes(const std::function<std::string(const std::string&)>& function);

 private:
  CLI::Option* option_;
};

// What there is, for the manual page and the shells.
struct OptionText {
  std::string about = {};
  std::vector<std::string> names =
      {};  // with their dashes; of an argument that is told by its place the bare name
  std::vector<std::string> choices = {};  // the words that its value may be; empty: any
  std::string form = {};                  // of its value, as --help has it; empty: it takes none
  bool by_place = false;
  bool required = false;
};
struct CommandText {
  std::string name;
  std::string about;
  std::string footer;
  std::vector<OptionText> options;
};

class Command {
 public:
  Command(CLI::App& app, int& status, std::vector<std::string>*& rest)
      : app_(&app), status_(&status), rest_(&rest) {}

  // "-j,--jobs"; without a dash it is told by its place.
  Option option(const std::string& names, Value value, const std::string& about);
  // What stands behind `--` goes there, unread.
  void rest(std::vector<std::string>* into) { *rest_ = into; }
  // One below it, as `lab check`; its own function then runs only where none of these is chosen.
  Command command(const std::string& name, const std::string& about);
  // How it ends, and examples.
  void footer(const std::string& text);
  // What it does when it is chosen, and the program's exit status then.
  void runs(std::function<int()> function);

 private:
  CLI::App* app_;
  int* status_;
  std::vector<std::string>** rest_;
};

class CommandLine {
 public:
  CommandLine(const std::string& name, const std::string& about, const std::string& footer);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command command(const std::string& name, const std::string& about);
  // What `--version` prints.
  void version(const std::function<std::string()>& text);
  // The whole first, without a name, then its commands, each before those below it (`lab init`).
  std::vector<CommandText> texts() const;
  // Runs the command that is chosen, and returns its exit status: 2 where the arguments are bad, which stderr
  // says then.
  int run(int argc, const char* const* argv);

 private:
  int refuse_command(const std::string& word) const;
  std::optional<int> refuse_option(const std::string& first, std::span<const char* const> arguments) const;
  static std::string meant_by(const CLI::App& command, const std::string& option);

  std::unique_ptr<CLI::App> app_;
  int status_ = 0;  // of the command that ran
  std::map<std::string, std::vector<std::string>*>
      rests_;  // by command; null: what is behind `--` is read, too
};

}  // namespace trapline::tools
