#!/usr/bin/python3
"""Runs every guest that has threads with observers from outside on all its data and on its main(), and without: on one CPU and on
four, in both gears. The same output, status, memory and cycles are required, and that the observers saw something.

Exit status: 0 all the same, 1 something differs.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MAX_CYCLES = 1_000_000  # longer runs are compared as far as this
CPUS = (1, 4)
GEARS = ("watched-pages", "everything")
MOST = 1 << 20  # bytes that one observer may have


def data_sections(program):
    """Address and size of what is writable and not a thread's own."""
    listing = subprocess.run(["readelf", "-WS", program], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        section = re.match(r"\s*\[ *\d+\] (\.data|\.bss)\s+\w+\s+([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) ", line)
        if section and int(section[3], 16):
            yield section[1][1:], int(section[2], 16), int(section[3], 16)


def arguments(source):
    found = re.search(r"^//: args (.*)$", source.read_text(), re.MULTILINE)
    return found[1].split() if found else []


def scenario(program, source, cpus, watched):
    lines = [f"scenario: {source.stem} on {cpus} CPUs", f"isa: {program.parent.name}",
             f"machine: {{cpus: {cpus}, max-cycles: {MAX_CYCLES}}}", "program:", f"  elf: {program.name}"]
    if arguments(source):
        lines.append("  args: " + json.dumps(arguments(source)))
    if watched:
        lines.append("events:")
        for name, start, size in data_sections(program):
            for part in range(0, size, MOST):
                length = min(MOST, size - part)
                lines.append(f"  {name}{part}: {{watch: {start + part:#x}, length: {length}, type: rw, observe: true}}")
        lines.append("  main: {watch: main, type: x, observe: true}")
    return "\n".join(lines) + "\n"


def run(trapline, folder, gear):
    command = [trapline, "run", str(folder), "--gear", gear, "--format", "json", "--hits", "0", "-j", "2"]
    with open(os.devnull, "rb") as nothing:
        done = subprocess.run(command, stdin=nothing, capture_output=True, check=False)
    if not done.stdout:
        sys.exit(f"{command}: {done.stderr.decode()}")
    return {Path(result["file"]).name: result for result in json.loads(done.stdout)}


def end_of(result):
    return {key: result.get(key) for key in ("exit", "signal", "cycles", "output", "stderr", "memory")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--sources", required=True, type=Path, help="the folder of the guests' sources")
    parser.add_argument("--guests", required=True, type=Path, help="the folder of the built guests of one instruction set")
    parser.add_argument("--sanitized", action="store_true", help="built with sanitizers: every fourth guest")
    parser.add_argument("names", nargs="*", help="these guests only")
    options = parser.parse_args()
    sources = [source for source in sorted(options.sources.glob("*.c"))
               if (source.stem in options.names if options.names else "pthread_create" in source.read_text())
               and (options.guests / source.stem).exists()]
    if options.sanitized:
        sources = sources[::4]
    same = bool(sources)
    with tempfile.TemporaryDirectory() as folder:
        folders = {}
        for watched in (False, True):
            place = folders[watched] = Path(folder) / str(watched)
            place.mkdir()
            for source in sources:
                program = options.guests / source.stem
                shutil.copy(program, place / source.stem)
                for cpus in CPUS:
                    (place / f"{source.stem}.{cpus}.yaml").write_text(scenario(program, source, cpus, watched))
        for gear in GEARS:
            alone, seen = (run(options.trapline, folders[watched], gear) for watched in (False, True))
            for name, result in alone.items():
                if "cycles" not in result or end_of(result) != end_of(seen[name]):
                    print(f"{name}, {gear}: watched it ends otherwise: {end_of(result)}\n  {end_of(seen[name])}"
                          f"\n  {seen[name]['problems']}")
                    same = False
                elif not all(event["count"] for key, event in seen[name]["events"].items() if key in ("main", "data0", "bss0")):
                    print(f"{name}, {gear}: an observer saw nothing")
                    same = False
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
