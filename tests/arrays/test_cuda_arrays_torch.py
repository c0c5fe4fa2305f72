"""torch CUDA tensors: what is asked of them, shown on CPU tensors that name another device."""

from types import SimpleNamespace

import pytest

import refinit
from refinit.arrays.opening import target_of
from refinit.devices.device import CudaPlace
from tests.arrays.cuda_things import recording
from tests.tables.places import PLACES, memory, tensor_at
from tests.tables.references.torch import torch_module

torch = torch_module()
STREAM = 0x55AA


class Elsewhere(torch.Tensor):
    """A tensor on ``where``, which has no other way in."""

    where = "cuda:3"

    @property
    def device(self):
        return torch.device(self.where)

    @property
    def __cuda_array_interface__(self):
        raise AssertionError("torch refuses it where requires_grad is set")

    def __dlpack_device__(self):
        raise AssertionError("the same")

    __dlpack__ = __dlpack_device__


@pytest.fixture(autouse=True)
def places():
    with recording() as found:
        yield found


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """The devices whose current stream has been asked for."""
    devices = []

    def current_stream(device):
        devices.append(device)
        return SimpleNamespace(cuda_stream=STREAM)

    monkeypatch.setattr(torch.cuda, "current_stream", current_stream)
    return devices


def on_cuda(tensor):
    return tensor.as_subclass(Elsewhere)


@pytest.mark.parametrize("name", ["float32", "bfloat16", "complex64", "bool"])
def test_every_layout_is_described_as_on_the_cpu(name):
    for place in PLACES:
        tensor = tensor_at(memory(place, name), place, name)
        target, expected = target_of(on_cuda(tensor)), target_of(tensor)
        facts = ("element", "shape", "strides", "size", "pointer", "contiguous", "aligned")
        assert [getattr(target, fact) for fact in facts] == [getattr(expected, fact) for fact in facts]
        assert (target.device is None) == (not target.size)
        assert (target.device_type, expected.device_type, expected.device) == ("cuda", "cpu", None)


def test_it_is_filled_on_its_device_in_torchs_current_stream_there(places, asked):
    tensor = on_cuda(torch.zeros(4, 5)).requires_grad_()
    assert target_of(tensor).device.place == CudaPlace(3, STREAM)
    assert asked == [torch.device("cuda:3")]
    assert places == ([CudaPlace(3, STREAM)], [])


def test_a_shard_of_one_and_its_version():
    tensor = on_cuda(torch.zeros(2, 5))
    before = tensor._version
    target = target_of(refinit.Shard(tensor, (4, 5), (2, 0)))
    assert target.device.place == CudaPlace(3, STREAM)
    assert tensor._version == before
    target.after_fill()
    assert tensor._version == before + 1


def test_an_empty_tensor_needs_no_device(places):
    target = target_of(on_cuda(torch.zeros(0, 3)))
    assert (target.device_type, target.device) == ("cuda", None)
    assert places == ([], [])


def test_meta_and_cpu_tensors_have_no_stream(places, asked):
    for tensor in (torch.zeros(3), torch.zeros(3, device="meta")):
        target = target_of(tensor)
        assert (target.device_type, target.device) == ("cpu", None)
    assert (asked, places) == ([], ([], []))


def freed():
    tensor = torch.zeros(40)
    tensor.untyped_storage().resize_(0)
    return tensor


def of_inference():
    with torch.inference_mode():
        return torch.zeros(4)


REFUSED = {
    "overlapping": (lambda: torch.zeros(1, 3).expand(4, 3), RuntimeError, "more than one element"),
    "conjugated": (lambda: torch.zeros(3, dtype=torch.complex64).conj(), RuntimeError, "conjugated"),
    "inference": (of_inference, RuntimeError, "InferenceMode"),
    "without-memory": (freed, NotImplementedError, "memory of its own"),
    "bits": (lambda: torch.empty(3, dtype=torch.bits8), TypeError, "bits8"),
    "misaligned": (
        lambda: torch.frombuffer(bytearray(33), dtype=torch.float32, offset=1, count=8),
        ValueError,
        "multiple of 4",
    ),
}


@pytest.mark.parametrize(("make", "error", "word"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_filled_is_refused_before_a_device_is_opened(make, error, word, places):
    with pytest.raises(error, match=word):
        refinit.ones_(on_cuda(make()))
    assert places == ([], [])


def test_other_devices_are_refused(monkeypatch, asked):
    monkeypatch.setattr(Elsewhere, "where", "mps:0")
    with pytest.raises(NotImplementedError, match=r"CPU or CUDA tensor, got one on mps:0; .*'mps:0'"):
        refinit.ones_(on_cuda(torch.zeros(3)))
    monkeypatch.setattr(Elsewhere, "where", "cuda:0")
    monkeypatch.setattr(torch.version, "hip", "7.0")
    with pytest.raises(NotImplementedError, match="cuda:0 of ROCm"):
        refinit.ones_(on_cuda(torch.zeros(3)))
    assert asked == []
