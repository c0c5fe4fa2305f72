"""PTX text to its model. Whatever directive is not known here is refused, with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .kinds import WIDTH
from .model import Instruction, Kernel, Label, Module, Parameter, UnsupportedPtx, Variable, parameter

NAME = r"[A-Za-z_$%][\w$]*"
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
HEADER = re.compile(r"\.(version|target|address_size)[ \t]+([^\n]+)")
LINKING = r"(?:\.(?:visible|extern|weak|common)\s+)*"
VARIABLE = re.compile(
    rf"(?P<linking>{LINKING})\.(?P<space>global|shared|const|local)\s+(?:\.align\s+(?P<align>\d+)\s+)?"
    rf"\.(?P<kind>\w+)\s+(?P<name>{NAME})\s*(?P<size>\[\d*\])?(?P<value>\s*=[^;]*)?;"
)
ENTRY = re.compile(
    rf"{LINKING}\.entry\s+(?P<name>{NAME})\s*(?:\((?P<parameters>[^)]*)\))?(?P<tuning>[^{{]*)\{{"
)
PARAMETER = re.compile(
    r"\.param\s+(?:\.align\s+(?P<align>\d+)\s+)?\.(?P<kind>\w+)\s+"
    r"(?:\.ptr\s+(?:\.(?:global|const|local|shared)\s+)?(?:\.align\s+\d+\s+)?)?"
    rf"(?P<name>{NAME})(?:\[(?P<count>\d+)\])?"
)
TUNING = re.compile(r"\.(maxntid|reqntid|minnctapersm|maxnreg)\s+(\d+(?:\s*,\s*\d+){0,2})")
REGISTERS = re.compile(r"\.reg\s+\.(\w+)\s+(.+)", re.DOTALL)
LABEL = re.compile(rf"({NAME})\s*:")
GUARDED = re.compile(
    rf"(?:@(?P<not>!?)(?P<guard>{NAME})\s+)?(?P<opcode>[a-z][\w.:]*)\s*(?P<rest>.*)", re.DOTALL
)
OPERAND = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]|[^,{}\[\]]+")
#: Hints that change no result.
HINTS = re.compile(r'\.pragma\s+"(?:nounroll|used_bytes_mask [^"]*)"')


@dataclass
class Cursor:
    """A place in a text without comments."""

    text: str
    at: int = 0

    @property
    def line(self) -> int:
        """The line of that place."""
        return self.text.count("\n", 0, self.at) + 1

    def skip_space(self) -> bool:
        """Whether anything is left behind white space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What matches here; the place moves behind it."""
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()
        return match

    def refused(self, reason: str = "not covered") -> UnsupportedPtx:
        """The exception that names this line."""
        return UnsupportedPtx(self.line, self.text[self.at :].split("\n", 1)[0].strip(), reason)


def parse(text: str) -> Module:
    """Return the kernels of a PTX text; UnsupportedPtx names the line of what is not covered."""
    bare = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text.replace("\0", ""))
    cursor, header, kernels, variables = Cursor(bare), {}, {}, []
    while cursor.skip_space():
        if match := cursor.take(HEADER):
            header[match[1]] = match[2].strip()
        elif declared := _variable(cursor):
            variables.append(declared)
        else:
            kernel = _kernel(cursor)
            kernels[kernel.name] = kernel
    if header.get("address_size", "64") != "64":
        raise UnsupportedPtx(1, f".address_size {header['address_size']}", "expected 64-bit addresses")
    return Module(header.get("version", ""), header.get("target", ""), kernels, tuple(variables))


def _variable(cursor: Cursor) -> Variable | None:
    line, match = cursor.line, cursor.take(VARIABLE)
    if match is None:
        return None
    width = WIDTH.get(match["kind"], 0) // 8
    extern = "extern" in match["linking"]
    count = int(match["size"][1:-1] or 0) if match["size"] else 1
    if not width or (match["space"] in {"shared", "local"} and (match["value"] or not (count or extern))):
        raise UnsupportedPtx(line, match[0].strip())
    return Variable(line, match["name"], match["space"], width * count, int(match["align"] or width), extern)


def _kernel(cursor: Cursor) -> Kernel:
    line, start = cursor.line, cursor.at
    match = cursor.take(ENTRY)
    if match is None:
        raise cursor.refused()
    tuning = {name: tuple(map(int, sizes.split(","))) for name, sizes in TUNING.findall(match["tuning"])}
    if TUNING.sub("", match["tuning"]).strip():
        raise Cursor(cursor.text, start).refused(f"not covered {match['tuning'].strip()!r}")
    required = tuning.get("reqntid")
    most = tuning.get("maxntid")
    parameters = tuple(_parameters(match["parameters"] or "", line))
    body = _Body(cursor)
    body.read()
    return Kernel(
        line=line,
        name=match["name"],
        parameters=parameters,
        registers=body.registers,
        variables=tuple(body.variables),
        body=tuple(body.items),
        most_threads=_product(most) if most else None,
        required_threads=_three(required) if required else None,
    )


def _three(sizes: tuple[int, ...]) -> tuple[int, int, int]:
    x, y, z = (*sizes, 1, 1)[:3]
    return x, y, z


def _product(sizes: tuple[int, ...]) -> int:
    x, y, z = _three(sizes)
    return x * y * z


def _parameters(text: str, line: int) -> Iterator[Parameter]:
    for declaration in filter(None, (part.strip() for part in text.split(","))):
        match = PARAMETER.fullmatch(declaration)
        if match is None or match["kind"] not in WIDTH:
            raise UnsupportedPtx(line, declaration, "not covered parameter")
        align = int(match["align"]) if match["align"] else None
        yield parameter(match["name"], match["kind"], align, int(match["count"]) if match["count"] else None)


@dataclass
class _Body:
    """A kernel's body as it is read: scopes nest, as in inline assembly, and may reuse names."""

    cursor: Cursor
    registers: dict[str, str] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    items: list[Instruction | Label] = field(default_factory=list)
    scopes: list[dict[str, str]] = field(default_factory=lambda: [{}])
    opened: int = 0

    def read(self) -> None:
        """Read up to the brace that closes the kernel."""
        while self.scopes:
            if not self.cursor.skip_space():
                raise self.cursor.refused("the kernel does not end")
            character = self.cursor.text[self.cursor.at]
            if character in "{}":
                self.cursor.at += 1
                self.opened += character == "{"
                self.scopes = [*self.scopes, {}] if character == "{" else self.scopes[:-1]
            elif declared := _variable(self.cursor):
                self.variables.append(declared)
            else:
                self._item()

    def _item(self) -> None:
        line = self.cursor.line
        if match := self.cursor.take(LABEL):
            if len(self.scopes) > 1:
                raise UnsupportedPtx(line, match[0], "not covered label in a nested scope")
            self.items.append(Label(line, match[1]))
            return
        end = self.cursor.text.find(";", self.cursor.at)
        if end < 0:
            raise self.cursor.refused("no semicolon")
        text = " ".join(self.cursor.text[self.cursor.at : end].split())
        self.cursor.at = end + 1
        if match := REGISTERS.fullmatch(text):
            self._declare(line, text, match[1], match[2])
        elif text and not HINTS.fullmatch(text):
            self.items.append(self._instruction(line, text))

    def _declare(self, line: int, text: str, kind: str, names: str) -> None:
        if kind not in WIDTH:
            raise UnsupportedPtx(line, text)
        for name in (part.strip() for part in names.split(",")):
            many = re.fullmatch(rf"({NAME})<(\d+)>", name)
            for one in [f"{many[1]}{i}" for i in range(int(many[2]))] if many else [name]:
                if not re.fullmatch(NAME, one) or one in self.scopes[-1]:
                    raise UnsupportedPtx(line, text)
                unique = one if len(self.scopes) == 1 else f"{one}.{self.opened}"
                self.scopes[-1][one] = unique
                self.registers[unique] = kind

    def _instruction(self, line: int, text: str) -> Instruction:
        match = GUARDED.fullmatch(text)
        if match is None:
            raise UnsupportedPtx(line, text)
        guard = (self._named(match["guard"]), not match["not"]) if match["guard"] else None
        operands = tuple(part.strip() for part in OPERAND.findall(match["rest"]) if part.strip())
        if re.sub(r"[\s,]", "", "".join(operands)) != re.sub(r"[\s,]", "", match["rest"]):
            raise UnsupportedPtx(line, text)
        return Instruction(line, text, guard, match["opcode"], tuple(map(self._renamed, operands)))

    def _renamed(self, operand: str) -> str:
        return re.sub(rf"(?<![\w$.%]){NAME}", lambda match: self._named(match[0]), operand)

    def _named(self, name: str) -> str:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), name)
