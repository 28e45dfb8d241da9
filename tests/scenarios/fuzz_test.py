"""Damaged copies of all scenarios: each gets a verdict or an error with its place, and never takes the others along.

Usage: fuzz_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE [COUNT [SEED]]
"""
import json
import pathlib
import random
import re
import sys
import unittest

from cli_test import SOURCE, CommandLine

COUNT = int(sys.argv[4]) if len(sys.argv) > 4 and sys.argv[4].isdigit() else 150
SEED = int(sys.argv[5]) if len(sys.argv) > 5 else 1
A_CALL = 50  # files

NUMBERS = ("0", "1", "-1", "010", "1e9", "0x", "0xg", "2147483648", "4294967296", "9223372036854775808", "18446744073709551615", "18446744073709551616",
           "-9223372036854775809", "99999999999999999999", "0xffffffffffffffff", "0x10000000000000000", "1.5", ".inf", "~", "true", "[]", "{}", '""', "[[]]",
           "{x86-64: 1}", "{ppc64: 1, x86-64: {x86-64: 2}}", "symbol+18446744073709551616", "64GiB", "17179869184GiB")


def mutate(text, rng):
    """One to three faults: a token, a line, or a few bytes."""
    for _ in range(rng.randrange(1, 4)):
        lines = text.split("\n")
        kind = rng.randrange(8)
        if kind < 4:  # a number or word becomes another
            words = [m for m in re.finditer(r"(?<=[:\[{,] )[\w.+-]+|\b\d\w*", text)]
            if words:
                word = rng.choice(words)
                other = rng.choice(NUMBERS + tuple(m.group() for m in rng.sample(words, min(3, len(words)))))
                text = text[:word.start()] + other + text[word.end():]
        elif kind == 4:  # a key becomes another
            keys = [m for m in re.finditer(r"[\w-]+(?=:)", text)]
            if keys:
                key = rng.choice(keys)
                text = text[:key.start()] + rng.choice(keys).group() + text[key.end():]
        elif kind == 5:
            i = rng.randrange(len(lines))
            text = "\n".join(lines[:i] + lines[i + 1:])
        elif kind == 6:
            i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
            text = "\n".join(lines[:i] + [lines[j]] + lines[i:])
        else:
            i = rng.randrange(len(text) + 1)
            text = text[:i] + rng.choice(("\0", "\x1b", "\t", "\u0085", "\ufffe", ":", "{", "]", "'", '"', "&a ", "*a", "!t ", "- ", "\n", "x" * 5000)) + text[i + rng.randrange(3):]
    return text


class Fuzz(CommandLine):
    def test_each_file_gets_its_verdict(self):
        rng = random.Random(SEED)
        originals = sorted(path for path in pathlib.Path(SOURCE, "scenarios").rglob("*.yaml") if "labs" not in path.parts)
        for first in range(0, COUNT, A_CALL):
            names = []
            for n in range(first, min(first + A_CALL, COUNT)):
                text = mutate(rng.choice(originals).read_text(), rng)
                names.append(self.write(f"{first}/{n:06}.yaml", text))
            names.append(self.write(f"{first}/good.yaml", 'scenario: Good\nprogram: {assembly: {x86-64: ".globl _start; _start: mov $60, %eax; xor %edi, %edi; syscall", '
                                                          'ppc64: "nop"}}\n'))
            done = self.trapline("run", str(first), "--format", "json", "--isa", "x86-64", "--cycle-cap", "1000000", "--memory-cap", "64M", "-j2")
            self.assertIn(done.returncode, (0, 1, 2), done.stderr)
            verdicts = {}
            for verdict in json.loads(done.stdout):
                verdicts[verdict["file"]] = verdict
                for problem in verdict["problems"]:
                    self.assertTrue(problem["message"])
                    self.assertNotIn("bad optional access", problem["message"])
                    self.assertNotIn("std::", problem["message"])
                if verdict["verdict"] == "error" and verdict["scenario"] == "cannot be loaded":
                    self.assertGreater(verdict["problems"][0]["line"], 0, verdict)
            self.assertEqual(verdicts[names[-1]]["verdict"], "pass")
            missing = [name for name in names if name not in verdicts]
            # Those that are for the other instruction set alone have none here.
            for name in missing:
                self.assertIn("ppc64", (self.folder / name).read_text())


class Numbers(CommandLine):
    def test_one_too_big_is_refused_where_it_stands(self):
        bare = "scenario: x\nkind: bare\nisa: x86-64\nprogram: {assembly: hlt}\nexpect: {registers: {rax: NUMBER}}\n"
        registers = ("scenario: x\nisa: x86-64\nprogram: {c: {source: 'int x; int main(void) { x = 1; return 0; }'}}\n"
                     "events: {w: {watch: x, buffer: 1, sample: [regs-user], sample-regs-user: [ax]}}\n"
                     "expect: {events: {w: {records: [{regs-user: {ax: NUMBER}}]}}}\n")
        for text in (bare, registers):
            for number in ("18446744073709551616", "99999999999999999999", "010", "'18446744073709551616'"):
                with self.subTest((text, number)):
                    self.assertRegex(self.refused("bad.yaml", text.replace("NUMBER", number)), r"^bad\.yaml:5:\d+: error: .* wants a number")
            self.assertNotIn(b"wants", self.trapline("run", self.write("good.yaml", text.replace("NUMBER", "18446744073709551615"))).stderr)

    def test_the_others_get_their_report(self):
        self.write("all/a.yaml", "scenario: x\nkind: bare\nisa: x86-64\nprogram: {assembly: hlt}\nexpect: {registers: {rax: 18446744073709551616}}\n")
        self.write("all/b.yaml", "scenario: x\nprogram: {c: {source: 'int main(void) { return 0; }'}}\n")
        self.assertIn(b"2 of 3 scenarios passed", self.expect(2, "run", "all").stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
