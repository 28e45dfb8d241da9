"""What is expected and does not come: exact messages; what is known to fail; what checks nothing; expectations from another file.

Usage: expectations_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import pathlib
import sys
import unittest
import xml.etree.ElementTree

from cli_test import CommandLine

SOURCE = pathlib.Path(sys.argv[2]).resolve()

# Line 19 is the first behind it. x is written three times by three functions, y once between.
PROGRAM = """\
scenario: Three write
isa: {isa}
program:
  c:
    source: |
      volatile int x, y;
      __attribute__((noinline)) void bump(void) {{ x += 1; }}
      __attribute__((noinline)) void reset(int to) {{ x = to; }}
      int main(void) {{
        bump();
        y = 5;
        reset(-3);
        bump();
        return 0;
      }}
events:
  writes: {{watch: x}}
  others: {{watch: y}}
"""
ISAS = {"x86-64": "", "ppc64": "machine: {debug-unit: dawr2}\n"}


class Expecting(CommandLine):
    def expect(self, status, *arguments, cwd=None):
        done = super().expect(status, *arguments, cwd=cwd)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done


class NearMisses(Expecting):
    PROGRAM = """\
scenario: Others write
isa: {isa}
program:
  c:
    source: |
      #include <pthread.h>
      volatile int x, y;
      static void *worker(void *a) {{ x = 1; x = 2; return a; }}
      int main(void) {{
        pthread_t t;
        pthread_create(&t, 0, worker, 0);
        pthread_join(t, 0);
        return x - 2 + y;
      }}
  flags: [-pthread]
events:
  x: {{watch: x}}
  y: {{watch: y, type: w, observe: {observe}}}
"""

    def report(self, isa, expect, status, observe="true"):
        text = self.PROGRAM.format(isa=isa, observe=observe) + expect
        return self.expect(status, "run", self.write("a.yaml", text)).stdout

    def test_other_tasks_and_other_kinds(self):
        for isa in ISAS:
            with self.subTest(isa):
                out = self.report(isa, "expect: {events: {x: {count: 2}}}\n", 1)
                self.assertIn("  x: 0 hits\n      but 1 read, which its `type` leaves out\n"
                              "      but 2 writes by program/1001, and it is bound to main (`inherit` is off)\n", out)
                self.assertIn("  y: 0 hits\n  exit", out)

    def test_what_is_expected_is_no_miss(self):
        for isa in ISAS:
            for none in "{count: 0}", "{hits: []}":
                with self.subTest(isa=isa, none=none):
                    self.assertNotIn("but", self.report(isa, f"expect: {{events: {{x: {none}}}}}\n", 0))


class Failing(Expecting):
    def failures(self, expect, isa, *options):
        """What is written of the failures, without the file's name."""
        text = PROGRAM.format(isa=isa) + f"expect: {expect}\n" + ISAS[isa]
        done = self.expect(1, "run", self.write("a.yaml", text), *options)
        begin = "  a.yaml:"
        return [line[len(begin):] for line in done.stdout.splitlines() if line.startswith(begin)]

    def check(self, expect, *messages):
        for isa in ISAS:
            with self.subTest(isa):
                shown = self.failures(expect, isa)
                self.assertEqual(len(shown), len(messages), shown)
                for line, message in zip(shown, messages):
                    self.assertRegex(line, "^" + message + "$")

    def test_hits(self):
        hit = r"hit 2 \(reset(\+0x\w+)? \(a.yaml:8\), 1 -> 4294967293\)"
        self.check("{events: {writes: {some: [{function: reset, new: 3}]}}}",
                   "19:35: error: no hit of event 'writes' is by reset with new 3; the nearest, " + hit +
                   r": the new value is 4294967293 \(0xfffffffd\), expected 3")
        self.check("{events: {writes: {none: [{line: 8}], last: {caller: reset}, every: {function: bump}}}}",
                   "19:62: error: event 'writes', its last hit: the caller is main, expected reset",
                   "19:88: error: event 'writes', hit 2 of `every`: the function is reset, expected bump",
                   "19:35: error: event 'writes', " + hit + ": expected that no hit is in line 8")
        self.check("{events: {writes: {hits: {max: 2}, count: {min: 4}, first: {line: other.c:7}}}}",
                   "19:51: error: event 'writes' counted 3, expected 4 or more",
                   "19:34: error: event 'writes' had 3 hits, expected 0 to 2",
                   "19:75: error: event 'writes', its first hit: the line is a.yaml:7, expected other.c:7")

    def test_order(self):
        self.check("{order: [{event: writes, function: reset}, {event: others}]}",
                   r"19:52: error: order, item 2: no hit of event 'others' is there after hit 2 of event 'writes' \(#\d+\); "
                   r"hit 1 \(#\d+\) is, but comes before that; it had none then")

    def test_trace(self):
        self.check("{trace: [{layer: perf, event: perf_swevent_event, count: 2}, {event: perf_swevent_event, count: 9}]}",
                   r"19:70: error: trace, item 2: no line has event perf_swevent_event, count 9 after #\d+; "
                   r"the nearest that follows, #\d+ \(perf perf_swevent_event\): count is \d, expected 9")
        self.check("{trace: [{event: exit}, {event: perf_bp_event, address: x}]}",
                   r"19:33: error: trace, item 2: no line has event perf_bp_event, address x after #\d+; "
                   r"#\d+ has, but comes before that")

    def test_nothing_is_revealed(self):
        self.check("{reveal: false, exit: 7, events: {others: {hits: [{new: 6}]}, writes: {some: [{function: secret}]}}, trace: [{event: secret}]}",
                   "19:31: error: the program exited with 0, which is not what is expected",
                   r"19:65: error: event 'others', hit 1: the new value is 5 \(0x5\), which is not what is expected",
                   "19:87: error: event 'writes' had 3 hits, but none as is expected",
                   "19:118: error: trace, item 1: the trace has no line that is expected there")


