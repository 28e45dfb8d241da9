#!/usr/bin/python3
"""Input that is no program to run, and programs that never end: trapline exec says so and neither crashes nor hangs."""

import argparse
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BAD_INPUT = 2
TIMEOUT = 20  # seconds for one run: beyond it is a hang
MOST_RESIDENT = 512 << 10  # KiB; some 25 MiB, and the sanitizers'
FEW_CYCLES = "2000000"  # enough for a small program's whole run, little for one that a changed header sends astray
SOME_CYCLES = "20000000"  # several hundred system calls
SIGXCPU_STATUS = 128 + signal.SIGXCPU
SANITIZERS = (b"AddressSanitizer", b"runtime error:", b"LeakSanitizer", b"ThreadSanitizer")

# Offsets in an ELF64 header and in a program header: elf(5).
EI_CLASS, EI_DATA, E_TYPE, E_MACHINE, E_ENTRY, E_PHOFF, E_FLAGS, E_PHENTSIZE, E_PHNUM = 4, 5, 16, 18, 24, 32, 48, 54, 56
P_TYPE, P_FLAGS, P_OFFSET, P_VADDR, P_FILESZ, P_MEMSZ, P_ALIGN = 0, 4, 8, 16, 32, 40, 48
HEADER_SIZE, PHDR_SIZE = 64, 56
PT_LOAD = 1
ET_REL, ET_CORE, EM_386, EM_ARM64 = 1, 4, 3, 183


class Checks:
    """Runs trapline exec and counts what was wrong with how it ended."""

    def __init__(self, trapline, folder):
        self.trapline = trapline
        self.folder = Path(folder)
        self.failures = []
        self.count = 0

    def run(self, program, *options, arguments=(), stdout=subprocess.PIPE, cycles=FEW_CYCLES):
        command = [self.trapline, "exec", "--max-cycles", cycles, *options, "--", str(program), *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=TIMEOUT,
                              check=False)

    def sound(self, what, program, *options, **how):
        """A run that may end in any way but a crash of trapline itself or a hang; returns it, or nothing."""
        self.count += 1
        try:
            done = self.run(program, *options, **how)
        except subprocess.TimeoutExpired:
            self.failures.append(f"{what}: hangs")
            return None
        if done.returncode < 0:
            self.failures.append(f"{what}: trapline dies by signal {-done.returncode}")
        if any(word in done.stderr for word in SANITIZERS):
            self.failures.append(f"{what}: {done.stderr.decode(errors='replace')}")
        return done

    def refused(self, what, program, *options, **how):
        """A run that must end as bad input does: status 2, nothing on stdout, one line that names the program."""
        done = self.sound(what, program, *options, **how)
        if done is None:
            return
        if done.returncode != BAD_INPUT or done.stdout != b"" or not is_error_line(done.stderr, program):
            self.failures.append(f"{what}: status {done.returncode}, stdout {done.stdout[:60]!r}, stderr {done.stderr[:300]!r}")

    def refused_or_run(self, what, program, *options):
        """A run that is refused as bad input, or, where the file still makes a program, ends as a program may."""
        done = self.sound(what, program, *options)
        if done is not None and done.returncode == BAD_INPUT and not is_error_line(done.stderr, program):
            self.failures.append(f"{what}: status 2 with {done.stderr[:300]!r}")

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def bad(self, what, content):
        self.refused(what, self.file(what.replace(" ", "_").replace("/", "_"), content))


def is_error_line(text, program):
    return text.startswith(f"{program}: error: ".encode()) and text.count(b"\n") == 1 and text.endswith(b"\n")


def order(image):
    return ">" if image[EI_DATA] == 2 else "<"


def put(image, offset, kind, value):
    """The image with one field replaced."""
    changed = bytearray(image)
    struct.pack_into(order(image) + kind, changed, offset, value)
    return bytes(changed)


