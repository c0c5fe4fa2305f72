"""Fill numbers: every random fill takes the next one and nothing else does; a refusal changes nothing at all."""

import math
import warnings

import numpy as np
import pytest

import refinit
from tests.tables.cases import each_dtype
from tests.tables.counter_streams import PATHS, RANDOM, at_fill, filled, shapes
from tests.tables.places import SENTINEL, dtype_of
from tests.tables.refusal_numbers import NUMBERS
from tests.tables.refusals import ARGUMENTS

LAST = 2**32 - 1
EMPTY = {1: ((0,),), 2: ((0, 4), (4, 0)), 3: ((2, 0, 3),)}
FUNCTIONS = {call.function for call in RANDOM}


def empty_shapes(call):
    return [shape for ndim, some in EMPTY.items() if ndim in call.ndims for shape in some]


@pytest.mark.parametrize(("call", "dtype"), each_dtype(RANDOM))
def test_each_fill_takes_the_next_number_also_an_empty_one(call, dtype):
    generator = refinit.CounterGenerator(3)
    for number, shape in enumerate([*shapes(call), *empty_shapes(call)] * 2):
        assert generator.fill_number == number
        filled(call, shape, dtype, generator)
    assert generator.fill_number == number + 1
    assert generator.initial_seed() == 3


@pytest.mark.parametrize(("call", "dtype"), each_dtype(PATHS))
def test_an_empty_shard_of_a_tensor_that_has_elements_takes_its_number(call, dtype):
    generator = refinit.CounterGenerator(3)
    for number, (shape, offset) in enumerate((((0, 4), (8, 3)), ((5, 0), (3, 7)), ((0, 0), (0, 0)))):
        block = refinit.Shard(np.empty(shape, dtype_of(dtype)), (8, 7), offset)
        assert generator.fill_number == number
        assert call.on(refinit, block, generator) is block
    assert generator.fill_number == 3


@pytest.mark.parametrize("function", ["kaiming_uniform_", "kaiming_normal_"])
def test_kaiming_on_no_elements_warns_and_takes_its_number(function):
    generator = refinit.CounterGenerator(3)
    for number, tensor in enumerate(
        (refinit.empty(0, 3), refinit.Shard(refinit.empty(0, 3), (0, 9), (0, 1)))
    ):
        with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
            assert getattr(refinit, function)(tensor, generator=generator) is tensor
        assert generator.fill_number == number + 1


def test_two_fills_in_a_row_are_fill_0_and_fill_1():
    generator, call = refinit.CounterGenerator(8), PATHS[1]
    first, second = (filled(call, (40, 50), "float32", generator) for _ in range(2))
    assert first.tobytes() == filled(call, (40, 50), "float32", at_fill(0, 8)).tobytes()
    assert second.tobytes() == filled(call, (40, 50), "float32", at_fill(1, 8)).tobytes()
    assert (first != second).mean() > 0.9


def test_laws_without_chance_take_no_generator():
    generator, array = refinit.CounterGenerator(3), np.full((4, 4), 7.0)
    for function in (refinit.ones_, refinit.zeros_, refinit.eye_, refinit.constant_, refinit.dirac_):
        with pytest.raises(TypeError, match="generator"):
            function(array, generator=generator)
    assert (array == 7).all()
    assert generator.fill_number == 0


def is_accepted(refusal):
    """What torch's stream alone cannot do: half orthogonal matrices, one-sided tails, laws far from their interval."""
    if refusal.function == "orthogonal_":
        return refusal.dtype in {"float16", "bfloat16"}
    far = {"b": math.inf, "a": -1e39, "mean": 1e200}
    return refusal.function == "trunc_normal_" and any(
        refusal.parameters.get(name) == value for name, value in far.items()
    )


TABLE = [refusal for refusal in (*ARGUMENTS, *NUMBERS) if refusal.function in FUNCTIONS]
REFUSALS = [pytest.param(one, id=str(one)) for one in TABLE if not is_accepted(one)]
ACCEPTED = [pytest.param(one, id=str(one)) for one in TABLE if is_accepted(one)]


