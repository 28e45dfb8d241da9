#include "emu/scenario/document.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "support.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;

constexpr std::string_view kFull = R"(scenario: A counter that three functions change
about: |
  What it shows.
isa: [ppc64, x86-64]
machine:
  cpus: 2
  memory: 64MiB
  slots: {x86-64: 4, ppc64: 1}
  max-cycles: 0x1000
  costs: { trap: 400, context-switch: 200, instructions: { load: 4, read_modify: 7 } }
program:
  c:
    source: |
      int counter;
      int main(void) { return 0; }
  flags: ["-O2", -DN=3]
  args: [a, 1, {x86-64: x, ppc64: p}]
  env: { HOME: /, B: "" }
  stdin: "a\0b"
events:
  writes:
    watch: counter+4
  fetches:
    watch: {x86-64: main, ppc64: 0x10000400}
    type: x
    cpu: 1
    enabled: false
    expect-error: ENOSPC
expect:
  exit: {signal: SIGSEGV}
  output: |
    done
  stderr: {contains: [one, two]}
  events:
    writes:
      count: 3
      hits:
        - { at: counter, pc: main+0x12, function: main, old: 0, new: -1, access: w, size: 4, cycle: 1234, cpu: 1, task: main }
        - {}
      more: true
    fetches:
      hits: []
)";

TEST(Document, EveryKeyArrives) {
  const Document document = parse(kFull, "dir/a.yaml");
  EXPECT_EQ(document.title, "A counter that three functions change");
  EXPECT_EQ(document.about, "What it shows.\n");
  EXPECT_EQ(document.isas, (std::vector{Isa::Ppc64, Isa::X86_64}));

  const Scenario& x86 = document.scenarios.at(Isa::X86_64);
  EXPECT_EQ(x86.machine.cpus, 2u);
  EXPECT_EQ(x86.machine.memory, std::uint64_t{64} << 20);
  EXPECT_EQ(x86.machine.slots, 4u);
  EXPECT_EQ(x86.machine.max_cycles, 0x1000u);
  EXPECT_EQ(x86.machine.costs.trap, 400u);
  EXPECT_EQ(x86.machine.costs.context_switch, 200u);
  EXPECT_EQ(x86.machine.costs.syscall, std::nullopt);
  ASSERT_EQ(x86.machine.costs.instructions.size(), 2u);
  EXPECT_EQ(x86.machine.costs.instructions[1], std::pair(isa::InstructionClass::ReadModify, 7u));

  ASSERT_EQ(x86.program.sources.size(), 1u);
  EXPECT_EQ(x86.program.sources[0].language, Language::C);
  const auto& source = std::get<InlineSource>(x86.program.sources[0].text);
  EXPECT_EQ(source.text, "int counter;\nint main(void) { return 0; }\n");
  EXPECT_EQ(source.first_line, 14u);
  EXPECT_EQ(source.indent, 6u);
  EXPECT_TRUE(x86.program.libc);
  EXPECT_EQ(x86.program.folder, "dir");
  EXPECT_EQ(x86.program.flags, (std::vector<std::string>{"-O2", "-DN=3"}));
  EXPECT_EQ(x86.program.args, (std::vector<std::string>{"a", "1", "x"}));
  EXPECT_EQ(x86.program.env, (std::vector<std::pair<std::string, std::string>>{{"HOME", "/"}, {"B", ""}}));
  EXPECT_EQ(x86.program.stdin_text, std::string("a\0b", 3));
  EXPECT_FALSE(x86.program.root);

  ASSERT_EQ(x86.events.size(), 2u);
  EXPECT_EQ(x86.events[0].name, "writes");
  EXPECT_EQ(x86.events[0].at, (Position{"dir/a.yaml", 21, 3}));
  EXPECT_EQ(x86.events[0].watch->value, (Place{"counter", 4}));
  EXPECT_EQ(x86.events[0].watch->at, (Position{"dir/a.yaml", 22, 12}));
  EXPECT_EQ(x86.events[0].attr.bp_type, kernel::kHwBreakpointW);
  EXPECT_EQ(x86.events[0].attr.bp_len, 4u);
  EXPECT_EQ(x86.events[0].attr.sample_period, 1u);
  EXPECT_TRUE(x86.events[0].attr.pinned);
  EXPECT_FALSE(x86.events[0].attr.disabled);
  EXPECT_EQ(x86.events[0].task, 1u);
  EXPECT_FALSE(x86.events[0].cpu);
  EXPECT_FALSE(x86.events[0].expect_error);
  EXPECT_EQ(x86.events[1].attr.bp_type, kernel::kHwBreakpointX);
  EXPECT_EQ(x86.events[1].attr.bp_len, 8u);
  EXPECT_EQ(x86.events[1].task, std::nullopt);
  EXPECT_EQ(x86.events[1].cpu->value, 1u);
  EXPECT_TRUE(x86.events[1].attr.disabled);
  EXPECT_EQ(x86.events[1].expect_error->value.number, 28);

  const Expectation& expect = x86.expect;
  EXPECT_EQ(std::get<ExitSignal>(expect.exit->value).number, 11);
  EXPECT_EQ(expect.output->exact->value, "done\n");
  ASSERT_EQ(expect.error_output->contains.size(), 2u);
  EXPECT_EQ(expect.error_output->contains[1].value, "two");
  EXPECT_EQ(expect.error_output->contains[1].at, (Position{"dir/a.yaml", 33, 28}));
  ASSERT_EQ(expect.events.size(), 2u);
  EXPECT_EQ(expect.events[0].event, 0u);
  EXPECT_EQ(expect.events[0].reading.count->value.min, 3u);
  EXPECT_TRUE(expect.events[0].more);
  ASSERT_EQ(expect.events[0].hits->size(), 2u);
  const HitExpectation& hit = expect.events[0].hits->front();
  EXPECT_EQ(hit.address->value, (Place{"counter", 0}));
  EXPECT_EQ(hit.pc->value, (Place{"main", 0x12}));
  EXPECT_EQ(hit.function->value, "main");
  EXPECT_EQ(hit.old_value->value.min, 0);
  EXPECT_EQ(hit.new_value->value.max, -1);
  EXPECT_EQ(hit.access->value, isa::AccessKind::Write);
  EXPECT_EQ(hit.size->value.min, 4u);
  EXPECT_EQ(hit.cycle->value.min, 1234u);
  EXPECT_EQ(hit.cpu->value.min, 1u);
  EXPECT_EQ(hit.task->value, "main");
  EXPECT_FALSE(expect.events[0].hits->back().pc);
  EXPECT_TRUE(expect.events[1].hits->empty());
}

