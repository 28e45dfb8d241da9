"""The command line: statuses, formats, messages and files of `trapline run`.

Usage: cli_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import xml.etree.ElementTree

TRAPLINE, SOURCE, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
TIME_LIMIT = 300  # seconds for one command
SANITIZED = "--sanitized" in sys.argv  # slower several times

PASSES = """\
scenario: Passes
program: {c: {source: "int x; int main(void) { x = 1; return 0; }"}}
events: {writes: {watch: x}}
expect: {exit: 0, events: {writes: {count: 1}}}
"""
FAILS = """\
scenario: "Fails & says <why>"
isa: x86-64
program: {c: {source: "int x; int main(void) { x = 1; return 0; }"}}
events: {writes: {watch: x}}
expect:
  events:
    writes: {count: 2}
"""
UNKNOWN_SYMBOL = """\
scenario: Watches what is not there
isa: x86-64
program: {c: {source: "int main(void) { return 0; }"}}
events:
  writes: {watch: cuonter}
"""
ENDLESS = """\
scenario: Never ends
machine: {max-cycles: 100000}
program: {c: {source: "int main(void) { for (;;) {} }"}}
"""
BARE = """\
scenario: A store | and <a trap>
kind: bare
isa: x86-64
cites: ["Manual, 1.2", "Another *manual*, 3"]
choice: |
  Some do.
  Here: it does.
program:
  assembly: |
    .include "bare.inc"
    bare_start
      arm 0, cell, W, 4
      mov dword ptr [cell], 7
    stored:
      done
    .comm cell, 8, 8
expect:
  exceptions: [{name: "#DB", rip: stored, dr6: 0xffff0ff1}]
  registers: {rip: {mask: 0, value: 0}}
  memory: [{at: cell, size: 4, value: 7}]
