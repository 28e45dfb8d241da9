#!/usr/bin/env python3
"""What tools/mutate changes, on small sources, and that the explained survivors are mutants that it makes.

    mutate_test.py ROOT
"""

import importlib.machinery
import importlib.util
import pathlib
import sys
import textwrap
import unittest

ROOT = pathlib.Path(sys.argv.pop()).resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools"))
import mutate_operators  # noqa: E402


def load_runner():
    loader = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "tools/mutate"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
    sys.modules["mutate"] = module  # dataclasses look it up
    loader.exec_module(module)
    return module


def mutated(body: str, enums: dict[str, list[str]] | None = None) -> set[tuple[str, str]]:
    """The mutants of a source, as operator and changed lines."""
    text = textwrap.dedent(body)
    return {(m.operator, " / ".join(m.after)) for m in mutate_operators.mutants("x.cpp", text, enums or {})}


class Operators(unittest.TestCase):
    def test_relations_and_logic_of_a_return(self):
        self.assertEqual(mutated("bool f(int a, int b) { return a < b && a != 9; }"), {
            ("return", "bool f(int a, int b) { return !(a < b && a != 9); }"),
            ("relation", "bool f(int a, int b) { return a <= b && a != 9; }"),
            ("relation", "bool f(int a, int b) { return a < b && a == 9; }"),
            ("logic", "bool f(int a, int b) { return a < b || a != 9; }"),
            ("constant", "bool f(int a, int b) { return a < b && a != 10; }"),
        })

    def test_a_whole_condition_is_true_and_false(self):
        self.assertEqual(mutated("void f() {\n  if (a == b) g();\n}\n"),
                         {("condition", "if (true) g();"), ("condition", "if (false) g();")})

    def test_the_condition_of_a_choice_begins_where_it_does(self):
        self.assertEqual(mutated("int f() {\n  return a.b(c) ? d : e;\n}\n"),
                         {("condition", "return true ? d : e;"), ("condition", "return false ? d : e;")})

    def test_bits_and_masks(self):
        self.assertEqual(mutated("const auto kA = uint64_t{1} << 11;\nconst auto kB = 0xF0 | ~x;\n"), {
            ("constant", "const auto kA = uint64_t{1} << 12;"),
            ("constant", "const auto kB = 0x1E0 | ~x;"),
            ("bits", "const auto kB = 0xF0 & ~x;"),
            ("negation", "const auto kB = 0xF0 | x;"),
        })

    def test_statements_go_and_declarations_stay(self):
        self.assertEqual(mutated("void f() {\n  int a = b;\n  a |= c;\n  g(a);\n}\n"), {
            ("statement", ";"), ("bits", "a = c;")})

    def test_cases_change_places(self):
        source = "int f() {\n  switch (a) {\n    case A::X:\n      return b;\n    case A::Y:\n      return c;\n  }\n}\n"
        self.assertEqual(mutated(source, {"A": ["X", "Y"]}), {("case", "case A::Y: / case A::X:")})

    def test_enumerators_and_truth(self):
        self.assertEqual(mutated("const A kA{A::Y, true};\n", {"A": ["X", "Y"]}), {
            ("enumerator", "const A kA{A::X, true};"), ("truth", "const A kA{A::Y, false};")})

    def test_nothing_in_comments_texts_includes_and_templates(self):
        self.assertEqual(mutated('#include "a/1.hpp"\n// 1 < 2 && true\nconst char* kA = "1 + 1";\nstd::array<int, 4> a;\n'
                                 "virtual ~A() = default;\nvirtual int f() const = 0;\nconst A& f(A&& a);\n"), set())

    def test_enumerators_are_read_from_declarations(self):
        self.assertEqual(mutate_operators.enumerators("enum class A : int {\n  X,  // Z, one\n  Y = 0b10,\n};\n"),
                         {"A": ["X", "Y"]})


class Repository(unittest.TestCase):
    def test_the_mutants_are_the_same_every_time_and_none_twice(self):
        runner = load_runner()
        mutants = runner.collect([])
        self.assertEqual([m.key for m in mutants], [m.key for m in runner.collect([])])
        self.assertEqual(len({(m.file, m.text) for m in mutants}), len(mutants))
        self.assertEqual({m.file for m in mutants if m.text == (ROOT / m.file).read_text()}, set())

    def test_explanations_are_of_mutants(self):
        runner = load_runner()
        keys = {m.key for m in runner.collect([])}
        for explanation in runner.read_explanations(ROOT / "tests/mutation/equivalent.txt"):
            self.assertIn(explanation.key, keys, explanation.place)


if __name__ == "__main__":
    unittest.main()
