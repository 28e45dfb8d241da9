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
INLINED = """program: {flags: [-O2], c: {source: "volatile int x; static inline void set(void) { x = 1; } int main(void) { set(); }"}}
"""
GOOD = HEAD + PROGRAM + "events:\n  writes: {watch: x}\n"
BARE = HEAD + "kind: bare\nisa: x86-64\nprogram: {assembly: \"nop\"}\nexpect:\n"
BARE_PPC64 = BARE.replace("x86-64", "ppc64")

FILES = [
    # --- Moments ---
    ("armed by a function that is none", GOOD.replace("x}", "x, arm: {call: x}}"),
     "a.yaml:4:34: error: `x` is no function"),
    ("armed by a function that is not there", GOOD.replace("x}", "x, arm: {call: parse}}"),
     "a.yaml:4:34: error: the program has no function `parse`"),
    ("armed by an inlined function", HEAD + INLINED + "events:\n  writes: {watch: x, disarm: {return: {function: set}}}\n",
     "a.yaml:4:50: error: `set` is never called: the compiler has put its code into its callers' (inlined it); make it __attribute__((noinline)), or compile with -fno-inline"),
    ("armed by an event that is not there", GOOD.replace("x}", "x, arm: {hit: {event: wirtes}}}"),
     "a.yaml:4:41: error: no event `wirtes` in `events`; did you mean `writes`?"),
    ("armed twice over", GOOD.replace("x}", "x, arm: {call: main, at: 3}}"),
     "a.yaml:4:40: error: `arm` takes only one of the keys at, hit, call, return; remove the others"),
    ("armed, and enabled", GOOD.replace("x}", "x, arm: {call: main}, enabled: false}"),
     "a.yaml:4:41: error: `writes` takes only one of the keys arm, enabled; remove the others"),
    ("an object of the heap as a breakpoint", GOOD.replace("x}", '"heap:main", arm: {call: main}}'),
     "a.yaml:4:19: error: an object of the heap is only watched with `observe: true`; a breakpoint takes a pointer to it"),

    # --- YAML ---
    ("an empty file", "",
     "a.yaml:1:1: error: the file is empty"),
    ("comments alone", "# nothing\n",
     "a.yaml:1:1: error: the file is empty"),
    ("a tab", "scenario: x\nprogram:\n\tc: a.c\n",
     "a.yaml:3:1: error: a tab in the indentation; YAML wants spaces there"),
    ("a brace that is never closed", HEAD + PROGRAM + "events:\n  writes: {watch: x, type: w\nexpect: {exit: 0}\n",
     "a.yaml:4:11: error: this '{' is never closed: a '}' or a ',' is missing, at line 5 at the latest"),
    ("a bracket that is never closed", HEAD + "isa: [x86-64, ppc64\n" + PROGRAM,
     "a.yaml:2:6: error: this '[' is never closed: a ']' or a ',' is missing, at line 3 at the latest"),
    ("an outer brace that is never closed", HEAD + PROGRAM + "expect: {events: {writes: {count: 1}}\n",
     "a.yaml:3:9: error: this '{' is never closed: a '}' or a ',' is missing, at line 4 at the latest"),
    ("a quote that is never closed", 'scenario: "x\n' + PROGRAM,
     "a.yaml:1:11: error: the text in these quotes goes on to line 2, where what follows makes no sense; is a quote missing?"),
    ("a colon in a text", "scenario: Who: me\n" + PROGRAM,
     "a.yaml:1:14: error: a ':' where no key can be; check the indentation, or quote a text that has ': ' in it"),
    ("a key without a colon", HEAD + "program\n  c: a.c\n",
     "a.yaml:3:4: error: a ':' where no key can be; check the indentation, or quote a text that has ': ' in it"),
    ("a wrong indentation", HEAD + "program:\n    c: a.c\n  libc: false\n",
     "a.yaml:4:3: error: this line's indentation fits no mapping above it, or a ':' is missing"),
    ("a doubled key", HEAD + HEAD + PROGRAM,
     "a.yaml:2:1: error: `scenario` is given twice, first in line 1; remove one"),
    ("an alias", HEAD + PROGRAM + "events:\n  a: &e {watch: x}\n  b: *e\n",
     "a.yaml:4:6: error: anchors (&name) are not part of the format; write the value out"),
    ("a tag", HEAD + PROGRAM + "expect: {exit: !!int 0}\n",
     "a.yaml:3:16: error: tags (!name) are not part of the format; remove it"),
    ("two documents", HEAD + PROGRAM + "---\n" + HEAD + PROGRAM,
     "a.yaml:3:1: error: a second document; a scenario file holds one, so remove the `---`"),
    ("Latin-1", b"scenario: caf\xe9\n" + PROGRAM.encode(),
     "a.yaml:1:14: error: not UTF-8; save the file in that encoding"),
    ("a control character", "scenario: \x1b[31mred\n" + PROGRAM,
     'a.yaml:1:11: error: control character 0x1b; remove it, or write it as "\\x1b" in a text in double quotes'),
    ("#DB without quotes, in braces", BARE + "  exceptions: [{name: #DB, dr6: 0xffff0ff1}]\n",
     'a.yaml:6:23: error: `#DB` begins a comment in YAML, so that the rest of the line is gone; write "#DB" in quotes'),
    ("#DB without quotes, in a block", BARE + "  exceptions:\n    - name: #DB\n      dr6: 0xffff0ff1\n",
     'a.yaml:7:13: error: `#DB` begins a comment in YAML, so that the rest of the line is gone; write "#DB" in quotes'),
    ("a list instead of a mapping", "- scenario: x\n",
     "a.yaml:1:1: error: the scenario wants a mapping with the keys scenario, about, isa, kind, cites, choice, fails, machine, schedule-seed, program, kernel, modules, events, actions, expect, not a list"),
    ("a text alone", "hello\n",
     "a.yaml:1:1: error: the scenario wants a mapping with the keys scenario, about, isa, kind, cites, choice, fails, machine, schedule-seed, program, kernel, modules, events, actions, expect, not `hello`"),
    # --- Keys ---
    ("no program", HEAD,
     "a.yaml:1:1: error: the scenario lacks the key `program`: what the guest runs"),
    ("no title", PROGRAM,
     "a.yaml:1:1: error: the scenario lacks the key `scenario`: what it shows, in one line"),
    ("a mistyped key", GOOD.replace("watch", "wach"),
     "a.yaml:4:12: error: `writes` has no key `wach`; did you mean `watch`?"),
    ("a key that is none", GOOD.replace("watch: x", "watch: x, colour: red"),
     "a.yaml:4:22: error: `writes` has no key `colour`; the nearest of 47 are cpu, group and comm (docs/scenarios.md has all)"),
    ("a key of gdb's", GOOD.replace("watch: x", "watch: x, condition: x > 1"),
     "a.yaml:4:22: error: `writes` has no key `condition`; the nearest of 47 are length, disarm and period (docs/scenarios.md has all)"),
    ("a mistyped top key", GOOD.replace("events:", "event:"),
     "a.yaml:3:1: error: the scenario has no key `event`; did you mean `events`?"),
    ("a top key that is none", GOOD + "timeout: 10\n",
     "a.yaml:5:1: error: the scenario has no key `timeout`; the nearest of 15 are about, cites and expect (docs/scenarios.md has all)"),
    ("a key in capitals", GOOD.replace("watch", "Watch"),
     "a.yaml:4:12: error: `writes` has no key `Watch`; did you mean `watch`?"),
    ("a key without a value", GOOD.replace("watch: x", "watch: "),
     "a.yaml:4:12: error: `watch` has no value; it wants a place such as counter, counter+4, account.balance, table[2], list->head, *p, function::local, file.c:12 or 0x404010"),
    ("an event without what it watches", GOOD.replace("watch: x", "type: w"),
     "a.yaml:4:11: error: `writes` needs one of the keys watch, software"),
    ("two programs", HEAD + 'program: {c: a.c, elf: a.elf}\n',
     "a.yaml:2:19: error: `program` takes only one of the keys c, c++, assembly, elf; remove the others"),
    ("an instruction set that is none", HEAD + "isa: arm64\n" + PROGRAM,
     "a.yaml:2:6: error: `isa` wants one of x86-64, ppc64, or a list of these, not `arm64`"),
    ("an instruction set by another name", HEAD + "isa: x86_64\n" + PROGRAM,
     "a.yaml:2:6: error: `isa` does not know `x86_64`; did you mean `x86-64`?"),
    ("a kind that is none", HEAD + "kind: metal\n" + PROGRAM,
     "a.yaml:2:7: error: `kind` wants one of linux, bare, not `metal`"),
    ("a value for one instruction set only", GOOD.replace("watch: x", "watch: {x86-64: x}"),
     "a.yaml:4:19: error: `watch` has no value for ppc64, which the scenario is for; add `ppc64: …`, or name the others in `isa`"),
    # --- Values ---
    ("a word for a number", GOOD.replace("watch: x", "watch: x, length: four"),
     "a.yaml:4:30: error: `length` wants a whole number from 1 to 1048576, not `four`"),
    ("a leading zero", GOOD.replace("watch: x", "watch: x, length: 010"),
     "a.yaml:4:30: error: `length` has a leading zero, which is octal for some and decimal for others; write it without, or with 0x"),
    ("a number too large", GOOD.replace("watch: x", "watch: x, length: 99999999"),
     "a.yaml:4:30: error: `length` wants a whole number from 1 to 1048576, not `99999999`"),
    ("a negative length", GOOD.replace("watch: x", "watch: x, length: -4"),
     "a.yaml:4:30: error: `length` wants a whole number from 1 to 1048576, not `-4`"),
    ("a fraction", GOOD.replace("watch: x", "watch: x, length: 4.0"),
     "a.yaml:4:30: error: `length` wants a whole number from 1 to 1048576, not `4.0`"),
    ("a quoted number", GOOD.replace("watch: x", 'watch: x, length: "4"'),
     'a.yaml:4:30: error: `length` wants a whole number from 1 to 1048576, not `"4"`'),
    ("yes for true", GOOD.replace("watch: x", "watch: x, inherit: yes"),
     "a.yaml:4:31: error: `inherit` wants true or false, not `yes`"),
    ("a type that is none", GOOD.replace("watch: x", "watch: x, type: write"),
     "a.yaml:4:28: error: `type` is `w` here, not `write`"),
    ("an address without 0x", GOOD.replace("watch: x", "watch: 404010"),
     "a.yaml:4:19: error: `watch` wants a place such as counter, counter+4, account.balance, table[2], list->head, *p, function::local, file.c:12 or 0x404010, not `404010`"),
    ("an expression", GOOD.replace("watch: x", "watch: x + 1"),
     "a.yaml:4:19: error: `watch` wants a place such as counter, counter+4, account.balance, table[2], list->head, *p, function::local, file.c:12 or 0x404010, not `x + 1`"),
    ("memory without a unit", HEAD + "machine: {memory: 256M}\n" + PROGRAM,
     "a.yaml:2:19: error: `memory` wants a number of bytes such as 256MiB, from 1MiB to 64GiB, not `256M`"),
    ("too many CPUs", HEAD + "machine: {cpus: 100}\n" + PROGRAM,
     "a.yaml:2:17: error: `cpus` wants a whole number from 1 to 64, not `100`"),
    ("more slots than there are", HEAD + "machine: {slots: 5}\n" + PROGRAM,
     "a.yaml:2:18: error: `slots` wants a whole number from 0 to 4, not `5`"),
    ("another machine's debug unit", HEAD + "machine: {debug-unit: dawr}\n" + PROGRAM,
     "a.yaml:2:23: error: `dawr` is no debug unit of x86-64; give it per instruction set"),
    ("a version of other breakpoints", HEAD + "machine: {policy: ver-V}\n" + PROGRAM,
     "a.yaml:2:19: error: `ver-V` is of PPC64's breakpoints; give it per instruction set"),
    ("a version that there is not", HEAD + "machine: {policy: ver-XI}\n" + PROGRAM,
     "a.yaml:2:19: error: `policy` does not know `ver-XI`; did you mean `ver-II`?"),
    ("a kernel of two kinds", GOOD + "kernel: {c: {source: ''}, elf: vmlinux}\n",
     "a.yaml:5:27: error: `kernel` takes only one of the keys c, assembly, elf; remove the others"),
    ("a kernel that is not there", GOOD + "kernel: {elf: vmlinux}\n",
     "a.yaml:5:15: error: no file vmlinux"),
    ("a signal that is none", GOOD + "expect: {exit: {signal: SEGV}}\n",
     "a.yaml:5:25: error: `signal` does not know `SEGV`; did you mean `SIGSEGV`?"),
    ("an exit status that cannot be", GOOD + "expect: {exit: 256}\n",
     "a.yaml:5:16: error: `exit` wants a whole number from 0 to 255, or a mapping with the keys min, max, signal, not `256`"),
    ("an errno that is none", GOOD.replace("watch: x", "watch: x, expect-error: EINVALID"),
     "a.yaml:4:36: error: `expect-error` does not know `EINVALID`; did you mean `EINVAL`?"),
    # --- Names ---
    ("an event that is not there", GOOD + "expect: {events: {write: {count: 1}}}\n",
     "a.yaml:5:19: error: no event `write` in `events`; did you mean `writes`?"),
    ("a leader that comes later", HEAD + PROGRAM + "events:\n  a: {watch: x, group: b}\n  b: {watch: x}\n",
     "a.yaml:4:24: error: no event `b` before this one, to lead its group"),
    ("a CPU that is not there", GOOD.replace("watch: x", "watch: x, cpu: 1"),
     "a.yaml:4:27: error: CPU 1 is none of the machine's, which are 0 to 0; raise `cpus` of `machine`"),
    ("an action on no event", GOOD + "actions:\n  - {at: 100, disable: reads}\n",
     "a.yaml:6:24: error: no event `reads` in `events`"),
    ("a variable that is not there", GOOD.replace("watch: x", "watch: y"),
     "a.yaml:4:19: error: the program has no symbol 'y'; if it was optimised away, make it volatile"),
    ("a file that is not there", HEAD + "program: {c: main.c}\n",
     "a.yaml:2:14: error: no file main.c"),
    ("a file of another folder", HEAD + "program: {c: ../main.c}\n",
     "a.yaml:2:14: error: ../main.c lies outside of the scenario's folder; --trust allows that where the scenario is your own"),
    ("a folder that is not there", HEAD + "program: {elf: a.elf, root: sysroot}\n",
     "a.yaml:2:16: error: no file a.elf"),
    ("a file's name as assembly", HEAD + "program: {assembly: start.s}\n",
     "a.yaml:2:21: error: `assembly` wants the text itself; for a file write {file: start.s}"),
    # --- Programs ---
    ("a syntax error in C", HEAD + "program:\n  c:\n    source: |\n      int main(void) {\n        retrun 0;\n      }\n",
     "a.yaml:6:9: error: 'retrun' undeclared (first use in this function)"),
    ("a function that is not there", HEAD + "program:\n  c:\n    source: |\n      void f(void);\n      int main(void) {\n        f();\n      }\n",
     "a.yaml:7:9: error: undefined reference to `f'"),
    ("no main", HEAD + 'program: {c: {source: "int x;"}}\n',
     "a.yaml:2:23: error: undefined reference to `main'"),
    ("an instruction that is none", HEAD + "isa: x86-64\nprogram:\n  assembly: |\n    .globl _start\n    _start:\n      mvo %eax, %ebx\n",
     "a.yaml:7:7: error: no such instruction: `mvo %eax,%ebx'"),
    ("a flag that is not allowed", HEAD + 'program: {c: {source: "int main(void) { return 0; }"}, flags: [-o, a.out]}\n',
     "a.yaml:2:64: error: an item of `flags` wants a compiler flag of the kinds -O -D -U -I -std= -f… -m… -W… -g -l -pthread -nostdlib -nostartfiles -Wl,-Ttext= -Wl,--section-start= -Wl,--defsym= -Wl,-z, -Wl,-e,, not `-o`"),
    # --- Bare machines ---
    ("DSI", BARE_PPC64 + "  exceptions: [{name: DSI}]\n",
     "a.yaml:6:23: error: `name` is `data-storage` here, not `DSI`"),
    ("an exception in lower case", BARE + '  exceptions: [{name: "#db"}]\n',
     'a.yaml:6:23: error: `name` is `#DB` here, not `"#db"`'),
    ("a register of the other instruction set", BARE + "  registers: {msr: 0}\n",
     "a.yaml:6:15: error: x86-64 has no register `msr`"),
    ("events on a bare machine", BARE.replace("expect:\n", "events: {writes: {watch: x}}\n"),
     "a.yaml:5:1: error: the scenario has no key `events`: that is for `kind: linux`"),
]

