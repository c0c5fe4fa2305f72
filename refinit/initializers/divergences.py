"""Where refinit refuses on purpose what torch 2.13 accepts, or refuses in another way.

torch's own refusals are kept, type and text (``laws.py``, ``scaling.py``); this table is the rest.  verify reads it
as the known divergences, the documentation prints it, and a test runs each example on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Divergence:
    """``example``: a call with ``init`` (refinit, or torch.nn.init) and ``w`` (a torch tensor of ``shape``, ``dtype``).

    ``torch``: what torch does; ``refinit``: the exception raised here, before anything is drawn or written.
    """

    function: str
    shape: tuple[int, ...]
    example: str
    torch: str
    refinit: str
    reason: str
    dtype: str = "float32"


_SILENT = "accepts silently"
_ZERO_DIVISION = "ZeroDivisionError"
_NO_LAW = "no law has this parameter"

#: What torch accepts silently although it is nonsense.
NONSENSE: tuple[Divergence, ...] = (
    Divergence(
        "normal_", (4, 4), "init.normal_(w, mean=float('nan'))", _SILENT, "ValueError", "every value is nan"
    ),
    Divergence(
        "trunc_normal_",
        (4, 4),
        "init.trunc_normal_(w, mean=float('nan'))",
        _SILENT,
        "ValueError",
        "comparisons with nan accept every candidate: a uniform law comes out",
    ),
    Divergence(
        "trunc_normal_",
        (4, 4),
        "init.trunc_normal_(w, mean=float('inf'))",
        _SILENT,
        "ValueError",
        "the same: a uniform law comes out",
    ),
    Divergence(
        "trunc_normal_", (4, 4), "init.trunc_normal_(w, std=float('nan'))", _SILENT, "ValueError", _NO_LAW
    ),
    Divergence(
        "trunc_normal_", (4, 4), "init.trunc_normal_(w, std=float('inf'))", _SILENT, "ValueError", _NO_LAW
    ),
    Divergence("trunc_normal_", (4, 4), "init.trunc_normal_(w, std=-1.0)", _SILENT, "ValueError", _NO_LAW),
    Divergence(
        "trunc_normal_",
        (4, 8),
        "init.trunc_normal_(w, 0.0, 7e38, -3e38, 3e38)",
        "never returns",
        "ValueError",
        "std rounds to infinity in float32, and no draw is ever accepted",
    ),
    Divergence(
        "sparse_", (4, 4), "init.sparse_(w, sparsity=-0.5)", _SILENT, "ValueError", "it zeroes the wrong rows"
    ),
    Divergence(
        "sparse_", (4, 4), "init.sparse_(w, sparsity=1.5)", _SILENT, "ValueError", "more zeros than rows"
    ),
    Divergence(
        "dirac_", (4, 4, 3), "init.dirac_(w, groups=-2)", _SILENT, "ValueError", "every value is zero"
    ),
    Divergence(
        "orthogonal_",
        (4, 4),
        "init.orthogonal_(w, gain=float('nan'))",
        _SILENT,
        "ValueError",
        "every value is nan",
    ),
    Divergence(
        "constant_",
        (4,),
        "init.constant_(w, float(2**63))",
        _SILENT,
        "RuntimeError",
        "the conversion is undefined: 2**63 becomes -2**63",
        "int64",
    ),
    *(
        Divergence(
            f"{call.partition('(')[0]}",
            (4, 4, 4)[: 3 if call.startswith("dirac_") else 2],
            f"init.{call.replace('w', 'w[:1].expand(w.shape)')}",
            _SILENT,
            "RuntimeError",
            "elements that share memory cannot hold values of their own",
        )
        for call in ("constant_(w, 0.5)", "ones_(w)", "zeros_(w)", "eye_(w)", "dirac_(w)")
    ),
)

#: What torch dies of with an exception that says nothing of the cause.
DEATHS: tuple[Divergence, ...] = (
    Divergence(
        "trunc_normal_", (4, 4), "init.trunc_normal_(w, std=0.0)", _ZERO_DIVISION, "ValueError", _NO_LAW
    ),
    Divergence(
        "xavier_uniform_", (0, 0), "init.xavier_uniform_(w)", _ZERO_DIVISION, "ValueError", "both fans are 0"
    ),
    Divergence(
        "xavier_normal_", (0, 0), "init.xavier_normal_(w)", _ZERO_DIVISION, "ValueError", "both fans are 0"
    ),
    Divergence(
        "dirac_", (4, 4, 3), "init.dirac_(w, groups=0)", _ZERO_DIVISION, "ValueError", "there are no 0 groups"
    ),
    Divergence(
        "dirac_",
        (4, 4, 3),
        "init.dirac_(w, groups=2.0)",
        "TypeError, after zeroing the tensor",
        "TypeError",
        "checked before anything is written",
    ),
    Divergence(
        "sparse_",
        (4, 4),
        "init.sparse_(w, sparsity=float('inf'))",
        "OverflowError",
        "ValueError",
        "sparsity is a fraction",
    ),
    Divergence(
        "sparse_",
        (4, 4),
        "init.sparse_(w, sparsity=float('nan'))",
        "ValueError",
        "ValueError",
        "the same type, with a text that names sparsity",
    ),
)

DIVERGENCES: tuple[Divergence, ...] = NONSENSE + DEATHS
