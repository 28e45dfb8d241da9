"""What a new user gets wrong: each with the place, the reason and status 2.

Usage: bad_inputs_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE [--print]

--print shows what is said of each now, for who adds one.
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TRAPLINE, SOURCE, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
TIME_LIMIT = 300  # seconds for one command

# Scenario files, each with the first line of standard error. What stands between the parts of a scenario that are good.
HEAD = "scenario: x\n"
PROGRAM = 'program: {c: {source: "int x; int main(void) { x = 1; return 0; }"}}\n'
GOOD = HEAD + PROGRAM + "events:\n  writes: {watch: x}\n"
BARE = HEAD + "kind: bare\nisa: x86-64\nprogram: {assembly: \"nop\"}\nexpect:\n"
BARE_PPC64 = BARE.replace("x86-64", "ppc64")

FILES = [
    # --- YAML ---
    ("an empty file", "", ""),
    ("comments alone", "# nothing\n", ""),
    ("a tab", "scenario: x\nprogram:\n\tc: a.c\n", ""),
    ("a brace that is never closed", HEAD + PROGRAM + "events:\n  writes: {watch: x, type: w\nexpect: {exit: 0}\n", ""),
    ("a bracket that is never closed", HEAD + "isa: [x86-64, ppc64\n" + PROGRAM, ""),
    ("an outer brace that is never closed", HEAD + PROGRAM + "expect: {events: {writes: {count: 1}}\n", ""),
    ("a quote that is never closed", 'scenario: "x\n' + PROGRAM, ""),
    ("a colon in a text", "scenario: Who: me\n" + PROGRAM, ""),
    ("a key without a colon", HEAD + "program\n  c: a.c\n", ""),
    ("a wrong indentation", HEAD + "program:\n    c: a.c\n  libc: false\n", ""),
    ("a doubled key", HEAD + HEAD + PROGRAM, ""),
    ("an alias", HEAD + PROGRAM + "events:\n  a: &e {watch: x}\n  b: *e\n", ""),
    ("a tag", HEAD + PROGRAM + "expect: {exit: !!int 0}\n", ""),
    ("two documents", HEAD + PROGRAM + "---\n" + HEAD + PROGRAM, ""),
    ("Latin-1", b"scenario: caf\xe9\n" + PROGRAM.encode(), ""),
    ("a control character", "scenario: \x1b[31mred\n" + PROGRAM, ""),
    ("#DB without quotes, in braces", BARE + "  exceptions: [{name: #DB, dr6: 0xffff0ff1}]\n", ""),
    ("#DB without quotes, in a block", BARE + "  exceptions:\n    - name: #DB\n      dr6: 0xffff0ff1\n", ""),
    ("a list instead of a mapping", "- scenario: x\n", ""),
    ("a text alone", "hello\n", ""),
    # --- Keys ---
    ("no program", HEAD, ""),
    ("no title", PROGRAM, ""),
    ("a mistyped key", GOOD.replace("watch", "wach"), ""),
    ("a key that is none", GOOD.replace("watch: x", "watch: x, colour: red"), ""),
    ("a key of gdb's", GOOD.replace("watch: x", "watch: x, condition: x > 1"), ""),
    ("a mistyped top key", GOOD.replace("events:", "event:"), ""),
    ("a top key that is none", GOOD + "timeout: 10\n", ""),
    ("a key in capitals", GOOD.replace("watch", "Watch"), ""),
    ("a key without a value", GOOD.replace("watch: x", "watch: "), ""),
    ("an event without what it watches", GOOD.replace("watch: x", "type: w"), ""),
    ("two programs", HEAD + 'program: {c: a.c, elf: a.elf}\n', ""),
    ("an instruction set that is none", HEAD + "isa: arm64\n" + PROGRAM, ""),
    ("an instruction set by another name", HEAD + "isa: x86_64\n" + PROGRAM, ""),
    ("a kind that is none", HEAD + "kind: metal\n" + PROGRAM, ""),
    ("a value for one instruction set only", GOOD.replace("watch: x", "watch: {x86-64: x}"), ""),
    # --- Values ---
    ("a word for a number", GOOD.replace("watch: x", "watch: x, length: four"), ""),
    ("a leading zero", GOOD.replace("watch: x", "watch: x, length: 010"), ""),
    ("a number too large", GOOD.replace("watch: x", "watch: x, length: 99999999"), ""),
    ("a negative length", GOOD.replace("watch: x", "watch: x, length: -4"), ""),
    ("a fraction", GOOD.replace("watch: x", "watch: x, length: 4.0"), ""),
    ("a quoted number", GOOD.replace("watch: x", 'watch: x, length: "4"'), ""),
    ("yes for true", GOOD.replace("watch: x", "watch: x, inherit: yes"), ""),
    ("a type that is none", GOOD.replace("watch: x", "watch: x, type: write"), ""),
    ("an address without 0x", GOOD.replace("watch: x", "watch: 404010"), ""),
    ("an expression", GOOD.replace("watch: x", "watch: x + 1"), ""),
    ("memory without a unit", HEAD + "machine: {memory: 256M}\n" + PROGRAM, ""),
    ("too many CPUs", HEAD + "machine: {cpus: 100}\n" + PROGRAM, ""),
    ("more slots than there are", HEAD + "machine: {slots: 5}\n" + PROGRAM, ""),
    ("another machine's debug unit", HEAD + "machine: {debug-unit: dawr}\n" + PROGRAM, ""),
    ("a signal that is none", GOOD + "expect: {exit: {signal: SEGV}}\n", ""),
    ("an exit status that cannot be", GOOD + "expect: {exit: 256}\n", ""),
    ("an errno that is none", GOOD.replace("watch: x", "watch: x, expect-error: EINVALID"), ""),
    # --- Names ---
    ("an event that is not there", GOOD + "expect: {events: {write: {count: 1}}}\n", ""),
    ("a leader that comes later", HEAD + PROGRAM + "events:\n  a: {watch: x, group: b}\n  b: {watch: x}\n", ""),
    ("a CPU that is not there", GOOD.replace("watch: x", "watch: x, cpu: 1"), ""),
    ("an action on no event", GOOD + "actions:\n  - {at: 100, disable: reads}\n", ""),
    ("a variable that is not there", GOOD.replace("watch: x", "watch: y"), ""),
    ("a file that is not there", HEAD + "program: {c: main.c}\n", ""),
    ("a file of another folder", HEAD + "program: {c: ../main.c}\n", ""),
    ("a folder that is not there", HEAD + "program: {elf: a.elf, root: sysroot}\n", ""),
    ("a file's name as assembly", HEAD + "program: {assembly: start.s}\n", ""),
    # --- Programs ---
    ("a syntax error in C", HEAD + "program:\n  c:\n    source: |\n      int main(void) {\n        retrun 0;\n      }\n", ""),
    ("a function that is not there", HEAD + "program:\n  c:\n    source: |\n      void f(void);\n      int main(void) {\n        f();\n      }\n", ""),
    ("no main", HEAD + 'program: {c: {source: "int x;"}}\n', ""),
    ("an instruction that is none", HEAD + "isa: x86-64\nprogram:\n  assembly: |\n    .globl _start\n    _start:\n      mvo %eax, %ebx\n", ""),
    ("a flag that is not allowed", HEAD + 'program: {c: {source: "int main(void) { return 0; }"}, flags: [-o, a.out]}\n', ""),
    # --- Bare machines ---
    ("DSI", BARE_PPC64 + "  exceptions: [{name: DSI}]\n", ""),
    ("an exception in lower case", BARE + '  exceptions: [{name: "#db"}]\n', ""),
    ("a register of the other instruction set", BARE + "  registers: {msr: 0}\n", ""),
    ("events on a bare machine", BARE.replace("expect:\n", "events: {writes: {watch: x}}\n"), ""),
]

# Command lines, in a folder with good.yaml, a program and a folder without scenarios.
LINES = [
    ("a path that is not there", ["run", "nosuch.yaml"], ""),
    ("a mistyped path", ["run", "godo.yaml"], ""),
    ("an ELF file", ["run", "program"], ""),
    ("a folder without scenarios", ["run", "empty"], ""),
    ("one dash for two", ["run", "-isa", "ppc64", "good.yaml"], ""),
    ("a mistyped option", ["run", "--formt", "json", "good.yaml"], ""),
    ("an option that is none", ["run", "--colour", "good.yaml"], ""),
    ("no command", ["good.yaml"], ""),
    ("a mistyped command", ["rnu", "good.yaml"], ""),
    ("a program without exec", ["./program"], ""),
    ("nothing to run", ["run"], ""),
    ("a program that is not there", ["exec", "--", "./nosuch"], ""),
    ("a scenario as a program", ["exec", "--", "./good.yaml"], ""),
    ("a register that is none", ["decode", "dr8", "0"], ""),
    ("a value that is none", ["decode", "dr7", "0xg"], ""),
    ("a register without a value", ["decode", "dr7"], ""),
]


class BadInputs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def said(self, *arguments):
        command = [TRAPLINE, *arguments] + (["--cache", CACHE] if arguments[0] == "run" else [])
        done = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT, check=False, cwd=self.folder)
        return done.returncode, (done.stderr.decode().splitlines() or [""])[0]

    def check(self, what, arguments, message):
        status, line = self.said(*arguments)
        if "--print" in sys.argv:
            print(f"{status} {what}\n    {line}")
            return
        with self.subTest(what):
            self.assertEqual((line, status), (message, 2))

    def test_files(self):
        for what, text, message in FILES:
            (self.folder / "a.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
            self.check(what, ["run", "a.yaml"], message)

    def test_command_lines(self):
        (self.folder / "good.yaml").write_text(GOOD)
        (self.folder / "empty").mkdir()
        (self.folder / "program").write_bytes(pathlib.Path(TRAPLINE).read_bytes()[:4096])
        for what, arguments, message in LINES:
            self.check(what, arguments, message)

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(FILES) + len(LINES), 60)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