# Command lines, in a folder with good.yaml, a program and a folder without scenarios.
LINES = [
    ("a path that is not there", ["run", "nosuch.yaml"],
     "nosuch.yaml: error: no such file or folder"),
    ("a mistyped path", ["run", "godo.yaml"],
     "godo.yaml: error: no such file or folder; did you mean good.yaml?"),
    ("an ELF file", ["run", "program"],
     "program: error: is a program, not a scenario; `trapline exec -- program` runs it"),
    ("a folder without scenarios", ["run", "empty"],
     "empty: error: there are no scenario files (*.yaml, *.yml) in this folder"),
    ("one dash for two", ["run", "-isa", "ppc64", "good.yaml"],
     "trapline: error: no option `-isa`; did you mean `--isa`?; `trapline run --help` lists what there is"),
    ("a mistyped option", ["run", "--formt", "json", "good.yaml"],
     "trapline: error: no option `--formt`; did you mean `--format`?; `trapline run --help` lists what there is"),
    ("an option that is none", ["run", "--colour", "good.yaml"],
     "trapline: error: no option `--colour`; `trapline run --help` lists what there is"),
    ("no command", ["good.yaml"],
     "trapline: error: no command `good.yaml`; did you mean `trapline run good.yaml`?; `trapline --help` lists what there is"),
    ("a mistyped command", ["rnu", "good.yaml"],
     "trapline: error: no command `rnu`; did you mean `run`?; `trapline --help` lists what there is"),
    ("a program without exec", ["./program"],
     "trapline: error: no command `./program`; did you mean `trapline exec -- ./program`?; `trapline --help` lists what there is"),
    ("nothing to run", ["run"],
     "path is required"),
    ("a program that is not there", ["exec", "--", "./nosuch"],
     "./nosuch: error: does not exist"),
    ("a scenario as a program", ["exec", "--", "./good.yaml"],
     "./good.yaml: error: is no ELF file; a script runs where it and its interpreter lie in the guest's root folder: trapline exec --root FOLDER -- SCRIPT"),
    ("a register that is none", ["decode", "dr8", "0"],
     "trapline: error: no register `dr8` (did you mean `dr0`?); there are dr0, dr1, dr2, dr3, dr6, dr7, dabr, dabrx, dawr0, dawrx0, dawr1, dawrx1, rflags, cr0, cr4, debugctl, msr, dsisr"),
    ("a value that is none", ["decode", "dr7", "0xg"],
     "trapline: error: a value is a number of 64 bits, decimal or 0x hexadecimal, not `0xg`"),
    ("a register without a value", ["decode", "dr7"],
     "value is required"),
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
