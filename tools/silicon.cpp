// trapline silicon: generated cases of single instructions, in the emulator and on the host's own processor.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/commands.hpp"
#include "tools/gear_option.hpp"
#include "tools/output_file.hpp"
#include "tools/silicon/campaign.hpp"
#include "tools/silicon/emulated.hpp"
#include "tools/silicon/native.hpp"
#include "tools/silicon/vectors.hpp"

namespace trapline::tools {

namespace {

using namespace silicon;

enum SiliconStatus : int { kAlike = 0, kDiverging = 1, kUnavailable = 77 };

struct SiliconArguments {
  std::uint64_t cases = 20'000;
  std::uint64_t seed = 1;
  std::string record;
  std::string replay;
  std::vector<std::string> only;
  bool list = false;
  std::string gear;
};

// One line on a terminal, and nothing elsewhere: what goes to a file is the same in every run.
class ProgressLine {
 public:
  explicit ProgressLine(std::uint64_t total) : total_(total) {}
  ~ProgressLine() {
    if (!shown_) return;
    const std::chrono::duration<double> seconds = Clock::now() - start_;
    std::cerr << fmt::format("\r{} cases, {:.0f} a second\n", done_,
                             static_cast<double>(done_) / seconds.count());
  }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void step() {
    constexpr std::uint64_t kEvery = 500;
    if (++done_ % kEvery == 0 && shown_) std::cerr << fmt::format("\r{} of {} cases", done_, total_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool shown_ = isatty(STDERR_FILENO) != 0;
  Clock::time_point start_ = Clock::now();
};

// Those asked for, in the order of the table; all, if none is.
std::vector<const Form*> chosen_forms(const std::vector<std::string>& only) {
  std::vector<const Form*> chosen;
  for (const Form& form : forms()) {
    if (only.empty() || std::ranges::find(only, form.name) != only.end()) chosen.push_back(&form);
  }
  return chosen;
}

int finish(const Campaign& campaign) {
  campaign.report(std::cout);
  std::cout.flush();
  if (!std::cout) throw std::runtime_error("cannot write the report to stdout");
  return campaign.diverged() ? kDiverging : kAlike;
}

int replay(const SiliconArguments& arguments) {
  const Vectors vectors = read_vectors(arguments.replay);
  const auto chosen = chosen_forms(arguments.only);
  std::uint64_t total = 0;
  for (const auto& recorded : vectors.forms) total += recorded.outcomes.size();
  Emulated emulated(gear_from_name(arguments.gear));
  Campaign campaign(vectors.seed, vectors.processor);
  {
    ProgressLine progress(total);
    for (const auto& [form, outcomes] : vectors.forms) {
      if (std::ranges::find(chosen, form) == chosen.end()) continue;
      for (std::uint64_t number = 0; number < outcomes.size(); ++number, progress.step()) {
        const Case test = make_case(vectors.seed, *form, number);
        campaign.add(test, outcomes[number], emulated.run(test));
      }
    }
  }
  return finish(campaign);
}

int live(const SiliconArguments& arguments) {
  Native native;
  Emulated emulated(gear_from_name(arguments.gear));
  Campaign campaign(arguments.seed, native.processor());
  std::optional<OutputFile> file;
  std::optional<VectorWriter> writer;
  if (!arguments.record.empty())
    writer.emplace(file.emplace(arguments.record).stream(), arguments.seed, native.processor());
  {
    ProgressLine progress(arguments.cases);
    for (const auto& [form, cases] : spread(chosen_forms(arguments.only), arguments.cases)) {
      if (writer) writer->begin(*form, cases);
      for (std::uint64_t number = 0; number < cases; ++number, progress.step()) {
        const Case test = make_case(arguments.seed, *form, number);
        const Outcome expected = native.run(test);
        if (writer) writer->add(expected);
        campaign.add(test, expected, emulated.run(test));
      }
    }
  }
  if (file) file->commit();
  return finish(campaign);
}

int run_silicon(const SiliconArguments& arguments) {
  if (arguments.list) {
    for (const Form& form : forms()) std::cout << form.name << '\n';
    return kAlike;
  }
  try {
    return arguments.replay.empty() ? live(arguments) : replay(arguments);
  } catch (const Unavailable& error) {
    std::cerr << fmt::format("trapline: the host's debug registers cannot be used: {}\n", error.what());
    return kUnavailable;
  } catch (const VectorError& error) {
    std::cerr << error.what() << '\n';
    return kBadInput;
  }
}

}  // namespace

void add_silicon(CommandLine& line) {
  auto arguments = std::make_shared<SiliconArguments>();
  Command command = line.command("silicon", "Compare x86-64 breakpoints with the host's own, case by case");
  command.option("--cases", &arguments->cases, "How many cases").between(1, 1'000'000'000).shows_default();
  command.option("--seed", &arguments->seed, "What the cases are generated from").shows_default();
  command.option("--record", &arguments->record, "Write what the host's processor does to this file");
  command
      .option("--replay", &arguments->replay,
              "Compare with what this file has recorded, instead of with the host")
      .existing(Existing::File)
      .without({"--cases", "--seed", "--record"});
  command.option("--only", &arguments->only, "Only cases of this instruction form; repeatable")
      .repeatable()
      .becomes([](const std::string& text) {
        if (find_form(text) == nullptr)
          throw std::invalid_argument("there is no form `" + text + "`; --list names them");
        return text;
      });
  command.option("--list", &arguments->list, "Name the instruction forms, and run nothing");
  add_gear_option(command, arguments->gear);
  command.footer(
      "Exits with 0 if all cases come out alike, 1 if some diverge, 2 if the input is bad, and 77 where the "
      "host "
      "has no debug registers that can be used.\n"
      "Example:\n  trapline silicon --cases 100000 --seed 7");
  command.runs([arguments] { return run_silicon(*arguments); });
}

}  // namespace trapline::tools