def loads(image):
    """The file offsets of the program headers of an image's PT_LOAD segments."""
    start, = struct.unpack_from(order(image) + "Q", image, E_PHOFF)
    count, = struct.unpack_from(order(image) + "H", image, E_PHNUM)
    headers = [start + PHDR_SIZE * i for i in range(count)]
    return [at for at in headers if struct.unpack_from(order(image) + "I", image, at + P_TYPE) == (PT_LOAD,)]


def no_files(checks):
    checks.refused("missing file", checks.folder / "absent")
    checks.refused("folder", checks.folder)
    checks.refused("below a file", checks.file("plain", b"x") / "below")
    unreadable = checks.file("unreadable", b"\x7fELF")
    unreadable.chmod(0)
    checks.refused("unreadable", unreadable)


def special_files(checks):
    checks.refused("null device", Path("/dev/null"))
    loop = checks.folder / "loop"
    loop.symlink_to(loop)
    checks.refused("link to itself", loop)


def no_elf(checks):
    checks.bad("empty", b"")
    checks.bad("text", b"hello, world\n" * 50)
    checks.bad("script", b"#!/bin/sh\necho hello\n" + b"\n" * 100)
    checks.bad("magic only", b"\x7fELF")
    checks.bad("magic and zeros", b"\x7fELF" + bytes(200))
    checks.bad("random", random.Random(1).randbytes(5000))


def compiled(checks, compiler, options, name):
    source = checks.file("main.c", b"int main(void) { return 0; }\nint function(void) { return 1; }\n")
    program = checks.folder / name
    done = subprocess.run([compiler, *options, "-o", program, source], capture_output=True, check=False)
    if done.returncode != 0:
        print(f"SKIP {name}: {compiler} cannot build it here: {done.stderr.decode().strip().splitlines()[-1]}")
        return None
    return program


def other_kinds(checks):
    for compiler in ("x86_64-linux-gnu-gcc", "powerpc64-linux-gnu-gcc"):
        for kind, options in (("object", ["-c"]), ("shared", ["-shared", "-fPIC", "-nostdlib"]), ("dynamic", []),
                              ("dynamic_pie", ["-pie", "-fPIE"])):
            program = compiled(checks, compiler, options, f"{kind}_{compiler}")
            if program is not None:
                checks.refused(f"{kind} by {compiler}", program)
    for isa, compiler, options in (("i386", "x86_64-linux-gnu-gcc", ["-m32"]), ("ppc", "powerpc64-linux-gnu-gcc", ["-m32"]),
                                   ("x32", "x86_64-linux-gnu-gcc", ["-mx32"]),
                                   ("little_endian", "powerpc64-linux-gnu-gcc", ["-mlittle-endian", "-mabi=elfv2"])):
        program = compiled(checks, compiler, [*options, "-nostdlib", "-static", "-Wl,-e,main", "-ffreestanding"], isa)
        if program is not None:
            checks.refused(isa, program)


def changed_headers(checks, isa, image):
    checks.bad(f"{isa} of class 32", put(image, EI_CLASS, "B", 1))
    checks.bad(f"{isa} of class 7", put(image, EI_CLASS, "B", 7))
    checks.bad(f"{isa} in the other byte order", put(image, EI_DATA, "B", 3 - image[EI_DATA]))
    checks.bad(f"{isa} in no byte order", put(image, EI_DATA, "B", 0))
    for machine in (0, EM_386, EM_ARM64, 0xffff):
        checks.bad(f"{isa} for machine {machine}", put(image, E_MACHINE, "H", machine))
    for kind in (0, ET_REL, ET_CORE, 0xffff):
        checks.bad(f"{isa} of type {kind}", put(image, E_TYPE, "H", kind))
    for entry in (0, 8, 1 << 40, (1 << 64) - 1):
        checks.bad(f"{isa} entered at {entry:#x}", put(image, E_ENTRY, "Q", entry))
    for offset in (len(image), len(image) - 8, 1 << 40, (1 << 64) - 8):
        checks.bad(f"{isa} with headers at {offset:#x}", put(image, E_PHOFF, "Q", offset))
    checks.bad(f"{isa} without headers", put(image, E_PHNUM, "H", 0))
    checks.bad(f"{isa} with 65534 headers", put(image, E_PHNUM, "H", 65534))
    checks.bad(f"{isa} with headers of 0 bytes", put(image, E_PHENTSIZE, "H", 0))
    checks.bad(f"{isa} with headers of 55 bytes", put(image, E_PHENTSIZE, "H", PHDR_SIZE - 1))


