"""README.md and docs/scenarios.md: the commands do what they say, and print what they show, but for times and order numbers, which the
C library's version changes.

Usage: readme_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TRAPLINE, SOURCE, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
README = pathlib.Path(SOURCE, "README.md").read_text()
REFERENCE = pathlib.Path(SOURCE, "docs", "scenarios.md").read_text()


def blocks(document):
    return re.findall(r"^```\w*\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)


def block(beginning, document=README):
    """The one that begins so."""
    found = [text for text in blocks(document) if text.startswith(beginning)]
    assert len(found) == 1, f"{len(found)} blocks begin with {beginning!r}"
    return found[0]


def without_times(text):
    text = re.sub(r" +#\d+ ", " #N ", text)
    return re.sub(r"(cycle +|after |at |for |\"order\":|\"cycle\":)\d+\b", r"\1N", text).splitlines()


class Readme(unittest.TestCase):
    def run_trapline(self, *arguments, folder=SOURCE, status=0):
        done = subprocess.run([TRAPLINE, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def assert_shown(self, shown, printed):
        """Its lines in that order, with others between them."""
        printed = without_times(printed)
        at = 0
        for line in without_times(shown):
            if line.strip() == "…":
                continue
            self.assertIn(line, printed[at:])
            at = printed.index(line, at) + 1

    def test_watch_prints_what_it_shows(self):
        compiling, watching = block("gcc -g -static -o counter").splitlines()
        with tempfile.TemporaryDirectory() as folder:
            words = compiling.split()
            subprocess.run(["x86_64-linux-gnu-gcc", *words[1:-1], pathlib.Path(SOURCE, words[-1])], cwd=folder, check=True)
            done = subprocess.run([TRAPLINE, *watching.split()[1:]], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        self.assert_shown(block("   #14  cycle"), done.stderr)

    def test_the_terminal_shows_what_is_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            drawn = pathlib.Path(folder, "terminal.svg")
            subprocess.run([sys.executable, pathlib.Path(SOURCE, "tools/record_terminal.py"), TRAPLINE, drawn], check=True)
            self.assertEqual(without_times(drawn.read_text()), without_times(pathlib.Path(SOURCE, "docs/terminal.svg").read_text()))

    def test_quick_start_prints_what_it_shows(self):
        self.assert_shown(block("PASS  scenarios/quickstart"), self.run_trapline("run", "scenarios/quickstart", "--cache", CACHE))

    def test_own_scenario_passes(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "my.yaml").write_text(block("scenario: My first"))
            self.assertIn("2 of 2 scenarios passed", self.run_trapline("run", "my.yaml", "--cache", CACHE, folder=folder))

    def test_own_program_runs(self):
        commands = block("gcc -static -o hello hello.c")
        self.assertIn("build/trapline exec -- ./hello world", commands)
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "hello.c").write_text('#include <stdio.h>\nint main(int n, char **v) { return printf("hello, %s\\n", v[1]) < 0; }\n')
            for compiler in "x86_64-linux-gnu-gcc", "powerpc64-linux-gnu-gcc":
                subprocess.run([compiler, "-static", "-o", "hello", "hello.c"], cwd=folder, check=True)
                self.assertEqual(self.run_trapline("exec", "--", "./hello", "world", folder=folder), "hello, world\n")

    def test_reference_shows_what_is_printed(self):
        shown = [text for text in blocks(REFERENCE) if text.startswith(("PASS  ", "FAIL  "))]
        self.assertGreaterEqual(len(shown), 4)
        for text in shown:
            word, name, isa, title = re.match(r"(\w+)  (\S+) \[(.*?)\]  (.*)\n", text).groups()
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder, name).write_text(block(f"scenario: {title}\n", REFERENCE))
                printed = self.run_trapline("run", name, "--isa", isa, "--cache", CACHE, folder=folder, status=int(word != "PASS"))
                self.assertEqual(without_times(printed), without_times(text))

    def test_reference_shows_a_trace(self):
        shown = without_times(next(text for text in blocks(REFERENCE) if text.startswith('{"order":')))
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.yaml").write_text(block("scenario: A store, and beside it another\n", REFERENCE))
            self.run_trapline("run", "a.yaml", "--isa", "ppc64", "--trace", "trace", "--cache", CACHE, folder=folder)
            trace = without_times(pathlib.Path(folder, "trace").read_text())
        at = trace.index(shown[0])
        self.assertEqual(trace[at:at + len(shown)], shown)

    def test_files_that_it_names_are_there(self):
        for name in re.findall(r"\]\(([^)#:]+)", README):
            self.assertTrue(pathlib.Path(SOURCE, name).exists(), name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
