"""Where a program was that crashes, waits for ever or does not end, of `run` and of `exec`; what a program opened itself; stray
hits.

Usage: whereabouts_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TRAPLINE, SOURCE, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
TIME_LIMIT = 300  # seconds for one command
COMPILERS = {"x86-64": "gcc", "ppc64": "powerpc64-linux-gnu-gcc"}

CRASH = """\
int *volatile nowhere;
__attribute__((noinline)) void store(int value) {
  *nowhere = value;
}
__attribute__((noinline)) int middle(int value) {
  store(value);
  return value + 1;
}
int main(void) { return middle(3); }
"""
WAITS = """\
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
int word;
__attribute__((noinline)) long wait_here(void) { return syscall(SYS_futex, &word, FUTEX_WAIT, 0, 0); }
void *thread(void *unused) { return wait_here() == 0 ? unused : 0; }
int main(void) {
  pthread_t other;
  pthread_create(&other, 0, thread, 0);
  pthread_join(other, 0);
  return 0;
}
"""
ENDLESS = """\
volatile int go = 1;
__attribute__((noinline)) void spin(void) { while (go) {} }
int main(void) { spin(); return 0; }
"""
AVX = "int main(void) { __asm__ volatile(\"vmovdqa %ymm0, %ymm1\"); return 0; }\n"
OWN = """\
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
volatile long x;
int main(void) {
  struct perf_event_attr attr;
  memset(&attr, 0, sizeof attr);
  attr.type = PERF_TYPE_BREAKPOINT;
  attr.size = sizeof attr;
  attr.bp_type = HW_BREAKPOINT_W;
  attr.bp_addr = (uint64_t)&x;
  attr.bp_len = 8;
  syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
  x = 1;
  x = 2;
  return 0;
}
"""
STRAY = """\
_Alignas(8) volatile char bytes[8];
__attribute__((noinline)) void near(void) { bytes[5] = 1; }
int main(void) { bytes[0] = 1; near(); return 0; }
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def scenario(self, source, rest="", *options, isa="x86-64", program="c: p.c"):
        (self.folder / "p.c").write_text(source)
        (self.folder / "a.yaml").write_text(f"scenario: x\nisa: {isa}\nprogram: {{{program}}}\n{rest}")
        done = subprocess.run([TRAPLINE, "run", "a.yaml", "--cache", CACHE, *options], capture_output=True, text=True,
                              timeout=TIME_LIMIT, check=False, cwd=self.folder)
        return done.stdout


