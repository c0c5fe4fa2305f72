"""orthogonal_: torch's normals, signs and generator position; the factor by its backward error (README.md)."""

import numpy as np
import pytest

import refinit
from tests.tables.places import Place, array_at, contiguous, memory, permuted
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins  # noqa: E402 - needs torch

SHAPES = (
    *(
        (1, 1),
        (1, 5),
        (5, 1),
        (2, 2),
        (3, 3),
        (2, 8),
        (8, 2),
        (4, 4),
        (3, 5),
        (5, 3),
        (33, 32),
        (64, 16),
        (16, 64),
    ),
    *((200, 300), (300, 200), (256, 256), (64, 3, 7, 7), (3, 64, 3), (6, 2, 5), (1, 3, 2), (2, 1, 1, 1, 9)),
)
DTYPES = ("float32", "float64")


def normals(shape, dtype, seed):
    """The matrix torch draws, tall, and its generator afterwards."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.empty(shape[0], int(np.prod(shape[1:])), dtype=getattr(torch, dtype))
    matrix = matrix.normal_(0, 1, generator=generator).numpy()
    return (matrix.T if matrix.shape[0] < matrix.shape[1] else matrix), generator


def tall(weight):
    matrix = np.array(weight).reshape(weight.shape[0], -1)
    return matrix.T if matrix.shape[0] < matrix.shape[1] else matrix


def assert_factor_of(weight, matrix):
    """With A the normals and Q ours: Q^T A upper triangular within 10 eps ||A||, its diagonal positive."""
    __tracebackhide__ = True
    bound = 10 * np.finfo(weight.dtype).eps * np.linalg.norm(matrix.astype(np.float64), 2)
    q = tall(weight).astype(np.float64)
    r = q.T @ matrix.astype(np.float64)
    assert np.abs(np.tril(r, -1)).max() <= bound
    assert np.diag(r).min() > -bound
    assert np.abs(q.T @ q - np.eye(q.shape[1])).max() <= 10 * np.finfo(weight.dtype).eps


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_factor_meets_the_backward_error_bound(shape, dtype):
    for seed in range(3 if np.prod(shape) > 10_000 else 12):
        matrix, after = normals(shape, dtype, seed)
        generator = refinit.Generator().manual_seed(seed)
        weight = np.empty(shape, dtype)
        assert refinit.orthogonal_(weight, generator=generator) is weight
        assert_factor_of(weight, matrix)
        assert bytes(generator.get_state()) == bytes(after.get_state().numpy())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (64, 16), (16, 64), (40, 2, 3, 2)], ids=str)
def test_the_distance_to_torch_is_bounded_by_the_condition_of_the_normals(shape, dtype):
    for seed in range(10):
        matrix, _ = normals(shape, dtype, seed)
        weight = refinit.orthogonal_(np.empty(shape, dtype), generator=refinit.Generator().manual_seed(seed))
        theirs = torch.empty(shape, dtype=getattr(torch, dtype))
        torch.nn.init.orthogonal_(theirs, generator=torch.Generator().manual_seed(seed))
        singular = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
        bound = 4 * np.finfo(dtype).eps * singular[0] / singular[-1]
        assert np.abs(weight - theirs.numpy()).max() <= bound


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gain", [2.5, -1, 0, np.sqrt(2), 1e-3, np.float32(0.3), True])
def test_gain_multiplies_the_rounded_factor(gain, dtype):
    plain, scaled = np.empty((20, 30), dtype), np.empty((20, 30), dtype)
    refinit.orthogonal_(plain, generator=refinit.Generator().manual_seed(1))
    refinit.orthogonal_(scaled, gain, generator=refinit.Generator().manual_seed(1))
    assert (scaled == plain * np.dtype(dtype).type(gain)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "place",
    [
        permuted((20, 30), (1, 0)),
        permuted((30, 20), (1, 0), offset=2),
        Place("step", (20, 30), (80, 2), 1),
        Place("steps", (20, 6, 5), (200, 15, 3)),
        contiguous(20, 5, 6, name="offset", offset=3),
        Place("size-1", (20, 30, 1, 1), (1, 40, 7, 9)),
    ],
    ids=str,
)
def test_layout_changes_neither_normals_nor_surroundings(place, dtype):
    matrix, after = normals(place.shape, dtype, 5)
    buffer, plain = memory(place, dtype), np.empty(place.shape, dtype)
    twins = Twins(5)
    weight = array_at(buffer, place, dtype)
    untouched = bytes(buffer)
    refinit.orthogonal_(weight, generator=twins.ours)
    refinit.orthogonal_(plain, generator=refinit.Generator().manual_seed(5))
    assert (weight == plain).all()
    assert_factor_of(weight, matrix)
    assert bytes(twins.ours.get_state()) == bytes(after.get_state().numpy())
    touched = np.frombuffer(bytes(buffer), np.uint8) != np.frombuffer(untouched, np.uint8)
    assert touched.sum() <= weight.nbytes


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_cached_normal_and_a_used_position_enter_as_in_torch(dtype):
    twins = Twins(9)
    refinit.normal_(np.empty(3, np.float32), generator=twins.ours)
    torch.nn.init.normal_(torch.empty(3), generator=twins.theirs)
    for shape in ((3, 3), (3, 5), (20, 20)):
        refinit.orthogonal_(np.empty(shape, dtype), generator=twins.ours)
        torch.nn.init.orthogonal_(torch.empty(shape, dtype=getattr(torch, dtype)), generator=twins.theirs)
        twins.assert_same_state(shape)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (2, 0, 3)], ids=str)
def test_empty_arrays_take_nothing_from_the_generator(shape):
    generator = refinit.Generator()
    before = bytes(generator.get_state())
    weight = np.empty(shape, np.float32)
    assert refinit.orthogonal_(weight, generator=generator) is weight
    assert bytes(generator.get_state()) == before


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("gain", [1, -0.7, 0.0, float("inf")])
@pytest.mark.parametrize(
    "shape", [(1, 1), (3, 5), (5, 3), (16, 16), (64, 3, 7, 7), (8, 300), (300, 200)], ids=str
)
def test_torch_tensors_get_torchs_bits(shape, gain, dtype):
    """torch factorises them, in whatever layout they lie."""
    dtype = getattr(torch, dtype)
    layouts = [torch.empty(shape, dtype=dtype), torch.empty((2 * shape[0], *shape[1:]), dtype=dtype)[::2]]
    if len(shape) == 2:
        layouts.append(torch.empty(shape[::-1], dtype=dtype).T)
    for weight in layouts:
        ours, theirs = (torch.Generator().manual_seed(3) for _ in range(2))
        want = torch.nn.init.orthogonal_(weight.clone(memory_format=torch.preserve_format), gain, theirs)
        assert refinit.orthogonal_(weight, gain, ours) is weight
        assert weight.contiguous().numpy().tobytes() == want.contiguous().numpy().tobytes()
        assert torch.equal(ours.get_state(), theirs.get_state())


def test_torchs_threads_round_as_torch_itself_does():
    threads = torch.get_num_threads()
    try:
        for number in (1, 2):
            torch.set_num_threads(number)
            ours, theirs = (torch.Generator().manual_seed(3) for _ in range(2))
            want = torch.nn.init.orthogonal_(torch.empty(500, 400), generator=theirs)
            assert torch.equal(refinit.orthogonal_(torch.empty(500, 400), generator=ours), want)
    finally:
        torch.set_num_threads(threads)