constexpr std::string_view kPerf = R"(scenario: x
machine: {cpus: 2}
program: {c: {source: ''}}
events:
  leader: {software: page-faults-min, freq: 99, exclusive: true, watermark: 64}
  member:
    watch: a
    type: rw
    task: 3
    cpu: 1
    group: leader
    exclude: [kernel, hv]
    sample: [ip, identifier]
    read-format: [group, id]
    buffer: 4
    overwrite: true
    wakeup-events: 2
    inherit: true
    sigtrap: true
    sig-data: 0xffffffffffffffff
    task-records: true
    period: 5
actions:
  - {at: 7, open: {name: late, watch: b, pinned: false}, expect-error: EBUSY}
  - {hit: {event: late, number: 2}, disable: {group: member}}
  - {hit: {event: member}, read: {event: member, count: 1, time-running: {max: 9}, lost: 2, state: error, values: {leader: 3}}}
  - {at: 9, modify: {event: late, watch: c, type: x, length: 8, enabled: false}}
  - {at: 9, refresh: {event: late, count: 3}}
  - {at: 9, period: {event: late, value: 4}}
  - {at: 9, set-output: {event: late, to: member}}
  - {at: 9, resume-output: late}
  - {at: 9, drain: late}
  - {at: 9, close: late}
expect:
  events:
    late:
      samples: 3
      records: [{type: fork, parent: main}, {event: member, ip: a+1, values: {leader: 1}, out: true}]
      more-records: true
)";

