"""Operations whose bits hang on a math library are within as many ulp of torch's as the recipe says."""

import numpy as np
import pytest

from refinit.dtypes import ELEMENTS
from refinit.models.recipe.bounds import own_bound
from refinit.models.recipe.parts import Buffer, Operation
from refinit.models.recipe.signatures import SIGNATURES
from refinit.models.replay.operations.run import run

torch = pytest.importorskip("torch", reason="the operations are its")
pytest.importorskip("ml_dtypes", reason="bfloat16 is its")

DTYPES = ("float32", "float64", "float16", "bfloat16")
ANYWHERE = ("exp", "exp2", "expm1", "sin", "cos", "tan", "tanh", "sigmoid", "erf")
POSITIVE = ("log", "log2", "log10", "log1p", "sqrt", "rsqrt")


def values(dtype, low, high, shape=(200, 101)):
    generator = torch.Generator().manual_seed(5)
    return (torch.rand(shape, generator=generator, dtype=torch.float64) * (high - low) + low).to(
        getattr(torch, dtype)
    )


def as_array(tensor):
    name = str(tensor.dtype).removeprefix("torch.")
    flat = tensor.contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().view(ELEMENTS[name].dtype).reshape(tensor.shape)


def ordered(array):
    """Integers that count the values of the type in order: their differences are ulps."""
    bits = array.view(f"i{array.itemsize}").astype(np.int64)
    return np.where(bits < 0, np.iinfo(f"i{array.itemsize}").min - bits, bits)


def check(name, *operands, function=None, dtype=None):
    expected = as_array((function or getattr(torch, name))(*operands))
    arrays = [as_array(x) if isinstance(x, torch.Tensor) else x for x in operands]
    out = np.empty(expected.shape, expected.dtype)
    run(name, out, dict(zip(SIGNATURES[name].parameters, arrays, strict=False)))
    buffers = [
        Buffer(str(k), dtype, x.shape).whole if isinstance(x, np.ndarray) else x for k, x in enumerate(arrays)
    ]
    bound = own_bound(Operation(name, buffers[0], tuple(buffers)), dtype)
    finite = np.isfinite(expected)
    assert (np.isfinite(out) == finite).all()
    ulps = np.abs(ordered(out) - ordered(expected))[finite].max()
    assert 0 < bound < np.inf
    assert ulps <= bound, f"{ulps} ulp"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*ANYWHERE, *POSITIVE])
def test_functions(name, dtype):
    check(name, values(dtype, *((-8, 8) if name in ANYWHERE else (1e-3, 30))), dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_erfinv(dtype):
    check("erfinv", values(dtype, -0.999, 0.999), dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("exponent", [3, 0.5, -0.5, 1.7])
def test_powers(dtype, exponent):
    check("pow", values(dtype, 0.01, 9), exponent, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [1, 2, 3])
@pytest.mark.parametrize("dim", [[0], [1], [0, 1]])
def test_norms(dtype, p, dim):
    matrix = values(dtype, -0.1, 0.1)
    check("norm", matrix, p, dim, dtype=dtype, function=torch.norm)
    check("linalg_vector_norm", matrix, p, dim, dtype=dtype, function=torch.linalg.vector_norm)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weight_norm(dtype):
    v, g = values(dtype, -1, 1, (30, 7, 5)), values(dtype, 0.5, 2, (30, 1, 1))
    check("weight_norm", v, g, 0, dtype=dtype, function=torch._weight_norm)
