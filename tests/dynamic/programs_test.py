#!/usr/bin/python3
"""Dynamic programs natively and under Trapline: where they lie, what they are told, what they print; and on PPC64, with the
cross libraries as the root folder, the same. Exit status: 0 the same, 1 something differs, 77 nothing could be compared."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from comparing import Comparison, missing, run, text, without_randomisation

PPC64_LIBRARIES = Path("/usr/powerpc64-linux-gnu")
BAD_INPUT = 2


class Programs:
    def __init__(self, trapline, guests, sources):
        self.trapline, self.guests, self.sources = trapline, guests, sources
        self.comparison = Comparison()
        self.native = platform.system() == "Linux" and platform.machine() == "x86_64"

    def guest(self, root, arguments, *options, **how):
        return run([self.trapline, "exec", "--root", str(root), *options, "--", *arguments], **how)

    def same_as_natively(self, what, arguments, *options, **how):
        """A command in the folder of the programs, run natively and by a guest whose root is the host's."""
        if not self.native:
            self.comparison.skip(what, "the host is no x86-64 Linux")
            return
        wanted, status = run(without_randomisation(arguments), cwd=self.guests / "x86-64", **how)
        got, modelled = self.guest("/", arguments, *options, cwd=self.guests / "x86-64", **how)
        self.comparison.expect(what, f"{text(wanted)}status {status}", f"{text(got)}status {modelled}")

    def on_ppc64(self, what, wanted, name, arguments, *options):
        """A program of the PPC64 folder, in a root folder of its own that has the cross libraries."""
        if (absent := missing(PPC64_LIBRARIES / "lib64/ld64.so.1", self.guests / "ppc64" / name)) != "":
            self.comparison.skip(f"{what} on ppc64", f"there is no {absent}")
            return
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            shutil.copytree(PPC64_LIBRARIES / "lib", root / "lib", symlinks=True, ignore=shutil.ignore_patterns("*.a", "*san*"))
            (root / "lib64").symlink_to("lib")
            for file in (self.guests / "ppc64").iterdir():
                shutil.copy(file, root / ("lib" if file.suffix == ".so" else ".") / file.name)
            got, status = self.guest(root, [f"/{name}", *arguments], *options)
            self.comparison.expect(f"{what} on ppc64 {' '.join(options)}", wanted, f"{text(got)}status {status}")


def layouts(programs):
    for kind in ("layout", "layout.fixed", "layout.static_pie", "layout.aligned"):
        programs.same_as_natively(kind, [f"./{kind}", "argument"])
    programs.same_as_natively("by its interpreter", ["/lib64/ld-linux-x86-64.so.2", "/bin/echo", "started"])
    programs.same_as_natively("layout under a large stack", ["/bin/sh", "-c", "ulimit -s 1000000; exec ./layout"])


def scripts(programs):
    script = programs.sources / "script.sh"
    programs.same_as_natively("script", [str(script), "one", "two words"])


def linking(programs):
    library = str(programs.guests / "x86-64/liblibrary.so")
    where = {"environment": {"LD_LIBRARY_PATH": str(programs.guests / "x86-64")}}
    if programs.native:
        wanted, status = run(["./linked", library], cwd=programs.guests / "x86-64", **where)
        expected = f"{text(wanted)}status {status}"
        for gear in ("watched-pages", "everything"):
            got, modelled = programs.guest("/", ["./linked", library], "--env", f"LD_LIBRARY_PATH={programs.guests / 'x86-64'}",
                                           "--gear", gear, cwd=programs.guests / "x86-64")
            programs.comparison.expect(f"linking, {gear}", expected, f"{text(got)}status {modelled}")
        programs.on_ppc64("linking", expected, "linked", ["/lib/liblibrary.so"])
        wanted, status = run(["./exceptions"], cwd=programs.guests / "x86-64")
        programs.same_as_natively("exceptions", ["./exceptions"], "--cpus", "2")
        programs.on_ppc64("exceptions", f"{text(wanted)}status {status}", "exceptions", [])


