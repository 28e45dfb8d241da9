// What acts on perf events in a scenario's name while the guest runs: opens them, does the actions, takes
// records out of their buffers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/perf/event_file.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/document.hpp"
#include "emu/scenario/perf/hit_teller.hpp"
#include "emu/scenario/perf/moments.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/place_watch.hpp"
#include "emu/scenario/symbols.hpp"

namespace trapline::scenario {

class Actors final : private kernel::TaskListener {
 public:
  // Throws InputError for a place that the program does not have.
  Actors(const Scenario& scenario, const SymbolTable& symbols, CallChains& chains, kernel::Kernel& kernel);
  ~Actors();
  Actors(const Actors&) = delete;
  Actors& operator=(const Actors&) = delete;

  // Opens what is there from the start, and plans the rest.
  void start(kernel::Task& main);
  // After the run.
  void finish();

  // Of each event, as it is opened.
  std::span<const kernel::PerfEventAttr> attrs() const { return attrs_; }
  std::vector<EventResult>& events() { return results_; }
  std::vector<ActionResult>& actions() { return action_results_; }
  // Those that the program opened, in that order; whether there were more than are kept.
  std::vector<OwnEvent> take_own();
  bool own_left_out() const { return own_left_out_; }
  std::size_t tasks_made() const { return tasks_.size(); }

 private:
  // One event that is open, as a program has it.
  struct Opened {
    std::shared_ptr<kernel::PerfEventFile> file;   // null: not open
    std::shared_ptr<kernel::SharedMemory> buffer;  // mapped
    std::unique_ptr<PlaceWatch> watch;             // an observer from outside
    bool closed = false;
    bool armed = false;
    bool was_armed = false;  // until then, by that CPU's clock
    std::optional<std::pair<unsigned, std::uint64_t>> at;
  };

  void made(kernel::Task& task, kernel::Task& parent) override;
  void executed(kernel::Task& /*task*/) override {}
  void ends(kernel::Task& /*task*/) override {}

  void locate(std::vector<Problem>& problems);
  void plan(std::vector<Problem>& problems);
  isa::GuestVa address_of(const Target& target) const;
  void note_own(const kernel::PerfEvent& event);
  void open_on(unsigned task);
  void open(std::size_t index);
  kernel::Status open_event(std::size_t index);
  kernel::Status map_buffer(std::size_t index);
  void settle(std::size_t index);
  void close(std::size_t index);
  void arm(std::size_t index, kernel::Task* task);
  void disarm(std::size_t index, kernel::Task* task);
  void set_armed(std::size_t index, bool armed, kernel::Task* task);
  bool armed(std::size_t index, const machine::Cpu& cpu) const;
  std::optional<isa::GuestVa> address_now(std::size_t index, kernel::Task* task);
  kernel::Status arm_event(std::size_t index, std::optional<isa::GuestVa> address);
  void arm_observer(std::size_t index, isa::GuestVa address);

  bool watches_from_start(std::size_t index) const;
  void watch(std::size_t index, const Target& target, kernel::Task& task);
  void observed(std::size_t index, const machine::Observation& what, isa::GuestVa first);
  bool observes(const EventSpec& spec, const machine::Observation& what) const;

  void overflowed(std::size_t index, const kernel::PerfEvent& event, const kernel::PerfOccurrence& at);
  Hit describe(std::size_t index, const kernel::PerfEvent& event, const kernel::PerfOccurrence& at);
  std::optional<std::uint64_t> watched_value(const kernel::PerfEvent& event,
                                             const machine::WatchedBytes& bytes) const;

  void note_refusal(Refusal& result, const kernel::Error& error, std::string_view call,
                    const std::string& what, const Place* watched);

  void act(std::size_t index);
  kernel::Status perform(const Open& deed, ActionResult& result);
  kernel::Status perform(const Close& deed, ActionResult& result);
  kernel::Status perform(const ControlEvent& deed, ActionResult& result);
  kernel::Status perform(const Refresh& deed, ActionResult& result);
  kernel::Status perform(const SetPeriod& deed, ActionResult& result);
  kernel::Status perform(const Modify& deed, ActionResult& result);
  kernel::Status perform(const SetOutput& deed, ActionResult& result);
  kernel::Status perform(const PauseOutput& deed, ActionResult& result);
  kernel::Status perform(const Drain& deed, ActionResult& result);
  kernel::Status perform(const ReadEvent& deed, ActionResult& result);
  kernel::PerfEventFile* file(std::size_t index) const { return opened_[index].file.get(); }
  EventReading reading(kernel::PerfEvent& event);

  void take_records(std::size_t index);
  RecordResult describe(const Record& record) const;
  std::optional<std::size_t> event_of(std::uint64_t id) const;

  const Scenario& scenario_;
  const SymbolTable& symbols_;
  CallChains& chains_;
  kernel::Kernel& kernel_;
  HitTeller hits_;
  Moments moments_;
  std::vector<kernel::PerfEventAttr> attrs_;        // of each event
  std::vector<Target> targets_;                     // of each event, where it watches one
  std::map<std::size_t, isa::GuestVa> modified_;    // by action
  std::vector<std::weak_ptr<kernel::Task>> tasks_;  // in the order in which they were made
  std::vector<Opened> opened_;
  std::vector<EventResult> results_;
  std::vector<ActionResult> action_results_;
  std::vector<OwnEvent> own_;
  bool own_left_out_ = false;
};

}  // namespace trapline::scenario
