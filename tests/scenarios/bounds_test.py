"""Memory: what many scenarios with much output take, what happens where there is none, and what a scenario may ask for.

Usage: bounds_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE [--sanitized]
"""
import os
import resource
import subprocess
import sys
import unittest

from cli_test import CACHE, ENDLESS, PASSES, TIME_LIMIT, TRAPLINE, CommandLine

# The address sanitizer reserves terabytes of addresses and keeps what was freed.
own_memory = unittest.skipIf("--sanitized" in sys.argv, "the sanitizers' memory is not Trapline's")


class Bounds(CommandLine):
    MUCH = """\
scenario: Prints 8 MiB
isa: x86-64
program:
  c:
    source: |
      #include <string.h>
      #include <unistd.h>
      static char b[65536];
      int main(void) { memset(b, 1, sizeof b); for (int i = 0; i < 128; ++i) write(1, b, sizeof b); return 0; }
"""

    def peak(self, count, name):
        """The most memory, in KiB, for so many scenarios with much output."""
        command = [TRAPLINE, "run", *[self.write(f"{i}.yaml", self.MUCH) for i in range(count)], "--cache", CACHE, "--format", name, "--output", "report"]
        with subprocess.Popen(command, cwd=self.folder) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss

    @own_memory
    def test_a_report_of_many_takes_no_more_memory_than_one_of_few(self):
        self.peak(1, "tap")  # builds
        for name in ("json", "text"):
            with self.subTest(name):
                self.assertLess(self.peak(12, name), self.peak(4, name) + (32 << 10))

    @own_memory
    def test_no_memory_is_an_error_and_no_crash(self):
        self.expect(0, "run", self.write("a.yaml", self.MUCH))
        statuses = set()
        for mebibytes in (64, 128, 256, 320, 352, 384, 416, 448, 1024):
            limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))
            done = subprocess.run([TRAPLINE, "run", "a.yaml", "--cache", CACHE, "--format", "json"], cwd=self.folder, capture_output=True, check=False,
                                  timeout=TIME_LIMIT, preexec_fn=limit)
            if done.returncode == 127 and b"shared" in done.stderr:
                continue  # not even loaded
            statuses.add(done.returncode)
            if done.returncode != 0:
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, rb"memory|allocate")
        self.assertIn(2, statuses)
        self.assertLessEqual(statuses, {0, 2})

    def test_caps(self):
        asks = PASSES.replace("scenario: Passes\n", "scenario: Passes\nmachine: {memory: 64MiB, max-cycles: 2000000}\n")
        self.expect(0, "run", self.write("asks.yaml", asks), "--memory-cap", "64M", "--cycle-cap", "2000000")
        done = self.expect(2, "run", "asks.yaml", "--memory-cap", "63M", "--cycle-cap", "1999999")
        self.assertEqual(done.stderr.decode().splitlines(),
                         ["asks.yaml:2:19: error: 67108864 bytes of memory are more than the 66060288 that --memory-cap allows",
                          "asks.yaml:2:38: error: 2000000 cycles are more than the 1999999 that --cycle-cap allows"])
        done = self.expect(1, "run", self.write("endless.yaml", ENDLESS.replace("machine: {max-cycles: 100000}\n", "")), "--cycle-cap", "5000")
        self.assertEqual(done.stdout.count(b"had not ended after 5000 cycles"), 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