TEST(Document, PerfEventsArrive) {
  const Scenario scenario = parse(kPerf, "a.yaml").scenarios.at(Isa::Ppc64);
  ASSERT_EQ(scenario.events.size(), 3u);
  const EventSpec& leader = scenario.events[0];
  EXPECT_FALSE(leader.watch);
  EXPECT_EQ(leader.attr.type, kernel::kPerfTypeSoftware);
  EXPECT_EQ(leader.attr.config, 5u);
  EXPECT_TRUE(leader.attr.freq && leader.attr.exclusive && leader.attr.watermark && leader.attr.pinned);
  EXPECT_EQ(leader.attr.sample_period, 99u);
  EXPECT_EQ(leader.attr.wakeup, 64u);

  const EventSpec& member = scenario.events[1];
  kernel::PerfEventAttr attr;
  attr.bp_type = kernel::kHwBreakpointR | kernel::kHwBreakpointW;
  attr.bp_len = 4;
  attr.exclude_kernel = attr.exclude_hv = attr.inherit = attr.sigtrap = attr.task = true;
  attr.sample_type = kernel::kSampleIp | kernel::kSampleIdentifier;
  attr.read_format = kernel::kFormatGroup | kernel::kFormatId;
  attr.wakeup = 2;
  attr.sig_data = ~std::uint64_t{0};
  attr.sample_period = 5;
  EXPECT_EQ(member.attr, attr);
  EXPECT_EQ(member.task, 3u);
  EXPECT_EQ(member.cpu->value, 1u);
  EXPECT_EQ(member.group, 0u);
  EXPECT_EQ(member.buffer, 4u);
  EXPECT_TRUE(member.overwrite);
  EXPECT_FALSE(member.by_action);

  EXPECT_EQ(scenario.events[2].name, "late");
  EXPECT_TRUE(scenario.events[2].by_action);
  EXPECT_FALSE(scenario.events[2].attr.pinned);
  EXPECT_EQ(scenario.events[2].expect_error->value.name, "EBUSY");
}

TEST(Document, ActionsArrive) {
  const Scenario scenario = parse(kPerf, "a.yaml").scenarios.at(Isa::X86_64);
  const auto& actions = scenario.actions;
  ASSERT_EQ(actions.size(), 10u);
  EXPECT_EQ(std::get<std::uint64_t>(actions[0].when), 7u);
  EXPECT_EQ(std::get<Open>(actions[0].deed).event, 2u);
  EXPECT_EQ(std::get<AtOverflow>(actions[1].when).event, 2u);
  EXPECT_EQ(std::get<AtOverflow>(actions[1].when).number, 2u);
  const auto& disable = std::get<ControlEvent>(actions[1].deed);
  EXPECT_TRUE(disable.control == Control::Disable && disable.event == 1 && disable.group);
  EXPECT_EQ(std::get<AtOverflow>(actions[2].when).number, 1u);
  const auto& read = std::get<ReadEvent>(actions[2].deed);
  EXPECT_EQ(read.expect.count->value.max, 1u);
  EXPECT_EQ(read.expect.time_running->value.max, 9u);
  EXPECT_EQ(read.expect.lost->value.min, 2u);
  EXPECT_EQ(read.expect.state->value, kernel::EventState::Error);
  ASSERT_EQ(read.values.size(), 1u);
  EXPECT_EQ(read.values[0].event, 0u);
  EXPECT_EQ(read.values[0].value.value.min, 3u);
  const auto& modify = std::get<Modify>(actions[3].deed);
  EXPECT_EQ(modify.watch->value, (Place{"c", 0}));
  EXPECT_EQ(modify.type, kernel::kHwBreakpointX);
  EXPECT_EQ(modify.length, 8u);
  EXPECT_EQ(modify.enabled, false);
  EXPECT_EQ(std::get<Refresh>(actions[4].deed).count, 3u);
  EXPECT_EQ(std::get<SetPeriod>(actions[5].deed).value, 4u);
  EXPECT_EQ(std::get<SetOutput>(actions[6].deed).to, 1u);
  EXPECT_FALSE(std::get<PauseOutput>(actions[7].deed).pause);
  EXPECT_EQ(std::get<Drain>(actions[8].deed).event, 2u);
  EXPECT_EQ(std::get<Close>(actions[9].deed).event, 2u);
  EXPECT_EQ(actions[9].text, "close late");

  const EventExpectation& expect = scenario.expect.events.at(0);
  EXPECT_EQ(expect.event, 2u);
  EXPECT_EQ(expect.samples->value.max, 3u);
  ASSERT_EQ(expect.records->size(), 2u);
  EXPECT_EQ(expect.records->at(0).type->value, 7u);
  EXPECT_EQ(expect.records->at(0).parent->value, "main");
  EXPECT_EQ(expect.records->at(1).event->value, 1u);
  EXPECT_EQ(expect.records->at(1).ip->value, (Place{"a", 1}));
  EXPECT_TRUE(expect.records->at(1).out->value);
  EXPECT_TRUE(expect.more_records);
}

