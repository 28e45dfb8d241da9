"""The labs' command line: a student's way through an exercise, and the grading of a class that may be anybody's.

Usage: lab_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE [--sanitized]
"""
import csv
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest
import xml.etree.ElementTree as xml

from cli_test import CACHE, SOURCE, TIME_LIMIT, TRAPLINE, CommandLine

LABS = pathlib.Path(SOURCE, "scenarios", "labs")
FIRST = "01-counter"
RIGHT = "scenario: Mine\nprogram:\n  c: till.c\nevents:\n  writes: {watch: till, type: w, length: 4}\n"
TOO_LONG = RIGHT.replace("length: 4", "length: 8")


class Labs(CommandLine):
    def lab(self, status, *arguments):
        return self.expect(status, "lab", *arguments, "--labs", str(LABS), "--cache", CACHE).stdout.decode()

    def init(self, folder, student):
        self.lab(0, "init", os.path.join(self.folder, folder), "--student", student)
        return os.path.join(self.folder, folder)

    def check(self, status, folder, *arguments):
        return self.lab(status, "check", *arguments, "--in", folder)


class Student(Labs):
    def test_from_the_list_to_a_pass(self):
        mine = self.init("mine", "ada")
        listed = self.lab(0, "--in", mine)
        self.assertIn("not begun", listed)
        self.assertIn(f"Next: {FIRST}.", listed)
        self.assertIn("todo", self.check(1, mine, "1"))
        self.write(f"mine/{FIRST}/watch.yaml", TOO_LONG)
        wrong = self.check(1, mine, "1")
        self.assertIn("How many bytes has an int?", wrong)
        self.assertNotIn("expected", wrong)
        self.write(f"mine/{FIRST}/watch.yaml", RIGHT)
        right = self.check(1, mine, "1", "-v")
        self.assertIn("pass    3  Every write of the total", right)
        self.assertIn("-> ", right)
        self.assertIn("3 of 7 points", self.lab(0, "--in", mine))
        # The answers, as a student reads them off the list of hits.
        [culprit] = [line for line in right.splitlines() if any(f"  {name} " in line.replace("+", " +") for name in ("count_coins", "sweep_floor", "water_plants", "lock_door"))][:1]
        function = culprit.split("  ")[-2 if "[pc" in culprit else -1].split("+")[0].strip()
        line = culprit.split("till.c:")[1].split(")")[0]
        left = culprit.split("-> ")[1].split()[0]
        self.write(f"mine/{FIRST}/answers.yaml", f"culprit: {function}\nline: {line}\nleft: {left}\n")
        self.assertIn("7 of 7 points", self.check(0, mine, "1"))
        listed = self.lab(0, "--in", mine)
        self.assertIn("passed", listed)
        self.assertNotIn(f"Next: {FIRST}.", listed)

    def test_hints_come_one_by_one(self):
        mine = self.init("mine", "ada")
        counts = [self.lab(0, "hint", "1", "--in", mine).count("## ") for _ in range(4)]
        self.assertEqual(counts, [1, 2, 3, 3])

    def test_explain_tells_the_layers_in_order(self):
        mine = self.init("mine", "ada")
        self.assertIn("TODO", self.lab(0, "explain", "1", "--in", mine))
        self.write(f"mine/{FIRST}/watch.yaml", RIGHT)
        told = self.lab(0, "explain", "1", "--in", mine)
        at = 0
        for step in ("x86-64", "[debug-unit]", "[exception]  #DB", "[notifier]", "[hw_breakpoint]  perf_bp_event", "[perf]", "[front-end]", "ppc64",
                     "[debug-unit]", "[exception]  DSI", "[exception]  trace", "[perf]"):
            at = told.find(step, at)
            self.assertGreaterEqual(at, 0, step)

    def test_reset_keeps_what_was_there(self):
        mine = self.init("mine", "ada")
        self.write(f"mine/{FIRST}/watch.yaml", RIGHT)
        self.lab(0, "reset", "1", "--in", mine)
        self.assertIn("TODO", pathlib.Path(mine, FIRST, "watch.yaml").read_text())
        self.assertEqual(pathlib.Path(mine, FIRST + ".before-reset", "watch.yaml").read_text(), RIGHT)

    def test_nothing_is_written_over(self):
        mine = self.init("mine", "ada")
        self.assertIn(b"is a folder of the labs already", self.trapline("lab", "init", mine, "--labs", str(LABS)).stderr)
        self.assertEqual(self.trapline("lab", "init", os.path.join(self.folder, "x"), "--student", "../x", "--labs", str(LABS)).returncode, 2)
        self.assertEqual(self.trapline("lab", "check", "--in", self.folder, "--labs", str(LABS)).returncode, 2)
        self.assertIn(b"there are", self.trapline("lab", "check", "99", "--in", mine, "--labs", str(LABS)).stderr)

    def test_students_differ_and_stay_the_same(self):
        texts = set()
        for student in ("ada", "grace", "edsger", "barbara"):
            texts.add(pathlib.Path(self.init(student, student), FIRST, "till.c").read_text())
        self.assertGreater(len(texts), 1)
        again = pathlib.Path(self.init("again", "ada"), FIRST, "till.c").read_text()
        self.assertEqual(again, pathlib.Path(self.folder, "ada", FIRST, "till.c").read_text())

    def test_what_is_deleted_is_no_pass(self):
        mine = self.init("mine", "ada")
        os.remove(os.path.join(mine, FIRST, "watch.yaml"))
        self.assertIn("watch.yaml: error", self.check(1, mine, "1"))
        # No events, or a program of the student's own.
        self.write(f"mine/{FIRST}/watch.yaml", "scenario: Mine\nprogram:\n  c: till.c\n")
        self.assertIn("0 of 7", self.check(1, mine, "1"))
        self.write(f"mine/{FIRST}/watch.yaml", RIGHT.replace("c: till.c", 'c: {source: "int till; int main(void) { return 0; }"}').replace("length: 4", "length: 8"))
        self.assertIn("0 of 7", self.check(1, mine, "1"))
        # A changed program that is not the student's to change.
        self.write(f"mine/{FIRST}/till.c", "int till; int main(void) { return 0; }")
        self.write(f"mine/{FIRST}/watch.yaml", RIGHT)
        self.assertIn("3 of 7", self.check(1, mine, "1"))

    def test_mistakes_in_a_file_have_their_place(self):
        mine = self.init("mine", "ada")
        self.write(f"mine/{FIRST}/watch.yaml", RIGHT.replace("length: 4", "lenth: 4"))
        self.assertIn("watch.yaml:5:34: error", self.check(1, mine, "1"))

    def test_watch_checks_what_is_saved(self):
        mine = self.init("mine", "ada")
        with subprocess.Popen([TRAPLINE, "lab", "watch", "--in", mine, "--labs", str(LABS), "--cache", CACHE], stdout=subprocess.PIPE) as process:
            try:
                self.assertIn(b"Watching", process.stdout.readline())
                self.write(f"mine/{FIRST}/watch.yaml", RIGHT)
                seen = b""
                while b"points" not in seen:
                    line = process.stdout.readline()
                    self.assertTrue(line, seen)
                    seen += line
                self.assertIn(b"pass    3  Every write", seen)
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=TIME_LIMIT)


