#include "tools/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "emu/scenario/schema.hpp"

namespace trapline::tools {

namespace {

// What CLI11 says of them names the `--` as well, or nothing at all.
int refuse(const std::string& what, const std::string& command) {
  std::cerr << fmt::format("trapline: error: {}; `{} --help` lists what there is\n", what, command);
  return kBadInput;
}

// CLI11 does not tell the words that CLI::IsMember takes, but shows them: TEXT:{text,json}.
std::vector<std::string> choices_in(const std::string& form) {
  std::vector<std::string> choices;
  const std::size_t begin = form.find('{');
  const std::size_t end = form.find('}');
  if (begin == std::string::npos || end == std::string::npos) return choices;
  std::istringstream words(form.substr(begin + 1, end - begin - 1));
  for (std::string word; std::getline(words, word, ',');) choices.push_back(word);
  return choices;
}

OptionText text_of(const CLI::Option& option) {
  OptionText text{.about = option.get_description(),
                  .by_place = option.get_positional(),
                  .required = option.get_required()};
  for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
  if (text.by_place) text.names = {option.get_name(true)};
  if (option.get_items_expected_max() == 0) return text;
  text.choices = choices_in(option.get_type_name());
  text.form = option.get_type_name();
  return text;
}

CommandText text_of(const CLI::App& app) {
  CommandText text{
      .name = app.get_name(), .about = app.get_description(), .footer = app.get_footer(), .options = {}};
  for (const CLI::Option* option : app.get_options()) text.options.push_back(text_of(*option));
  return text;
}

}  // namespace

// --- Options ---

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::between(std::uint64_t least, std::uint64_t most) {
  option_->check(CLI::Range(least, most));
  return *this;
}

Option& Option::one_of(const std::vector<std::string>& words) {
  option_->check(CLI::IsMember(words));
  return *this;
}

Option& Option::existing(Existing what) {
  switch (what) {
    case Existing::Path:
      option_->check(CLI::ExistingPath);
      break;
    case Existing::File:
      option_->check(CLI::ExistingFile);
      break;
    case Existing::Folder:
      option_->check(CLI::ExistingDirectory);
      break;
  }
  return *this;
}

Option& Option::bytes() {
  option_->transform(CLI::AsSizeValue(false));
  return *this;
}

Option& Option::shows_default() {
  option_->capture_default_str();
  return *this;
}

Option& Option::shows_default(const std::string& text) {
  option_->default_str(text);
  return *this;
}

Option& Option::repeatable() {
  option_->allow_extra_args(false);
  return *this;
}

Option& Option::with(std::string_view other) {
  option_->needs(std::string(other));
  return *this;
}

Option& Option::without(std::initializer_list<std::string_view> others) {
  for (const std::string_view other : others) option_->excludes(std::string(other));
  return *this;
}

Option& Option::becomes(const std::function<std::string(const std::string&)>& function) {
  option_->transform([function, name = option_->get_name()](const std::string& text) {
    try {
      return function(text);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError(name, error.what());
    }
  });
  return *this;
}

// --- Commands ---

Option Command::option(const std::string& names, Value value, const std::string& about) {
  CLI::Option* const option = std::visit(
      [&](auto* into) {
        if constexpr (std::is_same_v<decltype(into), bool*>) {
          return app_->add_flag(names, *into, about);
        } else {
          return app_->add_option(names, *into, about);
        }
      },
      value);
  return Option(*option);
}

Command Command::command(const std::string& name, const std::string& about) {
  return {*app_->add_subcommand(name, about), *status_, *rest_};
}

void Command::footer(const std::string& text) { app_->footer(text); }

void Command::runs(std::function<int()> function) {
  app_->callback([function = std::move(function), app = app_, status = status_] {
    if (app->get_subcommands().empty()) *status = function();
  });
}

CommandLine::CommandLine(const std::string& name, const std::string& about, const std::string& footer)
    : app_(std::make_unique<CLI::App>(about, name)) {
  app_->require_subcommand(1);
  app_->footer(footer);
}

CommandLine::~CommandLine() = default;

Command CommandLine::command(const std::string& name, const std::string& about) {
  return {*app_->add_subcommand(name, about), status_, rests_[name]};
}

void CommandLine::version(const std::function<std::string()>& text) {
  app_->set_version_flag("--version", text, "Print what this is, and of which version");
}

std::vector<CommandText> CommandLine::texts() const {
  std::vector<CommandText> all{text_of(*app_)};
  all.front().name.clear();
  const auto any = [](const CLI::App*) { return true; };
  for (const CLI::App* command : app_->get_subcommands(any)) {
    all.push_back(text_of(*command));
    for (const CLI::App* below : command->get_subcommands(any)) {
      all.push_back(text_of(*below));
      all.back().name = fmt::format("{} {}", command->get_name(), below->get_name());
    }
  }
  return all;
}

// A file or folder where a command is to be: somebody forgot `run` or `exec`.
int CommandLine::refuse_command(const std::string& word) const {
  std::vector<std::string> known;
  for (const CLI::App* const command : app_->get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  std::string what = fmt::format("no command `{}`", word);
  std::error_code error;
  if (const std::string near = scenario::schema::nearest(word, known); !near.empty())
    what += fmt::format("; did you mean `{}`?", near);
  else if (std::filesystem::exists(word, error))
    what += fmt::format(
        "; did you mean `{} {} {}`?", app_->get_name(),
        word.ends_with(".yaml") || word.ends_with(".yml") || std::filesystem::is_directory(word, error)
            ? "run"
            : "exec --",
        word);
  return refuse(what, app_->get_name());
}

// What may be meant by an option that there is not: `-isa` by `--isa`.
std::string CommandLine::meant_by(const CLI::App& command, const std::string& option) {
  const std::string name = option.substr(0, option.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* const one : command.get_options()) {
    for (const std::string& name_of_one : one->get_lnames()) known.push_back("--" + name_of_one);
  }
  std::string longer = "-" + name;
  if (!name.starts_with("--") && std::ranges::find(known, longer) != known.end()) return longer;
  return scenario::schema::nearest(name, known);
}

// The first option that there is not, where there is one: what CLI11 says of the rest follows from it.
std::optional<int> CommandLine::refuse_option(const std::string& first,
                                              std::span<const char* const> arguments) const {
  const auto commands =
      app_->get_subcommands([&](const CLI::App* command) { return command->get_name() == first; });
  const CLI::App& command = commands.empty() ? *app_ : *commands.front();
  for (const std::string option : arguments) {
    if (option == "--") break;
    if (option.size() < 2 || option[0] != '-') continue;
    const bool is_long = option[1] == '-';
    const std::string name = is_long ? option.substr(0, option.find('=')) : option.substr(0, 2);
    const bool known = command.get_option_no_throw(name) != nullptr;
    // -j4 and -j=4 are fine, and so is a number for an option's value.
    const bool value = !is_long && option.find_first_not_of("-.0123456789") == std::string::npos;
    if (known || value) continue;
    const std::string meant = meant_by(command, option);
    return refuse(
        fmt::format("no option `{}`{}", option,
                    meant.empty() ? "" : fmt::format("; did you mean `{}`?", meant)),
        fmt::format("{}{}{}", app_->get_name(), commands.empty() ? "" : " ", commands.empty() ? "" : first));
  }
  return std::nullopt;
}

int CommandLine::run(int argc, const char* const* argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  if (first == "help") {
    // `help COMMAND` is `COMMAND --help`.
    const std::array words{argv[0], argc > 2 ? argv[2] : "--help", "--help"};
    return run(argc > 2 ? 3 : 2, words.data());
  }
  const auto named = [&](const CLI::App* command) { return command->get_name() == first; };
  if (!first.empty() && first[0] != '-' && app_->get_subcommands(named).empty()) return refuse_command(first);
  if (const auto rest = rests_.find(first); rest != rests_.end() && rest->second != nullptr) {
    const std::span all(argv, static_cast<std::size_t>(argc));
    const auto dashes = std::ranges::find(all, std::string_view("--"),
                                          [](const char* word) { return std::string_view(word); });
    if (dashes != all.end()) rest->second->assign(dashes + 1, all.end());
    argc = static_cast<int>(dashes - all.begin());
  }
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    const auto arguments = std::span(argv, static_cast<std::size_t>(argc));
    if (const auto refused = refuse_option(first, arguments.subspan(1))) return *refused;
    std::vector<std::string> unknown = app_->remaining(true);
    std::erase(unknown, "--");
    return refuse(fmt::format("no argument `{}` here", fmt::join(unknown, " ")),
                  fmt::format("{} {}", app_->get_name(), first));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      const auto arguments = std::span(argv, static_cast<std::size_t>(argc));
      if (const auto refused = refuse_option(first, arguments.subspan(1))) return *refused;
    }
    return app_->exit(error) == 0 ? 0 : kBadInput;
  }
  return status_;
}

}  // namespace trapline::tools
