"""A fill of several kernels has them all before the first of them writes."""

import numpy as np
import pytest

import refinit
from refinit import CounterGenerator
from tests.cuda.standins import on
from verify.cuda.executors import PtxDevice

FILLS = {
    "eye_": (lambda w, g: refinit.eye_(w), (6, 5)),
    "dirac_": (lambda w, g: refinit.dirac_(w), (6, 5, 3)),
    "sparse_": (lambda w, g: refinit.sparse_(w, 0.5, generator=g), (6, 5)),
    "orthogonal_": (lambda w, g: refinit.orthogonal_(w, generator=g), (300, 5)),
}


class Without(PtxDevice):
    """A device for which one kernel cannot be compiled."""

    def __init__(self, missing):
        super().__init__()
        self.missing = missing

    def load(self, *kernels):
        if self.missing in kernels:
            raise ImportError(self.missing)


def launched(fill, shape):
    """Which kernels a fill launches, and which it has made ready."""
    device, weight = PtxDevice(), np.zeros(shape, np.float32)
    with on(device, weight) as shown:
        fill(shown(weight), CounterGenerator(0))
    return {name for name, *_ in device.launches}, device.loaded


@pytest.mark.parametrize(("fill", "shape"), FILLS.values(), ids=FILLS)
def test_all_kernels_are_ready_before_the_first_one_writes(fill, shape):
    used, ready = launched(fill, shape)
    assert len(used) > 1
    assert used <= ready


@pytest.mark.parametrize(("fill", "shape"), FILLS.values(), ids=FILLS)
def test_where_one_cannot_be_had_nothing_is_written_nor_drawn(fill, shape):
    for missing in launched(fill, shape)[0]:
        device, weight, generator = Without(missing), np.full(shape, 7, np.float32), CounterGenerator(0)
        with on(device, weight) as shown, pytest.raises(ImportError, match=missing):
            fill(shown(weight), generator)
        assert (device.launches, generator.fill_number) == ([], 0)
        assert (weight == 7).all()