HOSTILE = """\
scenario: Reads what is not its own
isa: x86-64
machine: {slots: 3}
program:
  c:
    source: |
      #include "/etc/passwd"
      int main(void) { return 0; }
events:
  first: {watch: packet, length: 1}
"""
# Exercise 3's program includes what the student wrote: files of the host, and no end.
INCBIN = '.incbin "/etc/passwd"\n.incbin "../../../../etc/passwd"\n.incbin "/dev/zero"\n' + "".join(f".set PROBE_{i}, 0\n" for i in range(1, 6))
# The debugger of exercise 10.
FORKS = "#include <unistd.h>\n#include <stdio.h>\nint main(void) { for (;;) { fork(); puts(\"more and more and more\"); } }\n"
FILLS = """\
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
static char much[1 << 20];
int main(void) {
  int fd = open("/tmp/filled", O_CREAT | O_WRONLY, 0600);
  for (;;) { write(1, much, sizeof much); if (fd >= 0) write(fd, much, sizeof much); }
}
"""
LOOPS = "int main(void) { for (;;) { } }\n"
MACROS = "".join(f"#define M{i} M{i + 1} M{i + 1} M{i + 1} M{i + 1}\n" for i in range(40)) + "#define M40 int x;\nM0\n"


# Each student's process has 4 GiB of addresses; the address sanitizer reserves terabytes of them.
@unittest.skipIf("--sanitized" in sys.argv, "the sanitizers' memory is not Trapline's")
class Grading(Labs):
    def handed_in(self, count):
        for i in range(count):
            self.init(f"class/student{i:02}", f"student{i}")
            if i % 3 != 2:
                self.write(f"class/student{i:02}/{FIRST}/watch.yaml", TOO_LONG if i % 3 == 1 else RIGHT)

    def hostile(self):
        folder = self.init("class/mallory", "mallory")
        self.write(f"class/mallory/{FIRST}/watch.yaml", HOSTILE)
        os.remove(os.path.join(folder, FIRST, "answers.yaml"))
        os.symlink("/etc/passwd", os.path.join(folder, FIRST, "answers.yaml"))
        self.write("class/mallory/02-lengths/watch.yaml", HOSTILE)
        self.write("class/mallory/03-dr7/dr7.s", INCBIN)
        for exercise, file, text in (("09-heap", "notes.c", MACROS), ("10-debugger", "debugger_x86.c", FORKS), ("10-debugger", "debugger_ppc64.c", FILLS),
                                     ("12-ladder", "race.c", LOOPS)):
            if (LABS / exercise).is_dir():
                self.write(f"class/mallory/{exercise}/{file}", text)
        return folder

    def grade(self, *arguments, status=0):
        return self.expect(status, "lab", "grade", os.path.join(self.folder, "class"), "--labs", str(LABS), *arguments)

    def test_a_class_of_thirty(self):
        self.handed_in(29)
        self.hostile()
        begun = time.monotonic()
        graded = json.loads(self.grade("--format", "json", "-j", "2").stdout)
        took = time.monotonic() - begun
        print(f"graded {len(graded)} students in {took:.1f} s", file=sys.stderr)
        self.assertEqual(len(graded), 30)
        by_name = {one["folder"]: one for one in graded}
        for i in range(29):
            one = by_name[f"student{i:02}"]
            self.assertEqual(one["student"], f"student{i}")
            self.assertEqual(one["notes"], [])
            self.assertEqual(one["points"], 3 if i % 3 == 0 else 0, one)
        mallory = by_name["mallory"]
        self.assertEqual(mallory["points"], 0)
        self.assertEqual([one["exercise"] for one in mallory["exercises"]], sorted(path.name for path in LABS.iterdir() if path.is_dir()))
        problems = json.dumps(mallory)
        self.assertIn("is a link", problems)
        self.assertNotIn("root:", problems)
        self.assertFalse(os.path.exists("/tmp/filled"))

    def test_the_forms_of_a_report(self):
        self.handed_in(3)
        rows = list(csv.DictReader(io.StringIO(self.grade("--format", "csv").stdout.decode())))
        self.assertEqual([row["points"] for row in rows], ["3", "0", "0"])
        self.assertEqual([row[FIRST] for row in rows], ["3", "0", "0"])
        suites = xml.fromstring(self.grade("--format", "junit").stdout)
        self.assertEqual([suite.get("name") for suite in suites], ["student00", "student01", "student02"])
        self.assertIn(b"3 students", self.grade().stdout)

    def test_hidden_tests_count(self):
        self.handed_in(1)
        self.write(f"hidden/{FIRST}/exercise.yaml", "tests:\n  - {name: Secret, points: 5, file: watch.yaml, check: secret.yaml, otherwise: No.}\n")
        self.write(f"hidden/{FIRST}/checks/secret.yaml", "scenario: Secret\nprogram: {c: till.c}\nexpect: {exit: 0, events: {writes: {hits: [{function: open_till}], more: true}}}\n")
        [one] = json.loads(self.grade("--format", "json", "--hidden", os.path.join(self.folder, "hidden")).stdout)
        self.assertEqual(one["points"], 8)

    def test_who_is_no_student_is_noted(self):
        self.handed_in(1)
        shutil.copytree(os.path.join(self.folder, "class/student00"), os.path.join(self.folder, "class/twin"))
        os.mkdir(os.path.join(self.folder, "class/empty"))
        self.write("class/strange/lab.yaml", "student: \"$(reboot)\"\n")
        os.symlink("/", os.path.join(self.folder, "class/link"))
        graded = {one["folder"]: one for one in json.loads(self.grade("--format", "json").stdout)}
        self.assertEqual(sorted(graded), ["empty", "strange", "student00", "twin"])
        self.assertIn("2 folders say", graded["twin"]["notes"][0])
        self.assertIn("no folder of the labs", graded["empty"]["notes"][0])
        self.assertIn("student: ID", graded["strange"]["notes"][0])

    def test_a_time_limit_ends_it_and_keeps_what_was_graded(self):
        self.hostile()
        begun = time.monotonic()
        [one] = json.loads(self.grade("--format", "json", "--time-limit", "1").stdout)
        self.assertLess(time.monotonic() - begun, 30)
        self.assertIn("stopped after 1 seconds", one["notes"][-1])

    def test_a_folder_without_students_is_bad(self):
        os.mkdir(os.path.join(self.folder, "class"))
        self.grade(status=2)


class Scenarios(Labs):
    def test_exercises_are_no_scenarios(self):
        self.init("mine", "ada")
        shutil.copytree(LABS, os.path.join(self.folder, "all/labs"))
        self.assertEqual(self.trapline("run", "all").returncode, 2)
        self.write("all/one.yaml", 'scenario: One\nisa: x86-64\nprogram: {assembly: ".globl _start; _start: mov $60, %eax; xor %edi, %edi; syscall"}\n')
        self.assertIn(b"1 of 1 scenario passed", self.expect(0, "run", "all").stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
