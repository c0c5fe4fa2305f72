"""What can be filled: every container of writable CPU memory; and what cannot, with the line that would work."""

import numpy as np
import pytest

import refinit
from tests.tables.cases import NORMAL, UNIFORM, Call
from tests.tables.containers import CONTAINERS, ArrayInterface, DLPack, OldDLPack

FILLS = (UNIFORM[0], NORMAL[1], Call("trunc_normal_"), Call("constant_", {"val": 0.25}, random=False))


def expected(call, count, dtype=np.float32):
    return call.on(refinit, np.empty(count, dtype), refinit.Generator().manual_seed(3)).tobytes()


@pytest.mark.parametrize("call", FILLS, ids=str)
@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("count", [1, 40])
def test_every_container_is_filled_in_place_and_returned(make, call, count):
    holder, contents = make(count)
    assert call.on(refinit, holder, refinit.Generator().manual_seed(3)) is holder
    assert contents() == expected(call, count)


@pytest.mark.parametrize("call", FILLS, ids=str)
def test_a_bytearray_is_an_array_of_uint8(call):
    if call.random:
        with pytest.raises(NotImplementedError, match="Byte"):
            call.on(refinit, bytearray(8), refinit.Generator())
    raw = bytearray(8)
    assert refinit.ones_(raw) is raw
    assert raw == b"\1" * 8


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128"])
def test_buffers_know_their_dtype(dtype):
    values = np.zeros(20, dtype)
    refinit.normal_(memoryview(values), generator=refinit.Generator().manual_seed(3))
    assert values.tobytes() == expected(NORMAL[0], 20, dtype)


def test_a_memoryview_of_a_matrix_keeps_its_shape():
    values = np.zeros((4, 6), np.float32)
    refinit.xavier_uniform_(memoryview(values), generator=refinit.Generator().manual_seed(1))
    assert (
        values.tobytes()
        == refinit.xavier_uniform_(
            np.empty((4, 6), np.float32), generator=refinit.Generator().manual_seed(1)
        ).tobytes()
    )


def test_empty_is_an_array_of_torchs_default_dtype():
    assert refinit.empty(3, 4).dtype == np.float32
    assert refinit.empty(3, 4).shape == (3, 4)
    assert refinit.empty().shape == ()
    assert refinit.empty(2, dtype=np.float64).dtype == np.float64
    assert refinit.empty(2, dtype="complex64").dtype == np.complex64
    assert refinit.empty((2, 5)).shape == (2, 5)
    assert type(refinit.empty(2)) is np.ndarray


def read_only():
    values = np.zeros((4, 4), np.float32)
    values.flags.writeable = False
    return values


COPIED, MADE = r"w = np\.array\(w\)", r"w = np\.array\(w, np\.float32\)"
REFUSED = {  # name -> (what is passed, what was wrong, a word of the line that would work)
    "read-only": (read_only, "read-only", COPIED),
    "bytes": (lambda: bytes(16), "read-only", COPIED),
    "read-only-memoryview": (lambda: memoryview(read_only()), "read-only", COPIED),
    "read-only-dlpack": (lambda: DLPack(read_only()), "read-only|readonly", COPIED),
    "dlpack-before-1.0": (lambda: OldDLPack(np.zeros((4, 4), np.float32)), "read-only", COPIED),
    "read-only-array-interface": (lambda: ArrayInterface(read_only()), "read-only", COPIED),
    "broadcast": (lambda: np.broadcast_to(np.zeros(4, np.float32), (4, 4)), "read-only|memory", COPIED),
    "overlapping": (
        lambda: np.lib.stride_tricks.as_strided(np.zeros(8, np.float32), (4, 4), (0, 4)),
        "more than one element of the written-to tensor refers to a single memory location",
        COPIED,
    ),
    "partly-overlapping": (
        lambda: np.lib.stride_tricks.as_strided(np.zeros(16, np.float32), (4, 4), (8, 4)),
        "more than one element of the written-to tensor refers to a single memory location",
        COPIED,
    ),
    "byte-swapped": (lambda: np.zeros((4, 4), ">f4"), "byte order|>f4|native", "astype"),
    "object": (lambda: np.zeros((4, 4), object), "object", "float32"),
    "text": (lambda: np.zeros((4, 4), "U3"), "U3|str", "float32"),
    "dates": (lambda: np.zeros((4, 4), "M8[s]"), "datetime64", "float32"),
    "records": (lambda: np.zeros((4, 4), [("a", "f4"), ("b", "f4")]), r"void|'a'", "float32|field"),
    "list": (lambda: [[0.0, 1.0], [2.0, 3.0]], "list", MADE),
    "tuple": (lambda: (0.0, 1.0), "tuple", MADE),
    "None": (lambda: None, "NoneType", MADE),
    "number": (lambda: 3.0, "float", MADE),
    "numpy-scalar": (lambda: np.float32(3), "float32", MADE),
    "text-object": (lambda: "weights", "str", MADE),
    "shape": (lambda: (3, 4), "tuple", r"init\.empty\(3, 4\)"),
}