"""
STOPPED_LATE = ENDLESS.replace("100000", "18446744073709551615")


def wait_until(condition):
    deadline = time.monotonic() + TIME_LIMIT
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def trapline(self, *arguments, cwd=None):
        command = [TRAPLINE, *arguments]
        if arguments and arguments[0] in ("run", "conformance"):
            command += ["--cache", CACHE]
        return subprocess.run(command, capture_output=True, timeout=TIME_LIMIT, check=False, cwd=cwd or self.folder)

    def expect(self, status, *arguments, cwd=None):
        done = self.trapline(*arguments, cwd=cwd)
        self.assertEqual(done.returncode, status, (done.stdout + done.stderr).decode(errors="replace"))
        return done

    def refused(self, name, text):
        """The first line that stderr has for a bad scenario."""
        done = self.expect(2, "run", self.write(name, text))
        return done.stderr.decode().splitlines()[0]


class Statuses(CommandLine):
    def test_0_where_all_pass(self):
        done = self.expect(0, "run", self.write("a.yaml", PASSES))
        self.assertIn(b"2 of 2 scenarios passed", done.stdout)
        self.assertEqual(done.stderr, b"")

    def test_1_where_an_expectation_fails(self):
        done = self.expect(1, "run", self.write("a.yaml", PASSES), self.write("b.yaml", FAILS))
        self.assertIn(b"b.yaml:7:21: error: event 'writes' counted 1, expected 2", done.stdout)
        self.assertIn(b"2 of 3 scenarios passed", done.stdout)
        self.assertEqual(done.stderr, b"")

    def test_2_where_the_input_is_bad_even_if_the_rest_passes(self):
        done = self.expect(2, "run", self.write("a.yaml", PASSES), self.write("bad.yaml", "scenario: [\n"))
        self.assertIn(b"2 of 3 scenarios passed", done.stdout)

    def test_2_for_arguments_that_make_no_sense(self):
        self.write("a.yaml", PASSES)
        for arguments in (
            (),
            ("frobnicate",),
            ("run",),
            ("run", "missing.yaml"),
            ("run", "a.yaml", "--frobnicate"),
            ("run", "a.yaml", "--format", "html"),
            ("run", "a.yaml", "--isa", "sparc"),
            ("run", "a.yaml", "--gear", "fast"),
            ("run", "a.yaml", "-j", "0"),
            ("run", "a.yaml", "-j", "many"),
            ("run", "a.yaml", "--shard", "0/3"),
            ("run", "a.yaml", "--shard", "4/3"),
            ("run", "a.yaml", "--shard", "1/0"),
            ("run", "a.yaml", "--shard", "-1/3"),
            ("run", "a.yaml", "--shard", "1/3x"),
            ("run", "a.yaml", "--shard", "one"),
        ):
            with self.subTest(arguments):
                done = self.expect(2, *arguments)
                self.assertEqual(done.stdout, b"")
                self.assertNotEqual(done.stderr, b"")

    def test_help_has_an_example(self):
        for command in ((), ("run",), ("exec",), ("schema",)):
            with self.subTest(command):
                self.assertIn(b"Example", self.expect(0, *command, "--help").stdout)

    def test_a_program_without_end_is_stopped_at_max_cycles(self):
        done = self.expect(1, "run", self.write("endless.yaml", ENDLESS))
        self.assertEqual(done.stdout.count(b"had not ended after 100000 cycles"), 2)


class Messages(CommandLine):
    def test_bad_yaml(self):
        line = self.refused("bad.yaml", "scenario: x\nprogram: {c: [}\n")
        self.assertRegex(line, r"^bad\.yaml:2:\d+: error: ")

    def test_not_utf_8_and_other_rubbish(self):
        for text in (b"", b"\xff\xfe\x00", b"\x00" * 100, b"- a\n- b\n", b"just text\n", b"&a [*a, *a]\n", b"a: " * 5000):
            with self.subTest(text[:20]):
                self.assertRegex(self.refused("bad.yaml", text), r"^bad\.yaml:(\d+:\d+:)? error: ")

    def test_unknown_key(self):
        line = self.refused("bad.yaml", PASSES.replace("events: {writes: {watch", "evnts: {writes: {watch"))
        self.assertRegex(line, r"^bad\.yaml:3:1: error: .*`evnts`.*`events`")

    def test_unknown_symbol(self):
        line = self.refused("bad.yaml", UNKNOWN_SYMBOL)
        self.assertRegex(line, r"^bad\.yaml:5:19: error: .*'cuonter'")

    def test_unknown_event(self):
        line = self.refused("bad.yaml", PASSES.replace("{writes: {count", "{wirtes: {count"))
        self.assertRegex(line, r"^bad\.yaml:4:\d+: error: no event `wirtes`.*did you mean `writes`")

    def test_assembler_error_at_the_line_of_the_scenario(self):
        text = """\
            scenario: x
            isa: x86-64
            program:
              assembly: |
                .globl _start
                _start:
                  frobnicate
            """
        line = self.refused("bad.yaml", textwrap.dedent(text))
        self.assertRegex(line, r"^bad\.yaml:7:7: error: .*frobnicate")

    def test_compiler_error_at_the_line_of_the_scenario(self):
        text = """\
            scenario: x
            program:
              c:
                source: |
                  int main(void) {
                    return undeclared;
                  }
            """
        for isa in ("x86-64", "ppc64"):
            self.write("bad.yaml", textwrap.dedent(text))
            line = self.expect(2, "run", "bad.yaml", "--isa", isa).stderr.decode().splitlines()[0]
            self.assertRegex(line, r"^bad\.yaml:6:16: error: .*undeclared")

    def test_error_in_a_source_file_beside_the_scenario(self):
        self.write("folder/wrong.c", "int main(void) {\n  return 0\n}\n")
        line = self.refused("folder/bad.yaml", "scenario: x\nprogram: {c: wrong.c}\n")
        self.assertRegex(line, r"^folder/wrong\.c:2:11: error: ")

    def test_missing_files(self):
        for program, column in (("{c: no.c}", 14), ("{assembly: {file: no.s}}", 28), ("{elf: no.elf}", 16)):
            with self.subTest(program):
                line = self.refused("bad.yaml", f"scenario: x\nprogram: {program}\n")
                self.assertRegex(line, r"^bad\.yaml:2:%d: error: .*no\." % column)

    def test_what_is_not_known_is_named(self):
        for arguments, said in (
            (("bogus",), "no command `bogus`"),
            (("exec", "--bogus", "--", "x"), "no option `--bogus`"),
        ):
            with self.subTest(arguments):
                errors = self.expect(2, *arguments).stderr.decode()
                self.assertEqual(errors.count("\n"), 1)
                self.assertIn(said, errors)

    def test_a_script_is_for_its_interpreter(self):
        errors = self.expect(2, "exec", "--", self.write("script", "#!/bin/sh\necho\n")).stderr.decode()
        self.assertIn("trapline exec --root FOLDER -- SCRIPT", errors)

    def test_a_file_without_content_is_told_once(self):
        done = self.expect(2, "run", self.write("empty.yaml", "# nothing\n"))
        self.assertEqual((done.stdout + done.stderr).count(b"the file is empty"), 1)

    def test_no_elf_file(self):
        self.write("text.elf", "no ELF\n")
        line = self.refused("bad.yaml", "scenario: x\nprogram: {elf: text.elf}\n")
        self.assertRegex(line, r"^bad\.yaml:2:16: error: ")

    def test_help_of_a_command(self):
        self.assertEqual(self.expect(0, "help", "run").stdout, self.expect(0, "run", "--help").stdout)
        self.assertEqual(self.expect(0, "help").stdout, self.expect(0, "--help").stdout)

    def test_what_both_instruction_sets_have_wrong_is_told_once(self):
        done = self.expect(2, "run", self.write("a.yaml", UNKNOWN_SYMBOL.replace("isa: x86-64\n", "")))
        self.assertEqual(done.stderr.decode().count("'cuonter'"), 1)

    def test_warnings_of_a_program_that_passes(self):
        text = PASSES.replace("int main(void) { x = 1;", f"int main(void) {{ char y = 300; x = y; /* {self.id()} */")
        for cached in (False, True):
            done = self.expect(0, "run", self.write("a.yaml", text), "--isa", "x86-64")
            lines = done.stderr.decode().splitlines()
            self.assertEqual(len(lines), 1, (cached, lines))
            self.assertRegex(lines[0], r"^a\.yaml:2:\d+: warning: .*overflow.*300")

    def test_escape_sequences_of_a_guest_are_not_obeyed(self):
        text = r"""scenario: x
