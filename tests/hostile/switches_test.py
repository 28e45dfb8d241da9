#!/usr/bin/python3
"""What a context switch costs, in cycles: the same with 4 as with 4,000 sleeping tasks. And what it does to the debug registers: nothing
where neither task has a breakpoint; else one install for each switch to the task that has one, and one uninstall for each away from it.

Exit status: 0 all of that holds, 1 something does not.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 400
FEW, MANY = 4, 4000
WAYS = ("pipe", "futex")
REGISTER_EVENTS = ("arch_install_hw_breakpoint", "arch_uninstall_hw_breakpoint")


def run(trapline, program, *words, options=()):
    command = [trapline, "exec", "--memory", "256M", *options, "--", str(program), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    if done.returncode != 0:
        sys.exit(f"FAIL: {' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def events(trapline, program, *words):
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        run(trapline, program, *words, options=["--trace", str(trace)])
        return [json.loads(line) for line in trace.read_text().splitlines()]


def register_events(found):
    return [event for event in found if event["layer"] in ("hw_breakpoint", "debug-unit")]


# Task switches go by the tid that each names; a watched task has its breakpoint from its own perf_event_open(2) on.
def check_watched(found):
    opened = next((i for i, event in enumerate(found) if event["event"] == "perf_event_open"), None)
    if opened is None:
        yield "nobody opened a breakpoint"
        return
    watched = found[opened]["task"]
    gone = next(i for i, event in enumerate(found) if event["event"] == "exit" and event["task"] == watched)
    installs = [event for event in found if event["event"] == REGISTER_EVENTS[0]]
    uninstalls = [event for event in found if event["event"] == REGISTER_EVENTS[1]]
    turns_in = sum(event["event"] == "sched_switch" and event["next"] == watched for event in found[opened:gone])
    if turns_in < ROUNDS:
        yield f"the watched task ran only {turns_in} times"
    # The first install is by perf_event_open(2), and the last uninstall by the end of the task.
    if len(installs) != turns_in + 1:
        yield f"{len(installs)} installs for {turns_in} switches to the watched task and its opening"
    if len(uninstalls) != len(installs):
        yield f"{len(uninstalls)} uninstalls for {len(installs)} installs"
    # While any other task runs, nothing is installed.
    installed = False
    for event in found:
        if event["event"] == REGISTER_EVENTS[0]:
            installed = True
        elif event["event"] == REGISTER_EVENTS[1]:
            installed = False
        elif event["event"] == "sched_switch" and installed:
            yield "a breakpoint stays in its register over a switch"
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trapline", required=True)
    parser.add_argument("programs", nargs="+", type=Path)
    options = parser.parse_args()
    complaints = []
    for program in options.programs:
        for way in WAYS:
            isa = program.parent.name
            few, many = (int(run(options.trapline, program, way, ROUNDS, sleepers)) for sleepers in (FEW, MANY))
            print(f"{isa} {way}: {few / ROUNDS / 2:.1f} cycles a switch with {FEW} sleepers, {many / ROUNDS / 2:.1f} with {MANY}")
            if few != many:
                complaints.append(f"{isa} {way}: {few} cycles with {FEW} sleepers, {many} with {MANY}")
            plain = events(options.trapline, program, way, ROUNDS, FEW)
            switches = sum(event["event"] == "sched_switch" for event in plain)
            if switches < 2 * ROUNDS:
                complaints.append(f"{isa} {way}: only {switches} switches")
            if touched := register_events(plain):
                complaints.append(f"{isa} {way}: without a breakpoint: {touched[0]}")
            watched = events(options.trapline, program, way, ROUNDS, FEW, "watched")
            complaints += [f"{isa} {way}: {what}" for what in check_watched(watched)]
    for complaint in complaints:
        print(f"FAIL: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
