#!/usr/bin/python3
"""Runs guests of many tasks twice in the fast gear and once in the slow one, on one CPU and on several, and requires the
same output, status and trace, byte for byte, of the three.

Exit status: 0 all the same, 1 something differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

GUESTS = ["many_threads", "futex_locks", "pipeline_of_eight", "interrupted_calls", "many_children", "pt_threads_watch", "pt_seize",
          "exec_signals", "thread_signals"]
CPUS = ["1", "5"]
TIMEOUT = 200  # seconds for one run; only a hang gets there


def observe(trapline, program, cpus, gear, folder):
    """Everything that a run shows."""
    trace = Path(folder) / "trace"
    command = [trapline, "exec", "--cpus", cpus, "--gear", gear, "--trace", str(trace), "--", str(program)]
    with open(os.devnull, "rb") as nothing:
        done = subprocess.run(command, stdin=nothing, capture_output=True, timeout=TIMEOUT, check=False)
    return done.returncode, done.stdout, done.stderr, trace.read_bytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--guests", required=True, type=Path, help="the folder of the built guests of one instruction set")
    options = parser.parse_args()
    same = True
    with tempfile.TemporaryDirectory() as folder:
        for name in GUESTS:
            for cpus in CPUS:
                program = options.guests / name
                first = observe(options.trapline, program, cpus, "watched-pages", folder)
                for what, gear in (("run again", "watched-pages"), ("in the gear everything", "everything")):
                    if observe(options.trapline, program, cpus, gear, folder) != first:
                        print(f"{name} on {cpus} CPUs differs {what}")
                        same = False
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
