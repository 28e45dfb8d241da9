#!/usr/bin/env python3
"""Compares what two builds of the command trapline show, byte for byte: for a change after which all is to be as it was.

    tools/compare_builds.py BEFORE AFTER [--programs FOLDER]... [--scenarios PATH]... [-j N]

Of each program in the folders: status, output and trace, on one CPU and on four; of each scenario file: the report with
its hits, and the trace. Prints every difference and a summary. Exit status: 0 none, 1 some.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

TIMEOUT = 600  # seconds; only a hang gets there


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"


def run(command: list[str], folder: pathlib.Path) -> list[str]:
    """Everything that a run shows, each part as a line."""
    trace = folder / "trace"
    trace.unlink(missing_ok=True)
    command = [part.replace("@TRACE", str(trace)) for part in command]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False, cwd=folder)
    except subprocess.TimeoutExpired:
        return ["no end"]
    shown = [hashlib.sha256(text).hexdigest() for text in (done.stdout, done.stderr)]
    return [f"status {done.returncode}", *shown, digest(trace)]


def difference(name: str, before: list[str], after: list[str]) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        old, new = (run(command, pathlib.Path(folder)) for command in (before, after))
    if old == new:
        return None
    parts = [part for part, a, b in zip(("status", "output", "errors", "trace"), old, new) if a != b]
    return f"{name}: {', '.join(parts) or 'end'} differ ({old[0]}, {new[0]})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--programs", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--scenarios", type=pathlib.Path, action="append", default=[])
    parser.add_argument("--max-cycles", default="20000000", help="of a program")
    parser.add_argument("-j", type=int, default=os.cpu_count())
    options = parser.parse_args()

    cases: list[tuple[str, list[str]]] = []
    for folder in options.programs:
        for program in sorted(path.resolve() for path in folder.iterdir() if path.is_file() and os.access(path, os.X_OK)):
            for cpus in ("1", "4"):
                command = ["exec", "--cpus", cpus, "--max-cycles", options.max_cycles, "--trace", "@TRACE", "--", str(program)]
                cases.append((f"{program.parent.name}/{program.name} on {cpus} CPUs", command))
    for path in options.scenarios:
        for scenario in [path] if path.is_file() else sorted(path.rglob("*.yaml")):
            report = ["run", str(scenario.resolve()), "--format", "json", "--hits", "100000", "--trace", "@TRACE"]
            cases.append((str(scenario), report))

    builds = [str(build.resolve()) for build in (options.before, options.after)]
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        found = pool.map(lambda case: difference(case[0], *([build, *case[1]] for build in builds)), cases)
        differences = [text for text in found if text is not None]
    for text in differences:
        print(text)
    print(f"{len(cases)} runs compared, {len(differences)} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
