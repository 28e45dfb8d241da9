#!/usr/bin/env python3
"""Runs clang-tidy over sources, on all cores, and only over those that changed since it last found nothing.

    tidy.py BUILD [--fix] < FILES

BUILD holds compile_commands.json; FILES are paths from the top of the tree, each ended by a NUL byte. Exits with 1 when
there is a finding. A source counts as changed when its compiler command, its text, the text of one of our headers that
it includes, directly or not, the settings or clang-tidy itself do; what was clean is remembered in BUILD/tidy.
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
GCC_ONLY = re.compile(r" -fpch-preprocess| -Winvalid-pch -include \S+/cmake_pch\.hxx| --param=\S+")
FINDING = re.compile(r"^(?=\S+:\d+:\d+: (?:warning|error): )", re.MULTILINE)

CLANG_TIDY = "clang-tidy-22"
# GoogleTest's and Google Benchmark's macros register each test with a global variable.
TEST_CHECKS = "-cppcoreguidelines-avoid-non-const-global-variables"


@functools.cache
def quoted_includes(path: pathlib.Path) -> tuple[bytes, list[str]]:
    """The digest of a file, and what it includes with quotes: our own headers."""
    text = path.read_bytes()
    return hashlib.sha256(text).digest(), [name.decode() for name in INCLUDE.findall(text)]


def fingerprint(root: pathlib.Path, source: pathlib.Path, command: str, common: bytes) -> str:
    key = hashlib.sha256(common + command.encode())
    todo, seen = [source], {source}
    while todo:
        path = todo.pop()
        digest, names = quoted_includes(path)
        key.update(str(path).encode() + digest)
        for name in names:
            for header in (path.parent / name, root / name):
                if header not in seen and header.is_file():
                    seen.add(header)
                    todo.append(header)
    return key.hexdigest()


def main() -> int:
    build, *options = sys.argv[1:]
    fix = options == ["--fix"]
    root = pathlib.Path.cwd()
    build = pathlib.Path(build)
    done = build / "tidy"
    done.mkdir(exist_ok=True)

    # Headers that gcc has compiled are nothing to clang, nor is how it manages its memory.
    database = json.loads((build / "compile_commands.json").read_text())
    for entry in database:
        entry["command"] = GCC_ONLY.sub("", entry["command"])
    (done / "compile_commands.json").write_text(json.dumps(database))
    commands = {entry["file"]: entry["command"] for entry in database}
    sources = [root / name for name in sys.stdin.read().split("\0") if str(root / name) in commands]
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (root / ".clang-tidy").read_bytes() + pathlib.Path(__file__).read_bytes()

    def check(source: pathlib.Path) -> str | None:
        """What clang-tidy says of a source, or None if it need not be asked."""
        name = source.relative_to(root)
        key = fingerprint(root, source, commands[str(source)], common)
        stamp = done / str(name).replace("/", "%")
        if stamp.exists() and stamp.read_text() == key:
            return None
        run = [CLANG_TIDY, "--quiet", "-p", str(done)]
        if name.parts[0] == "tests":
            run.append(f"--checks={TEST_CHECKS}")
        if fix:
            run += ["--fix", "--fix-errors"]
        result = subprocess.run(run + [str(source)], capture_output=True, text=True)
        if result.returncode == 0:
            stamp.write_text(key)
            return ""
        return result.stdout or result.stderr

    # Two repairs of one header at the same time would spoil it.
    with concurrent.futures.ThreadPoolExecutor(1 if fix else os.cpu_count()) as pool:
        answers = list(pool.map(check, sources))

    # A header is seen through the folder that its layer is linked to, and once by every source that includes it.
    link = re.compile(re.escape(str(build)) + r"/layers/\w+/")
    findings = {}
    for answer in filter(None, answers):
        for finding in FINDING.split(link.sub("", answer).replace(f"{root}/", "")):
            if finding.strip():
                findings[finding] = True
    for finding in findings:
        print(finding, end="")
    asked = sum(answer is not None for answer in answers)
    print(f"clang-tidy: {len(sources)} files, {asked} of them new or changed, {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


sys.exit(main())
