"""JSON to the parts of a recipe: each key, type, name and size is checked before it is used."""

from __future__ import annotations

import json
import math
from typing import Any

from ...dtypes import ELEMENTS
from .limits import DEEPEST, LONGEST_NAME, LONGEST_REMARK, MOST_AXES, machine_memory
from .literals import literal_from_json
from .parts import Buffer, Fill, Literal, Operation, Step, View
from .problem import RecipeError, listed, shown
from .scalars import number_from_json
from .writing import FORMAT

#: What sizes may be: larger ones are no memory's.
_HUGE = 1 << 56


def parsed(text: str | bytes) -> Any:
    """The document in a text: JSON without repeated keys, nan or numbers beyond a float's."""
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refused)
    except RecipeError:
        raise
    except RecursionError:
        raise RecipeError("", "a recipe", "JSON nested too deep") from None
    except ValueError as error:
        raise RecipeError("", "a recipe in JSON", f"{error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RecipeError("", "each key once", f"{shown(twice)} twice in one object")
    return members


def _refused(constant: str) -> Any:
    raise RecipeError("", "JSON", constant, 'nan and the infinities are the strings "nan", "inf", "-inf"')


def fields_of(document: Any, max_bytes: int | None = None) -> dict[str, Any]:
    """What a Recipe is made of; ``max_bytes``: of all its literals together, None: this machine's memory."""
    members = _members(document, "", ("format", "buffers", "steps", "state"), ("source", "versions"))
    if members["format"] != FORMAT:
        raise RecipeError("format", repr(FORMAT), shown(members["format"]), "update refinit, or the recipe")
    buffers = {name: _buffer(name, data) for name, data in _named(members["buffers"], "buffers")}
    reader = _Reader(buffers, machine_memory() if max_bytes is None else max_bytes)
    steps = _list(members["steps"], "steps")
    return {
        "buffers": buffers,
        "steps": tuple(reader.step(data, f"steps[{index}]") for index, data in enumerate(steps)),
        "state": {
            name: reader.array(data, f"state[{name!r}]") for name, data in _named(members["state"], "state")
        },
        "source": _text(members.get("source", ""), "source", LONGEST_REMARK),
        "versions": {
            name: _text(value, f"versions[{name!r}]", LONGEST_NAME)
            for name, value in _named(members.get("versions", {}), "versions")
        },
    }


class _Reader:
    """Reads what refers to buffers, and counts the bytes of literals."""

    def __init__(self, buffers: dict[str, Buffer], max_bytes: int) -> None:
        self.buffers, self.remaining, self.max_bytes = buffers, max_bytes, max_bytes

    def step(self, data: Any, place: str) -> Step:
        """A fill or an operation."""
        within = number_from_json(_object(data, place).get("within", 0))
        if type(within) not in (int, float) or not within >= 0:
            raise RecipeError(f"{place}.within", "a number of ulp", shown(data["within"]))
        if "fill" in data:
            members = _members(data, place, ("fill", "out"), ("arguments", "call", "within", "where"))
            arguments = _named(members.get("arguments", {}), f"{place}.arguments")
            return Fill(
                _text(members["fill"], f"{place}.fill", LONGEST_NAME),
                self.view(members["out"], f"{place}.out"),
                {key: _argument(value, f"{place}.arguments.{key}") for key, value in arguments},
                _text(members.get("call", ""), f"{place}.call", LONGEST_REMARK),
                _text(members.get("where", ""), f"{place}.where", LONGEST_REMARK),
            )
        members = _members(data, place, ("operation", "out"), ("operands", "options", "within", "where"))
        options = _named(members.get("options", {}), f"{place}.options")
        operands = _list(members.get("operands", []), f"{place}.operands")
        return Operation(
            _text(members["operation"], f"{place}.operation", LONGEST_NAME),
            self.view(members["out"], f"{place}.out"),
            tuple(self.value(value, f"{place}.operands[{index}]") for index, value in enumerate(operands)),
            {key: self.value(value, f"{place}.options.{key}") for key, value in options},
            _text(members.get("where", ""), f"{place}.where", LONGEST_REMARK),
        )

    def value(self, data: Any, place: str, depth: int = 0) -> Any:
        """An operand: a view, a literal, a number, a word, None, or a list of these."""
        if isinstance(data, list):
            if depth == DEEPEST:
                raise RecipeError(place, f"lists nested at most {DEEPEST} deep", "more")
            return [self.value(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(data)]
        number = number_from_json(data)
        if number is not None or data is None:
            return _finite(number, data, place)
        return _text(data, place, LONGEST_NAME) if isinstance(data, str) else self.array(data, place)

    def array(self, data: Any, place: str) -> View | Literal:
        """A view or a literal."""
        _object(data, place)
        return self.view(data, place) if "buffer" in data else self.literal(data, place)

    def view(self, data: Any, place: str) -> View:
        """A view within its buffer."""
        members = _members(data, place, ("buffer",), ("offset", "shape", "strides"))
        name = _text(members["buffer"], f"{place}.buffer", LONGEST_NAME)
        if name not in self.buffers:
            raise RecipeError(f"{place}.buffer", "the name of a buffer", shown(name), "add it to buffers")
        if len(members) == 1:
            return self.buffers[name].whole
        if len(members) < 4:
            raise RecipeError(place, "offset, shape and strides together", listed(members))
        shape = _lengths(members["shape"], f"{place}.shape")
        strides = _lengths(members["strides"], f"{place}.strides")
        return View(name, _integer(members["offset"], f"{place}.offset"), shape, strides)

    def literal(self, data: Any, place: str) -> Literal:
        """A literal, whose bytes count."""
        members = _members(data, place, ("dtype", "shape"), ("value", "values", "zlib", "bytes"))
        kinds = [kind for kind in ("value", "values", "zlib") if kind in members]
        if len(kinds) != 1 or ("bytes" in members and kinds != ["zlib"]):
            raise RecipeError(place, "one of value, values and zlib (with bytes)", listed(members))
        dtype, shape = _dtype(members["dtype"], place), _lengths(members["shape"], f"{place}.shape")
        if kinds == ["zlib"]:
            self.remaining -= math.prod(shape) * ELEMENTS[dtype].itemsize
        if self.remaining < 0:
            raise RecipeError(
                place, f"at most max_bytes={self.max_bytes} of literals", "more", "raise max_bytes"
            )
        return literal_from_json(members, dtype, shape, place)


def _buffer(name: str, data: Any) -> Buffer:
    place = f"buffers[{name!r}]"
    members = _members(data, place, ("dtype", "shape"), ())
    return Buffer(name, _dtype(members["dtype"], place), _lengths(members["shape"], f"{place}.shape"))


def _argument(data: Any, place: str) -> Any:
    """An initializer's: a number, a word, None, or a list of axes."""
    if isinstance(data, list):
        return tuple(_integer(item, f"{place}[{index}]", least=-MOST_AXES) for index, item in enumerate(data))
    number = number_from_json(data)
    if number is not None or data is None:
        return _finite(number, data, place)
    return _text(data, place, LONGEST_NAME)


def _finite(number: Any, data: Any, place: str) -> Any:
    """The number; 1e999 in JSON would be inf unawares, and larger integers no array's."""
    if isinstance(data, float) and not math.isfinite(data):
        raise RecipeError(place, 'a finite number, or the string "inf"', "one beyond a float's")
    if isinstance(number, int) and not -(1 << 63) <= number < 1 << 64:
        raise RecipeError(place, "an integer of 64 bits", "a larger one")
    return number


def _object(data: Any, place: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise RecipeError(place, "a JSON object", f"{type(data).__name__} {shown(data)}")
    return data


def _members(data: Any, place: str, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
    """The object, which has these keys and no others."""
    members = _object(data, place)
    if missing := [key for key in required if key not in members]:
        raise RecipeError(place, f"the key {missing[0]!r}", listed(map(shown, members)) or "none")
    if strange := [key for key in members if key not in required + optional]:
        raise RecipeError(place, f"no keys but {', '.join(required + optional)}", shown(strange[0]))
    return members


def _named(data: Any, place: str) -> list[tuple[str, Any]]:
    return [(_text(name, place, LONGEST_NAME), value) for name, value in _object(data, place).items()]


def _list(data: Any, place: str) -> list[Any]:
    if not isinstance(data, list):
        raise RecipeError(place, "a list", f"{type(data).__name__} {shown(data)}")
    return data


def _text(data: Any, place: str, longest: int) -> str:
    if not isinstance(data, str) or len(data) > longest:
        raise RecipeError(place, f"a string of at most {longest} characters", shown(data))
    allowed = "\n\t" if longest == LONGEST_REMARK else ""
    if any((ord(c) < 32 and c not in allowed) or 0xD800 <= ord(c) < 0xE000 for c in data):
        raise RecipeError(place, "a string without control characters and lone surrogates", shown(data))
    return data


def _dtype(data: Any, place: str) -> str:
    if not isinstance(data, str) or data not in ELEMENTS:
        raise RecipeError(f"{place}.dtype", f"one of {', '.join(ELEMENTS)}", shown(data))
    return data


def _integer(data: Any, place: str, *, least: int = 0) -> int:
    if type(data) is not int or not least <= data < _HUGE:
        raise RecipeError(place, f"an integer from {least} on", shown(data))
    return data


def _lengths(data: Any, place: str) -> tuple[int, ...]:
    lengths = tuple(_integer(item, f"{place}[{i}]") for i, item in enumerate(_list(data, place)))
    if len(lengths) > MOST_AXES or math.prod(length or 1 for length in lengths) >= _HUGE:
        raise RecipeError(place, f"at most {MOST_AXES} axes and {_HUGE} elements", f"{shown(lengths)}")
    return lengths
