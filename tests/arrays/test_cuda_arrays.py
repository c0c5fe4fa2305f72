"""What is a CUDA array, on which device and stream it is filled, and what is refused: over the host's memory."""

import gc

import numpy as np
import pytest

import refinit
from refinit.arrays import dlpack
from refinit.arrays.opening import target_of
from refinit.devices.device import CudaPlace
from refinit.dtypes import ELEMENTS
from tests.arrays.cuda_things import Capsules, Interface, bfloat16, recording
from tests.tables.places import PLACES, array_at, memory

LEGACY = 1
WAYS = {"interface": Interface, "dlpack": Capsules}


@pytest.fixture(autouse=True)
def places():
    with recording() as found:
        yield found


def values(*shape, dtype=np.float32):
    return bfloat16(*shape) if dtype == "bfloat16" else np.zeros(shape, dtype)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
# of float8 neither way has a name of its own that all libraries give: torch's tensors alone are taken
@pytest.mark.parametrize("name", [name for name, element in ELEMENTS.items() if element.kind != "8"])
def test_every_element_type_and_layout_is_described_as_numpy_describes_it(way, name):
    for place in PLACES:
        owner = array_at(memory(place, name), place, name)
        target, expected = target_of(way(owner)), target_of(owner)
        assert target.element is expected.element is ELEMENTS[name]
        facts = ("shape", "size", "pointer", "contiguous", "aligned")
        assert [getattr(target, fact) for fact in facts] == [getattr(expected, fact) for fact in facts]
        steps = [[a.strides[k] for k, n in enumerate(a.shape) if n > 1] for a in (target, expected)]
        assert steps[0] == steps[1] or not target.size
        assert (target.device is None) == (not target.size)
        assert (target.device_type, expected.device_type) == ("cuda", "cpu")
        assert expected.device is None


@pytest.mark.parametrize(
    ("entry", "stream"), [(None, LEGACY), (1, LEGACY), (2, 2), (0x7F2200, 0x7F2200), ("absent", LEGACY)]
)
def test_the_interface_names_the_stream_and_the_driver_the_device(entry, stream, places):
    thing = Interface(values(3), stream=entry)
    if entry == "absent":
        del thing.__cuda_array_interface__["stream"]
    assert target_of(thing).device.place == CudaPlace(5, stream)
    assert places == ([CudaPlace(5, stream)], [thing.owner.ctypes.data])


@pytest.mark.parametrize("kind", [dlpack.CUDA, dlpack.CUDA_MANAGED])
def test_dlpack_names_the_device_and_is_asked_for_the_legacy_stream(kind, places):
    thing = Capsules(values(3), (kind, 2))
    assert target_of(thing).device.place == CudaPlace(2, LEGACY)
    assert thing.asked == [{"stream": LEGACY, "max_version": (1, 1)}]
    assert places == ([CudaPlace(2, LEGACY)], [])


def test_the_interface_comes_before_dlpack():
    class Both(Interface):
        def __dlpack_device__(self):
            raise AssertionError("the interface names a stream")

        __dlpack__ = __dlpack_device__

    assert target_of(Both(values(3), stream=9)).device.place == CudaPlace(5, 9)


def test_a_capsule_is_kept_while_it_is_needed_and_then_deleted_once():
    thing = Capsules(values(3))
    target = target_of(thing)
    gc.collect()
    assert thing.deleted == 0
    del target
    gc.collect()
    assert thing.deleted == 1


def test_strides_that_are_not_given_mean_c_order_and_offsets_count():
    owner = values(4, 5)
    for thing in (Interface(owner, strides=None), Capsules(owner, strides=None)):
        assert target_of(thing).strides == owner.strides
        assert target_of(thing).contiguous
    pointer = owner.ctypes.data
    assert target_of(Capsules(owner, byte_offset=12)).pointer == pointer + 12


def test_bfloat16_has_two_names_and_raw_bytes_are_refused():
    for typestr in ("<V2", "bfloat16"):
        assert target_of(Interface(bfloat16(3), typestr=typestr)).element.name == "bfloat16"
    with pytest.raises(TypeError, match="V2"):
        target_of(Interface(bfloat16(3), typestr="|V2"))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_empty_array_needs_no_device(way, places):
    target = target_of(way(values(0, 3)))
    assert (target.device_type, target.device, target.array.shape) == ("cuda", None, (0, 3))
    assert target_of(Interface(values(0), data=(0, False))).size == 0
    assert places == ([], [])


def test_cuda_memory_is_never_seen_as_an_array_of_numpys():
    with pytest.raises(RuntimeError, match="host memory"):
        _ = target_of(Interface(values(3))).array


def test_a_shard_of_a_cuda_array_is_one():
    target = target_of(refinit.Shard(Capsules(values(2, 3)), (4, 3), (2, 0)))
    assert target.device.place == CudaPlace(1, LEGACY)
    assert (target.whole, target.offset) == ((4, 3), (2, 0))


def overlapping():
    return np.lib.stride_tricks.as_strided(values(8), (4, 4), (0, 4))


def misaligned(dtype=np.float32):
    return np.frombuffer(bytearray(33), np.uint8)[1:].view(dtype)


def odd_steps():
    return np.ndarray((3,), np.float32, bytearray(40), 0, (6,))


