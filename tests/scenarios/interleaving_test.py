"""How CPUs take turns: the quantum, seeds of the schedule, and what `run --schedule-seeds` reports.

Usage: interleaving_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

TRAPLINE, _, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
TIME_LIMIT = 300  # seconds for one command
SEEDS = 4 if "--sanitized" in sys.argv else 12

HEAD = """\
program:
  flags: [-pthread]
  c:
    source: |
      #include <pthread.h>
      volatile int cell;
      static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
"""
# Under the mutex each value is written after the one before.
LOCKED = """\
scenario: A lock orders
machine: {cpus: 2, quantum: QUANTUM}
""" + HEAD + """\
      static void *work(void *unused) {
        for (int i = 0; i < 60; i++) { pthread_mutex_lock(&mutex); cell++; pthread_mutex_unlock(&mutex); }
        return unused;
      }
      int main(void) {
        pthread_t a, b;
        pthread_create(&a, 0, work, 0); pthread_create(&b, 0, work, 0);
        pthread_join(a, 0); pthread_join(b, 0);
        return cell == 120 ? 0 : 1;
      }
events: {writes: {watch: cell, inherit: true}}
"""
RACE = """\
scenario: Updates get lost
machine: {cpus: CPUS}
SEED
""" + HEAD + """\
      static void *work(void *unused) { for (int i = 0; i < ROUNDS; i++) cell += 1; return unused; }
      int main(void) {
        pthread_t a, b;
        pthread_create(&a, 0, work, 0); pthread_create(&b, 0, work, 0);
        pthread_join(a, 0); pthread_join(b, 0);
        return cell != 2 * ROUNDS;
      }
WATCH
expect: {exit: 0}
"""
SAFE = """\
scenario: One thread
program: {c: {source: "int main(void) { return 0; }"}}
"""


class Interleaving(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, text, name="a.yaml"):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run_file(self, path, *options):
        return subprocess.run([TRAPLINE, "run", path, "--cache", CACHE, *options], capture_output=True, text=True,
                              timeout=TIME_LIMIT, check=False)

    def verdicts(self, path, *options):
        done = self.run_file(path, "--format", "json", *options)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads(done.stdout)

    def race(self, cpus=2, watched=False, seed=""):
        watch = "events: {writes: {watch: cell, inherit: true}}" if watched else ""
        return RACE.replace("CPUS", str(cpus)).replace("WATCH", watch).replace("SEED", seed).replace(
            "ROUNDS", "3000" if watched else "5000")

    def test_with_a_quantum_of_one_cycles_respect_happens_before(self):
        for verdict in self.verdicts(self.file(LOCKED.replace("QUANTUM", "1"))):
            hits = verdict["events"]["writes"]["hits"]
            self.assertEqual(len(hits), 120, verdict["isa"])
            by_value = sorted(hits, key=lambda hit: hit["new"])
            cycles = [hit["cycle"] for hit in by_value]
            self.assertEqual(cycles, sorted(cycles), verdict["isa"])
            self.assertEqual({hit["cpu"] for hit in hits}, {0, 1}, "both CPUs take part")

    def test_seeds_show_a_race(self):
        for cpus in 1, 2:
            for watched in False, True:
                with self.subTest(cpus=cpus, watched=watched):
                    found = self.verdicts(self.file(self.race(cpus, watched)), "--schedule-seeds", f"1..{SEEDS}")
                    for isa in "x86-64", "ppc64":
                        failing = [v for v in found if v["isa"] == isa and v["verdict"] == "fail"]
                        self.assertTrue(failing, isa)

    def test_the_same_seed_gives_the_same_run(self):
        path = self.file(self.race(watched=True))
        first, again = (self.verdicts(path, "--schedule-seeds", "1..4") for _ in range(2))
        self.assertEqual(first, again)
        slow = self.verdicts(path, "--schedule-seeds", "1..4", "--gear", "everything")
        self.assertEqual(first, slow)
        self.assertGreater(len({v["cycles"] for v in first if v["isa"] == "x86-64"}), 1, "seeds differ")
        own = self.verdicts(self.file(self.race(watched=True, seed="schedule-seed: 3"), "own.yaml"))
        third = [v for v in first if v["schedule-seed"] == 3]
        schedule = [[[(hit["cycle"], hit["cpu"], hit["new"]) for hit in v["events"]["writes"]["hits"]] for v in verdicts]
                    for verdicts in (own, third)]
        self.assertEqual(*schedule)

    def test_each_format_names_the_seeds(self):
        path = self.file(self.race())
        verdicts = [v for v in self.verdicts(path, "--schedule-seeds", f"1..{SEEDS}") if v["isa"] == "x86-64"]
        self.assertEqual([v["schedule-seed"] for v in verdicts], list(range(1, SEEDS + 1)))
        failing = [v["schedule-seed"] for v in verdicts if v["verdict"] == "fail"]
        options = ("--schedule-seeds", f"1..{SEEDS}", "--isa", "x86-64")
        done = self.run_file(path, *options)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{len(failing)} of {SEEDS} seeds fail: {', '.join(map(str, failing))}\n", done.stdout)
        suite = xml.etree.ElementTree.fromstring(self.run_file(path, "--format", "junit", *options).stdout)
        names = [case.get("name") for case in suite if case.find("failure") is not None]
        self.assertEqual(names, [f"Updates get lost [x86-64, seed {seed}]" for seed in failing])
        tap = self.run_file(path, "--format", "tap", *options).stdout
        for seed in failing:
            self.assertRegex(tap, rf"not ok \d+ - .*\[x86-64, seed {seed}\]")
        done = self.run_file(self.file(SAFE, "safe.yaml"), "--schedule-seeds", "7..7", "--isa", "x86-64")
        self.assertEqual(done.returncode, 0)
        self.assertIn("0 of 1 seed fail\n", done.stdout)

    def test_what_is_no_range_of_seeds_is_refused(self):
        path = self.file(SAFE)
        for text in "1", "1..", "..2", "2..1", "1...2", "1..x", "0..100000", "-1..2", "0..18446744073709551616":
            done = self.run_file(path, f"--schedule-seeds={text}")
            self.assertEqual(done.returncode, 2, text)
        self.assertIn("--schedule-seeds takes A..B", done.stderr)
        last = "18446744073709551614..18446744073709551615"
        self.assertEqual(len(self.verdicts(path, "--schedule-seeds", last, "--isa", "ppc64")), 2)

    def test_exec_takes_both(self):
        done = subprocess.run([TRAPLINE, "exec", "--quantum", "0", "--", "/nowhere"], capture_output=True, text=True,
                              timeout=TIME_LIMIT, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--quantum", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
