"""The map of docs/architecture.md: folders on their floors and who imports whom, drawn from the code's own imports.

python -m docs.map     write docs/architecture.svg (make readme); tests/docs/test_architecture.py compares

Floors are the layers of the import contracts in pyproject.toml. An arrow is an import between two rooms; one that a
chain of others implies is left out.
"""

from __future__ import annotations

import ast
import textwrap
import tomllib
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "architecture.svg"
#: It gathers what every stream declares, for tools; nothing of refinit imports it.
OUTSIDE = "refinit.streams.all_kernels"
WIDTH, FLOOR_HEIGHT, ROOM_HEIGHT, GAP, MARGIN = 1120, 84, 54, 16, 24
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 } .what { font-size: 10.5px; fill: #59636e }
.head { font-size: 17px; font-weight: 600 } .room { fill: #f6f8fa; stroke: #8c959f }
.arrow { fill: none; stroke: #0969da; stroke-width: 1.2 } .tip { fill: #0969da }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .what { fill: #9198a1 }
.room { fill: #151b23; stroke: #656c76 } .arrow { stroke: #4493f8 } .tip { fill: #4493f8 } }
"""
MARKER = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path class="tip" d="M0 0L8 4L0 8z"/></marker>'
)


@dataclass(frozen=True)
class Plan:
    """The rooms of one package, floor by floor from the top, and the imports between them."""

    package: str
    floors: tuple[tuple[str, ...], ...]

    @cached_property
    def rooms(self) -> list[str]:
        """Every room from the top floor down."""
        return [room for floor in self.floors for room in floor]

    @cached_property
    def imports(self) -> set[tuple[str, str]]:
        """(importer, imported) for each pair of rooms with an import between them."""
        graph = grimp.build_graph(self.package, exclude_type_checking_imports=True)
        inside = graph.modules - {OUTSIDE}
        modules = {module: room for module in inside if (room := self.room_of(module))}
        pairs = (
            (room, modules.get(imported))
            for module, room in modules.items()
            for imported in graph.find_modules_directly_imported_by(module)
        )
        return {(room, imported) for room, imported in pairs if imported and imported != room}

    def room_of(self, module: str) -> str | None:
        """The room that a module lies in."""
        inside = module.removeprefix(f"{self.package}.")
        return next((room for room in self.rooms if f"{inside}.".startswith(f"{room}.")), None)

    @cached_property
    def arrows(self) -> list[tuple[str, str]]:
        """The imports that no chain of others implies."""
        implied = set()
        reached: dict[str, set[str]] = {}
        for room in reversed(self.rooms):
            below = {imported for importer, imported in self.imports if importer == room}
            indirect = set().union(*(reached.get(one, set()) for one in below))
            implied |= {(room, one) for one in below & indirect}
            reached[room] = below | indirect
        order = self.rooms.index
        return sorted(self.imports - implied, key=lambda pair: (order(pair[0]), order(pair[1])))

    def summary(self, room: str) -> str:
        """The first sentence of a room's docstring."""
        path = ROOT.joinpath(self.package, *room.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        docstring = ast.get_docstring(ast.parse(source.read_text())) or ""
        first = docstring.partition("\n\n")[0].replace("\n", " ")
        return first.partition(". ")[0].rstrip(".").replace("``", "")


def plans() -> list[Plan]:
    """The packages, their floors as the import contracts state them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = {contract["id"]: contract.get("layers", []) for contract in settings["contracts"]}
    return [
        Plan(package, floors(package, layers[f"floors-of-{package}"])) for package in ("refinit", "verify")
    ]


def floors(package: str, layers: list[str]) -> tuple[tuple[str, ...], ...]:
    """The rooms of each layer; the streams get a floor of their own above what they share."""
    above: list[tuple[str, ...]] = []
    for layer in layers:
        rooms = tuple(layer.replace("|", " ").replace(":", " ").split())
        if rooms == ("streams",):
            folders = sorted(path.parent.name for path in (ROOT / package / "streams").glob("*/__init__.py"))
            above.append(tuple(f"streams.{name}" for name in folders))
        above.append(rooms)
    return tuple(above)


def wrapped(text: str, width: int) -> list[str]:
    """At most two lines of a summary."""
    lines = textwrap.wrap(text, width)
    return lines if len(lines) <= 2 else [lines[0], f"{lines[1][: width - 2].rstrip(' ,;')} …"]


class Drawing:
    """The picture of one plan, from ``top`` down."""

    def __init__(self, plan: Plan, top: int) -> None:
        self.plan, self.top = plan, top
        self.boxes: dict[str, tuple[float, float, float]] = {}
        for level, floor in enumerate(plan.floors):
            width = min(300.0, (WIDTH - 2 * MARGIN + GAP) / len(floor) - GAP)
            left = (WIDTH - len(floor) * (width + GAP) + GAP) / 2
            for index, room in enumerate(floor):
                y = top + 36 + level * FLOOR_HEIGHT
                self.boxes[room] = (left + index * (width + GAP), y, width)

    @property
    def bottom(self) -> int:
        """Where the next picture may begin."""
        return self.top + 36 + len(self.plan.floors) * FLOOR_HEIGHT

    def lines(self) -> list[str]:
        """The SVG elements, arrows first, so that rooms cover what passes behind them."""
        head = f'<text class="head" x="{MARGIN}" y="{self.top + 20}">{self.plan.package}/</text>'
        return [
            head,
            *map(self._arrow, self.plan.arrows),
            *(line for room in self.boxes for line in self._room(room)),
        ]

    def _room(self, room: str) -> list[str]:
        x, y, width = self.boxes[room]
        folder = (ROOT / self.plan.package).joinpath(*room.split(".")).is_dir()
        name = room.replace(".", "/") + ("/" if folder else ".py")
        what = wrapped(self.plan.summary(room), int(width / 6.1))
        return [
            f'<rect class="room" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{ROOM_HEIGHT}" rx="6"/>',
            f'<text x="{x + 9:.0f}" y="{y + 18:.0f}">{name}</text>',
            *(
                f'<text class="what" x="{x + 9:.0f}" y="{y + 33 + 13 * n:.0f}">{escape(line)}</text>'
                for n, line in enumerate(what)
            ),
        ]

    def _arrow(self, arrow: tuple[str, str]) -> str:
        (x, y, width), (end_x, end_y, end_width) = (self.boxes[room] for room in arrow)
        start, y = x + width * self._port(arrow, 0), y + ROOM_HEIGHT
        end, bend = end_x + end_width * self._port(arrow, 1), (end_y - y) / 2
        curve = f"M{start:.0f} {y:.0f}C{start:.0f} {y + bend:.0f} {end:.0f} {end_y - bend:.0f} {end:.0f} {end_y:.0f}"
        return f'<path class="arrow" marker-end="url(#tip)" d="{curve}"><title>{" -> ".join(arrow)}</title></path>'

    def _port(self, arrow: tuple[str, str], side: int) -> float:
        """Where along its edge a room has an end of this arrow: in the order of where the other ends lie."""
        others = [one[1 - side] for one in self.plan.arrows if one[side] == arrow[side]]
        others.sort(key=lambda room: self.boxes[room][0] + self.boxes[room][2] / 2)
        return (others.index(arrow[1 - side]) + 1) / (len(others) + 1)


def picture() -> str:
    """The SVG of both packages."""
    top, parts = 0, []
    for plan in plans():
        drawing = Drawing(plan, top)
        parts += drawing.lines()
        top = drawing.bottom
    size = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    title = "<title>Folders of refinit and verify by floor, and the imports between them</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>{title}<style>{STYLE}</style>'
    return "\n".join([head, f"<defs>{MARKER}</defs>", *parts, "</svg>", ""])


if __name__ == "__main__":
    FILE.write_text(picture())
