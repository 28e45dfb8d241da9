#!/usr/bin/env python3
"""The cache of guest programs: a program that is there starts no compiler, and none is taken that would be built otherwise.

    cache_test.py TRAPLINE ROOT CACHE
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

TRAPLINE = sys.argv[1]

MAIN = """scenario: a program with a header
isa: x86-64
program: {c: src/main.c}
expect: {exit: %d}
"""


class CacheTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "s/src").mkdir(parents=True)
        (self.folder / "none").mkdir()
        self.write("src/main.c", '#include "value.h"\nint main(void) { return VALUE; }\n')
        self.write("value.h", "#define VALUE 1\n")

    def write(self, name: str, text: str) -> None:
        path = self.folder / "s" / name
        path.write_text(text)
        # What changes while the compiler runs is not remembered: let it be older than that.
        os.utime(path, (time.time() - 10, time.time() - 10))

    def run_it(self, text: str, compilers: bool = True) -> tuple[int, str]:
        self.write("it.yaml", text)
        path = os.environ["PATH"] if compilers else str(self.folder / "none")
        run = subprocess.run([TRAPLINE, "run", "it.yaml", "--cache", str(self.folder / "cache")], cwd=self.folder / "s",
                             env={"PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100)
        return run.returncode, run.stdout

    def passes(self, status: int, compilers: bool = True) -> None:
        code, output = self.run_it(MAIN % status, compilers)
        self.assertEqual(code, 0, output)

    def test_without_a_compiler(self) -> None:
        code, output = self.run_it(MAIN % 1, compilers=False)
        self.assertEqual(code, 2, output)
        self.assertIn("not installed", output)
        self.passes(1)
        self.passes(1, compilers=False)
        # Another comment is another source to the cache.
        self.write("value.h", "#define VALUE 1 //\n")
        code, output = self.run_it(MAIN % 1, compilers=False)
        self.assertEqual(code, 2, output)

    def test_another_content_and_back(self) -> None:
        self.passes(1)
        self.write("value.h", "#define VALUE 2\n")
        self.passes(2)
        self.passes(2, compilers=False)
        self.write("value.h", "#define VALUE 1\n")
        self.passes(1, compilers=False)

    def test_a_file_that_comes_before(self) -> None:
        self.passes(1)
        self.write("src/value.h", "#define VALUE 3\n")
        self.passes(3)
        (self.folder / "s/src/value.h").unlink()
        self.passes(1, compilers=False)

    def test_a_file_that_goes(self) -> None:
        self.passes(1)
        (self.folder / "s/value.h").unlink()
        code, output = self.run_it(MAIN % 1)
        self.assertEqual(code, 2, output)
        self.assertIn("src/main.c:1:10", output)

    def test_what_the_assembler_and_the_preprocessor_ask_for(self) -> None:
        text = MAIN % 4
        self.write("src/main.c", """#if __has_include("more.h")
#include "more.h"
#else
#define VALUE 4
#endif
__asm__(".data\\n.globl blob\\nblob: .incbin \\"blob\\"\\n.text");
extern char blob[];
int main(void) { return VALUE + blob[0] - 'a'; }
""")
        self.write("blob", "a")
        self.assertEqual(self.run_it(text)[0], 0)
        self.write("blob", "b")
        self.assertEqual(self.run_it(MAIN % 5)[0], 0)
        self.assertEqual(self.run_it(MAIN % 5, compilers=False)[0], 0)
        self.write("more.h", "#define VALUE 7\n")
        self.assertEqual(self.run_it(MAIN % 8)[0], 0)

    def test_the_time_of_a_file(self) -> None:
        self.write("src/main.c", "int main(void) { return __TIMESTAMP__[0] == 0; }\n")
        self.passes(0)
        code, output = self.run_it(MAIN % 0, compilers=False)
        self.assertEqual(code, 2, output)

    def test_another_compiler(self) -> None:
        self.passes(1)
        other = self.folder / "other"
        other.mkdir()
        for name in ("x86_64-linux-gnu-gcc", "gcc"):
            (other / name).write_text("#!/bin/sh\necho \"$0: error: another compiler\" >&2\nexit 1\n")
            (other / name).chmod(0o755)
        self.write("it.yaml", MAIN % 1)
        run = subprocess.run([TRAPLINE, "run", "it.yaml", "--cache", str(self.folder / "cache")], cwd=self.folder / "s",
                             env={"PATH": f"{other}:/bin"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertNotEqual(run.returncode, 0, run.stdout)

    def test_a_damaged_entry(self) -> None:
        self.passes(1)
        for entry in (self.folder / "cache").glob("*.direct"):
            entry.write_text("nonsense\nprogram\n\0")
        self.passes(1)
        for entry in (self.folder / "cache").glob("x86-64-*"):
            if "." not in entry.name:
                entry.write_bytes(entry.read_bytes()[:-1])
        self.passes(1)


unittest.main(argv=sys.argv[:1])
