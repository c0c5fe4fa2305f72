"""Small torch tensors that were seen before go a shorter way: torch's bits and states, and the long way's refusals."""

import numpy as np
import pytest

import refinit
from refinit.arrays import opening
from tests.tables.cases import FLOATS, Call
from tests.tables.references.torch import tensor_bytes, torch_module

torch = torch_module()
from torch._subclasses.fake_tensor import FakeTensorMode  # noqa: E402 - needs torch

LIMIT = 1 << 14  # reals from which on a fill takes the long way
SHAPES = ((1, 1), (3, 5), (4, 4), (8, 8), (127, 129), (128, 128), (64, 128))
RANDOM = (
    Call("uniform_", {"a": -0.5, "b": 0.25}),
    Call("normal_", {"mean": -0.0, "std": 0.02}),
    Call("normal_", {"mean": 0.1, "std": 0.3}),
    Call("xavier_normal_", {}),
    Call("kaiming_uniform_", {"a": 0.0}),
)


def both(shape, dtype):
    return [torch.full(shape, 1, dtype=getattr(torch, dtype)) for _ in range(2)]


def the_long_way(monkeypatch):
    """Makes it fail, so that what follows went the short one."""

    def refuse(*_):
        raise AssertionError("the long way")

    monkeypatch.setattr(opening, "_of_torch", refuse)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("own", [False, True], ids=["default", "own"])
def test_repeated_small_fills_give_torchs_bits_and_states(dtype, own):
    """Three times each: the long way, the short one made ready, the short one."""
    ours, theirs = (torch.Generator().manual_seed(8) for _ in range(2))
    for shape in SHAPES:
        for call in RANDOM * 3:
            got, want = both(shape, dtype)
            if own:
                call.on(refinit, got, ours)
                call.on(torch.nn.init, want, theirs)
            else:
                torch.set_rng_state(ours.get_state())
                call.on(refinit, got)
                ours.set_state(torch.get_rng_state())
                torch.set_rng_state(theirs.get_state())
                call.on(torch.nn.init, want)
                theirs.set_state(torch.get_rng_state())
            assert tensor_bytes(got) == tensor_bytes(want), (shape, call)
            assert torch.equal(ours.get_state(), theirs.get_state()), (shape, call)


@pytest.mark.parametrize(
    "stream", [refinit.Generator, lambda: refinit.CounterGenerator(3)], ids=["torch", "counter"]
)
@pytest.mark.parametrize("dtype", FLOATS)
def test_refinits_generators_fill_tensors_as_they_fill_arrays(stream, dtype):
    of_tensors, of_arrays = stream(), stream()
    for shape in SHAPES:
        for call in RANDOM * 2:
            tensor, array = (
                torch.zeros(shape, dtype=getattr(torch, dtype)),
                refinit.empty(*shape, dtype=dtype),
            )
            call.on(refinit, tensor, of_tensors)
            call.on(refinit, array, of_arrays)
            assert tensor_bytes(tensor) == array.tobytes()
    assert bytes(of_tensors.get_state()) == bytes(of_arrays.get_state())


FILLS = {
    "uniform_": lambda w, g: refinit.uniform_(w, generator=g),
    "kaiming_normal_": lambda w, g: refinit.kaiming_normal_(w, generator=g),
    "zeros_": lambda w, _: refinit.zeros_(w),
    "constant_": lambda w, _: refinit.constant_(w, 0.5),
}
GENERATORS = {
    "default": lambda: None,
    "torch's": torch.Generator,
    "Generator": refinit.Generator,
    "CounterGenerator": lambda: refinit.CounterGenerator(1),
}
each_fill = pytest.mark.parametrize("fill", FILLS.values(), ids=FILLS)
each_generator = pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)


@each_fill
@each_generator
def test_the_second_time_is_short_and_is_noticed_by_autograd(fill, generator, monkeypatch):
    parameter, generator = torch.nn.Parameter(torch.ones(8, 8)), generator()
    fill(parameter, generator)
    the_long_way(monkeypatch)
    version, loss = parameter._version, (parameter * parameter).sum()
    assert fill(parameter, generator) is parameter
    assert parameter._version == version + 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


class Subclass(torch.Tensor):
    pass


def in_inference_mode(shape):
    with torch.inference_mode():
        return torch.zeros(shape)