@pytest.mark.parametrize(("make", "wrong", "remedy"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", ["uniform_", "normal_", "kaiming_uniform_", "ones_", "eye_", "orthogonal_"])
def test_what_cannot_be_filled_is_refused_with_a_remedy_and_untouched(make, wrong, remedy, name):
    thing, generator = make(), refinit.Generator().manual_seed(1)
    before = thing.tobytes() if isinstance(thing, np.ndarray) and not thing.dtype.hasobject else repr(thing)
    state = bytes(generator.get_state())
    keywords = {} if name in {"ones_", "eye_"} else {"generator": generator}
    with pytest.raises((TypeError, ValueError, RuntimeError), match=wrong) as caught:
        getattr(refinit, name)(thing, **keywords)
    assert caught.match(remedy)
    after = thing.tobytes() if isinstance(thing, np.ndarray) and not thing.dtype.hasobject else repr(thing)
    assert before == after
    assert bytes(generator.get_state()) == state


@pytest.mark.parametrize("name", ["uniform_", "ones_", "sparse_"])
def test_axes_of_length_1_and_empty_arrays_do_not_overlap(name):
    values = np.zeros(4, np.float32)
    extra = {"sparsity": 0.5} if name == "sparse_" else {}
    for shape, strides in (((1, 4), (0, 4)), ((0, 3), (0, 0)), ((4, 1), (4, 0))):
        getattr(refinit, name)(np.lib.stride_tricks.as_strided(values, shape, strides), **extra)


def test_interleaved_axes_that_never_meet_are_filled():
    values = np.zeros(40, np.float32)
    view = np.lib.stride_tricks.as_strided(values, (2, 3), (12, 8))
    refinit.ones_(view)
    assert values.nonzero()[0].tolist() == [0, 2, 3, 4, 5, 7]


class Immutable:
    """A JAX array in miniature: DLPack hands out its memory, the array interface says read-only."""

    def __init__(self):
        self._values = read_only()

    def __dlpack__(self, **keywords):
        if keywords.get("copy"):
            raise BufferError("no copies")
        return self._values.__dlpack__(
            **{k: v for k, v in keywords.items() if k in {"max_version", "stream"}}
        )

    def __dlpack_device__(self):
        return (1, 0)

    def __array__(self, dtype=None, copy=None):
        return self._values


def test_an_immutable_array_is_refused_and_not_silently_copied():
    generator = refinit.Generator().manual_seed(1)
    state = bytes(generator.get_state())
    thing = Immutable()
    with pytest.raises((TypeError, ValueError), match=r"copy|immutable|read-only|readonly"):
        refinit.uniform_(thing, generator=generator)
    assert not thing._values.any()
    assert bytes(generator.get_state()) == state


class Elsewhere(DLPack):
    def __dlpack_device__(self):
        return (8, 0)  # kDLMetal


def test_memory_elsewhere_is_refused():
    with pytest.raises(NotImplementedError, match=r"CPU or CUDA memory.*device type 8"):
        refinit.uniform_(Elsewhere(np.zeros(3, np.float32)))
