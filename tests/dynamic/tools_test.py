#!/usr/bin/python3
"""Debian's own gdb, gdbserver, perf, strace and python3 as guests: the same as natively, but for numbers that no two runs have in
common. Exit status: 0 the same, 1 something differs, 77 nothing could be compared."""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "exec"))
from compare import native_breakpoints
from comparing import Comparison, ENVIRONMENT, TIMEOUT, missing, run, text, without_randomisation

# What a guest of an older kernel, with another vDSO and other process numbers, cannot have in common with the host.
DIFFERING = (
    (r"\(LWP \d+\)", "(LWP N)"),
    (r"\(process \d+\)", "(process N)"),
    (r"process \d+", "process N"),
    (r"0x0*7fff[0-9a-f]{8}", "MAPPED"),
    (r"Thread \d+\.\d+", "Thread N.N"),
    (r"/\* \d+ vars \*/", "/* vars */"),
)


def without_numbers(output):
    shown = text(output)
    for pattern, name in DIFFERING:
        shown = re.sub(pattern, name, shown)
    return shown


class Tools:
    def __init__(self, trapline, guests):
        self.trapline, self.guests = trapline, guests / "x86-64"
        self.comparison = Comparison()

    def guest_command(self, command, *options):
        return [self.trapline, "exec", "--root", "/", *options, "--", *command]

    def obstacle(self, *files):
        if platform.system() != "Linux" or platform.machine() != "x86_64":
            return f"the host is {platform.system()} on {platform.machine()}"
        absent = missing(*files)
        return f"there is no {absent} (tools/packages-dynamic.txt)" if absent else ""

    def same(self, what, command, *options, files=(), shown=without_numbers, works=lambda output: True):
        """`works`: whether the host lets the tool do natively what is to be compared."""
        if (obstacle := self.obstacle(*files)) != "":
            self.comparison.skip(what, obstacle)
            return
        wanted, status = run(without_randomisation(command), cwd=self.guests)
        if not works(text(wanted)):
            self.comparison.skip(what, f"the host itself does not: {text(wanted)[-200:]!r}")
            return
        got, modelled = run(self.guest_command(command, *options), cwd=self.guests)
        self.comparison.expect(what, f"{shown(wanted)}status {status}", f"{shown(got)}status {modelled}")


GDB_SETUP = ("set pagination off", "set width 0", "set startup-with-shell off")
# A write, an instruction, a read; one register too many; a thread's write and access; the rest.
WATCHING = ("break main", "run", "watch counter", "rwatch seen", "awatch flag", "hbreak look", "continue", "bt", "continue",
            "continue", "watch five[0]", "continue", "delete 6", "continue", "thread apply all print $_thread", "bt 2", "continue",
            "delete 5", "continue", "continue", "info watchpoints", "continue", "continue")


def gdb_command(program, *commands):
    arguments = [argument for command in GDB_SETUP + commands for argument in ("-ex", command)]
    return ["/usr/bin/gdb", "-nx", "-batch", *arguments, program]


def grants_watchpoints(output):
    return "Could not insert hardware watchpoint 2.\nCould not insert hardware breakpoints" in output or (
        "Old value = 0" in output and "Could not insert" not in output)


def gdb_on(tools, program):
    tools.same(f"gdb on {program}", gdb_command(program, *WATCHING), "--cpus", "2", files=["/usr/bin/gdb"], works=grants_watchpoints)


def gdb(tools):
    gdb_on(tools, "./watched.static")


def gdb_dynamic(tools):
    gdb_on(tools, "./watched")


def gdb_vdso(tools):
    """Breakpoints in the object that the kernel maps, its names, and the way out of it."""
    for program in ("./clocks.static", "./clocks"):
        tools.same(f"gdb in the vDSO of {program}",
                   gdb_command(program, "break main", "run", "break *__vdso_clock_gettime", "continue", "bt", "finish",
                               "break *__vdso_gettimeofday", "continue", "bt", "up", "info symbol __vdso_getcpu", "continue"),
                   files=["/usr/bin/gdb"])


def gdbserver(tools):
    """The host's gdb and a server, native or the guest's, at the two ends of a pipe."""
    what = "gdbserver over stdio"
    if (obstacle := tools.obstacle("/usr/bin/gdb", "/usr/bin/gdbserver")) != "":
        tools.comparison.skip(what, obstacle)
        return
    if not native_breakpoints():
        tools.comparison.skip(what, "the host has no hardware breakpoints")
        return
    server = ["/usr/bin/gdbserver", "--once", "-", "./watched.static"]

    def session(command):
        pipe = " ".join(f"'{word}'" for word in command)
        debug = gdb_command("./watched.static", f"target remote | {pipe}", "break main", "continue", "watch counter", "continue", "bt",
                            "awatch flag", "continue", "continue", "print counter", "kill")
        output, status = run(debug, cwd=tools.guests)
        # The program's own output comes from the server, at any time. A host whose processor has more extended state than
        # gdbserver knows of refuses to store that, which nobody asked to change.
        said = ("Process ", "Remote debugging", "counter ", "Reading ", "warning: File transfers",
                "Warning: ptrace(regsets_store_inferior_registers)")
        lines = [line for line in without_numbers(output).splitlines() if not line.startswith(said)]
        return "\n".join([*lines, f"status {status}"])

    tools.comparison.expect(what, session(without_randomisation(server)), session(tools.guest_command(server)))


