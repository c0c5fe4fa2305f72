"""From the same state the same bits as torch: 8000 random calls on random layouts (a seeded loop)."""

import pytest

from tests.tables.random_cases import random_cases
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.references.twins import Twins, assert_same_as_torch  # noqa: E402 - needs torch

CASES_EACH = 100


@pytest.mark.parametrize("chunk", range(40))
def test_random_calls_have_torchs_bits(chunk):
    for number, case in enumerate(random_cases(chunk, CASES_EACH)):
        assert_same_as_torch(*case, seed=1000 * chunk + number)


@pytest.mark.parametrize("chunk", range(40, 80))
def test_random_calls_one_after_the_other_on_one_generator_have_torchs_bits(chunk):
    twins = Twins(chunk)
    for case in random_cases(chunk, CASES_EACH):
        twins.assert_same_fill(*case)


def test_random_cases_reach_every_path():
    cases = [case for chunk in range(80) for case in random_cases(chunk, CASES_EACH)]
    met = {(call.function, dtype) for call, _, dtype in cases}
    assert len(met) == 4 + 6 * 6
    assert {len(place.shape) for _, place, _ in cases} == {0, 1, 2, 3, 4}
    assert any(0 in place.shape for _, place, _ in cases)
