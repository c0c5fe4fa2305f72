"""The table of refusals, first part: shapes, names and types of arguments; and how torch answers the same call."""

from dataclasses import dataclass, field
from typing import Any

SAME_TEXT = "torch's Python writes the text: ours is the same, to the letter"
SAME_WORDS = "torch's C++ writes the text, or ours goes on with what to do: it has the type and contains the same words"
OURS = "torch accepts it, or dies of something else: ours is a ValueError (README.md, section Errors)"


@dataclass(frozen=True)
class Refusal:
    """A call that must raise, leaving array and generator untouched."""

    function: str
    shape: tuple[int, ...]
    error: type[Exception]
    text: str
    parameters: dict[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    torch: str = SAME_TEXT

    def __str__(self) -> str:
        parameters = ", ".join(f"{k}={v!r}" for k, v in self.parameters.items())
        return f"{self.function}({self.dtype}{self.shape}, {parameters})"


def same(
    function: str, shape: tuple[int, ...], text: str, error: type[Exception] = ValueError, **parameters: Any
) -> Refusal:
    return Refusal(function, shape, error, text, parameters)


def words(
    function: str,
    shape: tuple[int, ...],
    error: type[Exception],
    text: str,
    dtype: str = "float32",
    **parameters: Any,
) -> Refusal:
    return Refusal(function, shape, error, text, parameters, dtype, SAME_WORDS)


def ours(
    function: str, shape: tuple[int, ...], text: str, dtype: str = "float32", **parameters: Any
) -> Refusal:
    return Refusal(function, shape, ValueError, text, parameters, dtype, OURS)


FEWER = "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
TWO = "Only tensors with 2 dimensions are supported"
DIRAC = "Only tensors with 3, 4, or 5 dimensions are supported"
FANS = ("xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_")
KAIMING = FANS[2:]
MODE = "Mode bad not supported, please use one of ['fan_in', 'fan_out']"

SHAPES = (
    *(words(name, shape, ValueError, FEWER) for name in FANS for shape in ((), (3,))),
    *(same(name, (3,), TWO) for name in ("eye_",)),
    *(same("eye_", shape, TWO) for shape in ((), (2, 3, 4))),
    *(same("sparse_", shape, TWO, sparsity=0.5) for shape in ((), (4,), (2, 3, 4))),
    *(
        same("orthogonal_", shape, "Only tensors with 2 or more dimensions are supported")
        for shape in ((), (3,))
    ),
    *(same("dirac_", shape, DIRAC) for shape in ((), (3,), (3, 3), (2,) * 6)),
    *(same("dirac_", (4, 3, 3), "dim 0 must be divisible by groups", groups=g) for g in (3, 8, -3, 2.5)),
)
NAMES = (
    *(same(name, (3, 3), MODE, mode=mode) for name in KAIMING for mode in ("bad", "BAD")),
    *(same(name, (3,), MODE, mode="bad") for name in KAIMING),  # the mode is looked at first
    *(
        same(name, (3, 3), "'NoneType' object has no attribute 'lower'", AttributeError, mode=None)
        for name in KAIMING
    ),
    *(
        words(name, (3, 3), ValueError, "Unsupported nonlinearity bad", nonlinearity="bad")
        for name in KAIMING
    ),
    *(
        words(name, (3, 3), ValueError, "Unsupported nonlinearity None", nonlinearity=None)
        for name in KAIMING
    ),
    *(
        same(name, (3, 3), f"negative_slope {a} not a valid number", a=a)
        for name in KAIMING
        for a in ("x", True, 1j)
    ),
)
_NONE = "argument '{}' (position {}) must be float, not {}"
TYPES = (
    *(
        words("uniform_", (3,), TypeError, _NONE.format("from", 1, t), a=a)
        for a, t in (("0", "str"), (None, "NoneType"))
    ),
    *(
        words("uniform_", (3,), TypeError, _NONE.format("to", 2, t), b=b)
        for b, t in ((1j, "complex"), ([1], "list"))
    ),
    *(
        words("normal_", (3,), TypeError, _NONE.format("mean", 1, t), mean=m)
        for m, t in (("0", "str"), (0j, "complex"))
    ),
    *(
        words("normal_", (3,), TypeError, _NONE.format("std", 2, t), std=s)
        for s, t in (("1", "str"), (None, "NoneType"))
    ),
    *(
        words("trunc_normal_", (3,), TypeError, "", **{k: v})
        for k in ("mean", "std", "a", "b")
        for v in ("x", None)
    ),
    *(words(name, (3, 3), TypeError, "", gain=gain) for name in FANS[:2] for gain in ("1", None, 1j)),
    *(words("sparse_", (3, 3), TypeError, "", sparsity=s) for s in ("x", None)),
    words("sparse_", (3, 3), TypeError, _NONE.format("std", 2, "str"), sparsity=0.5, std="x"),
    *(
        words("constant_", (3,), TypeError, t, val=v)
        for v, t in (("x", "str"), (None, "NoneType"), ([1.0], "list"))
    ),
    *(words("orthogonal_", (3, 3), TypeError, "", gain=g) for g in ("1", None)),
    *(words("dirac_", (4, 3, 3), TypeError, "", groups=g) for g in ("2", None, 2.0)),
)
ARGUMENTS = (*SHAPES, *NAMES, *TYPES)
