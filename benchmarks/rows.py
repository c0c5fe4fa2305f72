"""The rows of the speed table, and the targets that they must reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of both tables: a call, and the ratios to torch it must reach.

    `target` and `counter_target` are those of torch's stream and of a CounterGenerator (None: no chance in it);
    `of_fill` is what the second must reach of torch's plain `fill_`. `tensor`: what is filled is a torch tensor, not an
    array, and whose generator its first column draws from: "refinit" or "torch".
    """

    name: str
    shape: tuple[int, ...]
    target: float
    counter_target: float | None = None
    dtype: str = "float32"
    parameters: dict[str, Any] = field(default_factory=dict)
    of_fill: float = 0.0
    tensor: str = ""

    @property
    def label(self) -> str:
        """The call as a reader would type it, its type where that is not float32, and its shape."""
        arguments = ", ".join(f"{key}={value}" for key, value in self.parameters.items())
        dtype = "" if self.dtype == "float32" else f", {self.dtype}"
        tensor = {"": "", "refinit": ", tensor", "torch": ", tensor and torch's generator"}[self.tensor]
        return f"{self.name}({arguments}){dtype}, {' x '.join(map(str, self.shape))}{tensor}"


LARGE = (4096, 4096)
LARGE_DIRAC = (1024, 1024, 4, 4)
CALL_TARGETS = {8: 2.0, 64: 4.0, 256: 4.0}
"""By the side of a square weight, where the overhead of a call is measured."""

ROWS = (
    Row("uniform_", LARGE, 12, 12, of_fill=0.6),
    Row("normal_", LARGE, 8, 6),
    Row("trunc_normal_", LARGE, 8, 8, parameters={"std": 0.02}),
    Row("trunc_normal_", LARGE, 30, 60, parameters={"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0}),
    Row("uniform_", LARGE, 8, 8, "float64"),
    Row("normal_", LARGE, 1.3, 8, "float64"),
    *(Row("uniform_", LARGE, 8, 8, half) for half in ("bfloat16", "float16")),
    *(Row("normal_", LARGE, 6, 6, half) for half in ("bfloat16", "float16")),
    Row("sparse_", (2048, 2048), 8, 15, parameters={"sparsity": 0.9}),
    Row("orthogonal_", (2048, 2048), 1, 3),
    Row("orthogonal_", (512, 512), 1, 2),
    *(
        Row(name, (size, size), target, target)
        for name in ("kaiming_uniform_", "uniform_", "normal_")
        for size, target in CALL_TARGETS.items()
    ),
    Row("normal_", (8, 8), 0.48, tensor="torch"),
    Row("normal_", (8, 8), 1.4, 1.4, tensor="refinit"),
    Row("kaiming_normal_", (64, 32), 1, tensor="torch"),
    Row("zeros_", (64,), 1, tensor="refinit"),
    Row("eye_", LARGE, 0.9),
    Row("dirac_", LARGE_DIRAC, 0.9),
    Row("constant_", LARGE, 0.9, parameters={"val": 0.5}),
    Row("ones_", LARGE, 0.9),
    Row("zeros_", LARGE, 0.9),
)