class ExpectedToFail(Expecting):
    def files(self):
        for name, fails, count in ("a", "fails: it counts wrong\n", 4), ("b", "fails: {x86-64: it is mended}\n", 3), ("c", "fails: {ppc64: it is elsewhere}\n", 3):
            self.write(f"{name}.yaml", PROGRAM.format(isa="x86-64") + f"expect: {{events: {{writes: {{count: {count}}}}}}}\n{fails}")
        return "a.yaml", "b.yaml", "c.yaml"

    def test_text(self):
        lines = self.expect(1, "run", *self.files()).stdout.splitlines()
        self.assertIn("XFAIL  a.yaml [x86-64]  Three write", lines)
        self.assertIn("  a.yaml:19:35: error: event 'writes' counted 3, expected 4", lines)
        self.assertIn("  expected to fail: it counts wrong", lines)
        self.assertIn("XPASS  b.yaml [x86-64]  Three write", lines)
        self.assertIn("  b.yaml:20:17: error: the scenario passes, although it is expected to fail: it is mended", lines)
        self.assertIn("PASS  c.yaml [x86-64]  Three write", lines)
        self.assertEqual(lines[-1], "1 of 3 scenarios passed, 1 failed as expected")
        self.assertEqual(self.expect(0, "run", "a.yaml").stdout.splitlines()[-1], "0 of 1 scenario passed, 1 failed as expected")

    def test_json(self):
        runs = json.loads(self.expect(1, "run", *self.files(), "--format", "json").stdout)
        self.assertEqual([(run["verdict"], run.get("fails"), len(run["problems"])) for run in runs],
                         [("xfail", "it counts wrong", 1), ("xpass", "it is mended", 1), ("pass", None, 0)])

    def test_junit(self):
        suite = xml.etree.ElementTree.fromstring(self.expect(1, "run", *self.files(), "--format", "junit").stdout)
        self.assertEqual({key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")},
                         {"tests": "3", "failures": "1", "errors": "0", "skipped": "1"})
        a, b, c = suite
        self.assertEqual(a.find("skipped").get("message"), "expected to fail: it counts wrong")
        self.assertIn("although it is expected to fail", b.find("failure").get("message"))
        self.assertEqual(len(c), 0)

    def test_tap(self):
        lines = self.expect(1, "run", *self.files(), "--format", "tap").stdout.splitlines()
        self.assertIn("not ok 1 - a.yaml [x86-64] Three write # TODO it counts wrong", lines)
        self.assertIn("not ok 2 - b.yaml [x86-64] Three write", lines)
        self.assertIn("ok 3 - c.yaml [x86-64] Three write", lines)

    def test_what_cannot_run_is_an_error_all_the_same(self):
        text = PROGRAM.format(isa="x86-64").replace("watch: y", "watch: z") + "fails: it does\n"
        done = self.expect(2, "run", self.write("a.yaml", text))
        self.assertIn("ERROR  a.yaml", done.stdout)


class ChecksNothing(Expecting):
    NOTHING = "", "expect: {}\n", "expect: {reveal: false}\n", "expect: {events: {writes: {}, others: {more: true, hits: []}}}\n"
    SOMETHING = ("expect: {exit: 0}\n", "expect: {events: {writes: {hits: 3}}}\n", "expect: {trace: [{event: exit}]}\n",
                 "actions: [{hit: {event: writes}, read: {event: writes, count: 1}}]\n")

    def test_the_summary_counts_it(self):
        for text in self.NOTHING:
            with self.subTest(text):
                done = self.expect(0, "run", self.write("a.yaml", PROGRAM.format(isa="x86-64") + text))
                self.assertEqual(done.stdout.splitlines()[-1], "1 of 1 scenario passed, 1 checked nothing")
                run, = json.loads(self.expect(0, "run", "a.yaml", "--format", "json").stdout)
                self.assertIs(run["checks"], False)

    def test_strict_fails_it(self):
        for text in self.NOTHING:
            with self.subTest(text):
                done = self.expect(1, "run", "--strict", self.write("a.yaml", PROGRAM.format(isa="x86-64") + text + "fails: it will\n"))
                self.assertRegex(done.stdout, r"a.yaml:\d+:\d+: error: the scenario checks nothing: `expect` says nothing of what must come out")

    def test_what_checks_something(self):
        for text in self.SOMETHING:
            with self.subTest(text):
                done = self.expect(0, "run", "--strict", self.write("a.yaml", PROGRAM.format(isa="x86-64") + text))
                self.assertEqual(done.stdout.splitlines()[-1], "1 of 1 scenario passed")

    def test_the_quick_start_checks_something(self):
        self.expect(0, "run", "--strict", str(SOURCE / "scenarios/quickstart"))


class FromAnotherFile(Expecting):
    def setUp(self):
        super().setUp()
        self.write("a.yaml", PROGRAM.format(isa="x86-64") + "expect: {exit: 3}\nfails: it does\n")

    def test_replaces_expectations_and_adds_events(self):
        self.write("its/check.yaml", "events:\n  reads: {watch: x, type: rw}\nexpect:\n  exit: 0\n  events:\n    writes: {count: 3}\n    reads: {count: 6}\n")
        done = self.expect(1, "run", "a.yaml", "--expect", "its/check.yaml")
        self.assertIn("  its/check.yaml:7:20: error: event 'reads' counted 5, expected 6\n", done.stdout)
        self.assertNotIn("a.yaml:19", done.stdout)
        self.assertIn("FAIL  a.yaml", done.stdout)

    def test_its_own_reason_to_fail(self):
        self.write("check.yaml", "fails: not yet\nexpect: {exit: 1}\n")
        self.assertIn("expected to fail: not yet", self.expect(0, "run", "a.yaml", "--expect", "check.yaml").stdout)

    def test_what_is_wrong_with_it(self):
        for text, message in (("events: {}\n", "check.yaml:1:1: error: the file of expectations lacks the key `expect`: what must come out"),
                              ("program: {}\nexpect: {}\n", "check.yaml:1:1: error: the file of expectations has no key `program`; known are: about, fails, events, expect"),
                              ("expect: {events: {wries: {count: 1}}}\n", "check.yaml:1:19: error: no event `wries` in `events`; did you mean `writes`?"),
                              ("events: {writes: {watch: y}}\nexpect: {}\n", "check.yaml:1:10: error: a.yaml:17 has another event `writes`; take another name"),
                              ("events: {w: {watch: nowhere}}\nexpect: {}\n", "check.yaml:1:21: error: the program has no symbol 'nowhere'"),
                              ("a: [\n", "check.yaml:")):
            with self.subTest(text):
                self.write("check.yaml", text)
                done = self.expect(2, "run", "a.yaml", "--expect", "check.yaml")
                self.assertTrue(done.stderr.startswith(message), done.stderr)

    def test_of_bare_machines(self):
        self.write("b.yaml", "scenario: x\nkind: bare\nisa: x86-64\nprogram: {assembly: \".globl _start\\n_start: mov $5, %eax\\nhlt\\n\"}\n")
        self.write("check.yaml", "expect: {reveal: false, registers: {rax: 6}}\n")
        done = self.expect(1, "run", "b.yaml", "--expect", "check.yaml")
        self.assertIn("  check.yaml:1:42: error: at the end: rax is 0x5, which is not what is expected\n", done.stdout)
        self.write("check.yaml", "expect: {registers: {rax: 5}}\n")
        self.expect(0, "run", "b.yaml", "--expect", "check.yaml", "--strict")


class Callers(Expecting):
    """Chains of hits are found by the program's unwind tables, those of records as Linux finds them, and each says which it is."""

    def test_of_library_functions_without_frame_pointers(self):
        scenario = str(SOURCE / "scenarios/expectations/callers-of-library-functions.yaml")
        for run in json.loads(self.expect(0, "run", scenario, "--format", "json").stdout):
            with self.subTest(run["isa"]):
                for hit, called, by in zip(run["events"]["writes"]["hits"], ("memset", "strcpy", "poke"), ("wipe", "name", "all")):
                    chain = [function["function"] for function in hit["callchain"]]
                    at = next(i for i, function in enumerate(chain) if called in function)
                    self.assertEqual(chain[at + 1:at + 2], [by])
                    self.assertEqual(chain[chain.index("all"):chain.index("all") + 2], ["all", "main"])
                    self.assertEqual(hit["callchain-by"], "unwind-tables")
        self.assertRegex(self.expect(0, "run", scenario).stdout, r"memset\S* called by wipe \(callers-of-library-functions.yaml:\d+\) wrote")

    def test_of_records(self):
        text = PROGRAM.format(isa="x86-64").replace("{watch: x}", "{watch: x, sample: [callchain], buffer: 1}")
        done = self.expect(0, "run", self.write("a.yaml", text))
        self.assertRegex(done.stdout, r"    sample +.* chain by frame pointers bump")
        run, = json.loads(self.expect(0, "run", "a.yaml", "--format", "json").stdout)
        self.assertEqual(run["events"]["writes"]["records"][0]["callchain-by"], "frame-pointers")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