def changed_segments(checks, isa, image):
    first, second, *_ = loads(image)
    for value in (len(image) + 1, 1 << 62, (1 << 64) - 1):
        checks.bad(f"{isa} with {value:#x} in the file", put(image, first + P_FILESZ, "Q", value))
        checks.bad(f"{isa} from {value:#x} of the file", put(image, first + P_OFFSET, "Q", value))
    for value in (0, 1 << 47, 1 << 62, (1 << 64) - 1):
        checks.bad(f"{isa} with {value:#x} in memory", put(image, first + P_MEMSZ, "Q", value))
    for value in (1 << 47, 1 << 63, (1 << 64) - 65536, 0xc000000000000000):
        moved = put(put(image, second + P_VADDR, "Q", value), second + P_OFFSET, "Q", 0)
        checks.bad(f"{isa} at {value:#x}", moved)
    where, = struct.unpack_from(order(image) + "Q", image, first + P_VADDR)
    overlapping = put(put(image, second + P_VADDR, "Q", where), second + P_OFFSET, "Q", 0)
    checks.refused_or_run(f"{isa} overlapping", checks.file(f"{isa}_overlapping", overlapping))  # the second lies on top
    offset, = struct.unpack_from(order(image) + "Q", image, first + P_OFFSET)
    checks.bad(f"{isa} out of step with its pages", put(image, first + P_OFFSET, "Q", offset + 1))


def in_parallel(jobs):
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for job in [pool.submit(*each) for each in jobs]:
            job.result()


