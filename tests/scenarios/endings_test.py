"""Signals, and streams that are closed: nothing is left behind, and nothing goes where it does not belong.

Usage: endings_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import pathlib
import signal
import subprocess
import sys
import unittest

from cli_test import TIME_LIMIT, TRAPLINE, CommandLine, wait_until


def processes_in(folder):
    """Those that run there."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found


class Endings(CommandLine):
    def built(self):
        """A program that prints two lines, and one that never ends, as files."""
        programs = []
        for name, source in (("two", '#include <stdio.h>\nint main(void) { puts("guest text"); fprintf(stderr, "guest error\\n"); return 0; }'),
                             ("endless", "int main(void) { for (;;) {} }")):
            self.write(f"{name}.c", source)
            self.write(f"{name}.yaml", f"scenario: x\nisa: x86-64\nmachine: {{max-cycles: 100000}}\nprogram: {{c: {name}.c}}\n")
            subprocess.run([TRAPLINE, "run", f"{name}.yaml", "--cache", name], cwd=self.folder, capture_output=True, check=False, timeout=TIME_LIMIT)
            programs += [path for path in (self.folder / name).iterdir() if path.name.startswith("x86-64-") and path.suffix == ""]
        return programs

    def test_a_signal_ends_the_compilers_and_leaves_no_folder(self):
        self.write("in/bomb.h", "#if __INCLUDE_LEVEL__ < 100\n#include \"bomb.h\"\n#include \"bomb.h\"\n#endif\n")
        self.write("in/a.yaml", "scenario: x\nprogram: {c: {source: '#include \"bomb.h\"'}}\n")
        inside = (self.folder / "in").resolve()
        for ended_by in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(ended_by), subprocess.Popen([TRAPLINE, "run", "in/a.yaml", "--cache", "cache", "-j2"], cwd=self.folder,
                                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                wait_until(lambda: any("cc1" in command for command in processes_in(inside)))
                process.send_signal(ended_by)
                self.assertEqual(process.wait(timeout=60), -ended_by)
                wait_until(lambda: processes_in(inside) == [])
                self.assertEqual(list((self.folder / "cache").iterdir()), [])

    def test_a_signal_ends_exec_without_a_rest(self):
        endless = self.built()[1]
        for ended_by in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(ended_by), subprocess.Popen([TRAPLINE, "exec", "--trace", "trace", "--", endless], cwd=self.folder) as process:
                wait_until(lambda: list(self.folder.glob("trace*")))
                process.send_signal(ended_by)
                self.assertEqual(process.wait(timeout=60), -ended_by)
                self.assertEqual(list(self.folder.glob("trace*")), [])

    def test_an_ignored_signal_stays_ignored(self):
        endless = self.built()[1]
        with subprocess.Popen(["/bin/sh", "-c", 'trap "" HUP; exec "$0" "$@"', TRAPLINE, "exec", "--trace", "trace", "--", endless], cwd=self.folder) as process:
            wait_until(lambda: list(self.folder.glob("trace*")))
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), -signal.SIGTERM)

    def test_no_file_takes_the_place_of_a_closed_stream(self):
        two = self.built()[0]
        for closed in ("<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            with self.subTest(closed):
                done = subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", TRAPLINE, "exec", "--trace", "trace", "--", two], cwd=self.folder,
                                      capture_output=True, check=False, timeout=TIME_LIMIT)
                self.assertEqual(done.returncode, 0)
                self.assertEqual(done.stdout, b"" if " >&-" in " " + closed else b"guest text\n")
                for line in (self.folder / "trace").read_text().splitlines():
                    json.loads(line)
                self.assertNotIn("guest text", (self.folder / "trace").read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
