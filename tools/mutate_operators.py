"""What tools/mutate changes: the mutants of a C++ source in this repository's formatting.

The text is read as tokens are spaced by clang-format (a binary operator has blanks around it, a template's brackets and a
reference have not), so no compiler is needed, and what the patterns take for an operator and is none does not compile.
"""

import bisect
import dataclasses
import re

Edit = tuple[int, int, str]  # from, to, replacement


@dataclasses.dataclass(frozen=True)
class Mutant:
    file: str  # from the top of the tree
    line: int  # of the first change
    operator: str
    before: tuple[str, ...]  # the lines changed, without indentation
    after: tuple[str, ...]
    text: str  # of the whole file, mutated

    @property
    def key(self) -> tuple:
        return self.file, self.before, self.after


BINARY = {
    "logic": {"&&": "||", "||": "&&"},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*"},
    "bits": {"&": "|", "|": "&", "<<": ">>", ">>": "<<", "|=": "=", "&=": "="},
    "relation": {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"},
}
OPERATOR = re.compile(r"(?<=\s)(==|!=|<=|>=|<<|>>|&&|\|\||\|=|&=|[-+*/&|<>])(?=\s)")
BIT = re.compile(r"(?:uint\d+_t\{1\}|\b1U) (?=<<)")
SOME_BITS = re.compile(r"\([^()&|]*&[^()&|]*\) [!=]= 0\b")
ZERO = re.compile(r" [!=]= 0\b")
LITERAL = re.compile(r"(?<![\w.'])(0[xX][0-9A-Fa-f']+|0[bB][01']+|\d[\d']*)(?=[uUlL]*\b)")
TEMPLATE_ARGUMENTS = re.compile(r"\b\w+<[\w:, ]*>(?=[ ({])")
PURE_VIRTUAL = re.compile(r"\)[\w ]*= 0;")
ENUM = re.compile(r"\benum class (\w+)[^{;]*\{([^}]*)\}")
IGNORED = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#[^\n]*', re.DOTALL | re.MULTILINE)
STATEMENT = re.compile(r"(?:break|continue|(?:\+\+|--)?[\w.:\[\]>-]+(?:\([^;]*\))?(?:(?: [|&+-]?= | <<= )[^;]*)?)$", re.DOTALL)


def enumerators(text: str) -> dict[str, list[str]]:
    """The enumerations that a source declares, with their members."""
    code = mask(text)
    return {name: re.findall(r"\b([A-Z]\w*)(?: = [^,]*)?,?", body) for name, body in ENUM.findall(code)}


def mask(text: str) -> str:
    """The text with blanks in place of comments, strings, characters and preprocessor lines: same length, same lines."""
    return IGNORED.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


class Source:
    def __init__(self, file: str, text: str, enums: dict[str, list[str]]):
        self.file = file
        self.text = text
        self.code = mask(text)
        self.enums = enums
        self.line_starts = [0] + [found.end() for found in re.finditer("\n", text)]
        self.blocks = self._blocks()

    def _blocks(self) -> list[tuple[int, int, str]]:
        """The spans between braces that are function bodies or blocks of one, with what stands before them."""
        blocks, opened = [], []
        for found in re.finditer(r"[{}]", self.code):
            if found.group() == "{":
                opened.append(found.start())
            elif opened:
                start = opened.pop()
                head = re.split(r"[;{}]", self.code[:start])[-1].strip()
                if re.search(r"(\)|\bconst|\boverride|\belse|\bdo|\bnoexcept)$", head):
                    blocks.append((start, found.start(), head))
        return sorted(blocks)

    def function(self, position: int) -> str | None:
        """What stands before the outermost block that holds a position; None outside of functions."""
        return next((head for start, end, head in self.blocks if start < position < end), None)

    def closing(self, opening: int) -> int:
        """Where the bracket opened there is closed."""
        depth = 0
        for i in range(opening, len(self.code)):
            depth += {"(": 1, ")": -1}.get(self.code[i], 0)
            if depth == 0:
                return i
        raise ValueError(f"{self.file}: a bracket is not closed")

    def _spans(self, *patterns: re.Pattern) -> list[tuple[int, int]]:
        return [found.span() for pattern in patterns for found in pattern.finditer(self.code)]

    # Each of the following yields lists of edits, one list a mutant. What any test finds that finds another mutant of the
    # same place is left out: a whole condition turned round is, if true and false in its place are found.

    def binary(self, operators: dict[str, str]):
        whole = self._conditions()
        bits, single = self._spans(SOME_BITS), self._spans(BIT)
        for found in OPERATOR.finditer(self.code):
            at, old = found.start(1), found.group(1)
            if old not in operators:
                continue
            if old in ("==", "!=") and any(
                start < at < end and self._alone(start, end) for start, end in whole
            ):
                continue
            if old == "&" and any(start < at < end for start, end in bits):
                continue  # some bit of a union is set: true
            if old == "<<" and any(end == at for _, end in single):
                continue  # the place is changed instead
            yield [(at, found.end(1), operators[old])]

    def _alone(self, start: int, end: int) -> bool:
        """Whether a condition is one relation."""
        return not re.search(r"&&|\|\|", self.code[start:end])

    def negations(self):
        whole = self._conditions()
        for found in re.finditer(r"(?<![\w~])(?<!virtual )[!~](?=[\w(])", self.code):
            if found.group() == "!" and any(start == found.start() and self._alone(start, end) for start, end in whole):
                continue
            yield [(found.start(), found.end(), "")]

    def _conditions(self) -> list[tuple[int, int]]:
        """Where the conditions of if and ?: are."""
        spans = []
        for found in re.finditer(r"\bif (\()", self.code):
            end = self.closing(found.start(1))
            declaration = self.code.rfind(";", found.start(), end)
            spans.append((found.end(1) if declaration == -1 else declaration + 2, end))
        for found in re.finditer(r"\s\?\s", self.code):
            spans.append((self._expression_start(found.start()), found.start()))
        return spans

    def conditions(self):
        for start, end in self._conditions():
            if not self._alone(start, end):
                continue  # each of its parts is changed
            # Where a value is compared with an enumerator, another enumerator is tried as well.
            compared = re.search(r" == [\w:]+::[A-Z]\w*$", self.code[start:end])
            for value in ("false",) if compared else ("false", "true"):
                yield [(start, end, value)]

    def _expression_start(self, end: int) -> int:
        """Where the condition of the `?` at `end` begins: it takes in all but assignments and what surrounds it."""
        depth = 0
        for i in range(end - 1, -1, -1):
            symbol = self.code[i]
            if symbol in ")]}":
                depth += 1
            elif symbol in "([{" and depth > 0:
                depth -= 1
            elif depth == 0 and (
                symbol in "([{,;?:" and self.code[i - 1 : i + 1] != "::" and self.code[i : i + 2] != "::"
                or symbol == "=" and self.code[i + 1] == " " and self.code[i - 1] not in "=!<>"
                or self.code.startswith("return ", i)
            ):
                start = i + (7 if symbol == "r" else 1)
                return start + len(self.code[start:end]) - len(self.code[start:end].lstrip())
        return 0

    def literals(self):
        skipped = self._spans(TEMPLATE_ARGUMENTS, PURE_VIRTUAL, BIT, ZERO)
        for found in LITERAL.finditer(self.code):
            if any(start < found.start() < end for start, end in skipped):
                continue
            old = found.group(1)
            value = int(old.replace("'", ""), 0)
            # A mask is moved by a bit, a number is one more: less is hardly another mistake.
            new = f"0x{value << 1 & 0xFFFFFFFFFFFFFFFF:X}" if old[:2] in ("0x", "0X") else str(value + 1)
            yield [(found.start(1), found.end(1), new)]

    def booleans(self):
        for found in re.finditer(r"\b(true|false)\b", self.code):
            if re.search(r"\) return $", self.code[: found.start()]):
                continue  # the condition before it is changed
            yield [(found.start(), found.end(), "false" if found.group() == "true" else "true")]

    def returns(self):
        for found in re.finditer(r"\breturn ([^;]+);", self.code):
            value = found.group(1)
            head = self.function(found.start()) or ""
            if value in ("true", "false") or not re.search(r"\bbool [\w:]+\(", head):
                continue
            if len(re.findall(r" (?:==|!=|<=|>=|<|>) ", value)) == 1 and not re.search(r"&&|\|\|", value):
                continue  # the relation is turned round already
            yield [(found.start(1), found.start(1), "!("), (found.end(1), found.end(1), ")")]

    def statements(self):
        for start, end, _ in self.blocks:
            begin, depth = start + 1, 0
            for i in range(start + 1, end):
                symbol = self.code[i]
                depth += {"(": 1, ")": -1}.get(symbol, 0)
                if depth:
                    continue
                if symbol == ";":
                    text = self.code[begin:i]
                    statement = text.strip()
                    if STATEMENT.match(statement) and not re.match(r"[\w:]+$", statement) or statement in ("break", "continue"):
                        at = i - len(text.lstrip())
                        if self._innermost(at) == start:
                            yield [(at, i + 1, ";")]
                if symbol in ";{}" or symbol == ":" and re.match(r"\s*(case [\w:]+|default)$", self.code[begin:i]):
                    begin = i + 1

    def _innermost(self, position: int) -> int:
        return max((start for start, end, _ in self.blocks if start < position < end), default=-1)

    def cases(self):
        for start, end, head in self.blocks:
            if not head.startswith("switch"):
                continue
            labels = [found.span(1) for found in re.finditer(r"\bcase ([\w:]+):\s", self.code[start:end])]
            labels = [(start + a, start + b) for a, b in labels]
            for (a, b), (c, d) in zip(labels, labels[1:]):
                yield [(a, b, self.text[c:d]), (c, d, self.text[a:b])]

    def enumerations(self):
        """Another enumerator in place of one: the next of its enumeration."""
        for found in re.finditer(r"\b(?:\w+::)*(\w+)::(\w+)\b", self.code):
            members = self.enums.get(found.group(1), [])
            before = self.code[: found.start()].rstrip()
            if found.group(2) not in members or before.endswith("case"):
                continue
            new = members[(members.index(found.group(2)) + 1) % len(members)]
            yield [(found.start(2), found.end(2), new)]


def mutants(file: str, text: str, enums: dict[str, list[str]]) -> list[Mutant]:
    """The mutants of a source, by place, none twice."""
    source = Source(file, text, enums)
    generators = [(name, source.binary(operators)) for name, operators in BINARY.items()]
    generators += [
        ("negation", source.negations()),
        ("condition", source.conditions()),
        ("constant", source.literals()),
        ("truth", source.booleans()),
        ("return", source.returns()),
        ("statement", source.statements()),
        ("case", source.cases()),
        ("enumerator", source.enumerations()),
    ]
    made, seen = [], {text}
    for operator, changes in generators:
        for edits in changes:
            mutant = _apply(source, operator, edits)
            if mutant.text not in seen:
                seen.add(mutant.text)
                made.append((edits[0][0], mutant))
    made.sort(key=lambda pair: (pair[0], pair[1].operator, pair[1].after))
    return [mutant for _, mutant in made]


def _apply(source: Source, operator: str, edits: list[Edit]) -> Mutant:
    starts = source.line_starts

    def line_of(position: int) -> int:
        return bisect.bisect_right(starts, position)

    before, after, mutated, at = [], [], "", 0
    for start, end, new in edits:
        mutated += source.text[at:start] + new
        at = end
    mutated += source.text[at:]

    # Edits of one line are shown together, each line by itself or, where a change spans several, those lines.
    groups: list[list] = []  # [first line, last line, edits]
    for start, end, new in edits:
        first, last = line_of(start), line_of(max(start, end - 1))
        if groups and groups[-1][1] >= first:
            groups[-1][1] = max(groups[-1][1], last)
            groups[-1][2].append((start, end, new))
        else:
            groups.append([first, last, [(start, end, new)]])
    for first, last, changes in groups:
        begin = starts[first - 1]
        finish = starts[last] - 1 if last < len(starts) else len(source.text)
        old, new_text, position = source.text[begin:finish], "", begin
        for start, end, new in changes:
            new_text += source.text[position:start] + new
            position = end
        new_text += source.text[position:finish]
        before += [line.strip() for line in old.split("\n")]
        after += [line.strip() for line in new_text.split("\n")]
    return Mutant(source.file, line_of(edits[0][0]), operator, tuple(before), tuple(after), mutated)