TEST(Document, PerIsaValuesAreResolved) {
  const Document document = parse(kFull, "a.yaml");
  const Scenario& ppc = document.scenarios.at(Isa::Ppc64);
  EXPECT_EQ(ppc.machine.slots, 1u);
  EXPECT_EQ(ppc.program.args.back(), "p");
  EXPECT_EQ(ppc.events[1].watch->value, (Place{"", 0x10000400}));
  EXPECT_EQ(document.scenarios.at(Isa::X86_64).events[1].watch->value, (Place{"main", 0}));
}

TEST(Document, WholePartsMayBePerIsa) {
  const Document document = parse(R"(scenario: x
program:
  assembly:
    x86-64: |
      nop
    ppc64: |
      nop
      nop
  flags: {x86-64: [-mavx2], ppc64: []}
expect: {x86-64: {exit: 1}, ppc64: {exit: 2}}
)",
                                  "a.yaml");
  const Scenario& x86 = document.scenarios.at(Isa::X86_64);
  const Scenario& ppc = document.scenarios.at(Isa::Ppc64);
  EXPECT_EQ(std::get<InlineSource>(x86.program.sources[0].text).first_line, 5u);
  EXPECT_EQ(std::get<InlineSource>(ppc.program.sources[0].text).first_line, 7u);
  EXPECT_FALSE(ppc.program.libc);
  EXPECT_EQ(x86.program.flags.size(), 1u);
  EXPECT_EQ(ppc.program.flags.size(), 0u);
  EXPECT_EQ(std::get<ExitStatus>(ppc.expect.exit->value).code.min, 2u);
}

