#!/usr/bin/python3
"""Runs a fuzzer with many seeds: Trapline must not crash, hang or complain, and must say the same of a seed both times.

Exit status: 0 all of that holds, 1 something does not.
"""

import argparse
import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path

SEEDS = 20
CYCLES = 60_000_000
HANG = 300  # seconds


def run(trapline, program, seed):
    cpus = "1" if seed % 2 else "3"
    command = [trapline, "exec", "--memory", "64M", "--max-cycles", str(CYCLES), "--cpus", cpus, "--", str(program), str(seed)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG)
    except subprocess.TimeoutExpired:
        return command, "hangs", None
    # An abort or a crash of Trapline itself is a negative status, a sanitizer's report is on standard error.
    complaint = None
    if done.returncode < 0:
        complaint = f"ended by signal {-done.returncode}"
    elif any(word in done.stderr for word in (b"error:", b"ERROR:", b"terminate called", b"Assertion")):
        complaint = "complains"
    return command, complaint, (done.returncode, done.stdout, done.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trapline", required=True)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("programs", nargs="+", type=Path)
    options = parser.parse_args()
    failed = False
    runs = [(program, seed) for program in options.programs for seed in range(options.first, options.first + options.seeds)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        firsts = pool.map(lambda what: run(options.trapline, *what), runs)
        seconds = pool.map(lambda what: run(options.trapline, *what), runs)
        for (command, complaint, first), (_, other, second) in zip(firsts, seconds):
            complaint = complaint or other or ("differs from itself" if first != second else None)
            if complaint is None:
                continue
            failed = True
            print(f"FAIL: {' '.join(command)}: {complaint}")
            if first is not None:
                print(f"  status: {first[0]}\n  stdout: {first[1][-500:]!r}\n  stderr: {first[2][-3000:].decode(errors='replace')}")
    print(f"{len(runs)} runs, each twice")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
