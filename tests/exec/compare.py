#!/usr/bin/python3
"""Runs one guest program natively and under Trapline, for each instruction set, and requires the same of all.

The guest's source declares, in comments that begin with //: , how it is run:

  //: args A B       one run with these arguments (shell quoting); repeatable; without any there is one run without arguments
  //: stdin FILE     one run with this file, relative to the guest's folder, as standard input; repeatable
  //: env N=V ...    the whole environment
  //: cpus N         under Trapline, it is run on N processors as well as on one
  //: files          the guest sees the folder root/; @root@ in args becomes its name
  //: scratch        it works in an empty folder of its own that it may write to, natively and under Trapline
  //: breakpoints    needs hardware breakpoints natively
  //: ia32           needs int 0x80 natively
  //: isa NAME       runs on this instruction set only
  //: differs NAME   on this instruction set it prints GUEST.NAME.expected instead
  //: expected       not run natively: it prints GUEST.expected

Exit status: 0 all the same, 1 something differs. What cannot be compared on this host is a line that begins with SKIP.
"""

import argparse
import ctypes
import difflib
import mmap
import os
import platform
import shlex
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 300  # seconds for one run; only a hang gets there
NATIVE_TIMEOUT = 40
SIGNAL_BASE = 128
PERF_EVENT_OPEN = 298  # x86-64's number of perf_event_open(2)


@dataclass
class Declaration:
    runs: list = field(default_factory=list)  # of (arguments, standard input)
    environment: list = field(default_factory=list)
    files: bool = False
    scratch: bool = False
    breakpoints: bool = False
    ia32: bool = False
    isa: str = ""
    differs: set = field(default_factory=set)
    expected: bool = False
    cpus: list = field(default_factory=lambda: ["1"])


@dataclass
class Outcome:
    stdout: bytes
    stderr: bytes
    status: int


def directives(source):
    """The words behind each //: of a source file."""
    for line in source.read_text().splitlines():
        if line.startswith("//: "):
            yield shlex.split(line[4:])


def declaration_of(source):
    declared = Declaration()
    for name, *words in directives(source):
        if name == "args":
            declared.runs.append((words, None))
        elif name == "stdin":
            declared.runs.append(([], source.parent / words[0]))
        elif name == "cpus":
            declared.cpus.append(words[0])
        elif name == "env":
            declared.environment = words
        elif name == "isa":
            declared.isa = words[0]
        elif name == "differs":
            declared.differs.add(words[0])
        elif name in ("files", "scratch", "breakpoints", "ia32", "expected"):
            setattr(declared, name, True)
        else:
            sys.exit(f"{source}: error: no directive {name}")
    declared.runs = declared.runs or [([], None)]
    return declared


def native_breakpoints():
    """Whether this host grants a breakpoint that hits: opens one on a variable of this thread, and writes. A virtual machine
    may grant them and never hit."""
    libc = ctypes.CDLL(None, use_errno=True)
    variable = ctypes.c_long()
    attr = bytearray(128)
    struct.pack_into("=II", attr, 0, 5, len(attr))  # PERF_TYPE_BREAKPOINT
    struct.pack_into("=Q", attr, 40, 1 << 5 | 1 << 6)  # exclude_kernel, exclude_hv
    struct.pack_into("=IQQ", attr, 52, 2, ctypes.addressof(variable), 8)  # HW_BREAKPOINT_W
    buffer = (ctypes.c_char * len(attr)).from_buffer(attr)
    fd = libc.syscall(PERF_EVENT_OPEN, buffer, 0, -1, -1, ctypes.c_ulong(0))
    if fd < 0:
        return False
    variable.value = 1
    hits = struct.unpack("=Q", os.read(fd, 8))[0]
    os.close(fd)
    return hits != 0


def native_ia32():
    """Whether this host takes int 0x80 from a 64-bit program: a child asks it for its number."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
    getpid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    child = os.fork()
    if child == 0:
        os._exit(0 if getpid() == os.getpid() else 1)
    return os.waitpid(child, 0)[1] == 0


def native_obstacle(declared):
    """Why the guest cannot be run natively here, or nothing."""
    if declared.expected:
        return "its output is Trapline's own"
    if declared.isa not in ("", "x86-64"):
        return f"a guest for {declared.isa}"
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"the host is {platform.system()} on {platform.machine()}"
    if declared.breakpoints and not native_breakpoints():
        return "the host has no hardware breakpoints"
    if declared.ia32 and not native_ia32():
        return "the host has no 32-bit system calls"
    return ""


def run(command, standard_input, environment, killed=None, folder=None, timeout=TIMEOUT):
    """Runs a command. One that a signal ends has the status `killed`, if given, or the one that a shell would report:
    Trapline itself must never die of its guest's signals, which it reports by its own status."""
    with open(standard_input or os.devnull, "rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, env=environment, timeout=timeout, check=False,
                              cwd=folder)
    status = done.returncode
    if status < 0:
        status = SIGNAL_BASE - status if killed is None else killed
    return Outcome(done.stdout, done.stderr, status)


