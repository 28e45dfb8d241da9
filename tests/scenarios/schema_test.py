"""Holds every scenario file of the repository against `trapline schema`, read by a YAML reader that is not ours.

Usage: schema_test.py TRAPLINE SOURCE_FOLDER GUEST_CACHE
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import jsonschema
import yaml

TRAPLINE, SOURCE, CACHE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:4])
SCENARIOS = pathlib.Path(SOURCE, "scenarios")

GOOD = {
    "scenario": "One write",
    "program": {"c": {"source": "int x;\nint main(void) { x = 1; return 0; }\n"}},
    "events": {"writes": {"watch": "x", "type": "w", "length": 4}},
    "expect": {"exit": 0, "events": {"writes": {"count": 1}}},
}


def broken():
    """Each (what, document) is GOOD with one mistake."""
    mistakes = {
        "no title": lambda d: d.pop("scenario"),
        "no program": lambda d: d.pop("program"),
        "a key that is none": lambda d: d.update(evnts={}),
        "an instruction set that is none": lambda d: d.update(isa="sparc"),
        "no instruction set": lambda d: d.update(isa=[]),
        "two programs": lambda d: d["program"].update(elf="a.out"),
        "no source": lambda d: d["program"].pop("c"),
        "a type that is none": lambda d: d["events"]["writes"].update(type="wr"),
        "nothing to watch": lambda d: d["events"]["writes"].pop("watch"),
        "length 0": lambda d: d["events"]["writes"].update(length=0),
        "length 1048577": lambda d: d["events"]["writes"].update(length=1048577),
        "a watch and a software event": lambda d: d["events"]["writes"].update(software="dummy"),
        "a software event with a length": lambda d: (d["events"]["writes"].pop("watch"),
                                                     d["events"]["writes"].update(software="dummy")),
        "a period and a frequency": lambda d: d["events"]["writes"].update(period=1, freq=1),
        "a part of a sample that is none": lambda d: d["events"]["writes"].update(sample=["address"]),
        "an action without a time": lambda d: d.update(actions=[{"close": "writes"}]),
        "an action with two times": lambda d: d.update(actions=[{"at": 1, "hit": {"event": "writes"}, "close": "writes"}]),
        "an action that does nothing": lambda d: d.update(actions=[{"at": 1}]),
        "an action that does two things": lambda d: d.update(actions=[{"at": 1, "close": "writes", "reset": "writes"}]),
        "an event without a name": lambda d: d.update(actions=[{"at": 1, "open": {"watch": "x"}}]),
        "a state that is none": lambda d: d["expect"]["events"]["writes"].update(state="on"),
        "a record that is none": lambda d: d["expect"]["events"]["writes"].update(records=[{"type": "smple"}]),
        "an error that is none": lambda d: d["events"]["writes"].update({"expect-error": "EWHAT"}),
        "an exit status of 256": lambda d: d["expect"].update(exit=256),
        "a signal that is none": lambda d: d["expect"].update(exit={"signal": "SIGWHAT"}),
        "text for a count": lambda d: d["expect"]["events"]["writes"].update(count="one"),
        "no item of some hits": lambda d: d["expect"]["events"]["writes"].update(some=[]),
        "a line that is none": lambda d: d["expect"]["events"]["writes"].update(last={"line": "main"}),
        "an order without an event": lambda d: d["expect"].update(order=[{"function": "main"}]),
        "a layer that is none": lambda d: d["expect"].update(trace=[{"layer": "kernel"}]),
        "a field of the trace that is none": lambda d: d["expect"].update(trace=[{"DR9": 1}]),
        "an exit status and a signal": lambda d: d["expect"].update(exit={"min": 0, "signal": "SIGBUS"}),
        "a reason to fail on an instruction set that is none": lambda d: d.update(fails={"sparc": "x"}),
        "a negative count": lambda d: d["expect"]["events"]["writes"].update(count=-1),
        "a key of a hit that is none": lambda d: d["expect"]["events"]["writes"].update(hits=[{"adress": "x"}]),
        "no CPUs": lambda d: d.update(machine={"cpus": 0}),
        "five slots": lambda d: d.update(machine={"slots": 5}),
        "a class of instructions that is none": lambda d: d.update(machine={"costs": {"instructions": {"slow": 1}}}),
        "a compiler flag that writes files": lambda d: d["program"].update(flags=["-o/tmp/x"]),
    }
    for what, make in mistakes.items():
        document = copy.deepcopy(GOOD)
        make(document)
        yield what, document


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run([TRAPLINE, "schema"], capture_output=True, text=True, timeout=60, check=True)
        cls.schema = json.loads(done.stdout)
        kind = jsonschema.validators.validator_for(cls.schema, default=None)
        kind.check_schema(cls.schema)
        cls.validator = kind(cls.schema)

    def run_trapline(self, document):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "scenario.yaml")
            path.write_text(yaml.safe_dump(document, sort_keys=False))
            command = [TRAPLINE, "run", str(path), "--cache", CACHE]
            return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    def test_every_property_has_a_description(self):
        def without(node, path):
            if isinstance(node, list):
                for i, item in enumerate(node):
                    yield from without(item, f"{path}[{i}]")
            elif isinstance(node, dict):
                for name, value in node.items():
                    yield from without(value, f"{path}/{name}")
                properties = node.get("properties", {})
                if all(isinstance(value, dict) for value in properties.values()):
                    yield from (f"{path}.{name}" for name, value in properties.items() if not value.get("description"))

        schema = json.loads(subprocess.run([TRAPLINE, "schema"], capture_output=True, check=True).stdout)
        self.assertGreater(len(schema["$defs"]), 20)
        self.assertEqual(list(without(schema, "")), [])

    def test_accepts_every_scenario_of_the_repository(self):
        paths = sorted(path for path in SCENARIOS.rglob("*.yaml") if "labs" not in path.parts)
        self.assertGreaterEqual(len(paths), 20)
        for path in paths:
            with self.subTest(path=str(path.relative_to(SOURCE))):
                document = yaml.safe_load(path.read_text(encoding="utf-8"))
                self.assertEqual([e.message for e in self.validator.iter_errors(document)], [])

    def test_accepts_what_trapline_accepts(self):
        self.assertTrue(self.validator.is_valid(GOOD))
        done = self.run_trapline(GOOD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_refuses_what_trapline_refuses(self):
        for what, document in broken():
            with self.subTest(what):
                self.assertFalse(self.validator.is_valid(document), "the schema accepts it")
                done = self.run_trapline(document)
                self.assertEqual(done.returncode, 2, "trapline: " + done.stdout + done.stderr)
                self.assertIn("scenario.yaml:", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
