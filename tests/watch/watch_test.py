"""What `trapline watch` tells of each kind of place: watch_test.py TRAPLINE PLACES MEMBERS ISA [ROOT].

ROOT is for programs that are linked dynamically.
"""

import json
import subprocess
import sys
import unittest

TRAPLINE, PLACES, MEMBERS, ISA = sys.argv[1:5]
ROOT = ["--root", sys.argv[5]] if len(sys.argv) > 5 else []
del sys.argv[1:]

U32 = 1 << 32


def watch(program, *arguments, status=0):
    done = subprocess.run([TRAPLINE, "watch", *arguments, *ROOT, "--", program], capture_output=True, text=True, timeout=120)
    if done.returncode != status:
        raise AssertionError(f"{arguments}: status {done.returncode}\n{done.stderr}")
    return done


def hits(program, *arguments):
    """(function, line, old, new) of each."""
    lines = [json.loads(line) for line in watch(program, "--json", *arguments).stderr.splitlines()]
    return [(h["function"], int(h["line"].partition(":")[2] or 0), h.get("old"), h.get("new")) for h in lines if "cycle" in h]


class Places(unittest.TestCase):
    def check(self, place, *expected, program=PLACES):
        self.assertEqual(hits(program, place), list(expected))

    def test_global(self):
        self.check("counter", ("bump", 28, 0, 1), ("bump", 28, 1, 2), ("thread", 64, 2, 102), ("thread", 64, 102, 103))

    def test_size_is_the_type(self):
        self.check("total", ("main", 71, 0, 1 << 40))
        self.check("small", ("main", 72, 255, 254))

    def test_array_element(self):
        self.check("table[2]", ("main", 73, 0, 7))
        self.check("grid[1][2]", ("main", 74, 0, 9))

    def test_field(self):
        self.check("box.corner[1].y", ("main", 75, 0, 5))
        self.check("box.corner[0].x", ("main", 80, 0, 8))

    def test_bit_field(self):
        expected = 3 << 3 if ISA == "x86-64" else 3
        self.check("box.kind", ("main", 76, 0, expected))

    def test_through_pointers(self):
        self.check("shapes->next->corner[0].x", ("main", 80, 0, 8))

    def test_where_a_pointer_points_to_changes(self):
        # free() writes into what it is given, while the pointer still points there.
        for place in "current->y", "(*current).y":
            found = [hit for hit in hits(PLACES, place) if hit[1] != 0]
            self.assertEqual(found, [("main", 84, U32 - 1, 11), ("main", 87, U32 - 2, 22), ("main", 90, 22, 44)])

    def test_freed_memory(self):
        # A library has lost the names that nobody links to; who called it is known all the same.
        lines = [json.loads(line) for line in watch(PLACES, "--json", "current->y").stderr.splitlines()]
        freed = [h for h in lines if "cycle" in h][-1]
        self.assertEqual(freed["function"], "" if ROOT else "_int_free")
        self.assertEqual([caller["function"] for caller in freed["callchain"]][1:3], ["free", "main"])

    def test_static_of_a_function(self):
        self.check("calls::number", ("calls", 32, 0, 1), ("calls", 32, 1, 2))

    def test_local_of_a_recursive_function(self):
        found = hits(PLACES, "sum::partial")
        self.assertEqual([(f, l, n) for f, l, _, n in found],
                         [("sum", 36, 2), ("sum", 36, 1), ("sum", 36, 0), ("sum", 37, 1), ("sum", 37, 3), ("sum", 36, 0)])

    def test_local_that_others_write(self):
        found = hits(PLACES, "--if", "function != 'memset' && line != ''", "outer::local")
        self.assertEqual([(f, l, n) for f, l, _, n in found][:2], [("outer", 44, 5), ("set_through", 41, 6)])

    def test_frame_that_is_left_by_longjmp(self):
        found = hits(PLACES, "leave::left")
        self.assertEqual([(f, l, n) for f, l, _, n in found], [("leave", 51, 1), ("leave", 51, 2)])

    def test_thread_local(self):
        self.assertEqual([(f, l, n) for f, l, _, n in hits(PLACES, "mine")],
                         [("main", 102, 1), ("thread", 63, 2), ("thread", 63, 3), ("main", 109, 4)])

    def test_objects_of_the_heap(self):
        found = hits(PLACES, "heap:make_point")
        self.assertEqual([line for _, line, _, _ in found], [57, 58, 84, 57, 58, 87, 88, 90])
        self.assertEqual(hits(PLACES, "heap:places.c:56"), found)

    def test_line(self):
        self.assertEqual([(f, l) for f, l, _, _ in hits(PLACES, "places.c:32")], [("calls", 32), ("calls", 32)])

    def test_variable_at_a_line(self):
        self.check("places.c:32:number", ("calls", 32, 0, 1), ("calls", 32, 1, 2))

    def test_function(self):
        self.assertEqual([f for f, _, _, _ in hits(PLACES, "bump")], ["bump", "bump"])

    def test_members_of_classes(self):
        self.check("bank::Counter::total", ("bank::Counter::add", 10, 0, 5), program=MEMBERS)
        self.check("account.value_", ("bank::Counter::Counter", 7, 0, 10), ("bank::Counter::add", 9, 10, 15),
                   ("bank::Counter::add", 12, 15, 29), program=MEMBERS)

    def test_nameless_namespace(self):
        self.check("bank::hidden", ("bank::hide", 25, 0, 3), program=MEMBERS)

    def test_references(self):
        found = hits(MEMBERS, "bank::set::what")
        self.assertEqual([(f, l, n) for f, l, _, n in found], [("bank::set", 27, 6)])

    def test_numbers_with_a_fraction(self):
        self.assertIn("at temperature: 1.5 -> -3 ", watch(MEMBERS, "temperature").stderr)
        self.assertIn("at ratio: 0.5 -> 0.125 ", watch(MEMBERS, "ratio").stderr)
        self.assertIn("at halves.right: 8 -> 9 ", watch(MEMBERS, "halves.right").stderr)
        # Half of a number is none.
        self.assertIn("at temperature: 0 -> 0 ", watch(MEMBERS, f"temperature{'' if ISA == 'x86-64' else '+4'}:w:4").stderr)


