"""What a layer draws, in numbers: the law of each parameter beside LeCun's, Xavier's and He's for its shape."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..initializers.registry import INITIALIZERS
from ..laws.fans import NONLINEARITIES, calculate_gain, fans, weight_fans
from ..laws.fixed import Constant
from ..laws.law import Law, Normal, Uniform
from .layers.base.module import Module
from .recipe.steps import Fill, Operation, Recipe, Step, View

#: What the papers ask of a weight's standard deviation.
RIVALS = {
    "LeCun": "1/sqrt(fan_in)",
    "Xavier": "sqrt(2/(fan_in + fan_out))",
    "He": "sqrt(2/fan_in)",
}
SQRT_5 = """\
Why sqrt(5): kaiming_uniform_(a=sqrt(5)) has the gain sqrt(2/(1 + 5)) = 1/sqrt(3), so its bound,
sqrt(3) gain/sqrt(fan_in), is 1/sqrt(fan_in). That was torch's default before it had Kaiming's
function, and a is the number that gives it again; it is no slope of any leaky_relu. 1/sqrt(fan_in) is
what LeCun asks of the standard deviation; as a bound it gives 1/sqrt(3 fan_in), 0.58 of LeCun's and
0.41 of He's. The bias has the same bound, of its weight's fan_in."""


@dataclass(frozen=True)
class Explained:
    """One parameter: ``fills``, in the order in which it gets them; ``law``, of the last that fills all of it.

    ``parts``: what is then filled in parts. ``gain``: that of the initializer. ``true_fans``: where groups or a
    transposed layer make torch's others than they are.
    """

    name: str
    shape: tuple[int, ...]
    fills: tuple[str, ...]
    parts: tuple[str, ...]
    law: Law | None
    gain: float | None
    true_fans: tuple[int, int] | None

    @property
    def fans(self) -> tuple[int, int] | None:
        """fan_in and fan_out as torch counts them."""
        return weight_fans(self.shape) if len(self.shape) > 1 else None

    @property
    def bound(self) -> float | None:
        """Of a uniform law around 0."""
        return self.law.hi if isinstance(self.law, Uniform) else None

    @property
    def std(self) -> float | None:
        """The standard deviation of an element."""
        if isinstance(self.law, Uniform):
            return (self.law.hi - self.law.lo) / math.sqrt(12)
        return self.law.std if isinstance(self.law, Normal) else None

    @property
    def rivals(self) -> dict[str, float]:
        """The standard deviations of ``RIVALS`` for this shape."""
        if self.fans is None or not all(self.fans) or self.std is None:
            return {}
        fan_in, fan_out = self.fans
        stds = (1 / math.sqrt(fan_in), math.sqrt(2 / (fan_in + fan_out)), math.sqrt(2 / fan_in))
        return dict(zip(RIVALS, stds, strict=True))


def explained(layer: Module) -> list[Explained]:
    """Every parameter of a layer or model, in the order of its state."""
    recipe = layer.recipe()
    true = {name: _true_fans(module) for name, module in layer.named_modules()}
    result = []
    for name, view in recipe.state.items():
        assert isinstance(view, View)  # of layers, all are
        steps = [*_steps_of(view.buffer, len(recipe.steps), recipe)]
        whole = [
            index for index, step in enumerate(steps) if step.out.shape == view.shape and not _copies(step)
        ]
        last = steps[whole[-1]] if whole else None
        fill = last if isinstance(last, Fill) else None
        behind = steps[whole[-1] + 1 :] if whole else []
        parts = tuple(
            f"{_call(step)} of {math.prod(step.out.shape)} elements" for step in behind if not _copies(step)
        )
        law = INITIALIZERS[fill.function].law(view.shape, **fill.arguments) if fill else None
        parent, _, own = name.rpartition(".")
        fans_ = true.get(parent) if own == "weight" else None
        calls = tuple(map(_call, steps))
        result.append(
            Explained(
                name, view.shape, calls, parts, law, _gain(fill), fans_ if len(view.shape) > 1 else None
            )
        )
    return result


def _steps_of(buffer: str, before: int, recipe: Recipe) -> Iterator[Step]:
    """The steps that a buffer's values come from; of a copy, its source's."""
    for index, step in enumerate(recipe.steps[:before]):
        if step.out.buffer != buffer:
            continue
        if isinstance(step, Operation) and _copies(step):
            yield from _steps_of(step.operands[0].buffer, index, recipe)
        yield step


def _copies(step: Step) -> bool:
    """Whether it takes the values of another parameter, and so its law."""
    return isinstance(step, Operation) and step.name == "copy" and isinstance(step.operands[0], View)


def _call(step: Step) -> str:
    """The step as a user would write it, with the bounds that torch's code computes as numbers."""
    if isinstance(step, Operation):
        return step.name
    signature = inspect.signature(INITIALIZERS[step.function].function)
    shown = []
    for name, value in step.arguments.items():
        if value != signature.parameters[name].default:
            shown.append(f"{name}={'sqrt(5)' if value == math.sqrt(5) else number(value)}")
    return f"{step.function}({', '.join(shown)})"


