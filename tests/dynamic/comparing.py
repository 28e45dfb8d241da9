"""What the tests of dynamic programs share: commands that are run natively and under Trapline, and their texts compared."""

import difflib
import os
import subprocess

TIMEOUT = 1200  # seconds for one run; only a hang gets there
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb",
               "LANG": "C.UTF-8"}  # what a guest with a root folder has


def run(command, standard_input=b"", cwd=None, environment=None):
    """A command's standard output and its standard error, as one text, and its status."""
    done = subprocess.run(command, input=standard_input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=cwd,
                          env=environment or ENVIRONMENT, timeout=TIMEOUT, check=False)
    return done.stdout, done.returncode


def without_randomisation(command):
    return ["setarch", "-R", *command]


def difference(wanted, got):
    """Two texts as a unified diff; empty where they are the same."""
    lines = difflib.unified_diff(wanted.splitlines(), got.splitlines(), "wanted", "got", lineterm="")
    return "\n".join(lines)


class Comparison:
    """Counts what was the same, what was not, and what could not be compared here."""

    def __init__(self):
        self.compared, self.differing, self.skipped = 0, 0, 0

    def expect(self, what, wanted, got):
        self.compared += 1
        found = difference(wanted, got)
        print(f"{'differs' if found else 'same'}: {what}")
        if found:
            self.differing += 1
            print(found)

    def skip(self, what, why):
        self.skipped += 1
        print(f"SKIP {what}: {why}")

    def status(self):
        print(f"{self.compared} compared, {self.differing} differ, {self.skipped} skipped")
        if self.differing:
            return 1
        return 77 if self.compared == 0 else 0


def text(output):
    return output.decode(errors="backslashreplace")


def missing(*paths):
    """The first of some files that is not there, or nothing."""
    return next((path for path in paths if not os.path.exists(path)), "")
