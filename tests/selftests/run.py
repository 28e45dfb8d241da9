#!/usr/bin/python3
"""Runs a selftest of the Linux kernel under `trapline exec` and requires that every case passes.

Forms of output:
  tap    TAP with a plan (kselftest.h): `ok N NAME`, `not ok N NAME`, `# Totals: pass:N fail:N …`
  lines  ptrace-hwbreak's: a line `…: Ok` or `…: Fail` a case, then `success: NAME` (subunit)

Exit status: 0 all passed; 1 not; 77 skipped, for want of the kernel's sources, with the reason as text.
"""

import argparse
import os
import re
import subprocess
import sys

SKIPPED = 77
TIMEOUT = 240  # seconds


def tap_cases(text):
    """The names of the cases that passed, and what is wrong, from TAP."""
    passed, wrong = [], []
    planned = None
    for line in text.splitlines():
        if (plan := re.fullmatch(r"1\.\.(\d+)", line)) is not None:
            planned = int(plan[1])
        elif (case := re.fullmatch(r"(not )?ok (\d+) (.*)", line)) is not None:
            number = len(passed) + 1
            if case[1] or "# SKIP" in line:
                wrong.append(line)
            elif int(case[2]) != number and not wrong:
                wrong.append(f"case {number} is missing: {line}")
            else:
                passed.append(case[3])
        elif line.startswith(("Bail out!", "# Planned tests != run tests")):
            wrong.append(line)
        elif (totals := re.match(r"# Totals: pass:(\d+) fail:(\d+)", line)) is not None and int(totals[2]) != 0:
            wrong.append(line)
    if planned is None:
        wrong.append("there is no plan (1..N)")
    elif planned != len(passed):
        wrong.append(f"{planned} cases were planned, {len(passed)} passed")
    return passed, wrong


def line_cases(text):
    """The same from ptrace-hwbreak's lines."""
    passed, wrong = [], []
    success = False
    for line in text.splitlines():
        if line.endswith(": Ok"):
            passed.append(line.removesuffix(": Ok"))
        elif line.startswith("success: "):
            success = True
        elif line.endswith(": Fail") or line.startswith(("failure:", "error:", "skip:", "!!", "[SKIP]", "[FAIL]")):
            wrong.append(line)
    if not success:
        wrong.append("there is no line `success: …`")
    return passed, wrong


FORMS = {"tap": tap_cases, "lines": line_cases}


def judge(form, least, text, status):
    """What is wrong with the output and status of a selftest, as lines; none where all is well."""
    passed, wrong = FORMS[form](text)
    if len(passed) < least:
        wrong.append(f"{len(passed)} cases passed, at least {least} should")
    if status != 0:
        wrong.append(f"the exit status is {status}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--program", required=True, help="the selftest")
    parser.add_argument("--source", required=True, help="where its source would come from")
    parser.add_argument("--form", required=True, choices=FORMS, help="of its output")
    parser.add_argument("--least", required=True, type=int, help="so many cases pass where all is well")
    parser.add_argument("--debug-unit", required=True, help="of the machine that it runs on")
    options = parser.parse_args()
    if not os.path.exists(options.program):
        if os.path.exists(options.source):
            sys.exit(f"{options.program}: error: it is not built; configure and build anew")
        print(f"SKIP: there is no {options.source}; the Debian package linux-source-6.1 has it")
        return SKIPPED
    command = [options.trapline, "exec", "--debug-unit", options.debug_unit, "--", options.program]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT,
                              check=False)
    except subprocess.TimeoutExpired as expired:
        print((expired.stdout or b"").decode(errors="replace"), end="")
        sys.exit(f"{options.program}: error: it had not ended after {TIMEOUT} seconds")
    text = done.stdout.decode(errors="replace")
    print(text, end="")
    wrong = judge(options.form, options.least, text, done.returncode)
    for line in wrong:
        print(f"error: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