class InRun(Folder):
    def test_a_crash(self):
        for isa in COMPILERS:
            lines = self.scenario(CRASH, isa=isa).splitlines()
            at = next(i for i, line in enumerate(lines) if "was killed by" in line)
            self.assertRegex(lines[at], r"^  p/1000 was killed by SIGSEGV at address 0x0, where nothing is mapped, "
                                        r"at store(\+0x\w+)? \(p\.c:3\)$")
            self.assertRegex(lines[at + 1], r"^      called by middle\+0x\w+ \(p\.c:6\)$")
            self.assertRegex(lines[at + 2], r"^      called by main\+0x\w+ \(p\.c:9\)$")

    def test_every_task_waits(self):
        text = self.scenario(WAITS, program="c: p.c, flags: [-pthread]")
        self.assertRegex(text, r"p/1000 sleeps in futex\(2\), at ")
        self.assertRegex(text, r"(?s)p/1001 sleeps in futex\(2\), at syscall\S*\n.*called by wait_here\+0x\w+ \(p\.c:6\)")

    def test_no_end(self):
        text = self.scenario(ENDLESS, "machine: {max-cycles: 100000}\n")
        self.assertRegex(text, r"  p/1000 runs, at spin(\+0x\w+)? \(p\.c:2\)\n      called by main\+0x\w+ \(p\.c:3\)")

    def test_an_instruction_that_is_not_there(self):
        self.assertIn("was killed by SIGILL, for vmovdqa ymm1, ymm0: AVX, which this machine's CPUID does not announce",
                      self.scenario(AVX))

    def test_in_json(self):
        task = json.loads(self.scenario(CRASH, "", "--format", "json"))[0]["tasks"][0]
        self.assertEqual([caller["function"] for caller in task["callchain"]][:3], ["store", "middle", "main"])

    def test_who_ends_well_is_nowhere(self):
        text = self.scenario("int main(void) { return 0; }\n", "", "--format", "json")
        self.assertNotIn("tasks", json.loads(text)[0])

    def test_events_of_its_own(self):
        text = self.scenario(OWN)
        self.assertIn("  own: event 1 on p/1000: w 8 bytes at x, counted 2\n", text)
        own = json.loads(self.scenario(OWN, "", "--format", "json"))[0]["own"]
        self.assertEqual([(event["by"], event["what"], event["count"]) for event in own],
                         [("perf_event_open", "w 8 bytes at x", 2)])

    def test_events_of_its_own_that_are_expected(self):
        def failures(expect):
            text = self.scenario(OWN, f"expect: {{own: {expect}}}\n")
            return [line.partition(" error: ")[2] for line in text.splitlines() if " error: " in line]
        for holds in ("1", "{max: 1}", "[{watch: x, type: w, length: 8, by: perf_event_open, task: main}]",
                      "{some: [{watch: x}], none: [{by: ptrace}, {software: page-faults}]}"):
            self.assertEqual(failures(holds), [], holds)
        for expect, message in (
                ("2", "the program opened 1 event itself, expected 2"),
                ("[]", "the program opened 1 event itself, expected 0"),
                ("[{watch: x+4}]", "own event 1 (w 8 bytes at x): the address is x, expected x+0x4"),
                ("[{type: rw}]", "own event 1 (w 8 bytes at x): the type is w, expected rw"),
                ("[{by: ptrace}]", "own event 1 (w 8 bytes at x): who made it is perf_event_open, expected ptrace"),
                ("[{task: 1001}]", "own event 1 (w 8 bytes at x): the task is p (1000), expected 1001"),
                ("[{software: dummy}]", "own event 1 (w 8 bytes at x): it does not tell what it counts, expected dummy"),
                ("{some: [{count: 3}]}", "the program opened 1 event itself, of which none is like this"),
                ("{none: [{count: {min: 1}}]}", "own event 1 (w 8 bytes at x) is like this"),
                ("{some: [{watch: y}]}", "the program has no symbol 'y'; if it was optimised away, make it volatile")):
            self.assertEqual(failures(expect), [message], expect)

    def test_stray_hits(self):
        events = "events: {first: {watch: bytes, length: 1}}\n"
        text = self.scenario(STRAY, events, isa="ppc64")
        self.assertIn("first: 1 hit, and 1 stray one", text)
        self.assertRegex(text, r"near(\+0x\w+)? \(p\.c:2\) wrote 1 byte at bytes\+0x5  \[pc near(\+0x\w+)?\]  stray\n")
        strays = json.loads(self.scenario(STRAY, events, "--format", "json", isa="ppc64"))[0]["events"]["first"]["strays"]
        self.assertEqual([stray["function"] for stray in strays], ["near"])


class InExec(Folder):
    def run_it(self, source, *options, isa="x86-64", flags=()):
        if shutil.which(COMPILERS[isa]) is None:
            self.skipTest(f"no {COMPILERS[isa]} here")
        (self.folder / "p.c").write_text(source)
        subprocess.run([COMPILERS[isa], "-g", "-O1", "-static", "-o", "p", "p.c", *flags], check=True, cwd=self.folder)
        return subprocess.run([TRAPLINE, "exec", *options, "--", "./p"], capture_output=True, text=True,
                              timeout=TIME_LIMIT, check=False, cwd=self.folder)

    def test_a_crash(self):
        for isa in COMPILERS:
            done = self.run_it(CRASH, isa=isa)
            self.assertEqual(done.returncode, 128 + 11)
            self.assertRegex(done.stderr, r"^trapline: p/1000 was killed by SIGSEGV at address 0x0, where nothing is mapped, "
                                          r"at store(\+0x\w+)? \(p\.c:3\)\ntrapline:     called by middle\+0x\w+ \(p\.c:6\)\n")

    def test_every_task_waits(self):
        done = self.run_it(WAITS, flags=["-pthread"])
        self.assertIn("trapline: p/1001 sleeps in futex(2)", done.stderr)
        self.assertRegex(done.stderr, r"trapline:     called by wait_here\+0x\w+ \(p\.c:6\)")

    def test_no_end(self):
        self.assertRegex(self.run_it(ENDLESS, "--max-cycles", "100000").stderr, r"trapline: p/1000 runs, at spin")

    def test_a_crash_without_symbols(self):
        done = self.run_it(CRASH, flags=["-s"])
        self.assertRegex(done.stderr, r"^trapline: p/1000 was killed by SIGSEGV at address 0x0, .*, at 0x\w+ in p\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