def symbol(program, name):
    listed = subprocess.run(["nm", program], capture_output=True, text=True, check=True, timeout=TIMEOUT).stdout
    return next(int(line.split()[0], 16) for line in listed.splitlines() if line.split()[-1] == name)


def perf(tools):
    if (obstacle := tools.obstacle("/usr/bin/perf")) != "":
        tools.comparison.skip("perf", obstacle)
        return
    counter = symbol(tools.guests / "watched.static", "counter")
    event = f"mem:{counter:#x}:w:u"  # what execve(2) writes is the kernel's

    def counts(output):
        """The counts by event, without the times."""
        return "\n".join(",".join(line.split(",")[:3:2]) if line.count(",") > 4 else line for line in text(output).splitlines())

    tools.same("perf stat", ["/usr/bin/perf", "stat", "-x,", "-e", event, "./watched.static"], shown=counts,
               works=lambda output: native_breakpoints() and "not supported" not in output and "not counted" not in output)

    def samples(command):
        """perf record's data, by the host's perf: who sampled what where."""
        recorded = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tools.guests, env=ENVIRONMENT,
                                  timeout=TIMEOUT, check=False)
        with tempfile.NamedTemporaryFile() as data:
            data.write(recorded.stdout)
            data.flush()
            listed = subprocess.run(["/usr/bin/perf", "script", "-i", data.name, "-F", "comm,event,ip,sym"], stdin=subprocess.DEVNULL,
                                    capture_output=True, cwd=tools.guests, timeout=TIMEOUT, check=False)
        return text(listed.stdout) + ("" if listed.stdout else text(recorded.stderr + listed.stderr))

    record = ["/usr/bin/perf", "record", "-q", "-o", "-", "-e", event, "-c", "1", "/bin/sh", "-c", "./watched.static >&2"]
    wanted = samples(without_randomisation(record))
    if " add\n" not in wanted:
        tools.comparison.skip("perf record", f"the host itself does not: {wanted[-200:]!r}")
        return
    tools.comparison.expect("perf record", wanted, samples(tools.guest_command(record)))


def strace(tools):
    def lines(output):
        return "\n".join(sorted(re.sub(r"^(\[pid +\d+\] |\d+ +)", "", line) for line in without_numbers(output).splitlines()))

    tools.same("strace -f", ["/usr/bin/strace", "-f", "-qq", "-e", "trace=execve,openat,write,exit_group", "-e", "signal=none", "/bin/sh",
                             "-c", "./watched; ./watched.static"], files=["/usr/bin/strace"], shown=lines,
               works=lambda output: "execve" in output)
    # Nobody calls the system for the time, and the C library knows without asking which one it is.
    tools.same("strace of clocks", ["/usr/bin/strace", "-e", "trace=clock_gettime,clock_getres,gettimeofday,time,uname", "/bin/sh", "-c",
                                    "exec ./clocks"], files=["/usr/bin/strace"])
    tools.same("strace of static clocks", ["/usr/bin/strace", "-e", "trace=clock_gettime,clock_getres,gettimeofday,time,uname",
                                           "./clocks.static"], files=["/usr/bin/strace"])


PYTHON = """
import json, queue, subprocess, threading
results, asked = {}, queue.Queue()
def work(name):
    total = sum(range(2000))
    asked.put(name)
    with lock:
        results[name] = total
lock = threading.Lock()
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(results, sort_keys=True), sorted(asked.get() for _ in threads))
print(subprocess.run(["/bin/echo", "a child"], capture_output=True, text=True).stdout, end="")
"""


def python(tools):
    tools.same("python3 with threads", ["/usr/bin/python3", "-I", "-c", PYTHON], "--cpus", "2", files=["/usr/bin/python3"])


def shells(tools):
    """Small programs of every system."""
    tools.same("shell", ["/bin/sh", "-c", "ls -l layout | cut -c 1-10; find . -name 'lib*.so' | sort; "
                         "printf '3\\n1\\n2\\n' | sort -n | awk '{ n += $1 * NR } END { print n }'; echo abc | sed s/b/x/"])


PARTS = {part.__name__: part for part in (gdb, gdb_dynamic, gdb_vdso, gdbserver, perf, strace, python, shells)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--guests", required=True, type=Path, help="the folder with the built programs")
    parser.add_argument("--part", required=True, choices=PARTS, help="what to compare")
    options = parser.parse_args()
    tools = Tools(os.path.abspath(options.trapline), options.guests.absolute())
    PARTS[options.part](tools)
    return tools.comparison.status()


if __name__ == "__main__":
    sys.exit(main())
