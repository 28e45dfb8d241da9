// trapline completion: what a shell needs to complete our command lines.
#include <fmt/format.h>

#include <array>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/commands.hpp"

namespace trapline::tools {

namespace {

using Texts = std::vector<CommandText>;

std::string joined_words(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

// Of the commands, without the whole.
std::vector<std::string> command_names(const Texts& texts) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < texts.size(); ++i) names.push_back(texts[i].name);
  return names;
}

std::vector<std::string> option_names(const CommandText& command) {
  std::vector<std::string> names;
  for (const OptionText& option : command.options) {
    if (!option.by_place) names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// In single quotes, for all three shells.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// Words by the command and what stands before: an option's choices, or the command's options. Where there are
// none, `-o default` completes names of files. bash takes --format=x for three words.
std::string bash(const Texts& texts) {
  std::string text = R"(# bash completion of trapline; made by `trapline completion bash`.
_trapline() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} word words=
  if [[ $current == = ]]; then current=; fi
  if [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ $word == -- ]]; then return; fi
  done
)";
  text +=
      fmt::format("  if ((COMP_CWORD == 1)); then\n    words={}\n  else\n",
                  in_quotes(joined_words(command_names(texts)) + " " + joined_words(option_names(texts[0]))));
  text += "    case \"${COMP_WORDS[1]} $before\" in\n";
  for (const CommandText& command : texts) {
    for (const OptionText& option : command.options) {
      if (option.choices.empty() || option.by_place) continue;
      std::string patterns;
      for (const std::string& name : option.names)
        patterns += fmt::format("{}{}", patterns.empty() ? "" : " | ", in_quotes(command.name + " " + name));
      text += fmt::format("      {}) words={} ;;\n", patterns, in_quotes(joined_words(option.choices)));
    }
  }
  text += "      *)\n        case \"${COMP_WORDS[1]} $current\" in\n";
  for (std::size_t i = 1; i < texts.size(); ++i) {
    const CommandText& command = texts[i];
    text += fmt::format("          {}*) words={} ;;\n", in_quotes(command.name + " -"),
                        in_quotes(joined_words(option_names(command))));
    for (const OptionText& option : command.options) {
      if (option.by_place && !option.choices.empty())
        text += fmt::format("          {}*) words={} ;;\n", in_quotes(command.name + " "),
                            in_quotes(joined_words(option.choices)));
    }
  }
  return text + R"(        esac
        ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _trapline trapline
)";
}

// fish(1), complete: one line an option.
std::string fish(const Texts& texts) {
  std::string text = "# fish completion of trapline; made by `trapline completion fish`.\n";
  for (const CommandText& command : texts) {
    std::string condition = "__fish_use_subcommand";
    if (!command.name.empty()) {
      text += fmt::format("complete -c trapline -f -n {} -a {} -d {}\n", in_quotes(condition), command.name,
                          in_quotes(command.about));
      condition = "__fish_seen_subcommand_from " + command.name;
    }
    for (const OptionText& option : command.options) {
      std::string line = fmt::format("complete -c trapline -n {}", in_quotes(condition));
      if (option.by_place && option.choices.empty()) continue;
      if (!option.by_place) {
        for (const std::string& name : option.names)
          line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.choices.empty()) {
        line += fmt::format(" -x -a {}", in_quotes(joined_words(option.choices)));
      } else if (!option.form.empty()) {
        line += " -r";
      }
      text += fmt::format("{} -d {}\n", line, in_quotes(option.about));
    }
  }
  return text;
}

// zsh, _arguments of zshcompsys(1): in it a colon ends a part and a bracket the description.
std::string zsh(const Texts& texts) {
  const auto plain = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
      out += c;
    }
    return out;
  };
  const auto action = [](const OptionText& option) {
    return option.choices.empty() ? std::string("_files") : fmt::format("({})", joined_words(option.choices));
  };
  const auto arguments = [&](const CommandText& command) {
    std::string text;
    bool has_rest = false;
    for (const OptionText& option : command.options) {
      if (option.by_place) {
        const std::string rest = fmt::format("*:{}:{}", plain(option.names.front()), action(option));
        if (!std::exchange(has_rest, true)) text += fmt::format(" \\\n        {}", in_quotes(rest));
        continue;
      }
      for (const std::string& name : option.names) {
        std::string spec = fmt::format("*{}[{}]", name, plain(option.about));
        if (!option.form.empty()) spec += ":value:" + action(option);
        text += fmt::format(" \\\n        {}", in_quotes(spec));
      }
    }
    return text;
  };
  std::string text =
      "#compdef trapline\n# zsh completion of trapline; made by `trapline completion zsh`.\n_trapline() {\n"
      "  local -a commands\n  commands=(\n";
  for (std::size_t i = 1; i < texts.size(); ++i)
    text += fmt::format("    {}\n", in_quotes(fmt::format("{}:{}", texts[i].name, plain(texts[i].about))));
  text +=
      "  )\n  if ((CURRENT == 2)); then\n    _describe command commands\n    return\n  fi\n"
      "  local command=$words[2]\n  shift words\n  ((CURRENT--))\n  case $command in\n";
  for (std::size_t i = 1; i < texts.size(); ++i)
    text += fmt::format("    {})\n      _arguments{}\n      ;;\n", texts[i].name, arguments(texts[i]));
  return text + "  esac\n}\n_trapline \"$@\"\n";
}

}  // namespace

void add_completion(CommandLine& line) {
  struct Shell {
    std::string_view name;
    std::string (*text)(const Texts& texts);
  };
  static constexpr std::array<Shell, 3> kShells{{{"bash", bash}, {"zsh", zsh}, {"fish", fish}}};
  auto shell = std::make_shared<std::string>();
  std::vector<std::string> names;
  for (const auto& [name, text] : kShells) names.emplace_back(name);
  Command command = line.command("completion", "Print what a shell needs to complete the command line");
  command.option("shell", shell.get(), "Which").required().one_of(names);
  command.footer("Example:\n  source <(trapline completion bash)");
  command.runs([&line, shell] {
    for (const auto& [name, text] : kShells) {
      if (*shell != name) continue;
      Texts texts = line.texts();
      // Words of the first level only.
      std::erase_if(texts, [](const CommandText& one) { return one.name.find(' ') != std::string::npos; });
      std::cout << text(texts) << std::flush;
    }
    if (!std::cout) throw std::runtime_error("cannot write the completion to stdout");
    return 0;
  });
}

}  // namespace trapline::tools
