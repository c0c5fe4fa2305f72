"""Where refinit refuses on purpose what torch 2.13 accepts, or refuses in another way.

torch's own refusals are kept, type and text (``laws/``); this table is the rest. verify reads it as the known
divergences, the documentation prints it, and a test makes each call on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import frexp, inf, isfinite, nan
from typing import Any


@dataclass(frozen=True)
class Divergence:
    """The call ``function(w, **keywords)`` on a weight of ``shape`` and ``dtype``, as text with ``init.`` before it.

    ``torch``: what torch does; ``refinit``: the exception raised here, before anything is drawn or written.
    ``expanded``: the weight is a torch tensor's first row, repeated without memory of its own.
    """

    function: str
    shape: tuple[int, ...]
    torch: str
    refinit: str
    reason: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    dtype: str = "float32"
    expanded: bool = False

    def __call__(self, init: Any, w: Any, **keywords: Any) -> Any:
        """Call ``init`` (refinit, or torch.nn.init) with these keywords more."""
        weight = w[:1].expand(w.shape) if self.expanded else w
        return getattr(init, self.function)(weight, **self.keywords, **keywords)

    def __str__(self) -> str:
        weight = "w[:1].expand(w.shape)" if self.expanded else "w"
        arguments = [weight, *(f"{name}={_text(value)}" for name, value in self.keywords.items())]
        return f"init.{self.function}({', '.join(arguments)})"


def _text(value: float) -> str:
    """Python for a number, also for those whose repr is none, or hides a power of two."""
    if not isfinite(value):
        return f"float('{value}')"
    mantissa, exponent = frexp(value)
    return f"2.0**{exponent - 1}" if mantissa == 0.5 and exponent > 53 else repr(value)


_SILENT = "accepts silently"
_ZERO_DIVISION = "ZeroDivisionError"
_NO_LAW = "no law has this parameter"
_UNIFORM = "comparisons with nan accept every candidate: a uniform law comes out"
_NO_DRAW = "std rounds to infinity in float32, and no draw is ever accepted"
_SHARED = "elements that share memory cannot hold values of their own"


def _accepted(function: str, shape: tuple[int, ...], reason: str, **keywords: Any) -> Divergence:
    return Divergence(function, shape, _SILENT, "ValueError", reason, keywords)


def _expanded(function: str, shape: tuple[int, ...], **keywords: Any) -> Divergence:
    return Divergence(function, shape, _SILENT, "RuntimeError", _SHARED, keywords, expanded=True)


def _failing(function: str, shape: tuple[int, ...], reason: str, **keywords: Any) -> Divergence:
    return Divergence(function, shape, _ZERO_DIVISION, "ValueError", reason, keywords)


#: What torch accepts silently although it is nonsense.
ACCEPTED_BY_TORCH: tuple[Divergence, ...] = (
    _accepted("normal_", (4, 4), "every value is nan", mean=nan),
    _accepted("trunc_normal_", (4, 4), _UNIFORM, mean=nan),
    _accepted("trunc_normal_", (4, 4), "the same: a uniform law comes out", mean=inf),
    _accepted("trunc_normal_", (4, 4), _NO_LAW, std=nan),
    _accepted("trunc_normal_", (4, 4), _NO_LAW, std=inf),
    _accepted("trunc_normal_", (4, 4), _NO_LAW, std=-1.0),
    Divergence(
        "trunc_normal_",
        (4, 8),
        "never returns",
        "ValueError",
        _NO_DRAW,
        {"mean": 0.0, "std": 7e38, "a": -3e38, "b": 3e38},
    ),
    _accepted("sparse_", (4, 4), "it zeroes the wrong rows", sparsity=-0.5),
    _accepted("sparse_", (4, 4), "more zeros than rows", sparsity=1.5),
    _accepted("dirac_", (4, 4, 3), "every value is zero", groups=-2),
    _accepted("orthogonal_", (4, 4), "every value is nan", gain=nan),
    Divergence(
        "constant_",
        (4,),
        _SILENT,
        "RuntimeError",
        "the conversion is undefined: 2**63 becomes -2**63",
        {"val": 2.0**63},
        "int64",
    ),
    _expanded("constant_", (4, 4), val=0.5),
    _expanded("ones_", (4, 4)),
    _expanded("zeros_", (4, 4)),
    _expanded("eye_", (4, 4)),
    _expanded("dirac_", (4, 4, 4)),
)

#: What torch dies of with an exception that says nothing of the cause.
FAILING_IN_TORCH: tuple[Divergence, ...] = (
    _failing("trunc_normal_", (4, 4), _NO_LAW, std=0.0),
    _failing("xavier_uniform_", (0, 0), "both fans are 0"),
    _failing("xavier_normal_", (0, 0), "both fans are 0"),
    _failing("dirac_", (4, 4, 3), "there are no 0 groups", groups=0),
    Divergence(
        "dirac_",
        (4, 4, 3),
        "TypeError, after zeroing the tensor",
        "TypeError",
        "checked before anything is written",
        {"groups": 2.0},
    ),
    Divergence("sparse_", (4, 4), "OverflowError", "ValueError", "sparsity is a fraction", {"sparsity": inf}),
    Divergence(
        "sparse_",
        (4, 4),
        "ValueError",
        "ValueError",
        "the same type, with a text that names sparsity",
        {"sparsity": nan},
    ),
)

DIVERGENCES: tuple[Divergence, ...] = ACCEPTED_BY_TORCH + FAILING_IN_TORCH
