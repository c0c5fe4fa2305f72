"""Whose stream a call draws from: the module's default, a generator given, torch's generators on torch tensors."""

import threading

import numpy as np
import pytest

import refinit
from tests.tables.references.torch import torch_module

torch = torch_module()
from tests.tables.cases import NORMAL, UNIFORM  # noqa: E402 - needs torch
from tests.tables.streams import drawn  # noqa: E402 - needs torch


def test_seed_takes_64_fresh_bits_from_the_operating_system():
    """false_fail_rate 1e-14: 300 seeds of 64 bits collide with probability 3e-15; a bit never set, 64 * 2^-300."""
    generator = refinit.Generator()
    seeds = [generator.seed() for _ in range(300)]
    assert generator.initial_seed() == seeds[-1]
    assert bytes(generator.get_state()) == bytes(torch.Generator().manual_seed(seeds[-1]).get_state().numpy())
    assert len(set(seeds)) == 300
    assert np.bitwise_or.reduce(np.array(seeds, np.uint64)) == 2**64 - 1


def test_the_module_level_seed_seeds_the_default_generator():
    value = refinit.seed()
    assert refinit.initial_seed() == refinit.default_generator.initial_seed() == value


def test_the_default_generator_serves_calls_without_one():
    refinit.manual_seed(21)
    without = refinit.normal_(np.empty(99, np.float32)).tobytes()
    refinit.default_generator.manual_seed(21)
    given = refinit.normal_(np.empty(99, np.float32), generator=refinit.default_generator).tobytes()
    torch.manual_seed(21)
    assert without == given == torch.nn.init.normal_(torch.empty(99)).numpy().tobytes()


def test_seeding_refinit_leaves_torchs_generator_alone_and_the_other_way_round():
    theirs, ours = torch.get_rng_state(), bytes(refinit.get_rng_state())
    refinit.manual_seed(77)
    refinit.uniform_(np.empty(5))
    assert torch.equal(torch.get_rng_state(), theirs)
    refinit.set_rng_state(np.frombuffer(ours, np.uint8))
    torch.manual_seed(78)
    torch.empty(3).uniform_()
    assert bytes(refinit.get_rng_state()) == ours


@pytest.mark.parametrize("call", [*UNIFORM[:2], *NORMAL[:2]], ids=str)
def test_a_torch_generator_is_used_and_advanced(call):
    ours, theirs = torch.Generator().manual_seed(6), torch.Generator().manual_seed(6)
    for size in (3, 100, 700):
        array, tensor = np.empty(size, np.float32), torch.empty(size)
        call.on(refinit, array, ours)
        call.on(torch.nn.init, tensor, theirs)
        assert array.tobytes() == tensor.numpy().tobytes()
        assert torch.equal(ours.get_state(), theirs.get_state())


def test_a_torch_tensor_without_a_generator_draws_from_torchs_default():
    torch.manual_seed(31)
    default, tensor = bytes(refinit.get_rng_state()), torch.empty(700)
    refinit.uniform_(tensor)
    after = torch.get_rng_state()
    torch.manual_seed(31)
    assert torch.equal(tensor, torch.empty(700).uniform_())
    assert torch.equal(torch.get_rng_state(), after)
    assert bytes(refinit.get_rng_state()) == default


def test_a_torch_tensor_with_a_refinit_generator_draws_from_that():
    generator, before = refinit.Generator().manual_seed(2), torch.get_rng_state()
    tensor = refinit.uniform_(torch.empty(9), generator=generator)
    assert torch.equal(tensor, torch.empty(9).uniform_(generator=torch.Generator().manual_seed(2)))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("device", ["mps", "nonsense"])
def test_another_device_is_refused(device):
    with pytest.raises((RuntimeError, NotImplementedError), match=device.partition(":")[0]):
        refinit.Generator(device)


def test_a_generator_is_known_by_identity_and_says_what_it_is():
    a, b = refinit.Generator(), refinit.Generator()
    assert a != b
    assert len({a, b}) == 2
    assert "67280421310721" in repr(a)


def test_generators_made_in_threads_are_independent():
    results = {}
    threads = [
        threading.Thread(
            target=lambda s=s: results.update({s: drawn(refinit.Generator().manual_seed(s), 9999)})
        )
        for s in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {s: drawn(refinit.Generator().manual_seed(s), 9999) for s in range(8)}