def truncated(checks, isa, image):
    jobs = []
    for length in range(0, 8192, 97):
        jobs.append((checks.refused, f"{isa} cut to {length}", checks.file(f"{isa}_cut_{length}", image[:length])))
    for part in (2, 3, 4):
        jobs.append((checks.refused_or_run, f"{isa} cut to 1/{part}", checks.file(f"{isa}_part_{part}", image[: len(image) // part])))
    in_parallel(jobs)


def flipped(checks, isa, image, seed, count):
    """Random bytes and bits of the ELF header and the program headers."""
    chance = random.Random(seed)
    end = loads(image)[-1] + PHDR_SIZE
    jobs = []
    for n in range(count):
        changed = bytearray(image)
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            at = chance.randrange(end)
            changed[at] = chance.choice((changed[at] ^ 1 << chance.randrange(8), chance.randrange(256), 0, 0xff))
        jobs.append((checks.refused_or_run, f"{isa} flip {seed}/{n}", checks.file(f"{isa}_flip_{n}", bytes(changed))))
    in_parallel(jobs)


def spoiled_code(checks, isa, image, seed, count):
    """Random bytes of the code: the guest may do anything, trapline may not crash."""
    chance = random.Random(seed)
    entry_page = loads(image)[1 if isa == "x86-64" else 0]
    start, = struct.unpack_from(order(image) + "Q", image, entry_page + P_OFFSET)
    size, = struct.unpack_from(order(image) + "Q", image, entry_page + P_FILESZ)
    jobs = []
    for n in range(count):
        changed = bytearray(image)
        for at in range(start + chance.randrange(64), start + size, 64):
            changed[at] = chance.randrange(256)
        jobs.append((checks.refused_or_run, f"{isa} code {seed}/{n}", checks.file(f"{isa}_code_{n}", bytes(changed))))
    in_parallel(jobs)


def expect(checks, what, done, status, message):
    if done is None:
        return
    if done.returncode != status or message not in done.stderr:
        checks.failures.append(f"{what}: status {done.returncode}, stderr {done.stderr[:300]!r}")


def bounds(checks, guests, isa):
    """Programs that would never end."""
    loop = checks.sound(f"{isa} endless loop", guests / isa / "endless_loop")
    expect(checks, f"{isa} endless loop", loop, SIGXCPU_STATUS, b"--max-cycles")
    flood = checks.sound(f"{isa} endless output", guests / isa / "endless_output")
    expect(checks, f"{isa} endless output", flood, SIGXCPU_STATUS, b"--max-cycles")


def closed_output(checks, guests, isa):
    """Nobody reads: SIGPIPE ends the guest as on Linux; trapline itself does not die of it."""
    reader, writer = os.pipe()
    os.close(reader)
    done = checks.sound(f"{isa} closed output", guests / isa / "endless_output", stdout=writer)
    os.close(writer)
    expect(checks, f"{isa} closed output", done, 128 + signal.SIGPIPE, b"")


def full_output(checks, guests, isa):
    """A device without room: the guest gets ENOSPC, goes on, and still comes to an end."""
    with open("/dev/full", "wb") as full:
        done = checks.sound(f"{isa} full output", guests / isa / "endless_output", arguments=["100"], stdout=full)
    expect(checks, f"{isa} full output", done, 0, b"")


def full_trace(checks, guests, isa):
    """A trace that cannot be written ends the run when the first of it cannot, not with the program."""
    whole = checks.sound(f"{isa} no trace", guests / isa / "endless_output", cycles=SOME_CYCLES)
    done = checks.sound(f"{isa} full trace", guests / isa / "endless_output", "--trace", "/dev/full", cycles=SOME_CYCLES)
    expect(checks, f"{isa} full trace", done, BAD_INPUT, b"cannot write /dev/full")
    if done is not None and whole is not None and len(done.stdout) > len(whole.stdout) / 2:
        checks.failures.append(f"{isa} full trace: {len(done.stdout)} of {len(whole.stdout)} bytes were still printed")


def little_memory(checks, guests, isa):
    for size in ("1M", "2M", "4M"):
        checks.refused_or_run(f"{isa} in {size}", guests / isa / "hello", "--memory", size)


def large_file(checks, guests, isa):
    """Of a program only what it needs is read, however large its file is."""
    program = checks.file(f"{isa}_large", (guests / isa / "hello").read_bytes())
    os.truncate(program, 2 << 30)
    checks.count += 1
    # A process of its own, since the usage of children is the most that any of them used.
    child = os.posix_spawn(checks.trapline, [checks.trapline, "exec", "--", str(program)], os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(child, 0)
    if status != 0 or usage.ru_maxrss > MOST_RESIDENT:
        checks.failures.append(f"{isa} large file: status {status:#x}, {usage.ru_maxrss} KiB resident")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--guests", required=True, type=Path, help="the folder with the built guests, x86-64/ and ppc64/")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checks = Checks(options.trapline, folder)
        no_files(checks)
        special_files(checks)
        no_elf(checks)
        other_kinds(checks)
        for isa in ("x86-64", "ppc64"):
            image = (options.guests / isa / "endless_loop").read_bytes()
            changed_headers(checks, isa, image)
            changed_segments(checks, isa, image)
            truncated(checks, isa, image)
            flipped(checks, isa, image, 1, 200)
            spoiled_code(checks, isa, image, 1, 40)
            bounds(checks, options.guests, isa)
            closed_output(checks, options.guests, isa)
            full_output(checks, options.guests, isa)
            full_trace(checks, options.guests, isa)
            little_memory(checks, options.guests, isa)
            large_file(checks, options.guests, isa)
    for failure in checks.failures:
        print(f"failed: {failure}")
    print(f"{checks.count} inputs, {len(checks.failures)} failures")
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main())
