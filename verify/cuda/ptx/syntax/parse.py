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
    rf"{LINKING}\.entry\s+(?P<name>{NAME})\s*(?:\((?P<parameters>[^)]*)\))?(?P<directives>[^{{]*)\{{"
)
PARAMETER = re.compile(
    r"\.param\s+(?:\.align\s+(?P<align>\d+)\s+)?\.(?P<kind>\w+)\s+"
    r"(?:\.ptr\s+(?:\.(?:global|const|local|shared)\s+)?(?:\.align\s+\d+\s+)?)?"
    rf"(?P<name>{NAME})(?:\[(?P<count>\d+)\])?"
)
DIRECTIVES = re.compile(r"\.(maxntid|reqntid|minnctapersm|maxnreg)\s+(\d+(?:\s*,\s*\d+){0,2})")
REGISTERS = re.compile(r"\.reg\s+\.(\w+)\s+(.+)", re.DOTALL)
LABEL = re.compile(rf"({NAME})\s*:")
INSTRUCTION = re.compile(
    rf"(?:@(?P<not>!?)(?P<guard>{NAME})\s+)?(?P<opcode>[a-z][\w.:]*)\s*(?P<rest>.*)", re.DOTALL
)
OPERAND = re.compile(r"\{[^{}]*\}|\[[^\[\]]*\]|[^,{}\[\]]+")
#: Hints that change no result.
HINTS = re.compile(r'\.pragma\s+"(?:nounroll|used_bytes_mask [^"]*)"')


@dataclass
class Cursor:
    """An offset into a text without comments."""

    text: str
    offset: int = 0

    @property
    def line(self) -> int:
        """The line of the offset."""
        return self.text.count("\n", 0, self.offset) + 1

    def skip_space(self) -> bool:
        """Skip white space; whether text remains."""
        while self.offset < len(self.text) and self.text[self.offset].isspace():
            self.offset += 1
        return self.offset < len(self.text)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match at the offset, which moves behind it."""
        match = pattern.match(self.text, self.offset)
        if match:
            self.offset = match.end()
        return match

    def unsupported(self, reason: str = "not covered") -> UnsupportedPtx:
        """The exception that names this line."""
        return UnsupportedPtx(self.line, self.text[self.offset :].split("\n", 1)[0].strip(), reason)


def parse(text: str) -> Module:
    """Return the kernels of a PTX text; UnsupportedPtx names the line of what is not supported."""
    without_comments = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text.replace("\0", ""))
    cursor, header, kernels, variables = Cursor(without_comments), {}, {}, []
    while cursor.skip_space():
        if match := cursor.match(HEADER):
            header[match[1]] = match[2].strip()
        elif variable := _variable(cursor):
            variables.append(variable)
        else:
            kernel = _kernel(cursor)
            kernels[kernel.name] = kernel
    if header.get("address_size", "64") != "64":
        raise UnsupportedPtx(1, f".address_size {header['address_size']}", "expected 64-bit addresses")
    return Module(header.get("version", ""), header.get("target", ""), kernels, tuple(variables))


def _variable(cursor: Cursor) -> Variable | None:
    line, match = cursor.line, cursor.match(VARIABLE)
    if match is None:
        return None
    width = WIDTH.get(match["kind"], 0) // 8
    extern = "extern" in match["linking"]
    count = int(match["size"][1:-1] or 0) if match["size"] else 1
    if not width or (match["space"] in {"shared", "local"} and (match["value"] or not (count or extern))):
        raise UnsupportedPtx(line, match[0].strip())
    return Variable(line, match["name"], match["space"], width * count, int(match["align"] or width), extern)


def _kernel(cursor: Cursor) -> Kernel:
    line, start = cursor.line, cursor.offset
    match = cursor.match(ENTRY)
    if match is None:
        raise cursor.unsupported()
    directives = {
        name: tuple(map(int, sizes.split(","))) for name, sizes in DIRECTIVES.findall(match["directives"])
    }
    if DIRECTIVES.sub("", match["directives"]).strip():
        raise Cursor(cursor.text, start).unsupported(f"not covered {match['directives'].strip()!r}")
    required = directives.get("reqntid")
    maximum = directives.get("maxntid")
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
        max_threads=_product(maximum) if maximum else None,
        required_threads=_triple(required) if required else None,
    )


def _triple(sizes: tuple[int, ...]) -> tuple[int, int, int]:
    x, y, z = (*sizes, 1, 1)[:3]
    return x, y, z


def _product(sizes: tuple[int, ...]) -> int:
    x, y, z = _triple(sizes)
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
    """A kernel's body while it is parsed: scopes nest, as in inline assembly, and may reuse names."""

    cursor: Cursor
    registers: dict[str, str] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    items: list[Instruction | Label] = field(default_factory=list)
    scopes: list[dict[str, str]] = field(default_factory=lambda: [{}])
    scope_count: int = 0

    def read(self) -> None:
        """Read up to the brace that closes the kernel."""
        while self.scopes:
            if not self.cursor.skip_space():
                raise self.cursor.unsupported("the kernel does not end")
            character = self.cursor.text[self.cursor.offset]
            if character in "{}":
                self.cursor.offset += 1
                self.scope_count += character == "{"
                self.scopes = [*self.scopes, {}] if character == "{" else self.scopes[:-1]
            elif variable := _variable(self.cursor):
                self.variables.append(variable)
            else:
                self._item()

    def _item(self) -> None:
        line = self.cursor.line
        if match := self.cursor.match(LABEL):
            if len(self.scopes) > 1:
                raise UnsupportedPtx(line, match[0], "not covered label in a nested scope")
            self.items.append(Label(line, match[1]))
            return
        end = self.cursor.text.find(";", self.cursor.offset)
        if end < 0:
            raise self.cursor.unsupported("no semicolon")
        text = " ".join(self.cursor.text[self.cursor.offset : end].split())
        self.cursor.offset = end + 1
        if match := REGISTERS.fullmatch(text):
            self._declare(line, text, match[1], match[2])
        elif text and not HINTS.fullmatch(text):
            self.items.append(self._instruction(line, text))

    def _declare(self, line: int, text: str, kind: str, names: str) -> None:
        if kind not in WIDTH:
            raise UnsupportedPtx(line, text)
        for name in (part.strip() for part in names.split(",")):
            array = re.fullmatch(rf"({NAME})<(\d+)>", name)
            registers = [f"{array[1]}{i}" for i in range(int(array[2]))] if array else [name]
            for register in registers:
                if not re.fullmatch(NAME, register) or register in self.scopes[-1]:
                    raise UnsupportedPtx(line, text)
                unique = register if len(self.scopes) == 1 else f"{register}.{self.scope_count}"
                self.scopes[-1][register] = unique
                self.registers[unique] = kind

    def _instruction(self, line: int, text: str) -> Instruction:
        match = INSTRUCTION.fullmatch(text)
        if match is None:
            raise UnsupportedPtx(line, text)
        guard = (self._resolved(match["guard"]), not match["not"]) if match["guard"] else None
        operands = tuple(part.strip() for part in OPERAND.findall(match["rest"]) if part.strip())
        if re.sub(r"[\s,]", "", "".join(operands)) != re.sub(r"[\s,]", "", match["rest"]):
            raise UnsupportedPtx(line, text)
        return Instruction(line, text, guard, match["opcode"], tuple(map(self._resolved_operand, operands)))

    def _resolved_operand(self, operand: str) -> str:
        return re.sub(rf"(?<![\w$.%]){NAME}", lambda match: self._resolved(match[0]), operand)

    def _resolved(self, name: str) -> str:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), name)