REFUSED = {
    "read-only": (lambda: Interface(values(3), data=(64, True)), ValueError, "read-only"),
    "mask": (lambda: Interface(values(3), mask=Interface(values(3))), NotImplementedError, "mask"),
    "stream-0": (lambda: Interface(values(3), stream=0), ValueError, "got 0"),
    "stream-text": (lambda: Interface(values(3), stream="a"), ValueError, "got 'a'"),
    "stream-bool": (lambda: Interface(values(3), stream=True), ValueError, "got True"),
    "stream-huge": (lambda: Interface(values(3), stream=2**64), ValueError, "got 18446744073709551616"),
    "typestr-none": (lambda: Interface(values(3), typestr=None), TypeError, "typestr"),
    "typestr-list": (lambda: Interface(values(3), typestr=["<f4"]), TypeError, "typestr"),
    "shape-fraction": (lambda: Interface(values(3), shape=(2.5,)), TypeError, "shape"),
    "shape-text": (lambda: Interface(values(3), shape="3"), TypeError, "shape"),
    "shape-negative": (lambda: Interface(values(6), shape=(-2, -3)), TypeError, "shape"),
    "strides-fraction": (lambda: Interface(values(3), strides=(4.7,)), TypeError, "strides"),
    "no-memory": (lambda: Interface(values(3), data=(0, False)), NotImplementedError, "with memory"),
    "no-shape": (lambda: Interface(values(3), shape=None), TypeError, "shape"),
    "no-data": (lambda: Interface(values(3), data=None), TypeError, "data"),
    "strides": (lambda: Interface(values(3), strides=(4, 4)), TypeError, "strides"),
    "byte-swapped": (lambda: Interface(values(3), typestr=">f4"), TypeError, "byte order"),
    "typestr": (lambda: Interface(values(3), typestr="float99"), TypeError, "float99"),
    "overlapping": (lambda: Interface(overlapping()), RuntimeError, "more than one element"),
    "misaligned": (lambda: Interface(misaligned()), ValueError, "multiple of 4"),
    "misaligned-complex": (lambda: Interface(misaligned(np.complex64)), ValueError, "multiple of 4"),
    "odd-steps": (lambda: Interface(odd_steps()), ValueError, "multiple of 4"),
    "dlpack-read-only": (lambda: Capsules(values(3), flags=1), ValueError, "read-only"),
    "dlpack-copied": (lambda: Capsules(values(3), flags=2), ValueError, "copy"),
    "dlpack-before-1.0": (lambda: Capsules(values(3), flags=None), ValueError, "read-only"),
    "dlpack-2": (lambda: Capsules(values(3), major=2), TypeError, "got 2.1"),
    "dlpack-lanes": (lambda: Capsules(values(3), dtype=(2, 32, 4)), TypeError, "32, 4"),
    "dlpack-float8": (lambda: Capsules(values(3), dtype=(7, 8, 1)), TypeError, "7, 8"),
    "dlpack-bool-32": (lambda: Capsules(values(3), dtype=(6, 32, 1)), TypeError, "6, 32"),
    "dlpack-overlapping": (lambda: Capsules(overlapping()), RuntimeError, "more than one element"),
    "dlpack-misaligned": (lambda: Capsules(misaligned()), ValueError, "multiple of 4"),
    "dlpack-no-memory": (lambda: Capsules(values(3), data=0), NotImplementedError, "with memory"),
    "dlpack-other-device": (lambda: Capsules(values(3), (1, 0), says=(2, 0)), TypeError, "type 1"),
    "rocm": (lambda: Capsules(values(3), (10, 0)), NotImplementedError, "type 10"),
}


@pytest.mark.parametrize(("make", "error", "word"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", ["uniform_", "ones_"])
def test_what_cannot_be_filled_is_refused_before_a_device_is_opened(make, error, word, name, places):
    generator = refinit.CounterGenerator(1)
    thing = make()
    with pytest.raises(error, match=word):
        getattr(refinit, name)(thing, **({"generator": generator} if name == "uniform_" else {}))
    assert not thing.owner.any()
    assert generator.fill_number == 0
    assert places == ([], [])


def test_a_class_is_no_array():
    with pytest.raises(TypeError, match="expected a writable array"):
        target_of(Capsules)


def test_a_producer_that_cannot_share_is_quoted():
    class Unwilling(Capsules):
        def __dlpack__(self, **keywords):
            raise BufferError("not today")

    with pytest.raises(TypeError, match="not today"):
        target_of(Unwilling(values(3)))


def test_a_used_capsule_is_refused():
    class Used(Capsules):
        def __dlpack__(self, **keywords):
            return object()

    with pytest.raises(TypeError, match="capsule"):
        target_of(Used(values(3)))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_arrays_of_jax_are_immutable_whatever_they_say(way):
    mutable = type("ArrayImpl", (way,), {"__module__": "jaxlib._jax"})
    with pytest.raises(ValueError, match="immutable ArrayImpl of JAX"):
        target_of(mutable(values(3)))


def test_pinned_host_memory_is_filled_as_the_hosts(places):
    owner = values(40)

    class Pinned(Capsules):
        def __dlpack__(self, *, max_version=None, **keywords):
            return super().__dlpack__(max_version=max_version)

    thing = Pinned(owner, (dlpack.CUDA_HOST, 0))
    refinit.ones_(thing)
    assert owner.all()
    assert places == ([], [])