isa: x86-64
program:
  c:
    source: |
      #include <stdio.h>
      int main(void) { printf("\033[31m"); return 0; }
expect: {output: "x"}
"""
        done = self.expect(1, "run", self.write("a.yaml", text))
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertIn(rb"\x1b[31m", done.stdout)

    def test_folders_have_yml_files_too(self):
        self.write("folder/a.yml", PASSES)
        self.write("folder/b.yaml", PASSES)
        self.assertIn(b"4 of 4 scenarios passed", self.expect(0, "run", "folder").stdout)

    def test_a_trace_on_standard_output(self):
        self.expect(0, "run", self.write("a.yaml", PASSES), "--trace", "file")
        done = self.expect(0, "run", "a.yaml", "--trace", "-", "--output", "report")
        self.assertEqual(done.stdout, (self.folder / "file").read_bytes())
        self.assertFalse((self.folder / "-").exists())

    def test_folder_without_scenarios(self):
        (self.folder / "empty").mkdir()
        done = self.expect(2, "run", "empty")
        self.assertRegex(done.stderr.decode(), r"^empty: error: ")

    def test_every_bad_file_is_named(self):
        self.write("all/a.yaml", "scenario: [\n")
        self.write("all/b.yaml", "scenario: x\n")
        done = self.expect(2, "run", "all")
        self.assertIn(b"all/a.yaml:", done.stderr)
        self.assertIn(b"all/b.yaml:", done.stderr)


class Formats(CommandLine):
    def setUp(self):
        super().setUp()
        self.write("all/a.yaml", PASSES)
        self.write("all/b.yaml", FAILS)
        self.write("all/c.yaml", UNKNOWN_SYMBOL)
        self.run_as = lambda name: self.expect(2, "run", "all", "--format", name).stdout.decode()

    def test_json(self):
        verdicts = json.loads(self.run_as("json"))
        shown = [(v["file"], v["isa"], v["verdict"]) for v in verdicts]
        self.assertEqual(
            shown,
            [
                ("all/a.yaml", "x86-64", "pass"),
                ("all/a.yaml", "ppc64", "pass"),
                ("all/b.yaml", "x86-64", "fail"),
                ("all/c.yaml", "x86-64", "error"),
            ],
        )
        self.assertEqual(verdicts[0]["events"]["writes"]["count"], 1)
        self.assertEqual(verdicts[2]["problems"][0]["line"], 7)

    def test_junit(self):
        suite = xml.etree.ElementTree.fromstring(self.run_as("junit"))
        self.assertEqual(suite.tag, "testsuite")
        self.assertEqual({k: suite.get(k) for k in ("tests", "failures", "errors")}, {"tests": "4", "failures": "1", "errors": "1"})
        cases = suite.findall("testcase")
        self.assertEqual(cases[2].get("name"), "Fails & says <why> [x86-64]")
        self.assertEqual([len(c) for c in cases], [0, 0, 1, 1])
        self.assertEqual((cases[2][0].tag, cases[3][0].tag), ("failure", "error"))

    def test_tap(self):
        lines = self.run_as("tap").splitlines()
        self.assertEqual(lines[:2], ["TAP version 13", "1..4"])
        results = [line for line in lines[2:] if not line.startswith("#")]
        self.assertEqual([re.match(r"(ok|not ok) (\d+) - ", line).groups() for line in results],
                         [("ok", "1"), ("ok", "2"), ("not ok", "3"), ("not ok", "4")])

    def write_raw(self):
        source = r'#include <stdio.h>\nint main(void) { fwrite(\"\\xff\\x01]]>&<\", 1, 7, stdout); }'
        self.write("raw.yaml", f'scenario: x\nisa: x86-64\nprogram: {{c: {{source: "{source}"}}}}\nexpect: {{output: "x"}}\n')

    def test_output_that_is_no_text_in_json(self):
        self.write_raw()
        json.loads(self.expect(1, "run", "raw.yaml", "--format", "json").stdout)

    def test_output_that_is_no_text_in_junit(self):
        self.write_raw()
        xml.etree.ElementTree.fromstring(self.expect(1, "run", "raw.yaml", "--format", "junit").stdout)


class Repository(CommandLine):
    """That every file passes, and does the same in each run, are tests of their own: here a part of them will do."""

    def run_part(self, *arguments):
        parts = ["scenarios/memory", "scenarios/bare"] if SANITIZED else ["scenarios/perf", "scenarios/memory", "scenarios/bare", "scenarios/x86"]
        return self.expect(0, "run", *parts, *arguments, cwd=SOURCE).stdout

    def test_workers_do_not_change_a_byte(self):
        outputs = []
        for jobs in ("1", "4"):
            trace = self.folder / f"trace.{jobs}"
            outputs.append((self.run_part("-j", jobs, "--format", "json", "--trace", str(trace)), trace.read_bytes()))
        self.assertNotEqual(outputs[0][1], b"")
        for line in outputs[0][1].splitlines():
            json.loads(line)
        self.assertTrue(outputs[0] == outputs[1])

    def test_shards_are_a_partition(self):
        names = lambda *arguments: [(v["file"], v["isa"]) for v in json.loads(self.run_part("-j", "4", "--format", "json", *arguments))]
        everything = names()
        for count in (1, 3):
            shards = [names("--shard", f"{i}/{count}") for i in range(1, count + 1)]
            self.assertEqual(sorted(sum(shards, [])), sorted(everything))
            sizes = [len(shard) for shard in shards]
            self.assertLessEqual(max(sizes) - min(sizes), 1)

    def test_isas_are_a_partition(self):
        counts = [len(json.loads(self.run_part("-j", "4", "--format", "json", *isa))) for isa in ((), ("--isa", "x86-64"), ("--isa", "ppc64"))]
        self.assertEqual(counts[0], counts[1] + counts[2])


class Files(CommandLine):
    def setUp(self):
        super().setUp()
        self.write("a.yaml", PASSES)
        self.write("report", "as it was\n")

    def expect_untouched(self):
        self.assertEqual((self.folder / "report").read_text(), "as it was\n")
        self.expect_no_rests()

    def expect_no_rests(self):
        self.assertEqual([p.name for p in self.folder.iterdir() if "tmp" in p.name], [])

    def test_output_is_what_stdout_would_be(self):
        self.assertEqual(self.expect(0, "run", "a.yaml", "--format", "json", "--output", "report").stdout, b"")
        self.assertEqual((self.folder / "report").read_bytes(), self.expect(0, "run", "a.yaml", "--format", "json").stdout)
        self.expect_no_rests()

    def test_hits_says_how_many_are_shown(self):
        self.write("many.yaml", """\