def with_root(arguments, root):
    return [argument.replace("@root@", root) for argument in arguments]


def run_natively(program, declared, arguments, standard_input, root):
    environment = dict(entry.split("=", 1) for entry in declared.environment)
    command = [os.path.abspath(program), *with_root(arguments, str(root))]
    if not declared.scratch:
        return run(command, standard_input, environment, timeout=NATIVE_TIMEOUT)
    with tempfile.TemporaryDirectory() as folder:
        return run(command, standard_input, environment, folder=folder, timeout=NATIVE_TIMEOUT)


def run_modelled(trapline, program, declared, arguments, standard_input, root, cpus="1"):
    command = [trapline, "exec", "--cpus", cpus]
    for entry in declared.environment:
        command += ["--env", entry]
    if declared.files:
        command += ["--root", str(root)]
    with tempfile.TemporaryDirectory() as folder:
        if declared.scratch:
            command += ["--root", folder, "--writable"]
        return run([*command, "--", program, *with_root(arguments, "")], standard_input, {}, killed=-1)


def without_program(text, program):
    """The library names the program in some messages, and its path differs by instruction set."""
    return text.replace(str(program).encode(), b"PROGRAM")


def without_whereabouts(text):
    """Where a program was that a signal killed, which Trapline adds."""
    return b"".join(line for line in text.splitlines(keepends=True) if not line.startswith(b"trapline: "))


def text_difference(name, wanted, got):
    lines = difflib.unified_diff(
        wanted.decode(errors="backslashreplace").splitlines(keepends=True),
        got.decode(errors="backslashreplace").splitlines(keepends=True), f"{name} wanted", f"{name} got")
    return "".join(line if line.endswith("\n") else line + "|\n" for line in lines)


def difference(wanted, got):
    """What differs between two outcomes, as text; empty where nothing does."""
    found = ""
    if wanted.status != got.status:
        found += f"status wanted {wanted.status}, got {got.status}\n"
    for name in ("stdout", "stderr"):
        if getattr(wanted, name) != getattr(got, name):
            found += text_difference(name, getattr(wanted, name), getattr(got, name))
    return found


def isas_of(declared, programs):
    return [isa for isa in programs if declared.isa in ("", isa)]


def expected_file(source, declared, isa):
    """The file with the output of one instruction set, where the guest declares one, or nothing."""
    if declared.expected:
        return source.with_suffix(".expected")
    return source.with_suffix(f".{isa}.expected") if isa in declared.differs else None


def compare_run(options, declared, arguments, standard_input):
    """One run on every side; returns whether all agree."""
    reference = native_reference(options, declared, arguments, standard_input)
    if compare_with(reference, options, declared, arguments, standard_input):
        return True
    if reference is None:
        return False
    # A busy host loses a breakpoint's hit now and then: what it does not say twice is nothing to be held against.
    again = native_reference(options, declared, arguments, standard_input)
    if again is None or not difference(reference, again):
        return False
    print("the host does not agree with itself: once more, against what it says now")
    return compare_with(again, options, declared, arguments, standard_input)


def native_reference(options, declared, arguments, standard_input):
    if native_obstacle(declared):
        return None
    try:
        outcome = run_natively(options.x86, declared, arguments, standard_input, options.source.parent / "root")
    except subprocess.TimeoutExpired:
        print("SKIP native: it hangs on this host")
        return None
    outcome.stderr = without_program(outcome.stderr, options.x86)
    return outcome


def compare_with(native, options, declared, arguments, standard_input):
    programs = {"x86-64": options.x86, "ppc64": options.ppc64}
    title = shlex.join(arguments) if standard_input is None else f"< {standard_input.name}"
    root = options.source.parent / "root"
    reference, reference_name = native, "native" if native else ""
    agree = True
    for isa in isas_of(declared, programs):
        for cpus in declared.cpus:
            got = run_modelled(options.trapline, programs[isa], declared, arguments, standard_input, root, cpus)
            got.stderr = without_program(without_whereabouts(got.stderr), programs[isa])
            wanted, wanted_name = reference, reference_name
            if (file := expected_file(options.source, declared, isa)) is not None:
                wanted, wanted_name = Outcome(file.read_bytes(), b"", 0), file.name
            found = "" if wanted is None else difference(wanted, got)
            print(f"{'differs' if found else 'same'}: {isa} against {wanted_name or 'nothing'}: [{title}] on {cpus} CPU(s), status {got.status}")
            print(found, end="")
            agree &= not found
        if reference is None:
            reference, reference_name = got, isa
    return agree


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--source", required=True, type=Path, help="the guest's source")
    parser.add_argument("--x86", help="the guest, built for x86-64; without it, it runs on PPC64 only")
    parser.add_argument("--ppc64", help="the guest, built for PPC64; without it, on x86-64 only")
    options = parser.parse_args()
    declared = declaration_of(options.source)
    if (obstacle := native_obstacle(declared)) != "":
        print(f"SKIP native: {obstacle}")
    agreed = [compare_run(options, declared, *each) for each in declared.runs]
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