TEST(Document, DefaultsWithoutOptionalKeys) {
  const Document document = parse("scenario: x\nprogram: {c: {source: ''}}\n", "a.yaml");
  EXPECT_EQ(document.isas, (std::vector{Isa::X86_64, Isa::Ppc64}));
  const Scenario& scenario = document.scenarios.at(Isa::Ppc64);
  EXPECT_EQ(scenario.machine.cpus, 1u);
  EXPECT_EQ(scenario.machine.memory, std::uint64_t{256} << 20);
  EXPECT_EQ(scenario.machine.slots, std::nullopt);
  EXPECT_EQ(scenario.machine.max_cycles, 1'000'000'000u);
  EXPECT_EQ(scenario.program.folder, ".");
  EXPECT_TRUE(scenario.events.empty());
  EXPECT_FALSE(scenario.expect.exit);
  EXPECT_EQ(scenario.expect.at, (Position{"a.yaml", 1, 1}));
}

TEST(Document, OneIsaOnly) {
  const Document document = parse("scenario: x\nisa: ppc64\nprogram: {c: {source: ''}}\n", "a.yaml");
  EXPECT_TRUE(document.scenarios.has(Isa::Ppc64));
  EXPECT_FALSE(document.scenarios.has(Isa::X86_64));
  EXPECT_THROW(document.scenarios.at(Isa::X86_64), std::bad_optional_access);
}

TEST(Document, FilesAreLookedForBesideTheScenario) {
  const test::TemporaryFolder folder;
  folder.write("lab/counter.c", "int main(void) { return 0; }\n");
  folder.write("lab/files/etc/motd", "hi");
  const auto path = folder.write("lab/a.yaml", "scenario: x\nprogram:\n  c: counter.c\n  root: files\n");
  const Scenario scenario = load(path).scenarios.at(Isa::X86_64);
  EXPECT_EQ(std::get<std::filesystem::path>(scenario.program.sources[0].text),
            folder.path() / "lab/counter.c");
  EXPECT_EQ(scenario.program.root->value, folder.path() / "lab/files");
}

TEST(Document, AProgramOfSeveralSources) {
  const test::TemporaryFolder folder;
  folder.write("a.cc", "");
  folder.write("old.c", "");
  const auto path = folder.write("a.yaml", R"(scenario: x
program:
  c++:
    - a.cc
    - {source: "int x;"}
    - old.c
    - source: |
        int y;
  link-flags: [-lm, "-Wl,--wrap=malloc,--gc-sections"]
)");
  const ProgramSpec program = load(path).scenarios.at(Isa::Ppc64).program;
  ASSERT_EQ(program.sources.size(), 4u);
  EXPECT_EQ(program.at, (Position{path.string(), 4, 7}));
  EXPECT_EQ(program.sources[0].language, Language::Cxx);
  EXPECT_EQ(std::get<std::filesystem::path>(program.sources[0].text), folder.path() / "a.cc");
  EXPECT_EQ(program.sources[1].language, Language::Cxx);
  EXPECT_EQ(std::get<InlineSource>(program.sources[1].text).text, "int x;");
  EXPECT_EQ(program.sources[2].language, Language::C);
  EXPECT_EQ(std::get<InlineSource>(program.sources[3].text).first_line, 8u);
  EXPECT_TRUE(program.libc);
  EXPECT_EQ(program.link_flags, (std::vector<std::string>{"-lm", "-Wl,--wrap=malloc,--gc-sections"}));
}

TEST(Document, SourcesThatAreNone) {
  EXPECT_EQ(test::parse_error("scenario: x\nprogram: {c: []}\n").substr(0, 22), "a.yaml:2:14: error: `c");
  EXPECT_EQ(test::parse_error("scenario: x\nprogram: {c++: [{source: ''}, none.cc]}\n"),
            "a.yaml:2:31: error: no file none.cc");
  EXPECT_EQ(test::parse_error("scenario: x\nprogram: {c: {source: ''}, c++: {source: ''}}\n").substr(0, 20),
            "a.yaml:2:28: error: ");
  // A bare machine has no library for it.
  EXPECT_NE(test::parse_error("scenario: x\nkind: bare\nprogram: {c++: {source: ''}}\n")
                .find("`program` has no key `c++`"),
            std::string::npos);
}

TEST(Document, MissingFilesAreFoundOnLoading) {
  EXPECT_EQ(test::parse_error("scenario: x\nprogram:\n  c: none.c\n  root: nowhere\n"),
            "a.yaml:3:6: error: no file none.c\na.yaml:4:9: error: no folder nowhere");
  EXPECT_EQ(test::parse_error("scenario: x\nprogram:\n  elf: {x86-64: a, ppc64: b}\n"),
            "a.yaml:3:17: error: no file a\na.yaml:3:27: error: no file b");
}

TEST(Document, WhatIsNoFileIsNotRead) {
  const test::TemporaryFolder folder;
  const auto load_error = [](const std::filesystem::path& path) {
    return test::error_of([&] { load(path); });
  };
  EXPECT_EQ(load_error(folder.path() / "none.yaml"),
            (folder.path() / "none.yaml").string() + ": error: no such file");
  EXPECT_EQ(load_error(folder.path()), folder.path().string() + ": error: not a file");
  const auto pipe = folder.path() / "pipe.yaml";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(load_error(pipe), pipe.string() + ": error: not a file");
  const auto huge = folder.write("huge.yaml", std::string(3 << 20, '#'));
  EXPECT_EQ(load_error(huge), huge.string() + ":1:1: error: the file is longer than 1024 KiB");
}

}  // namespace
}  // namespace trapline::scenario
