#!/usr/bin/python3
"""Random programs that fault: what their signal handlers are told must be the same in both gears, and on x86-64 natively.

Exit status: 0 all the same, 1 something differs or Trapline ended by itself, 2 bad options.
"""

import argparse
import collections
import concurrent.futures
import os
import platform
import subprocess
import sys
from pathlib import Path

EXAMPLES = 2  # of each kind of difference
HANG = 1200  # seconds


def fields(line):
    """The fields of a program's line by name: the signal with its code under "signal"."""
    words = line.split()
    if len(words) < 3:
        return {"signal": " ".join(words[1:])}
    return {"signal": words[1]} | dict(zip(words[2::2], words[3::2]))


def command(options, place, program):
    if place == "native":
        return [str(program)]
    gear = [] if place == "watched-pages" else ["--gear", place]
    return [str(options.trapline), "exec", *gear, "--", str(program)]


def run(options, place, program, kind, seed, first, count, *more):
    arguments = [*command(options, place, program), kind, str(seed), str(first), str(count), *more]
    try:
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=HANG, check=False)
    except subprocess.TimeoutExpired:
        return f"hangs: {' '.join(arguments)}", []
    lines = done.stdout.decode(errors="replace").splitlines()
    if done.returncode != 0 or done.stderr:
        return f"status {done.returncode} after {len(lines)} lines: {' '.join(arguments)}\n{done.stderr.decode(errors='replace')}", lines
    return None, lines


def registers(options, place, program, kind, seed, number):
    _, lines = run(options, place, program, kind, seed, number, 1, "registers")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trapline", required=True)
    parser.add_argument("--x86", type=Path, help="random_code, built for x86-64")
    parser.add_argument("--ppc64", type=Path)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--programs", type=int, default=500, help="of each seed")
    parser.add_argument("--kinds", nargs="+", default=["known", "any"])
    parser.add_argument("--places", nargs="+", default=["watched-pages", "everything", "native"])
    options = parser.parse_args()

    jobs = []
    for program in filter(None, [options.x86, options.ppc64]):
        for kind in options.kinds:
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                here = program == options.x86 and kind == "known" and platform.machine() == "x86_64"
                jobs.append((program, kind, seed, [place for place in options.places if place != "native" or here]))

    def work(job):
        program, kind, seed, places = job
        return [run(options, place, program, kind, seed, 0, options.programs) for place in places]

    failed, compared = False, 0
    kinds = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (program, kind, seed, places), results in zip(jobs, pool.map(work, jobs)):
            for complaint, _ in results:
                if complaint:
                    failed = True
                    print(f"FAIL: {complaint}")
            for place, (_, lines) in list(zip(places, results))[1:]:
                for ours, theirs in zip(results[0][1], lines):
                    compared += 1
                    if ours == theirs:
                        continue
                    a, b = fields(ours), fields(theirs)
                    if place == "native" and "loops" in (a["signal"], b["signal"]):
                        continue  # how long a program may run is not the same time there
                    failed = True
                    what = (program.name, kind, place, " ".join(name for name in a.keys() | b.keys() if a.get(name) != b.get(name)))
                    kinds[what] += 1
                    if kinds[what] > EXAMPLES:
                        continue
                    number = ours.split()[0]
                    print(f"FAIL: {program.name} {kind} seed {seed} program {number}, {places[0]} and {place}:")
                    for where in (places[0], place):
                        print("\n".join(f"  {line}" for line in registers(options, where, program, kind, seed, number)))
    for what, number in kinds.most_common():
        print(f"{number:6} differ: {' '.join(what)}")
    print(f"{compared} comparisons")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