scenario: Many
isa: x86-64
program: {c: {source: "int cell; int main(void) { for (volatile int i = 0; i < 30; i++) *(volatile int *)&cell = i; return 0; }"}}
events: {writes: {watch: cell}}
""")
        for arguments, lines in (((), 20), (("--hits", "0"), 0), (("--hits", "3"), 3), (("--hits", "100"), 30)):
            with self.subTest(arguments):
                text = self.expect(0, "run", "many.yaml", *arguments).stdout.decode()
                self.assertEqual(text.count(" wrote 4 bytes at cell"), lines)
                self.assertEqual(f"… and {30 - lines} more" in text, lines < 30)
        found = json.loads(self.expect(0, "run", "many.yaml", "--format", "json", "--hits", "2").stdout)[0]["events"]["writes"]
        self.assertEqual((found["count"], len(found["hits"])), (30, 2))
        self.expect(2, "run", "many.yaml", "--hits", "10001")

    def test_bad_arguments_touch_nothing(self):
        for bad in (("missing.yaml",), ("a.yaml", "--shard", "5/2"), ("a.yaml", "--format", "html")):
            self.expect(2, "run", *bad, "--output", "report", "--trace", "report")
            self.expect_untouched()

    def test_a_folder_without_scenarios_touches_nothing(self):
        (self.folder / "empty").mkdir()
        self.expect(2, "run", "empty", "--output", "report")
        self.expect_untouched()

    def test_bad_input_gives_a_whole_report_of_the_rest(self):
        self.write("bad.yaml", "scenario: [\n")
        self.expect(2, "run", "a.yaml", "bad.yaml", "--format", "json", "--output", "report")
        verdicts = [v["verdict"] for v in json.loads((self.folder / "report").read_text())]
        self.assertEqual(verdicts[:3], ["error", "pass", "pass"])
        self.expect_no_rests()

    def test_an_ended_run_touches_nothing(self):
        self.write("late.yaml", STOPPED_LATE)
        self.expect(1, "run", self.write("endless.yaml", ENDLESS))  # the guest is built
        command = [TRAPLINE, "run", "late.yaml", "--output", "report", "--trace", "trace", "--cache", CACHE]
        for ended_by in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(ended_by), subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                wait_until(lambda: len(list(self.folder.glob("*.tmp"))) == 2)
                self.assertIsNone(process.poll())
                process.send_signal(ended_by)
                self.assertEqual(process.wait(timeout=60), -ended_by)
                self.expect_untouched()
                self.assertFalse((self.folder / "trace").exists())

    def test_an_output_that_cannot_be_written(self):
        for target in ("no/such/folder/report", "/dev/full", str(self.folder)):
            with self.subTest(target):
                done = self.expect(2, "run", "a.yaml", "--output", target)
                self.assertIn(target.encode(), done.stderr)
        self.expect_no_rests()

    def test_a_device_is_written_to_and_not_replaced(self):
        self.expect(0, "run", "a.yaml", "--output", "/dev/null")
        self.assertFalse(pathlib.Path("/dev/null").is_file())

    def test_a_full_standard_output_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TRAPLINE, "run", "a.yaml", "--cache", CACHE], stdout=full, stderr=subprocess.PIPE,
                                  cwd=self.folder, timeout=TIME_LIMIT, check=False)
        self.assertEqual(done.returncode, 2)


class Quiet(CommandLine):
    def test_only_what_fails_and_the_number(self):
        done = self.expect(1, "run", self.write("a.yaml", PASSES), self.write("b.yaml", FAILS), "-q")
        self.assertRegex(done.stdout.decode(), r"\AFAIL  b\.yaml \[x86-64\](.*\n)+2 of 3 scenarios passed\n\Z")
        self.assertNotIn(b"a.yaml", done.stdout)
        self.assertEqual(self.expect(0, "run", "a.yaml", "--quiet").stdout, b"2 of 2 scenarios passed\n")

    def test_of_seeds_only_those_that_fail(self):
        self.write("a.yaml", PASSES)
        self.assertEqual(self.expect(0, "run", "a.yaml", "-q", "--schedule-seeds", "1..3").stdout, b"6 of 6 scenarios passed\n")
        self.write("b.yaml", FAILS)
        self.assertIn(b"SEEDS b.yaml [x86-64]  2 of 2 seeds fail: 1, 2\n", self.expect(1, "run", "b.yaml", "-q", "--schedule-seeds", "1..2").stdout)

    def test_the_other_formats_tell_of_all(self):
        self.assertIn(b"--quiet is for --format text", self.expect(2, "run", self.write("a.yaml", PASSES), "-q", "--format", "tap").stderr)


class Colours(CommandLine):
    def on_a_terminal(self, *arguments, **variables):
        ours, theirs = os.openpty()
        env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
        with subprocess.Popen([TRAPLINE, "run", self.write("a.yaml", PASSES), "--isa", "x86-64", "--cache", CACHE, *arguments], stdin=theirs,
                              stdout=theirs, stderr=theirs, cwd=self.folder, env={**env, "TERM": "xterm", **variables}) as process:
            os.close(theirs)
            text = b""
            try:
                while part := os.read(ours, 65536):
                    text += part
            except OSError:  # EIO: nobody writes any more
                pass
            os.close(ours)
        self.assertEqual(process.returncode, 0, text)
        return text

    def test_on_a_terminal_alone(self):
        self.assertIn(b"\x1b[", self.on_a_terminal())
        self.assertIn(b"\x1b[", self.on_a_terminal(NO_COLOR=""))
        self.assertNotIn(b"\x1b", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_a_terminal(TERM="dumb"))
        self.assertNotIn(b"\x1b", self.on_a_terminal("--output", "report"))
        self.assertNotIn("\x1b", (self.folder / "report").read_text())
        self.assertNotIn(b"\x1b", self.expect(0, "run", "a.yaml").stdout)


class Failed(CommandLine):
    """`--failed`, with a cache of its own."""

    def setUp(self):
        super().setUp()
        for name, text in (("a", PASSES), ("b", FAILS), ("c", PASSES), ("d", "scenario: [\n")):
            self.write(f"all/{name}.yaml", text)

    def run_all(self, status, *arguments, cwd=None):
        """Which files it ran, and what stderr had."""
        done = subprocess.run([TRAPLINE, "run", "--format", "json", *arguments], capture_output=True, timeout=TIME_LIMIT, check=False,
                              cwd=cwd or self.folder, env={**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache")})
        self.assertEqual(done.returncode, status, done.stderr)
        names = lambda verdict: pathlib.Path(verdict["file"]).stem + ":" + str(verdict["isa"] and verdict["isa"][0]) + str(verdict.get("schedule-seed", ""))
        return " ".join(map(names, json.loads(done.stdout))), done.stderr.decode()

    def test_what_failed_runs_again_until_it_passes(self):
        self.write("all/d.yaml", PASSES)
        self.write("all/c.yaml", PASSES.replace("count: 1", "count: {x86-64: 1, ppc64: 2}"))
        self.assertEqual(self.run_all(1, "all"), ("a:x a:p b:x c:x c:p d:x d:p", ""))
        self.assertEqual(self.run_all(1, "all", "--failed"), ("b:x c:p", ""))
        self.write("all/c.yaml", PASSES)
        self.assertEqual(self.run_all(1, "all", "--failed"), ("b:x c:p", ""))
        self.assertEqual(self.run_all(1, "all", "--failed"), ("b:x", ""))
        # By where it lies, whatever it is called, and whatever else is run meanwhile.
        self.run_all(0, "all/a.yaml")
        self.assertEqual(self.run_all(1, "../all", "--failed", cwd=self.folder / "cache"), ("b:x", ""))
        self.write("all/b.yaml", PASSES)
        self.assertEqual(self.run_all(0, "all", "--failed"), ("b:x", ""))
        names, errors = self.run_all(0, "all", "--failed")
        self.assertEqual(names, "a:x a:p b:x b:p c:x c:p d:x d:p")
        self.assertIn("none of these is known to have failed", errors)

    def test_a_file_that_could_not_be_loaded(self):
        self.assertEqual(self.run_all(2, "all/a.yaml", "all/d.yaml")[0], "d:None a:x a:p")
        self.write("all/d.yaml", PASSES)
        self.assertEqual(self.run_all(0, "all/a.yaml", "all/d.yaml", "--failed"), ("d:x d:p", ""))
        self.assertIn("none of these is known", self.run_all(0, "all/a.yaml", "all/d.yaml", "--failed")[1])

    def test_each_seed_by_itself(self):
        self.run_all(1, "all/b.yaml", "--schedule-seeds", "3..4")
        self.assertEqual(self.run_all(1, "all/b.yaml", "--schedule-seeds", "4..6", "--failed")[0], "b:x4")

    def test_a_damaged_memory_and_none(self):
        (self.folder / "cache/trapline").mkdir(parents=True)
        (self.folder / "cache/trapline/failed").write_bytes(b"\0 nonsense\n\nx86-64 - /gone.yaml")
        self.run_all(1, "all/b.yaml")
        kept = (self.folder / "cache/trapline/failed").read_text()
        self.assertEqual(kept, f"x86-64 - {self.folder.resolve()}/all/b.yaml\n")
        self.write("all/b.yaml", PASSES)
        self.run_all(0, "all/b.yaml")
        self.assertEqual((self.folder / "cache/trapline/failed").read_text(), "")


class Bare(CommandLine):
    def test_the_report_lists_the_exceptions(self):
        done = self.expect(0, "run", self.write("a.yaml", BARE))
        self.assertRegex(done.stdout.decode(), r"1 exception\n +cycle +\d+  #DB at stored \(rip 0x[0-9a-f]+\) .*"
                                               r"dr6 0xffff0ff1.*\n  halted after \d+ cycles\n")

    def test_json_has_the_state(self):
        done = self.expect(0, "run", self.write("a.yaml", BARE), "--format", "json")
        (run,) = json.loads(done.stdout)
        self.assertEqual((run["end"], run["exceptions-taken"]), ("halted", 1))
        self.assertEqual(run["exceptions"][0]["name"], "#DB")
        self.assertEqual(run["exceptions"][0]["at"], "stored")
        self.assertEqual(run["exceptions"][0]["dr6"], "0xffff0ff1")
        self.assertEqual(run["registers"]["rax"], "0x0")
        self.assertGreater(run["cycles"], 0)
        self.assertTrue(run["memory"].startswith("0x"))

    def test_the_trace_has_a_line_for_each_exception(self):
        self.expect(0, "run", self.write("a.yaml", BARE), "--trace", "trace")
        head, event = [json.loads(line) for line in (self.folder / "trace").read_text().splitlines()]
        self.assertEqual(head, {"scenario": "a.yaml", "isa": "x86-64"})
        self.assertEqual((event["layer"], event["event"], event["dr6"]), ("exception", "#DB", "0xffff0ff1"))

    def test_what_is_not_as_expected_is_pointed_at(self):
        done = self.expect(1, "run", self.write("a.yaml", BARE.replace("rip: stored", "rip: cell")))
        self.assertRegex(done.stdout.decode(), r"a.yaml:18:35: error: exception 1 \(#DB\): rip is 0x[0-9a-f]+ "
                                               r"\(stored\), expected 0x[0-9a-f]+ \(cell\)")

    def test_a_program_that_does_not_fit_is_refused(self):
        elf = "scenario: x\nkind: bare\nisa: x86-64\nmachine: {memory: 4MiB}\nprogram: {c: {source: " \
              "'char big[8 << 20]; int main(void) { return big[0]; }'}}\n"
        self.assertIn("a.yaml:5:23: error: the program cannot be loaded", self.refused("a.yaml", elf))


class Conformance(CommandLine):
    def setUp(self):
        super().setUp()
        self.write("rules/unit/a.yaml", BARE)
        self.write("rules/unit/no-rule.yaml", FAILS)

    def test_prints_the_rules_with_their_verdicts(self):
        text = self.expect(0, "conformance", "rules").stdout.decode()
        self.assertIn("| unit | 1 | 1 | 1 |\n| all | 1 | 1 | 1 |\n", text)
        self.assertIn("\n## unit\n\n| rule | source | scenario | verdict |\n| --- | --- | --- | --- |\n"
                      "| A store \\| and &lt;a trap> | Manual, 1.2<br>Another \\*manual\\*, 3 "
                      "| [a](../rules/unit/a.yaml) | x86-64: pass |\n", text)
        self.assertTrue(text.endswith("\n## Where the manuals leave a choice\n\n- **A store \\| and &lt;a trap>** "
                                      "([a](../rules/unit/a.yaml)): Some do. Here: it does.\n"), text)

    def test_is_the_same_with_several_jobs_and_has_the_notes_at_its_end(self):
        self.write("rules/other/b.yaml", BARE)
        self.write("docs/conformance-notes.md", "## By hand\n\nText.\n")
        text = self.expect(0, "conformance", "rules").stdout
        self.assertEqual(self.expect(0, "conformance", "rules", "-j", "3").stdout, text)
        self.assertTrue(text.endswith(b"\n\n## By hand\n\nText.\n"))
        self.assertLess(text.index(b"## other"), text.index(b"## unit"))

    def test_the_default_folder(self):
        self.write("scenarios/conformance/unit/a.yaml", BARE)
        self.assertIn(b"| all | 1 | 1 | 1 |", self.expect(0, "conformance").stdout)

    def test_check_compares_with_a_file(self):
        text = self.expect(0, "conformance", "rules").stdout
        self.write("table.md", text)
        self.assertEqual(self.expect(0, "conformance", "rules", "--check", "table.md").stdout, b"")
        self.write("table.md", text + b"more\n")
        self.assertIn(b"table.md", self.expect(1, "conformance", "rules", "--check", "table.md").stderr)

    def test_a_rule_that_does_not_hold_is_told(self):
        self.write("rules/unit/b.yaml", BARE.replace("value: 7", "value: 8"))
        done = self.expect(1, "conformance", "rules")
        self.assertIn(b"x86-64: **fail** |", done.stdout)
        self.assertIn(b"rules/unit/b.yaml:20:39: error: ", done.stderr)
        self.write("rules/unit/b.yaml", BARE.replace("stored:", "stored: frobnicate"))
        self.assertIn(b"x86-64: **error** |", self.expect(2, "conformance", "rules").stdout)
        self.write("rules/unit/b.yaml", "scenario: [\n")
        self.assertEqual(self.expect(2, "conformance", "rules").stdout, b"")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