def attempt(function, *arguments, **keywords):
    """The exception of the call, or None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            getattr(refinit, function)(*arguments, **keywords)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test looks at
            return error
    return None


@pytest.mark.parametrize("kind", ["counter", "numpy"])
@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_is_refused_on_torchs_stream_is_refused_and_nothing_has_changed(refusal, kind):
    count = math.prod(refusal.shape) * dtype_of(refusal.dtype).itemsize
    memory = np.full(count, SENTINEL, np.uint8)
    array = memory.view(dtype_of(refusal.dtype)).reshape(refusal.shape)
    generator = refinit.CounterGenerator(5) if kind == "counter" else np.random.default_rng(5)
    before = repr(generator if kind == "counter" else generator.bit_generator.state)
    error = attempt(refusal.function, array, **refusal.parameters, generator=generator)
    assert error is not None, "accepted"
    expected = (ValueError, RuntimeError) if refusal.error is Exception else refusal.error
    assert isinstance(error, expected), repr(error)
    assert (memory == SENTINEL).all()
    assert repr(generator if kind == "counter" else generator.bit_generator.state) == before


@pytest.mark.parametrize("call", ACCEPTED)
def test_what_only_torchs_stream_cannot_do_is_done(call):
    array, generator = np.full(call.shape, np.nan, dtype_of(call.dtype)), refinit.CounterGenerator(5)
    assert attempt(call.function, array, **call.parameters, generator=generator) is None
    assert generator.fill_number == 1
    low, high = (-1.0, 1.0) if call.function == "orthogonal_" else (-2.0, 2.0)
    values = array.astype(np.float64)
    assert ((call.parameters.get("a", low) <= values) & (values <= call.parameters.get("b", high))).all()


def _read_only():
    array = np.full((4, 4), 7, np.float32)
    array.setflags(write=False)
    return array


BAD_ARRAYS = {
    "read-only": (_read_only, ValueError),
    "overlapping": (
        lambda: np.lib.stride_tricks.as_strided(np.full(8, 7, np.float32), (4, 4), (4, 4)),
        RuntimeError,
    ),
    "byte-swapped": (lambda: np.full((4, 4), 7, ">f4"), TypeError),
    "object": (lambda: np.full((4, 4), 7, object), TypeError),
    "longdouble": (lambda: np.full((4, 4), 7, np.longdouble), TypeError),
    "list": (lambda: [[7.0] * 4] * 4, TypeError),
    "None": (lambda: None, TypeError),
}


@pytest.mark.parametrize("in_shard", [False, True], ids=["itself", "in-a-shard"])
@pytest.mark.parametrize(("make", "error"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
@pytest.mark.parametrize("call", PATHS, ids=str)
def test_an_array_that_cannot_be_filled_is_refused_and_takes_no_number(call, make, error, in_shard):
    generator, array = refinit.CounterGenerator(3), make()
    before = repr(array)
    with pytest.raises(error):
        call.on(refinit, refinit.Shard(array, (8, 8), (0, 0)) if in_shard else array, generator)
    assert generator.fill_number == 0
    assert repr(array) == before


NO_GENERATORS = {
    "int": 3,
    "str": "encoder",
    "state": refinit.CounterGenerator(0).get_state(),
    "class": refinit.CounterGenerator,
    "RandomState": np.random.RandomState(3),
    "BitGenerator": np.random.PCG64(3),
    "module": np.random,
}


@pytest.mark.parametrize("thing", NO_GENERATORS.values(), ids=NO_GENERATORS)
@pytest.mark.parametrize("call", PATHS, ids=str)
def test_what_is_no_generator_is_refused_and_nothing_is_written(call, thing):
    array = np.full((4, 4), 7, np.float32)
    with pytest.raises(TypeError, match=r"'generator' must be a refinit\.Generator or CounterGenerator"):
        call.on(refinit, array, thing)
    assert (array == 7).all()


@pytest.mark.parametrize("size", [0, 1, 100, 2**15])
@pytest.mark.parametrize("call", PATHS, ids=str)
def test_after_2_to_the_32_fills_it_is_exhausted_and_writes_nothing(call, size):
    shape = (size, 1) if call.function == "orthogonal_" or 1 not in call.ndims else (size,)
    array, generator = np.full(shape, 7, np.float32), at_fill(LAST, 6)
    filled(call, shape, "float32", generator)
    assert generator.fill_number == LAST + 1
    for tensor in (array, refinit.Shard(array, shape, (0,) * len(shape))):
        with pytest.raises(OverflowError, match=r"all its 4294967296 fills; take a substream"):
            call.on(refinit, tensor, generator)
        assert generator.fill_number == LAST + 1
    assert (array == 7).all()
    filled(call, shape, "float32", generator.substream("more"))
    generator.set_state(at_fill(5).get_state())  # no lock is left behind
    filled(call, shape, "float32", generator)


def test_an_exhausted_state_travels():
    generator = at_fill(LAST + 1)
    assert generator.clone_state().fill_number == LAST + 1
    with pytest.raises(OverflowError):
        refinit.normal_(refinit.empty(3), generator=generator.clone_state())
