"""The parameters of the truncated normal: bounds, blocks, and the numbers themselves, which make the stream."""

from __future__ import annotations

import decimal
import hashlib
import struct
from collections import Counter

import mpmath
import numpy as np
import pytest

from refinit.streams.counter.math.regimes import COEFFICIENTS, FITTED, HEADS
from refinit.streams.counter.truncation.normal_tail import mills
from refinit.streams.counter.truncation.parameters import CONTEXT, truncation_parameters
from tests.tables.truncations import INF, LAWS, TYPES, Law, laws_of, ready


def test_there_are_enough_laws_and_they_meet_every_regime():
    for name in ("float32", "float64"):
        laws = [one for law in laws_of(name) for one in {law, law.mirror}]
        assert len(set(laws)) > 200
        regimes = Counter(ready(law, name).regime for law in laws)
        assert all(regimes[regime] >= 8 for regime in HEADS), regimes


@pytest.mark.parametrize(
    ("name", "lo", "hi", "lowest", "highest"),
    [
        ("float32", 0.1, 0.2, float.fromhex("0x1.99999ap-4"), float.fromhex("0x1.999998p-3")),
        ("float32", 16777217.0, 16777219.0, 16777218.0, 16777218.0),
        ("float32", -INF, 1e300, -float.fromhex("0x1.fffffep127"), float.fromhex("0x1.fffffep127")),
        ("float32", 1e-46, 1.0, 2.0**-149, 1.0),
        ("float32", -1e-46, 1e-46, 0.0, 0.0),
        ("float16", 0.1, 0.2, 0.10003662109375, 0.199951171875),
        ("float16", -INF, 1e9, -65504.0, 65504.0),
        ("float16", 2049.0, 2051.0, 2050.0, 2050.0),
        ("bfloat16", 1.0001, 1.01, 1.0078125, 1.0078125),
        ("bfloat16", -1.01, -1.0001, -1.0078125, -1.0078125),
        ("bfloat16", -INF, INF, -float.fromhex("0x1.fep127"), float.fromhex("0x1.fep127")),
        ("bfloat16", 1e-41, 1.0, 2.0**-133, 1.0),
    ],
)
def test_the_bounds_are_the_outermost_values_of_the_type_within(name, lo, hi, lowest, highest):
    assert truncation_parameters(0.0, 1.0, lo, hi, name)[2:] == (lowest, highest)


@pytest.mark.parametrize(
    ("name", "lo", "hi"),
    [
        ("bfloat16", 1.0001, 1.0002),
        ("float32", 1 + 1e-12, 1 + 2e-12),
        ("float32", 1e39, 1e40),
        ("float16", -8e4, -7e4),
        ("float16", 1e-9, 2e-9),
        ("float32", INF, INF),
    ],
)
def test_bounds_with_no_value_between_them_are_refused(name, lo, hi):
    with pytest.raises(ValueError, match=rf"value of {name} in \[a, b\], got a=.* and b=.*: widen \[a, b\]"):
        truncation_parameters(0.0, 1.0, lo, hi, name)


def test_zeros_have_one_sign_whatever_is_cached():
    for name in TYPES:
        for zero in (0.0, -0.0):
            truncation_parameters.cache_clear()
            above = truncation_parameters(0.0, 1.0, zero, 1.0, name)
            below = truncation_parameters(0.0, 1.0, -1.0, zero, name)
            assert not np.signbit(
                [above.lowest, above.parameters[2], below.highest, below.parameters[2]]
            ).any()


@pytest.mark.parametrize("name", TYPES)
def test_blocks_have_the_layout_the_kernels_expect(name):
    fitted = COEFFICIENTS[64 if name == "float64" else 32]
    real = np.float64 if name == "float64" else np.float32
    for law in laws_of(name):
        regime, parameters, *ends = ready(law, name)
        assert len(parameters) == HEADS[regime] + (fitted if regime in FITTED else 0)
        assert list(parameters[:2]) == ends
        assert all(number == float(real(number)) for number in parameters)


def test_prepared_numbers_are_the_same_on_every_platform():
    """They make the stream: a change of one is a change of bits (CHANGELOG, "Streams")."""
    numbers = [
        number
        for name in ("float32", "float64")
        for law in LAWS
        if (one := ready(law, name))
        for number in one.parameters
    ]
    digest = hashlib.sha256(struct.pack(f"<{len(numbers)}d", *numbers)).hexdigest()
    assert digest == "7e4e7a5a04eeddce7693430277bf8eaf9df68e0fc446ee0b5398a4f195af61b3"


def test_the_contexts_of_callers_do_not_matter():
    law = Law(0.0, 1.0, 1.5, 7.0)
    expected = truncation_parameters.__wrapped__(*law, "float64")
    with decimal.localcontext(decimal.Context(prec=5, rounding=decimal.ROUND_UP, traps=[decimal.Inexact])):
        assert truncation_parameters.__wrapped__(*law, "float64") == expected


@pytest.mark.parametrize("alpha", ["1", "1.7", "2.5", "6", "300"], ids="alpha-{}".format)
def test_mills_ratio_by_either_way(alpha):
    mp = mpmath.mp.clone()
    with mp.workdps(50):
        x = mp.mpf(alpha)
        exact = mp.erfc(x / mp.sqrt(2)) * mp.exp(x * x / 2) * mp.sqrt(mp.pi / 2)
        with decimal.localcontext(CONTEXT):
            found = mills(decimal.Decimal(alpha))
        assert abs(mp.mpf(str(found)) / exact - 1) < 1e-28
