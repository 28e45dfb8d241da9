#!/usr/bin/env python3
"""Sources that are compiled together (tools/cmake/Unite.cmake) must not meet under one name.

    names_apart.py FOLDER...

A name that a source keeps to itself, in a nameless namespace, is taken by no other source of its folder and by none of the
folder's headers: together they would not compile, or, worse, one would silently mean the other's. Says which do, and exits
with 1 then.
"""

import collections
import pathlib
import re
import sys

# What begins at the start of a line declares something for the whole namespace: clang-format indents all else.
NOTHING = re.compile(r"(using namespace|public|private|protected|template|static_assert|friend|extern template|#|//|\}|\))")
TYPE = re.compile(r"(?:enum class|enum|class|struct|union)\s+(\w+)\b(?!.*\()")
ALIAS = re.compile(r"using (\w+) = (.*)")
USING = re.compile(r"using ([\w:]+?)(\w+);")
CONSTANT = re.compile(r"(?:inline |static )*const(?:expr|init)? .*?\b(k[A-Z]\w*)")
FUNCTION = re.compile(r".*?(?<![:\w])(\w+)\(")
ARGUMENTS = re.compile(r"<[^<>]*>")


def declared(line: str) -> tuple[str, str] | None:
    """The name that a line declares, and what it stands for where another line may say the same."""
    if not re.match(r"[A-Za-z_\[]", line) or NOTHING.match(line):
        return None
    if alias := ALIAS.match(line):
        return alias[1], alias[2]
    if using := USING.match(line):
        return using[2], using[1]
    if kind := TYPE.match(line):
        return None if line.rstrip().endswith(";") and "{" not in line else (kind[1], "")
    while (shorter := ARGUMENTS.sub("", line)) != line:
        line = shorter
    if constant := CONSTANT.match(line):
        return constant[1], ""
    if function := FUNCTION.match(line):
        # Neither a member's definition nor a macro.
        qualified = "::" + function[1] + "(" in line
        return None if qualified or line.startswith(function[1] + "(") else (function[1], "")
    return None


def declarations(path: pathlib.Path):
    """Of each name: its namespace, itself, what it stands for, and the line."""
    inside = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if opened := re.match(r"namespace ?([\w:]*) ?\{", line):
            inside.append(opened[1])
        elif line.startswith("}  // namespace") and inside:
            inside.pop()
        elif found := declared(line):
            yield tuple(inside), *found, number


def main() -> int:
    clashes = 0
    for folder in map(pathlib.Path, sys.argv[1:]):
        own, common = collections.defaultdict(list), collections.defaultdict(list)
        for path in sorted(folder.rglob("*.[ch]pp")):
            for namespace, name, meaning, line in declarations(path):
                nameless = "" in namespace
                if not nameless and path.suffix == ".cpp":
                    continue
                outer = "::".join(filter(None, namespace))
                (own if nameless else common)[outer, name].append((path, line, meaning))
        for key, places in sorted(own.items()):
            meanings = {meaning for _, _, meaning in places}
            files = {path for path, _, _ in places}
            same = len(meanings) == 1 and meanings != {""}
            if (len(files) > 1 and not same) or key in common:
                clashes += 1
                where = [f"{path}:{line}" for path, line, _ in places + common[key]]
                print(f"{where[0]}: error: `{key[1]}` stands for something else in {', '.join(where[1:])}")
    return 1 if clashes else 0


sys.exit(main())
