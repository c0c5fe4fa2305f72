"""The one table of calls, dtypes and sizes from which the tests of bits take their cases."""

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

REALS = ("float16", "bfloat16", "float32", "float64")
FLOATS = (*REALS, "complex64", "complex128")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
EVERY = (*FLOATS, *INTEGERS, "bool")

# Ends of blocks of 16, of 624-word states and of 39 blocks = 624 words; then of buffers and of threads' shares.
SIZES = (0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 39, 311, 312, 313, 623, 624, 625, 1247, 1248, 1249)
LARGE_SIZES = (4095, 4096, 4097, 2**14 - 1, 2**14, 2**14 + 1, 65537)
HUGE_SIZES = (2**17 + 1, 2**18 - 1, 2**18, 2**18 + 1, 2**18 + 17, 624 * 512 + 17, 2**20 + 5)

EXPECTED_WARNINGS = r"Initializing zero-element tensors is a no-op|mean is more than 2 std from \[a, b\]"


@dataclass(frozen=True)
class Call:
    """A function with its parameters, and the dtypes and numbers of axes it is for."""

    function: str
    parameters: dict[str, Any] = field(default_factory=dict)
    dtypes: tuple[str, ...] = FLOATS
    ndims: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    random: bool = True

    def __str__(self) -> str:
        return f"{self.function}({', '.join(f'{k}={v!r}' for k, v in self.parameters.items())})"

    def on(self, module: Any, array: Any, generator: Any = None) -> Any:
        """Call the function of this module; the warnings that test_warnings.py asserts are silent here."""
        keywords = {**self.parameters, "generator": generator} if self.random else self.parameters
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", EXPECTED_WARNINGS, UserWarning)
            return getattr(module, self.function)(array, **keywords)

    def shape(self, size: int) -> tuple[int, ...]:
        """A shape of this many elements that the function takes."""
        if 1 in self.ndims:
            return (size,)
        return (size, 1) if size % 2 else (1, size)


def _matrix(function: str, **parameters: Any) -> Call:
    return Call(function, parameters, ndims=(2, 3, 4, 5))


def _fixed(function: str, **parameters: Any) -> Call:
    return Call(function, parameters, dtypes=EVERY, random=False)


def _real(function: str, *dtypes: str, **parameters: Any) -> Call:
    return Call(function, parameters, dtypes=dtypes or REALS)


WIDE = ("bfloat16", "float32", "float64", "complex64", "complex128")
UNIFORM = (
    Call("uniform_"),
    Call("uniform_", {"a": -0.1, "b": 0.1}),
    Call("uniform_", {"a": 0.25, "b": 0.25}),
    Call("uniform_", {"a": -5.0, "b": -4.9}),
    Call("uniform_", {"a": 1.0, "b": 1.000001}),
    Call("uniform_", {"a": 0, "b": 1e-44}),
    Call("uniform_", {"a": -1e-310, "b": 3e-308}),
    Call("uniform_", {"a": -3e4, "b": 3e4}, dtypes=(*REALS, "complex64", "complex128")),
    Call("uniform_", {"a": -1.3e38, "b": 1.9e38}, dtypes=WIDE),
)
NORMAL = (
    Call("normal_"),
    Call("normal_", {"mean": 3.7, "std": 0.013}),
    Call("normal_", {"mean": -1.5, "std": 0}),
    Call("normal_", {"mean": 0, "std": 1e-44}),
    Call("normal_", {"mean": 2e38, "std": 1e38}, dtypes=WIDE),
    Call("normal_", {"mean": 1e4, "std": 3e4}),
)
WIDE_TRUNCATION = (  # P(a <= x <= b) > 0.3: torch redraws whole tensors of normals
    _real("trunc_normal_"),
    _real("trunc_normal_", std=0.02),
    _real("trunc_normal_", mean=0.3, std=2.0, a=-1.0, b=3.0),
    _real("trunc_normal_", mean=0.0, std=1.0, a=0.0, b=math.inf),
    _real("trunc_normal_", mean=-1.0, std=1e-3, a=-1.0004, b=-0.9996),
)
NARROW_TRUNCATION = (  # P <= 0.3: torch proposes uniforms and accepts by their density
    _real("trunc_normal_", a=-0.2, b=0.2),
    _real("trunc_normal_", mean=0.0, std=1.0, a=3.0, b=4.0),
    _real("trunc_normal_", mean=5, std=0.1, a=4.96, b=5.04),
    _real("trunc_normal_", mean=0.1, std=0.7, a=-4.0, b=-1.3),
    _real("trunc_normal_", a=1.0, b=1.0),
)
SCALED = (
    _matrix("xavier_uniform_"),
    _matrix("xavier_uniform_", gain=5 / 3),
    _matrix("xavier_normal_"),
    _matrix("xavier_normal_", gain=0.3),
    _matrix("kaiming_uniform_"),
    _matrix("kaiming_uniform_", a=math.sqrt(5)),
    _matrix("kaiming_uniform_", mode="fan_out", nonlinearity="tanh"),
    _matrix("kaiming_normal_"),
    _matrix("kaiming_normal_", mode="fan_out", nonlinearity="relu"),
    _matrix("kaiming_normal_", a=0.2, nonlinearity="selu"),
)
FIXED = (_fixed("ones_"), _fixed("zeros_"), _fixed("constant_", val=1), _fixed("constant_", val=0.3))
CALLS = (*UNIFORM, *NORMAL, *WIDE_TRUNCATION, *NARROW_TRUNCATION, *SCALED, *FIXED)
# One of each path through the kernels, where time allows no more.
PATHS = (UNIFORM[0], UNIFORM[1], NORMAL[0], NORMAL[1], WIDE_TRUNCATION[0], NARROW_TRUNCATION[0], SCALED[4])


def each_dtype(calls: Iterable[Call], dtypes: tuple[str, ...] = EVERY) -> list[Any]:
    """Parameters (call, dtype) for pytest, with readable ids."""
    pairs = ((call, dtype) for call in calls for dtype in call.dtypes if dtype in dtypes)
    return [pytest.param(call, dtype, id=f"{call}-{dtype}") for call, dtype in pairs]