STRANGE = {
    "subclass": lambda shape: torch.zeros(shape).as_subclass(Subclass),
    "transposed": lambda shape: torch.zeros(shape).T,
    "strided": lambda shape: torch.zeros(shape[0], 2 * shape[1])[:, ::2],
    "unaligned": lambda shape: torch.from_numpy(
        np.zeros(4 * shape[0] * shape[1] + 1, np.uint8)[1:].view(np.float32).reshape(shape)
    ),
    "meta": lambda shape: torch.empty(shape, device="meta"),
    "conjugated": lambda shape: torch.zeros(shape, dtype=torch.complex64).conj(),
    "negated": lambda shape: torch.zeros(shape, dtype=torch.complex64).conj().imag,
    "inference": in_inference_mode,
    "sparse": lambda shape: torch.zeros(shape).to_sparse(),
    "compressed": lambda shape: torch.zeros(shape).to_sparse_csr(),
    "mkldnn": lambda shape: torch.zeros(shape).to_mkldnn(),
    "quantized": lambda shape: torch.quantize_per_tensor(torch.zeros(shape), 0.1, 0, torch.qint8),
    "expanded": lambda shape: torch.zeros(1, shape[1]).expand(shape),
    "zeros without memory": torch._efficientzerotensor,
    "freed": lambda shape: freed(torch.zeros(shape)),
    "empty": lambda shape: torch.zeros(0, shape[1]),
}


def freed(tensor):
    tensor.untyped_storage().resize_(0)
    return tensor


def outcome(call, tensor):
    """What a fill ends in: the values, or type and text of the error."""
    try:
        call(tensor)
    except Exception as error:  # noqa: BLE001 - compared
        return type(error), str(error)
    return "filled" if tensor.is_meta else tensor.detach().clone().tolist()


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta", "ignore:.*quantiz.*:UserWarning")
@pytest.mark.filterwarnings("ignore:.*quantiz.*:DeprecationWarning")
@each_fill
@each_generator
@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
def test_the_short_way_ends_as_the_long_one_does(fill, generator, make, monkeypatch):
    """The second of two fills of such a tensor, when the law's kernel is ready for plain ones, and when none is."""
    shape, outcomes = (8, 8), []
    for plain in (set(), {torch.Tensor, torch.nn.Parameter}):
        own = generator()
        torch.manual_seed(5)
        if isinstance(own, torch.Generator | refinit.Generator):
            own.manual_seed(5)
        fill(torch.empty(shape), own)
        fill(torch.empty(shape), own)
        monkeypatch.setattr("refinit.fill.fill.plain_tensors", plain)
        monkeypatch.setattr("refinit.arrays.opening.plain_tensors", plain)
        outcomes.append(outcome(lambda tensor: fill(tensor, own), make(shape)))  # noqa: B023 - called here
    assert outcomes[0] == outcomes[1]


@each_fill
@each_generator
def test_transforms_and_modes_are_not_written_past(fill, generator):
    """A tensor under vmap has no memory of its own; under FakeTensorMode nothing may be written."""
    real, generator = torch.full((8, 8), 7.0), generator()
    fill(torch.empty(8, 8), generator)
    fill(torch.empty(8, 8), generator)

    def under_vmap(row):
        with pytest.raises((RuntimeError, NotImplementedError)):
            fill(row, generator)
        return row

    torch.vmap(under_vmap, randomness="different")(torch.zeros(3, 8, 8))
    with FakeTensorMode():
        fill(torch.empty(8, 8), generator)
    assert (real == 7).all()


def test_a_fresh_state_with_a_waiting_normal_stays_fresh_when_that_is_all_that_is_drawn():
    """No seed and no fill leads there; a state that was put together may."""
    raw = torch.Generator().manual_seed(1).get_state()
    waiting = torch.Generator().manual_seed(2)
    torch.nn.init.normal_(torch.zeros(1), generator=waiting)
    raw[24 + 8 * 624 :] = waiting.get_state()[24 + 8 * 624 :]
    ours, theirs = (torch.Generator().set_state(raw) for _ in range(2))
    refinit.normal_(torch.zeros(1), generator=torch.Generator())  # makes the kernel ready
    for size in (1, 1, 20):
        got, want = torch.zeros(size), torch.zeros(size)
        assert torch.equal(
            refinit.normal_(got, generator=ours), torch.nn.init.normal_(want, generator=theirs)
        )
        assert torch.equal(ours.get_state(), theirs.get_state()), size


def test_a_waiting_normal_is_drawn_and_left():
    ours, theirs = (torch.Generator().manual_seed(2) for _ in range(2))
    for size in (3, 1, 1, 5, 64, 3, 15, 16, 1, 2):
        got, want = torch.zeros(size), torch.zeros(size)
        assert torch.equal(
            refinit.normal_(got, generator=ours), torch.nn.init.normal_(want, generator=theirs)
        )
        assert torch.equal(ours.get_state(), theirs.get_state()), size
