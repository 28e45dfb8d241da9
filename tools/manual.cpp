// trapline manual: the manual page, made of what --help says.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/commands.hpp"
#include "tools/version.hpp"

namespace trapline::tools {

namespace {

// man(7): a backslash, a dash that is one, and a line that begins like a request.
std::string roff(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

// "-j, --jobs UINT:INT in [1 - 256]", the names in bold.
std::string heading(const OptionText& option) {
  std::string text;
  for (const std::string& name : option.names)
    text += fmt::format("{}\\fB{}\\fR", text.empty() ? "" : ", ", roff(name));
  if (option.by_place) return fmt::format("\\fI{}\\fR", roff(option.names.front()));
  return option.form.empty() ? text : fmt::format("{} {}", text, roff(option.form));
}

std::string synopsis(const CommandText& command) {
  std::string text = fmt::format(".B trapline {}\n[\\fIOPTIONS\\fR]", roff(command.name));
  for (const OptionText& option : command.options) {
    if (!option.by_place) continue;
    const std::string name = fmt::format("\\fI{}\\fR", roff(option.names.front()));
    text += option.required ? " " + name : fmt::format(" [{}]", name);
  }
  return text + "\n.br\n";
}

std::string options(const CommandText& command) {
  std::string text;
  for (const OptionText& option : command.options)
    text += fmt::format(".TP\n{}\n{}\n", heading(option), roff(option.about));
  return text;
}

// As it is written: examples are in it.
std::string footer(const CommandText& command) {
  return command.footer.empty() ? "" : fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command.footer));
}

std::string page(const std::vector<CommandText>& texts) {
  const CommandText& whole = texts.front();
  std::string text = fmt::format(
      ".\\\" Made by `trapline manual`.\n.TH TRAPLINE 1 \"\" \"trapline {}\" \"User Commands\"\n"
      ".SH NAME\ntrapline \\- run guest code, and see who touches what\n.SH SYNOPSIS\n",
      version());
  const auto commands = std::ranges::subrange(texts.begin() + 1, texts.end());
  for (const CommandText& command : commands) text += synopsis(command);
  text += fmt::format(".SH DESCRIPTION\n{}\n{}.SH OPTIONS\n{}.SH COMMANDS\n", roff(whole.about),
                      footer(whole), options(whole));
  for (const CommandText& command : commands) {
    text += fmt::format(".SS trapline {}\n{}.\n{}{}", roff(command.name), roff(command.about),
                        options(command), footer(command));
  }
  text += R"(.SH ENVIRONMENT
.TP
\fBXDG_CACHE_HOME\fR
Built programs, and what failed in the last run, are kept in its folder
.IR trapline ;
default
.IR ~/.cache .
.TP
\fBNO_COLOR\fR
No colours on a terminal, where it is not empty.
.SH FILES
Scenarios to copy from, labs and documents lie in
.I ../share/trapline
as seen from the folder of the command:
.IR README.md ,
.I docs/scenarios.md
(all keys of a scenario),
.IR scenarios/ .
.SH SEE ALSO
.BR gdb (1),
.BR perf (1),
.BR ptrace (2),
.BR perf_event_open (2)
)";
  return text;
}

}  // namespace

void add_manual(CommandLine& line) {
  Command command = line.command("manual", "Print the manual page, for man(1)");
  command.footer("Example:\n  trapline manual | man -l -");
  command.runs([&line] {
    std::cout << page(line.texts()) << std::flush;
    if (!std::cout) throw std::runtime_error("cannot write the manual page to stdout");
    return 0;
  });
}

}  // namespace trapline::tools