def number(value: Any) -> str:
    """Four digits of a float, everything else as it is."""
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def _gain(fill: Fill | None) -> float | None:
    """The factor of the standard deviation that the initializer's arguments say."""
    if fill is None or not fill.function.startswith(("kaiming", "xavier")):
        return None
    arguments = fill.arguments
    if fill.function.startswith("xavier"):
        return float(arguments.get("gain", 1.0))
    nonlinearity = arguments.get("nonlinearity", "leaky_relu")
    assert nonlinearity in NONLINEARITIES
    return float(calculate_gain(nonlinearity, arguments.get("a", 0)))


def _true_fans(module: Module) -> tuple[int, int] | None:
    """Of a grouped or transposed convolution, the inputs of an output and the outputs of an input."""
    transposed, groups = getattr(module, "_transposed", None), getattr(module, "groups", 1)
    if transposed is None or (not transposed and groups == 1) or 0 in module.weight.shape:
        return None
    return fans(module.weight.shape, groups=groups, transposed=transposed)


def law_text(row: Explained) -> str:
    """The law in symbols and numbers."""
    law = row.law
    if isinstance(law, Uniform):
        return f"U[{number(law.lo)}, {number(law.hi)})"
    if isinstance(law, Normal):
        return f"N({number(law.mean)}, {number(law.std)}^2)"
    return number(law.value) if isinstance(law, Constant) else repr(law)


def explanation(layer: Module, title: str) -> str:
    """The whole text of `python -m refinit explain`."""
    rows = explained(layer)
    lines = [title, *(line for row in rows for line in ("", *_paragraph(row)))]
    if any("sqrt(5)" in call for row in rows for call in row.fills):
        lines += ["", *SQRT_5.splitlines()]
    return "\n".join([*lines, "" if rows else "No parameters: nothing is drawn."]).rstrip()


def _paragraph(row: Explained) -> Iterable[str]:
    yield f"{row.name}  {row.shape}"
    yield f"  filled by  {', '.join(row.fills)}"
    yield f"  law        {law_text(row)}{''.join(f', then {part}' for part in row.parts)}"
    if row.std is None:
        return
    facts = {"gain": row.gain, "bound": row.bound, "std": row.std}
    if row.fans is not None:
        facts = {"fan_in": row.fans[0], "fan_out": row.fans[1], **facts}
    yield "  " + ", ".join(f"{name} {number(value)}" for name, value in facts.items() if value is not None)
    if row.true_fans is not None and row.true_fans != row.fans:
        yield f"  counted connection by connection: fan_in {row.true_fans[0]}, fan_out {row.true_fans[1]}"
    for name, std in row.rivals.items():
        yield f"  std of {name:<7}{RIVALS[name]:<27} {number(std):<9} this law has {row.std / std:.3g} of it"
