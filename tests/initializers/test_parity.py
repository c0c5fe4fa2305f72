"""Small things that code in the wild passes: each ends on both sides alike."""

import inspect

import numpy as np
import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()

NO_GRAD = {
    "_no_grad_uniform_": (-0.5, 0.25),
    "_no_grad_normal_": (0.1, 0.3),
    "_no_grad_trunc_normal_": (0.0, 1.0, -1.0, 2.0),
    "_no_grad_fill_": (0.3,),
    "_no_grad_zero_": (),
}


@pytest.mark.parametrize(("name", "arguments"), NO_GRAD.items(), ids=NO_GRAD)
def test_the_functions_under_torchs_have_their_signatures_and_bits(name, arguments):
    ours, theirs = (getattr(module, name) for module in (refinit, torch.nn.init))
    got, want = (inspect.signature(function).parameters for function in (ours, theirs))
    assert [(p.name, p.kind, p.default) for p in got.values()] == [
        (p.name, p.kind, p.default) for p in want.values()
    ]
    results = []
    for function in (ours, theirs):
        torch.manual_seed(4)
        parameter = torch.nn.Parameter(torch.ones(5, 7))
        assert function(parameter, *arguments) is parameter
        results.append(parameter.detach())
    assert torch.equal(*results)


COMPLEX = [np.complex64(1 + 2j), np.complex64(3), np.clongdouble(1 + 2j)]


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "float32", "float16", "int32", "bool"])
@pytest.mark.parametrize("value", COMPLEX, ids=repr)
def test_a_complex_number_that_is_none_of_pythons_is_asked_for_a_float(value, dtype):
    got, want = (torch.zeros(5, dtype=getattr(torch, dtype)) for _ in range(2))
    for module, tensor in ((refinit, got), (torch.nn.init, want)):
        with pytest.warns(np.exceptions.ComplexWarning, match="discards the imaginary part") as caught:
            module.constant_(tensor, value)
        assert module is not refinit or caught[0].filename == __file__
    assert torch.equal(got, want)


@pytest.mark.parametrize("value", [[3.0], [[3.0]], [3.0, 4.0], []], ids=str)
def test_a_tensor_with_axes_is_no_value(value):
    for module in (refinit, torch.nn.init):
        with pytest.raises(
            RuntimeError, match="fill_ only supports 0-dimension value tensor but got tensor with"
        ):
            module.constant_(torch.zeros(3), torch.tensor(value))


BOUNDS = [(2.0, 1.0), (1e300, 0.0), (0.0, 1e39), (-3e38, 3e38), (float("nan"), 1.0)]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shape", [(0,), (0, 3), (4,)], ids=str)
@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_bounds_are_refused_where_torch_refuses_them(bounds, shape, dtype):
    errors = []
    for module in (torch.nn.init, refinit):
        try:
            module.uniform_(torch.zeros(shape, dtype=getattr(torch, dtype)), *bounds)
        except RuntimeError as error:
            errors.append((type(error), str(error)[:25]))
        else:
            errors.append(None)
    assert errors[0] == errors[1]
    if errors[0] is None:
        for generator in (refinit.CounterGenerator(1), refinit.Generator(), np.random.default_rng(1)):
            array = np.zeros(shape, dtype)
            assert refinit.uniform_(array, *bounds, generator=generator) is array


@pytest.mark.parametrize("sparsity", [10**400, -(10**400), 2, -1])
def test_an_integer_of_any_size_is_a_sparsity_out_of_range(sparsity):
    for shape in ((4, 4), (0, 4)):
        with pytest.raises(ValueError, match="sparsity must be between 0 and 1, got"):
            refinit.sparse_(torch.zeros(shape), sparsity)


WIDE = [2**63, 2**64 - 1, 2**64, 10**30, -(2**64), 10**400, -(10**400)]
#: What an integer is passed as: the function and the argument's name.
PLACES = [
    *(("normal_", "std"), ("normal_", "mean"), ("uniform_", "a"), ("uniform_", "b"), ("sparse_", "std")),
    *(("xavier_uniform_", "gain"), ("xavier_normal_", "gain"), ("orthogonal_", "gain"), ("constant_", "val")),
    *(("kaiming_uniform_", "a"), ("kaiming_normal_", "a")),
]


@pytest.mark.parametrize(
    "number", WIDE, ids=["2^63", "2^64-1", "2^64", "10^30", "-2^64", "10^400", "-10^400"]
)
@pytest.mark.parametrize(("name", "argument"), PLACES, ids=str)
def test_integers_beyond_64_bits_end_in_torchs_type(name, argument, number):
    kinds = []
    for module in (torch.nn.init, refinit):
        required = {"sparsity": 0.5} if name == "sparse_" else {}
        try:
            getattr(module, name)(torch.zeros(4, 4), **required, **{argument: number})
        except Exception as error:  # noqa: BLE001 - compared
            kinds.append(type(error))
        else:
            kinds.append(None)
    assert kinds[0] == kinds[1]