class Options(unittest.TestCase):
    def test_type_and_length(self):
        self.assertEqual(len(hits(PLACES, "counter:rw")), 6)
        self.assertEqual(len(hits(PLACES, "counter:r")), 2)
        self.assertEqual(hits(PLACES, "table:w:16"), hits(PLACES, "table"))

    def test_condition(self):
        self.assertEqual([n for _, _, _, n in hits(PLACES, "--if", "new > 100 || (old == 0 && function == 'bump')", "counter")],
                         [1, 102, 103])
        self.assertEqual([n for _, _, _, n in hits(PLACES, "--if", "new == -2", "small")], [254])

    def test_condition_on_a_fraction(self):
        for condition, found in (("new < -2.5", 1), ("new < -3", 0), ("old - new == 4.5", 1), ("new == 0 - 3", 1), ("-old < new", 0)):
            with self.subTest(condition):
                self.assertEqual(len(hits(MEMBERS, "--if", condition, "temperature")), found)

    def test_stop_after(self):
        self.assertEqual(len(hits(PLACES, "--stop-after", "1", "counter")), 1)

    def test_names_do_not_colour_a_terminal(self):
        self.assertIn("red\\x1b[31m/1000  paint", watch(PLACES, "painted").stderr)

    def test_callers(self):
        self.assertIn("called by sum (places.c:37) < main (places.c:95)\n", watch(PLACES, "sum::partial").stderr)
        self.assertEqual([n for _, _, _, n in hits(PLACES, "--if", "caller == 'sum'", "sum::partial")], [1, 0, 1])

    def test_no_hits(self):
        for place, reason in (("unused::local", "its function was never called"), ("lost->x", "no pointer ever led there"),
                              ("heap:unused", "nothing was allocated there"), ("table[3]", "no hits\n")):
            with self.subTest(place):
                self.assertIn(reason, watch(PLACES, place).stderr)

    def test_errors(self):
        for place, message in (
            ("countr", "the program has no symbol 'countr'"),
            ("partial", "`partial` is a local variable, of sum: write sum::partial"),
            ("sum::nothing", "the function `sum` has no variable `nothing`"),
            ("box.size", "`box` is of type `struct shape`, which has no field `size`, but name, corner, next, flags, kind"),
            ("shapes.next", "`shapes` is a pointer (`struct shape *`): write `->next`"),
            ("table[4]", "`table` is of type `int [4]`, which has 4 elements: the last is [3]"),
            ("counter[1]", "`counter` is of type `int`, which is neither an array nor a pointer"),
            ("*counter", "`counter` is of type `int`, which is no pointer"),
            ("places.c:29", "line 29 of places.c has no code; the next that has is 30"),
            ("nothing.c:1", "no source file `nothing.c` is part of the program"),
            ("heap:nothing", "the program has no function `nothing`"),
            ("a b", "`a b` is no place"),
        ):
            with self.subTest(place):
                self.assertIn(message, watch(PLACES, place, status=2).stderr)

    def test_an_error_after_a_place_that_is_there(self):
        self.assertIn("no symbol 'nosuch'", watch(PLACES, "counter", "sum::partial", "nosuch", status=2).stderr)

    def test_wrong_conditions(self):
        for condition, message in (("new = 1", "to compare, write `==`"), ("nwe == 1", "nothing is called `nwe`"), ("new > 1.5.2", "`1.5.2` is no number"),
                                   ("new ==", "something is missing"), ("(new == 1", "a `)` is missing")):
            with self.subTest(condition):
                self.assertIn(message, watch(PLACES, "--if", condition, "counter", status=2).stderr)


if __name__ == "__main__":
    unittest.main()
