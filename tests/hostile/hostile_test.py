#!/usr/bin/python3
"""Runs one hostile program under `trapline exec`: it must end with Linux's errors, in bounded time and memory.

The program's source declares, in comments that begin with //: , how it is run and how it ends:

  //: args A B       one run with these arguments; repeatable; without any there is one run without arguments
  //: args-cpus N A  the same on a machine with N processors
  //: memory SIZE    --memory
  //: cycles N       --max-cycles
  //: status A|B     the exit status; 0 unless given
  //: prints-maybe TEXT  a line that may be there; the only one then
  //: prints TEXT    a line of its standard output; repeatable, in order; nothing else may be there
  //: says TEXT      part of what Trapline says on standard error, which else must be empty

Exit status: 0 all as declared, 1 something differs.
"""

import argparse
import os
import re
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

CYCLES = 5_000_000_000
HANG = 60  # seconds; only a hang gets there, and in a sanitizer build
HANG_SANITIZED = 600
KILLED = 137
OUT_OF_MEMORY = "killed for want of memory"
OVERHEAD = 256 << 20  # what the emulator may take beside the guest's memory
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class Declaration:
    def __init__(self, source):
        self.runs = []  # of (arguments, processors)
        self.memory = "64M"
        self.cycles = CYCLES
        self.statuses = {0}
        self.lines = []
        self.maybe = None
        self.said = []
        for name, text in re.findall(r"^//: (\S+) ?(.*)$", source.read_text(), re.MULTILINE):
            if name == "args":
                self.runs.append((text.split(), 1))
            elif name == "args-cpus":
                cpus, *words = text.split()
                self.runs.append((words, int(cpus)))
            elif name == "memory":
                self.memory = text
            elif name == "cycles":
                self.cycles = int(text)
            elif name == "status":
                self.statuses = {int(status) for status in text.split("|")}
            elif name == "prints":
                self.lines.append(text)
            elif name == "prints-maybe":
                self.maybe = text
            elif name == "says":
                self.said.append(text)
            else:
                sys.exit(f"{source}: error: no directive {name}")
        self.runs = self.runs or [([], 1)]

    def bytes(self):
        return int(self.memory[:-1]) * UNITS[self.memory[-1]]


class Outcome:
    """One run: its status, outputs, peak resident memory in bytes, and seconds."""

    def __init__(self, command, limit):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            child = os.posix_spawn(
                command[0],
                command,
                {"LC_ALL": "C", "ASAN_OPTIONS": "detect_leaks=0"},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                    (os.POSIX_SPAWN_DUP2, err.fileno(), 2),
                ],
            )
            self.hung = False

            def stop():
                self.hung = True
                os.kill(child, signal.SIGKILL)

            timer = threading.Timer(limit, stop)
            timer.start()
            _, status, usage = os.wait4(child, 0)
            timer.cancel()
            self.seconds = time.monotonic() - start
            self.status = os.waitstatus_to_exitcode(status)
            self.peak = usage.ru_maxrss * 1024
            out.seek(0)
            err.seek(0)
            self.stdout = out.read().decode(errors="replace")
            self.stderr = err.read().decode(errors="replace")


def complaints(declared, outcome, limit, sanitized):
    if outcome.hung:
        yield f"does not end within {limit} seconds"
        return
    if outcome.status not in declared.statuses:
        yield f"its status is {outcome.status}"
    if outcome.stdout.splitlines() not in (declared.lines, [declared.maybe]):
        yield "its output is not what is declared"
    if declared.said and not all(text in outcome.stderr for text in declared.said):
        yield "Trapline does not say what is declared"
    # Where a guest was that a signal killed is no complaint.
    errors = [line for line in outcome.stderr.splitlines() if OUT_OF_MEMORY not in line and not line.startswith("trapline: ")]
    if not declared.said and errors:
        yield "there is something on standard error"
    if outcome.status == KILLED and OUT_OF_MEMORY not in outcome.stderr:
        yield "Trapline does not say why it was killed"
    if not sanitized and outcome.peak > declared.bytes() + OVERHEAD:
        yield f"it took {outcome.peak >> 20} MiB of a machine with {declared.memory}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trapline", required=True)
    parser.add_argument("--source", required=True, type=Path)
    parser.add_argument("--sanitized", action="store_true", help="built with sanitizers, whose memory is not the emulator's")
    parser.add_argument("programs", nargs="+", type=Path)
    options = parser.parse_args()
    declared = Declaration(options.source)
    limit = HANG_SANITIZED if options.sanitized else HANG
    if options.sanitized:
        print("SKIP: peak memory is not compared in a build with sanitizers")
    failed = False
    for program in options.programs:
        for arguments, cpus in declared.runs:
            command = [options.trapline, "exec", "--memory", declared.memory, "--max-cycles", str(declared.cycles)]
            command += ["--cpus", str(cpus), "--", str(program), *arguments]
            outcome = Outcome(command, limit)
            print(f"{program.parent.name} {' '.join(arguments)}: {outcome.seconds:.1f} s, {outcome.peak >> 20} MiB")
            for complaint in complaints(declared, outcome, limit, options.sanitized):
                failed = True
                print(f"FAIL: {' '.join(command)}\n  {complaint}")
                print(f"  status: {outcome.status}\n  stdout: {outcome.stdout[:2000]!r}\n  stderr: {outcome.stderr[:4000]!r}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
