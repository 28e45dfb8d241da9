// What a file can get wrong, and that each mistake is pointed at where it stands.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support.hpp"

namespace trapline::scenario {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* error;
};

void PrintTo(const Case& bad, std::ostream* out) { *out << bad.name; }

std::string case_name(const testing::TestParamInfo<Case>& tested) { return tested.param.name; }

class Invalid : public testing::TestWithParam<Case> {};

TEST_P(Invalid, IsReportedAtItsPlace) { EXPECT_EQ(test::parse_error(GetParam().text), GetParam().error); }

#define HEAD "scenario: x\nprogram: {c: {source: ''}}\n"

const std::vector<Case> kCases{
    {"ScalarRoot", "hello\n",
     "a.yaml:1:1: error: the scenario wants a mapping with the keys scenario, about, isa, kind, cites, "
     "choice, fails, machine, schedule-seed, program, kernel, modules, events, actions, expect, not `hello`"},
    {"MissingKeys", "about: x\n",
     "a.yaml:1:1: error: the scenario lacks the key `scenario`: what it shows, in one line\n"
     "a.yaml:1:1: error: the scenario lacks the key `program`: what the guest runs"},
    {"MistypedKey", HEAD "event: {}\n",
     "a.yaml:3:1: error: the scenario has no key `event`; did you mean `events`?"},
    {"UnknownKey", HEAD "machine:\n  speed: 3\n",
     "a.yaml:4:3: error: `machine` has no key `speed`; the nearest of 9 are cpus, slots and costs "
     "(docs/scenarios.md has all)"},
    {"NoValue", "scenario:\nprogram: {c: {source: ''}}\n",
     "a.yaml:1:1: error: `scenario` has no value; it wants one line of text"},
    {"TwoLines", "scenario: |\n  a\n  b\nprogram: {c: {source: ''}}\n",
     "a.yaml:1:11: error: `scenario` wants one line of text, not `a…`"},
    {"UnknownIsa", HEAD "isa: x86_64\n",
     "a.yaml:3:6: error: `isa` does not know `x86_64`; did you mean `x86-64`?"},
    {"NoIsa", HEAD "isa: []\n",
     "a.yaml:3:6: error: `isa` wants one of x86-64, ppc64, or a list of these, not a list"},
    {"IsaTwice", HEAD "isa: [ppc64, ppc64]\n", "a.yaml:3:14: error: `ppc64` is in `isa` twice; remove one"},
    {"TooManyCpus", HEAD "machine: {cpus: 65}\n",
     "a.yaml:3:17: error: `cpus` wants a whole number from 1 to 64, not `65`"},
    {"QuotedNumber", HEAD "machine: {cpus: \"2\"}\n",
     "a.yaml:3:17: error: `cpus` wants a whole number from 1 to 64, not `\"2\"`"},
    {"OctalNumber", HEAD "machine: {cpus: 010}\n",
     "a.yaml:3:17: error: `cpus` has a leading zero, which is octal for some and decimal for others; write "
     "it without, or with 0x"},
    {"NumberTooBig", HEAD "machine: {max-cycles: 18446744073709551616}\n",
     "a.yaml:3:23: error: `max-cycles` wants a whole number from 1 on, not `18446744073709551616`"},
    {"Memory", HEAD "machine:\n  memory: 256MB\n",
     "a.yaml:4:11: error: `memory` wants a number of bytes such as 256MiB, from 1MiB to 64GiB, not `256MB`"},
    {"TooManySlots", HEAD "machine: {slots: 2}\n",
     "a.yaml:3:18: error: `slots` is 2, but the debug unit `dabr` of ppc64 has 1; take fewer, for each "
     "instruction set its own, or another `debug-unit`"},
    {"UnknownCost", HEAD "machine: {costs: {instructions: {laod: 3}}}\n",
     "a.yaml:3:34: error: `instructions` has no key `laod`; did you mean `load`?"},
    {"NoProgram", "scenario: x\nprogram: {flags: []}\n",
     "a.yaml:2:10: error: `program` needs one of the keys c, c++, assembly, elf"},
    {"TwoPrograms", "scenario: x\nprogram:\n  c: {source: ''}\n  elf: a\n",
     "a.yaml:4:3: error: `program` takes only one of the keys c, c++, assembly, elf; remove the others"},
    {"TextAsFileName", "scenario: x\nprogram:\n  c: |\n    int x;\n    int y;\n",
     "a.yaml:3:6: error: `c` wants one line of text, or a mapping with the key source, or a list of these, "
     "not `int x;…`"},
    {"FileNameAsText", "scenario: x\nprogram: {assembly: start.s}\n",
     "a.yaml:2:21: error: `assembly` wants the text itself; for a file write {file: start.s}"},
    {"IsaMissing", "scenario: x\nprogram:\n  assembly:\n    x86-64: nop\n",
     "a.yaml:4:5: error: `assembly` has no value for ppc64, which the scenario is for; add `ppc64: …`, or "
     "name the "
     "others in `isa`"},
    {"IsaMistyped", "scenario: x\nprogram:\n  assembly: {x86-64: nop, ppc46: nop}\n",
     "a.yaml:3:13: error: `assembly` has no value for ppc64, which the scenario is for; add `ppc64: …`, or "
     "name the "
     "others in `isa`\n"
     "a.yaml:3:27: error: `assembly` is given per instruction set, and `ppc46` is none; did you mean "
     "`ppc64`?"},
    {"WrongPerIsaValue", HEAD "expect: {exit: {x86-64: 0, ppc64: no}}\n",
     "a.yaml:3:35: error: `exit` for ppc64 wants a whole number from 0 to 255, or a mapping with the keys "
     "min, max, signal, not "
     "`no`"},
    {"FlagThatWrites", "scenario: x\nprogram:\n  c: {source: ''}\n  flags: [-O2, -o, /etc/motd]\n",
     "a.yaml:4:16: error: an item of `flags` wants a compiler flag of the kinds -O -D -U -I -std= -f… -m… "
     "-W… -g -l "
     "-pthread -nostdlib -nostartfiles -Wl,-Ttext= -Wl,--section-start= -Wl,--defsym= -Wl,-z, -Wl,-e,, not "
     "`-o`\n"
     "a.yaml:4:20: error: an item of `flags` wants a compiler flag of the kinds -O -D -U -I -std= -f… -m… "
     "-W… -g -l "
     "-pthread -nostdlib -nostartfiles -Wl,-Ttext= -Wl,--section-start= -Wl,--defsym= -Wl,-z, -Wl,-e,, not "
     "`/etc/motd`"},
    {"EnvironmentName", "scenario: x\nprogram:\n  c: {source: ''}\n  env: {a=b: c}\n",
     "a.yaml:4:9: error: a key of `env` wants a variable's name, of letters, digits and '_', not `a=b`"},
    {"NulInArgument", "scenario: x\nprogram:\n  c: {source: ''}\n  args: [\"a\\0b\"]\n",
     "a.yaml:4:10: error: an item of `args` cannot hold the character 0"},
    {"ListNotMapping", HEAD "events: [a]\n",
     "a.yaml:3:9: error: `events` wants a mapping from a name of letters, digits, '_', '.' and '-', not a "
     "list"},
    {"EventNamedAsIsa", HEAD "events: {ppc64: {watch: a}}\n",
     "a.yaml:3:9: error: `events` has no value for x86-64, which the scenario is for; add `x86-64: …`, or "
     "name the others in `isa`\na.yaml:3:25: error: `watch` wants a mapping with the keys watch, software, "
     "type, length, observe, task, cpu, group, enabled, arm, disarm, exclude, period, freq, sig-data, "
     "sample, "
     "sample-regs-user, "
     "sample-regs-intr, sample-stack-user, sample-max-stack, clockid, precise-ip, read-format, buffer, "
     "overwrite, wakeup-events, watermark, pinned, exclusive, inherit, inherit-thread, inherit-stat, "
     "enable-on-exec, remove-on-exec, sigtrap, write-backward, exclude-callchain-kernel, "
     "exclude-callchain-user, mmap, mmap-data, mmap2, comm, comm-exec, task-records, context-switch, "
     "sample-id-all, expect-error, not `a`"},
    {"NoWatch", HEAD "events:\n  writes:\n    type: w\n",
     "a.yaml:5:5: error: `writes` needs one of the keys watch, software"},
    {"Watch", HEAD "events:\n  writes:\n    watch: 4210704\n",
     "a.yaml:5:12: error: `watch` wants a place such as counter, counter+4, account.balance, table[2], "
     "list->head, *p, function::local, file.c:12 or 0x404010, not `4210704`"},
    {"WatchType", HEAD "events:\n  writes: {watch: a, type: wx}\n",
     "a.yaml:4:28: error: `type` wants one of r, w, rw, x, not `wx`"},
    {"DebugUnit", HEAD "isa: ppc64\nmachine: {debug-unit: dr}\n",
     "a.yaml:4:23: error: `dr` is no debug unit of ppc64; give it per instruction set"},
    {"SlotsOfTheUnit", HEAD "isa: ppc64\nmachine: {debug-unit: dawr2, slots: 3}\n",
     "a.yaml:4:37: error: `slots` is 3, but the debug unit `dawr2` of ppc64 has 2; take fewer, for each "
     "instruction set its own, or another `debug-unit`"},
    {"Length", HEAD "events:\n  writes: {watch: a, length: 1048577}\n",
     "a.yaml:4:30: error: `length` wants a whole number from 1 to 1048576, not `1048577`"},
    {"WatchAndSoftware", HEAD "events:\n  writes: {watch: a, software: dummy}\n",
     "a.yaml:4:22: error: `writes` takes only one of the keys watch, software; remove the others"},
    {"SoftwareWithType", HEAD "events:\n  writes: {software: dummy, type: w}\n",
     "a.yaml:4:29: error: `writes` takes only one of the keys type, software; remove the others"},
    {"PeriodAndFreq", HEAD "events:\n  writes: {watch: a, period: 2, freq: 2}\n",
     "a.yaml:4:33: error: `writes` takes only one of the keys period, freq; remove the others"},
    {"WakeUps", HEAD "events:\n  writes: {watch: a, watermark: 2, wakeup-events: 2}\n",
     "a.yaml:4:36: error: `writes` takes only one of the keys wakeup-events, watermark; remove the others"},
    {"SoftwareEvent", HEAD "events:\n  faults: {software: page-fault}\n",
     "a.yaml:4:22: error: `software` does not know `page-fault`; did you mean `page-faults`?"},
    {"Task", HEAD "events:\n  writes: {watch: a, task: child}\n",
     "a.yaml:4:28: error: `task` wants main, or the number of a task in the order in which the run makes "
     "them, of which main is 1, not `child`"},
    {"SampleTwice", HEAD "events:\n  writes: {watch: a, sample: [ip, addr, ip]}\n",
     "a.yaml:4:41: error: `ip` is in `sample` twice; remove one"},
    {"Sample", HEAD "events:\n  writes: {watch: a, sample: [adr]}\n",
     "a.yaml:4:31: error: an item of `sample` does not know `adr`; did you mean `addr`?"},
    {"GroupOfNone", HEAD "events:\n  leader: {watch: a}\n  member: {watch: a, group: leadr}\n",
     "a.yaml:5:29: error: no event `leadr` before this one, to lead its group; did you mean `leader`?"},
    {"GroupOfALaterOne", HEAD "events:\n  member: {watch: a, group: leader}\n  leader: {watch: a}\n",
     "a.yaml:4:29: error: no event `leader` before this one, to lead its group"},
    {"GroupOfItself", HEAD "events:\n  member: {watch: a, group: member}\n",
     "a.yaml:4:29: error: no event `member` before this one, to lead its group"},
    {"ActionWithoutTime", HEAD "events: {w: {watch: a}}\nactions:\n  - {close: w}\n",
     "a.yaml:5:5: error: an item of `actions` needs one of the keys at, hit, call, return"},
    {"ActionWithoutDeed", HEAD "events: {w: {watch: a}}\nactions:\n  - {at: 1}\n",
     "a.yaml:5:5: error: an item of `actions` needs one of the keys open, close, enable, disable, reset, "
     "refresh, period, modify, set-output, pause-output, resume-output, drain, read"},
    {"ActionWithTwoDeeds", HEAD "events: {w: {watch: a}}\nactions:\n  - {at: 1, close: w, enable: w}\n",
     "a.yaml:5:23: error: an item of `actions` takes only one of the keys open, close, enable, disable, "
     "reset, "
     "refresh, period, modify, set-output, pause-output, resume-output, drain, read; remove the others"},
    {"ActionOnNoEvent",
     HEAD "events: {w: {watch: a}}\nactions:\n  - {hit: {event: v}, disable: {group: x}}\n",
     "a.yaml:5:19: error: no event `v` in `events`\n"
     "a.yaml:5:40: error: no event `x` in `events`"},
    {"HitZero", HEAD "events: {w: {watch: a}}\nactions:\n  - {hit: {event: w, number: 0}, close: w}\n",
     "a.yaml:5:30: error: `number` wants a whole number from 1 on, not `0`"},
    {"OpenAgain", HEAD "events: {w: {watch: a}}\nactions:\n  - {at: 1, open: {name: w, watch: a}}\n",
     "a.yaml:5:26: error: there is another event `w`; take another name"},
    {"OpenNameless", HEAD "actions:\n  - {at: 1, open: {watch: a}}\n",
     "a.yaml:4:19: error: `open` lacks the key `name`: what it is called"},
    {"RefreshWithoutCount", HEAD "events: {w: {watch: a}}\nactions:\n  - {at: 1, refresh: {event: w}}\n",
     "a.yaml:5:22: error: `refresh` lacks the key `count`: so many more overflows, and then it is disabled"},
    {"State", HEAD "events: {w: {watch: a}}\nexpect: {events: {w: {state: on}}}\n",
     "a.yaml:4:30: error: `state` wants one of active, inactive, off, error, exit, not `on`"},
    {"Bounds", HEAD "events: {w: {watch: a}}\nexpect: {events: {w: {time-enabled: {most: 1}}}}\n",
     "a.yaml:4:38: error: `time-enabled` has no key `most`; known are: min, max"},
    {"RecordType", HEAD "events: {w: {watch: a}}\nexpect: {events: {w: {records: [{type: smple}]}}}\n",
     "a.yaml:4:40: error: `type` does not know `smple`; did you mean `sample`?"},
    {"ValuesOfNoEvent",
     HEAD "events: {w: {watch: a}}\nexpect: {events: {w: {records: [{values: {v: 1}}]}}}\n",
     "a.yaml:4:43: error: no event `v` in `events`"},
    {"NoSuchCpu", HEAD "events:\n  writes: {watch: a, cpu: 1}\n",
     "a.yaml:4:27: error: CPU 1 is none of the machine's, which are 0 to 0; raise `cpus` of `machine`"},
    {"Register", HEAD "isa: [ppc64]\nevents: {a: {watch: b, sample-regs-user: [r1, npi]}}\n",
     "a.yaml:4:47: error: perf knows no register `npi` of ppc64; did you mean `nip`?"},
    {"Boolean", HEAD "events:\n  writes: {watch: a, enabled: yes}\n",
     "a.yaml:4:31: error: `enabled` wants true or false, not `yes`"},
    {"ObserverWithAPeriod", HEAD "events:\n  w: {watch: a, observe: true, period: 2}\n",
     "a.yaml:4:32: error: `period` is for perf events; an observer from outside has watch, type, length, "
     "task, "
     "cpu, inherit, exclude, arm and disarm"},
    {"ObserverOfSoftware", HEAD "events:\n  w: {software: dummy, observe: true}\n",
     "a.yaml:4:7: error: `software` is for perf events; an observer from outside has watch, type, length, "
     "task, "
     "cpu, inherit, exclude, arm and disarm"},
    {"ActionOnAnObserver", HEAD "events: {w: {watch: a, observe: true}}\nactions:\n  - {at: 1, close: w}\n",
     "a.yaml:5:20: error: `w` observes from outside, and nothing can be done to it while the program runs"},
    {"GroupOfAnObserver", HEAD "events:\n  w: {watch: a, observe: true}\n  v: {watch: a, group: w}\n",
     "a.yaml:5:24: error: `w` observes from outside, and nothing can be done to it while the program runs"},
    {"Errno", HEAD "events:\n  writes: {watch: a, expect-error: ENOSPACE}\n",
     "a.yaml:4:36: error: `expect-error` does not know `ENOSPACE`; did you mean `ENOSPC`?"},
    {"ExitStatus", HEAD "expect: {exit: 256}\n",
     "a.yaml:3:16: error: `exit` wants a whole number from 0 to 255, or a mapping with the keys min, max, "
     "signal, not "
     "`256`"},
    {"Signal", HEAD "expect: {exit: {signal: SIGSEG}}\n",
     "a.yaml:3:25: error: `signal` does not know `SIGSEG`; did you mean `SIGSEGV`?"},
    {"Output", HEAD "expect: {output: [a]}\n",
     "a.yaml:3:18: error: `output` wants text, or a mapping with the key contains, not a list"},
    {"UnknownEvent", HEAD "events: {writes: {watch: a}}\nexpect:\n  events:\n    write: {count: 1}\n",
     "a.yaml:6:5: error: no event `write` in `events`; did you mean `writes`?"},
    {"Hit",
     HEAD "events: {w: {watch: a}}\nexpect:\n  events:\n    w:\n      hits:\n        - {at: a}\n        - "
          "{sise: 4}\n",
     "a.yaml:9:12: error: an item of `hits` has no key `sise`; did you mean `size`?"},
    {"Access", HEAD "events: {w: {watch: a}}\nexpect: {events: {w: {hits: [{access: rw}]}}}\n",
     "a.yaml:4:39: error: `access` wants one of r, w, x, not `rw`"},
};

INSTANTIATE_TEST_SUITE_P(Files, Invalid, testing::ValuesIn(kCases), case_name);

TEST(Validation, ReportsSeveralProblemsInTheFilesOrder) {
  const std::string error =
      test::parse_error("scenario: x\nmachine: {cpus: 0, slots: 9}\nprogram: {elf: [1]}\n");
  EXPECT_EQ(error,
            "a.yaml:2:17: error: `cpus` wants a whole number from 1 to 64, not `0`\n"
            "a.yaml:2:27: error: `slots` wants a whole number from 0 to 4, not `9`\n"
            "a.yaml:3:16: error: `elf` wants one line of text, not a list");
}

TEST(Validation, ReportsNoMoreThanAPersonReads) {
  std::string text = HEAD "expect:\n  events:\n";
  for (int i = 0; i < 100; ++i) text += "    e" + std::to_string(i) + ": {}\n";
  try {
    parse(text, "a.yaml");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.problems().size(), 20u);
    EXPECT_EQ(error.at(), (Position{"a.yaml", 5, 5}));
    EXPECT_EQ(error.message(), "no event `e0` in `events`");
  }
}

}  // namespace
}  // namespace trapline::scenario