def names(programs):
    """Where a program is found, and what it is called then."""
    guests = programs.guests / "x86-64"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "bin").mkdir()
        (root / "work").mkdir()
        shutil.copy(guests / "names", root / "bin/names")
        shutil.copy(guests / "names", root / "work/here")

        def expect(what, arguments, wanted, *options, cwd=None):
            got, status = programs.guest(root, arguments, *options, cwd=cwd)
            programs.comparison.expect(what, wanted, f"{text(got)}status {status}")

        def named(name, file, exe, folder):
            return f"argv[0] {name}, AT_EXECFN {file}, exe {exe}, there, in {folder}\nstatus 0"

        expect("by PATH", ["names"], named("names", "/bin/names", "/bin/names", "/"), cwd="/")
        expect("by a path", ["/bin/names"], named("/bin/names", "/bin/names", "/bin/names", "/"), cwd="/")
        expect("by a host's path", [f"{root}/bin/names"], named("/bin/names", "/bin/names", "/bin/names", "/"), cwd="/")
        expect("in the working directory", ["./here"], named("./here", "./here", "/work/here", "/work"), cwd=root / "work")
        expect("in another", ["./here"], named("./here", "./here", "/work/here", "/work"), "--cwd", "/work", cwd="/")
        expect("a working directory that is not there", ["/bin/names"],
               "/bin/names: error: cannot start in /absent: there is no such folder in the guest's root folder\nstatus 2",
               "--cwd", "/absent")
        got, status = programs.guest(root, ["absent"])
        programs.comparison.expect("nowhere", "absent: error: is in no folder of the guest's PATH "
                                   "(/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin), nor a file here\nstatus 2",
                                   f"{text(got)}status {status}")
        # What it needs is not there; without a root folder, nothing is.
        got, status = programs.guest(root, [str(guests / "layout")])
        programs.comparison.expect("without its interpreter", f"needs /lib64/ld-linux-x86-64.so.2, status {BAD_INPUT}",
                                   f"{'needs /lib64/ld-linux-x86-64.so.2' if 'needs /lib64/ld-linux-x86-64.so.2' in text(got) else text(got)}, status {status}")


SCENARIO = """scenario: {title}
isa: [{isa}]
program:
  {program}
  root: {root}
events:
  writes: {{watch: counter, type: w, length: 4}}
expect:
  exit: 0
  events:
    writes: {{count: {count}}}
"""
INLINE = r"""c:
    source: |
      #include <stdio.h>
      volatile int counter;
      int main(void) { counter = 1; counter = 2; puts("done"); return 0; }
  static: false"""


def scenarios(programs):
    """`trapline run`: what a scenario watches is found in a program that the interpreter starts, wherever that lies."""
    trusting = ["--trust"] if "--trust" in text(run([programs.trapline, "run", "--help"])[0]) else []
    with tempfile.TemporaryDirectory() as folder:
        for isa, root in (("x86-64", "/"), ("ppc64", str(PPC64_LIBRARIES))):
            if (absent := missing(root)) != "":
                programs.comparison.skip(f"scenarios on {isa}", f"there is no {absent}")
                continue
            # Of the three writes of the second one, one is a thread's.
            for title, program, count in (("compiled here", INLINE, 2),
                                          ("position-independent", f"elf: {programs.guests / isa / 'watched'}", 2)):
                file = Path(folder) / "scenario.yaml"
                file.write_text(SCENARIO.format(title=title, isa=isa, program=program, root=root, count=count))
                output, status = run([programs.trapline, "run", *trusting, str(file)], environment={"XDG_CACHE_HOME": folder, "PATH": os.environ["PATH"]})
                programs.comparison.expect(f"scenario on {isa}, {title}", "status 0", f"status {status}" + ("" if status == 0 else text(output)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trapline", required=True, help="the command trapline")
    parser.add_argument("--guests", required=True, type=Path, help="the folder with the built programs, x86-64/ and ppc64/")
    parser.add_argument("--sources", required=True, type=Path, help="this folder")
    options = parser.parse_args()
    programs = Programs(os.path.abspath(options.trapline), options.guests.absolute(), options.sources.absolute())
    for part in (layouts, scripts, linking, names, scenarios):
        part(programs)
    return programs.comparison.status()


if __name__ == "__main__":
    sys.exit(main())
