"""Reports are UTF-8 and well-formed, whatever a guest prints, a task is called, a title holds and a file is named.

Usage: reports_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import os
import random
import re
import sys
import unittest
import xml.etree.ElementTree

from cli_test import CommandLine

COUNT = 24
# Prints random bytes, and is called by some, when a watched word is written. Its argument is the seed.
PROGRAM = r"""
      #include <stdio.h>
      #include <stdlib.h>
      #include <sys/prctl.h>
      volatile int watched;
      int main(int argc, char **argv) {
        srand(atoi(argv[1]));
        char name[16] = {0};
        for (int i = 0; i < 15; ++i) name[i] = 1 + rand() % 255;
        prctl(PR_SET_NAME, name);
        watched = 1;
        for (int i = 0; i < 400; ++i) putchar(rand() >> 8);
        for (int i = 0; i < 100; ++i) fputc(rand() >> 8, stderr);
      }
"""
SEQUENCES = (b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf0\x80\x80\x80", b"\xc2\x85", b"\xe2\x80\xa8", b"\xff", b"]]>",
             b"\x1b[31m", b"\r\n", b"\x01", b"&<\"'", b"\xf0\x9f\x98\x80")


def title(rng):
    """A YAML text in double quotes of code points and escapes of all kinds."""
    def escape():
        code = rng.choice((rng.randrange(1, 0x100), rng.randrange(0x100, 0xd800), rng.randrange(0xe000, 0x10000), rng.randrange(0x10000, 0x110000)))
        return rng.choice((r"\N", r"\_", r"\L", r"\P", r"\e", r"\t", r"\r", r"\a", r"\x85", r"\xFF", r"\uFFFE", r"\uFFFF", r"\\", r"\"", r"\x01",
                           f"\\U{code:08X}" if code != 10 else "a", "#", "<&>", "ä"))
    return '"T' + "".join(escape() for _ in range(rng.randrange(1, 12))) + '"'


def file_name(rng, n):
    characters = [bytes([c]) for c in range(1, 256) if c not in b"/"] + list(SEQUENCES)
    return b"%03d" % n + b"".join(rng.choice(characters) for _ in range(6)) + b".yaml"


class Reports(CommandLine):
    def setUp(self):
        super().setUp()
        rng = random.Random(7)
        folder = os.fsencode(self.folder / "all")
        os.mkdir(folder)
        for n in range(COUNT):
            text = (f"scenario: {title(rng)}\nisa: x86-64\nprogram:\n  args: [{n}]\n  c:\n    source: |{PROGRAM}\nevents: {{w: {{watch: watched}}}}\n"
                    f"expect: {{output: {title(rng)}, stderr: {{contains: [{title(rng)}]}}}}\n")
            if n % 8 == 7:
                text = f"scenario: {title(rng)}\nisa: x86-64\nwrong-{n}: {title(rng)}\nprogram: {{c: {title(rng)}}}\n"
            with open(os.path.join(folder, file_name(rng, n)), "wb") as file:
                file.write(text.encode())
        self.report = lambda name: self.expect(2, "run", "all", "--format", name, "-j2")

    def expect_clean(self, data):
        text = data.decode()  # strictly
        self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text.replace("\t", " ")))
        return text

    def test_json(self):
        verdicts = json.loads(self.report("json").stdout)
        self.assertEqual(len(verdicts), COUNT)
        self.assertTrue(all(verdict["verdict"] in ("fail", "error") for verdict in verdicts))

    def test_junit(self):
        suite = xml.etree.ElementTree.fromstring(self.report("junit").stdout)
        self.assertEqual(len(suite.findall("testcase")), COUNT)
        self.assertEqual(int(suite.get("tests")), COUNT)
        self.assertEqual(int(suite.get("failures")) + int(suite.get("errors")), COUNT)
        self.assertEqual(len(suite.findall("testcase/failure")), int(suite.get("failures")))

    def test_tap(self):
        lines = self.expect_clean(self.report("tap").stdout).split("\n")
        self.assertEqual(lines[:2] + lines[-1:], ["TAP version 13", f"1..{COUNT}", ""])
        numbers = [re.fullmatch(r"not ok (\d+) - [^#]*", line) for line in lines[2:-1] if not line.startswith("# ")]
        self.assertEqual([int(match.group(1)) for match in numbers], list(range(1, COUNT + 1)))

    def test_text_and_errors(self):
        done = self.report("text")
        self.assertTrue(self.expect_clean(done.stdout).endswith(f"0 of {COUNT} scenarios passed\n"))
        self.expect_clean(done.stderr)

    def test_yaml_escapes_are_what_yaml_says(self):
        self.write("a.yaml", 'scenario: "a\\N\\_b\\u0085"\nprogram: {c: {source: "int main(void) { return 1; }"}}\nexpect: {exit: 0}\n')
        verdicts = json.loads(self.expect(1, "run", "a.yaml", "--format", "json").stdout)
        self.assertEqual(verdicts[0]["scenario"], "a\u0085\u00a0b\u0085")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
