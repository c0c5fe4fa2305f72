"""Fans of weights of any layout: what JAX's and Keras's axes give, and what groups and transposition change."""

import math
from itertools import permutations

import numpy as np
import pytest

import refinit
from refinit.laws.fans import fans
from verify.laws import reference

HWIO = (3, 3, 64, 128)


def test_without_axes_they_are_torchs():
    for shape in ((5, 7), (64, 3, 7, 7), (4, 5, 6), (0, 4), (3, 4, 0)):
        weight = refinit.empty(*shape)
        assert fans(shape) == fans(weight) == refinit._calculate_fan_in_and_fan_out(weight)
        assert fans(shape, in_axis=1, out_axis=0) == fans(shape)


def test_a_kernel_of_jax_has_the_fans_of_torchs_own():
    assert fans(HWIO, in_axis=-2, out_axis=-1) == fans((128, 64, 3, 3)) == (576, 1152)
    assert fans(HWIO) == (24576, 24576)  # what torch's rule makes of it


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_the_order_of_the_axes_changes_nothing(order):
    """The restated formula of verify, and the transposed shape."""
    torchs = (128, 64, 3, 5)
    shape = tuple(torchs[axis] for axis in order)
    axes = {"in_axis": order.index(1), "out_axis": order.index(0) - 4}
    assert fans(shape, **axes) == fans(torchs) == reference.fans(shape, **axes)


def test_several_axes_are_one():
    shape = (8, 12, 64, 5)  # heads and depth in, features out, as attention's projection back
    assert fans(shape, in_axis=(0, 1), out_axis=2) == fans((64, 8 * 12, 5)) == (480, 320)
    assert fans(shape, in_axis=[-4, 1], out_axis=(np.int64(2), 3)) == (96, 320)


def test_no_axis_is_left_for_the_kernel_where_all_are_named():
    assert fans((3, 4), in_axis=0, out_axis=1) == (3, 4)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups_count_the_connections_that_there_are(groups):
    """Out of a matrix of all connections of a grouped 1-d convolution of 3 taps, counted."""
    inputs, outputs, taps = 8, 12, 3
    connected = np.zeros((outputs, inputs), int)
    for group in range(groups):
        rows, columns = outputs // groups, inputs // groups
        connected[group * rows : (group + 1) * rows, group * columns : (group + 1) * columns] = taps
    counted = connected[0].sum(), connected[:, 0].sum()
    assert fans((outputs, inputs // groups, taps), groups=groups) == counted
    assert fans((inputs, outputs // groups, taps), groups=groups, transposed=True) == counted
    assert fans((taps, inputs // groups, outputs), in_axis=1, out_axis=2, groups=groups) == counted


def test_a_transposed_convolution_swaps_them():
    assert fans((16, 33, 3, 5), transposed=True) == fans((33, 16, 3, 5)) == (240, 495)


def test_they_are_pythons_integers():
    result = fans([np.int32(70000), np.int32(70000), 3], in_axis=np.int8(0), out_axis=-2, groups=np.uint8(1))
    assert [type(fan) for fan in result] == [int, int]
    assert result == (210000, 210000)


def test_a_shard_has_the_fans_of_the_whole():
    block = refinit.Shard(refinit.empty(3, 4), (60, 80), (3, 4))
    assert fans(block, in_axis=0, out_axis=1) == (60, 80)


TOGETHER = "expected in_axis and out_axis together, got {} alone"
REFUSED = [
    ({"in_axis": -2}, TypeError, TOGETHER.format("in_axis=-2")),
    ({"out_axis": 0}, TypeError, TOGETHER.format("out_axis=0")),
    ({"in_axis": 2, "out_axis": -2}, ValueError, "both have axis 2"),
    ({"in_axis": (0, 1), "out_axis": (1, 2)}, ValueError, "both have axis 1"),
    ({"in_axis": 4, "out_axis": 0}, ValueError, "expected axes from -4 to 3 as in_axis"),
    ({"in_axis": 0, "out_axis": (1, -5)}, ValueError, "expected axes from -4 to 3 as out_axis"),
    ({"in_axis": (), "out_axis": 0}, ValueError, "expected axes from -4 to 3 as in_axis"),
    ({"in_axis": (1, -3), "out_axis": 0}, ValueError, "expected each axis once in in_axis"),
    ({"in_axis": True, "out_axis": 0}, TypeError, "expected an integer as in_axis, got bool"),
    ({"in_axis": 1.0, "out_axis": 0}, TypeError, "expected an integer as in_axis, got float"),
    ({"in_axis": 0, "out_axis": "io"}, TypeError, "expected an integer as out_axis, got str"),
    ({"in_axis": 0, "out_axis": ("i",)}, TypeError, "expected an integer as out_axis, got str"),
]


@pytest.mark.parametrize(("axes", "error", "text"), REFUSED, ids=str)
def test_axes_that_are_none_are_refused(axes, error, text):
    with pytest.raises(error, match=text):
        fans(HWIO, **axes)


@pytest.mark.parametrize(
    ("keywords", "error", "text"),
    [
        ({"groups": 0}, ValueError, "groups of at least 1"),
        ({"groups": 2.0}, TypeError, "an integer as groups"),
        ({"groups": 5}, ValueError, "divide the 3 output channels"),
        ({"groups": 2, "transposed": True}, ValueError, "divide the 3 input channels"),
        ({"transposed": True, "in_axis": 0, "out_axis": 1}, ValueError, "leave transposed out"),
    ],
    ids=str,
)
def test_groups_and_transposition_that_cannot_be_are_refused(keywords, error, text):
    with pytest.raises(error, match=text):
        fans(HWIO, **keywords)


@pytest.mark.parametrize("shape", [(), (5,)], ids=str)
def test_fewer_than_two_axes_are_torchs_refusal(shape):
    for keywords in ({}, {"transposed": True}, {"in_axis": 0, "out_axis": -1}, {"groups": 5}):
        with pytest.raises(ValueError, match="fewer than 2 dimensions"):
            fans(shape, **keywords)


@pytest.mark.parametrize("shape", [5, "ab", None, (2, 3.5)], ids=repr)
def test_what_has_no_shape_is_refused(shape):
    with pytest.raises(TypeError, match="expected shape as a sequence of integers"):
        fans(shape)


def test_the_product_of_large_axes_does_not_overflow():
    assert fans((2**40, 2**40, 2**40)) == (2**80, math.prod((2**40, 2**40)))
