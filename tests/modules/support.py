"""What the tests of kernel modules share. The command line of each: TRAPLINE PROGRAM SOURCE ISA."""

import pathlib
import re
import subprocess
import sys

TRAPLINE, PROGRAM, SOURCE, ISA = sys.argv[1:5]
del sys.argv[1:5]
ISA_IS_X86 = ISA == "x86-64"
MODULES = pathlib.Path(SOURCE) / "scenarios" / "kernel" / "modules"


def run(modules, *arguments, options=(), program=PROGRAM):
    given = [part for module in modules for part in ("--module", str(module))]
    done = subprocess.run([TRAPLINE, "exec", *options, *given, "--", str(program), *map(str, arguments)], capture_output=True, text=True,
                          timeout=250)
    if done.returncode < 0:
        raise AssertionError(f"{options} {modules}: killed by signal {-done.returncode}\n{done.stderr}")
    return done


def messages(text):
    """Without the times."""
    return [re.sub(r"^\[ *\d+\.\d{6}\] ", "", line) for line in text.splitlines()]
