#!/usr/bin/env python3
"""Draws docs/terminal.svg, the terminal in README.md: record_terminal.py TRAPLINE OUT.

The commands below are run, and what they print is drawn as it came, a line at a time where the picture may move.
"""
import html
import pathlib
import shlex
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
SESSION = [
    "gcc -g -static -o counter counter.c",
    "trapline watch counter -- ./counter",
    "trapline watch counter --if 'new == 0' -- ./counter",
    "trapline watch counter:rw --stop-after 2 -- ./counter",
]
WIDTH, HEIGHT = 7.25, 17  # of a character, in pixels
MARGIN = 14
TYPING, READING, LINE = 1.2, 0.9, 0.12  # seconds: before a command, after it, for each line of output


def printed(trapline, folder):
    """The session's lines: (whether it is a command, its text)."""
    for command in SESSION:
        yield True, command
        words = shlex.split(command)
        program = {"trapline": str(trapline), "gcc": "x86_64-linux-gnu-gcc"}[words[0]]
        done = subprocess.run([program, *words[1:]], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
        yield from ((False, line) for line in done.stdout.splitlines())


def picture(lines):
    columns = max(len(text) + 2 * command for command, text in lines)
    width, height = round(columns * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    drawn = []
    time = 0.0
    for number, (command, text) in enumerate(lines):
        time += TYPING if command else LINE
        prompt = '<tspan class="prompt">$ </tspan>' if command else ""
        kind = "typed" if command else "said"
        drawn.append(f'<text xml:space="preserve" class="{kind}" x="{MARGIN}" y="{MARGIN + number * HEIGHT + 12}" style="animation-delay: {time:.2f}s">'
                     f"{prompt}{html.escape(text)}</text>")
        if command:
            time += READING
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        "<title>trapline watch in a terminal</title>",
        "<style>",
        "text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #c9d1d9; }",
        ".typed { fill: #ffffff; font-weight: bold; }",
        ".prompt { fill: #7ee787; }",
        "@media (prefers-reduced-motion: no-preference) { text { animation: appear 0.01s both; } }",
        "@keyframes appear { from { opacity: 0; } to { opacity: 1; } }",
        "</style>",
        f'<rect width="{width}" height="{height}" rx="6" fill="#0d1117"/>',
        *drawn,
        "</svg>",
    ]) + "\n"


def main():
    trapline, out = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        text = (SOURCE / "scenarios/quickstart/counter.c").read_text()
        pathlib.Path(folder, "counter.c").write_text(text)
        out.write_text(picture(list(printed(trapline, folder))))


if __name__ == "__main__":
    main()
