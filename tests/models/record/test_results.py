"""What operations return has torch's shapes, strides and types, without their values."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="recordings are of torch")

from refinit.models.record import results  # noqa: E402 - needs torch
from tests.paths import ROOT  # noqa: E402

aten = torch.ops.aten
W, T, S = torch.ones(3, 4), torch.ones(4, 3).t(), torch.ones(3, 8)[:, ::2]
CALLS = {
    "mul": (aten.mul.Tensor, (W, 2.0)),
    "mul, transposed": (aten.mul.Tensor, (T, 0.5)),
    "mul, two orders": (aten.mul.Tensor, (W, T)),
    "mul, strided": (aten.mul.Tensor, (S, 0.5)),
    "mul, broadcast": (aten.mul.Tensor, (W, torch.ones(4))),
    "mul, 0-d": (aten.mul.Tensor, (torch.tensor(2.0, dtype=torch.float64), W)),
    "mul, half": (aten.mul.Tensor, (W.half(), W)),
    "gt": (aten.gt.Scalar, (T, 0)),
    "div of integers": (aten.div.Tensor, (torch.ones(3, 4, dtype=torch.int64), 2)),
    "clone": (aten.clone.default, (T,)),
    "cast": (aten._to_copy.default, (T,)),
    "cat": (aten.cat.default, ([W, T], 1)),
    "norm": (aten.linalg_vector_norm.default, (W, 2, [1], True)),
    "sort": (aten.sort.default, (W,)),
}


@pytest.mark.parametrize("few", [0, 1 << 16])
@pytest.mark.parametrize("name", CALLS)
def test_results_are_as_torchs(name, few, monkeypatch):
    function, args = CALLS[name]
    kwargs = {"dtype": torch.bfloat16} if name == "cast" else {}
    monkeypatch.setattr(results, "_FEW", few)
    ours, theirs = results.results_of(function, args, kwargs), function(*args, **kwargs)
    pairs = zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]
    for a, b in pairs:
        assert (a.dtype, a.shape, a.stride(), a.device) == (b.dtype, b.shape, b.stride(), b.device)


def test_large_arithmetic_does_not_import_torchs_compiler():
    code = (
        "import sys, torch, refinit\n"
        "def make():\n"
        "    layer = torch.nn.Linear(1000, 1000)\n"
        "    layer.weight.data = layer.weight.data * 2 + 1\n"
        "    return layer.half()\n"
        "refinit.record(make, check=False)\n"
        "print('torch._dynamo' in sys.modules)\n"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).strip() == "False"
