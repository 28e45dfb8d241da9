"""The command line of `trapline silicon`, on recorded vectors: no debug registers are needed.

Usage: command_test.py TRAPLINE VECTORS GUEST_CACHE
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TRAPLINE, VECTORS, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
TIME_LIMIT = 120  # seconds for one command
BAD_INPUT = 2

# One of each way of addressing, of each unit, and with instruction breakpoints among their cases.
REPRODUCED = ["mov [rbx], al", "mov ecx, fs:[rbx]", "mov gs:[rbx], cx", "mov rcx, [rip+data]", "movabs [data], ax",
              "call [rbx]", "rep movsw", "movups [rbx], xmm0", "movq mm0, [rbx]", "fstp tbyte ptr [rbx]"]


def trapline(*arguments):
    return subprocess.run([TRAPLINE, *arguments], capture_output=True, text=True, timeout=TIME_LIMIT, check=False)


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.lines = pathlib.Path(VECTORS).read_text(encoding="utf-8").splitlines()

    def replay(self, lines, *more):
        path = self.folder / "vectors.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return trapline("silicon", "--replay", str(path), *more)

    def case_lines(self, form):
        """The indices of the lines that hold the form's outcomes."""
        at = next(i for i, line in enumerate(self.lines) if re.fullmatch(r"form \S+ \d+ " + re.escape(form), line))
        return range(at + 1, at + 1 + int(self.lines[at].split()[2]))

    def test_counts_every_form(self):
        names = trapline("silicon", "--list").stdout.splitlines()
        self.assertGreaterEqual(len(names), 120)
        self.assertEqual(len(names), len(set(names)))
        report = self.replay(self.lines).stdout
        for name in names:
            self.assertRegex(report, r"(?m)^" + re.escape(name) + r"  +\d+ +\d+ +\d+ +\d+$")

    def test_a_wrong_hit_is_a_divergence(self):
        form = "mov [rbx], rcx"
        at = next(i for i in self.case_lines(form) if re.match(r"t\w+/1/", self.lines[i]))
        self.lines[at] = re.sub(r"^(t\w+)/1/", r"\1/2/", self.lines[at])
        done = self.replay(self.lines, "--only", form)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"divergence: {form}: DR6 in 1 cases", done.stdout)

    def test_a_hit_too_many_is_a_divergence(self):
        form = "mov rcx, [rbx]"
        at = next(i for i in self.case_lines(form) if self.lines[i].startswith("e"))
        self.lines[at] = "t3/1/0/00000000 " + self.lines[at]
        done = self.replay(self.lines, "--only", form)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"divergence: {form}: hits in 1 cases", done.stdout)

    def test_each_digest_counts(self):
        form = "movups [rbx], xmm0"
        at = self.case_lines(form)[0]
        good = self.lines[at]
        for pattern, aspect in [(r"/[0-9a-f]{8} =", "registers"), (r"= [0-9a-f]{8}", "memory"),
                                (r"[0-9a-f]{8}$", "SSE, MMX or x87 registers")]:
            self.lines[at] = re.sub(pattern, lambda m: re.sub(r"[0-9a-f]{8}", "12345678", m.group()), good)
            done = self.replay(self.lines, "--only", form)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"divergence: {form}: {aspect} in 1 cases", done.stdout)

    def test_examples_are_scenarios_that_run(self):
        """What is said to differ here is the memory, so the hits, which are all that a scenario expects, come out."""
        for form in REPRODUCED:
            for at in self.case_lines(form):
                self.lines[at] = re.sub(r"= [0-9a-f]{8}", "= 12345678", self.lines[at])
            done = self.replay(self.lines, "--only", form)
            self.assertEqual(done.returncode, 1)
            examples = re.split(r"(?m)^# --- .* ---\n", done.stdout)[1:]
            self.assertTrue(examples)
            examples[-1] = "".join(examples[-1].splitlines(True)[:-1])  # the last line is the sum of all
            for number, example in enumerate(examples):
                path = self.folder / f"{len(form)}-{number}.yaml"
                path.write_text(example, encoding="utf-8")
                ran = trapline("run", str(path), "--cache", CACHE)
                self.assertEqual(ran.returncode, 0, f"{form}\n{example}\n{ran.stdout}{ran.stderr}")

    def test_refuses_what_is_not_a_recording(self):
        first = self.case_lines("mov [rbx], al")[0]

        def changed(at, text):
            return self.lines[:at] + [text] + self.lines[at + 1:]

        for lines, message in [
                (changed(0, "something else"), "1: error: the first line is not"),
                (changed(1, "seed x"), "2: error: this is not `seed NUMBER`"),
                (changed(2, "x"), "3: error: this is not `cpu NAME`"),
                (changed(first - 1, "form 00000000 20 mov [rbx], al"), "record the file anew"),
                (changed(first - 1, "form 00000000 20 no such form"), "there is no form `no such form`"),
                (changed(first, "t5/"), f"{first + 1}: error: this is not the outcome of a case"),
                (self.lines[:-1], "this is not the outcome of a case"),
        ]:
            done = self.replay(lines)
            self.assertEqual(done.returncode, BAD_INPUT, message)
            self.assertIn(message, done.stderr)

    def test_refuses_bad_options(self):
        for options in [["--cases", "0"], ["--cases", "x"], ["--only", "no such form"], ["--replay", "/no/such/file"],
                        ["--replay", VECTORS, "--seed", "3"], ["--replay", VECTORS, "--record", "x"], ["extra"]]:
            done = trapline("silicon", *options)
            self.assertEqual(done.returncode, BAD_INPUT, options)
            self.assertTrue(done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
