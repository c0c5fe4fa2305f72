"""Other threads, forks, interrupts, compilers and distributed tensors, while it is on."""

import os
import signal
import subprocess
import sys
import threading

import pytest

import refinit
from refinit.fill import borrowing
from refinit.models.accelerate import short
from tests.paths import ROOT
from tests.tables.references.torch import torch_module

torch = torch_module()

SIZES = {"long": 40000, "short": 9000}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_fill_that_another_thread_met_is_torchs_and_begins_behind_it(size, monkeypatch):
    drawn, put_back = [], borrowing.put_back

    def with_company(*arguments):
        if not drawn:
            drawn.append(torch.randint(1 << 31, (7,)))
        return put_back(*arguments)

    monkeypatch.setattr(borrowing, "put_back", with_company)
    monkeypatch.setattr(short, "put_back", with_company)
    torch.manual_seed(4)
    with refinit.accelerate_torch():
        torch.rand(size, generator=torch.Generator())  # types are compared the first time
        drawn.clear()
        torch.manual_seed(4)
        result = torch.rand(size)
    torch.manual_seed(4)
    assert torch.equal(drawn[0], torch.randint(1 << 31, (7,)))
    state = torch.get_rng_state()
    expected = torch.rand(size)
    assert torch.equal(result, expected)
    assert not torch.equal(state, torch.get_rng_state())


def test_no_number_comes_twice_where_threads_draw_at_once():
    """Small draws by uniform_, which wait for ours; by randint, which do not: torch then fills.

    false_fail_rate: 1e-3, that two of some two million numbers of 53 bits are equal by chance.
    """
    pieces, stop = [], threading.Event()

    def draw():
        while not stop.is_set():
            pieces.append(torch.rand(8, dtype=torch.float64))
            torch.randint(9, (3,))

    torch.manual_seed(0)
    threads = [threading.Thread(target=draw) for _ in range(2)]
    with refinit.accelerate_torch():
        for thread in threads:
            thread.start()
        large = [torch.rand(40000, dtype=torch.float64) for _ in range(40)]
        stop.set()
        for thread in threads:
            thread.join()
    values = torch.cat([*large, *pieces])
    assert len(values.unique()) == len(values)


def test_an_interrupted_fill_leaves_generator_and_torch_usable(monkeypatch):
    draw = borrowing._draw

    def interrupted(*arguments):
        draw(*arguments)
        raise KeyboardInterrupt

    with refinit.accelerate_torch():
        torch.rand(40000)
        torch.manual_seed(1)
        tensor = torch.zeros(40000)
        version = tensor._version
        monkeypatch.setattr(borrowing, "_draw", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tensor.uniform_()
        monkeypatch.undo()
        assert tensor._version == version
        result = torch.rand(40000)
    torch.manual_seed(1)
    assert torch.equal(result, torch.rand(40000))


def test_a_signal_handler_may_draw_in_the_middle_of_a_fill(monkeypatch):
    """Its numbers are torch's, and the fill begins behind them."""
    drawn, draw = [], borrowing._draw
    monkeypatch.setattr(
        signal, "raise_signal", lambda _number: drawn.append(torch.rand(40000)) if not drawn else None
    )

    def with_signal(*arguments):
        signal.raise_signal(signal.SIGTERM)
        draw(*arguments)

    with refinit.accelerate_torch():
        torch.rand(40000)
        torch.manual_seed(1)
        monkeypatch.setattr(borrowing, "_draw", with_signal)
        result = torch.rand(40000)
    torch.manual_seed(1)
    assert torch.equal(drawn[0], torch.rand(40000))
    assert torch.equal(result, torch.rand(40000))


FORKS = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads alive is the point
import torch, refinit
torch.set_num_threads(1)  # a forked child has no OpenMP threads
torch.manual_seed(3)
expected = torch.randn(90000)

def child(work):
    reader, writer = os.pipe()
    if not os.fork():
        torch.manual_seed(3)
        os.write(writer, str(torch.equal(work(), expected)).encode())
        os._exit(0)
    print(os.read(reader, 9).decode())
    os.wait()

@refinit.accelerate_torch()
def inside():
    return torch.randn(90000)

child(inside)
inside()
child(inside)
with refinit.accelerate_torch():
    child(lambda: torch.randn(90000))
    child(inside)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_draws_as_its_parent_would():
    command = [sys.executable, "-c", FORKS]
    assert subprocess.check_output(command, text=True, cwd=ROOT, timeout=300).split() == ["True"] * 4


DISTRIBUTED = """
import torch, refinit
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor
dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
mesh = init_device_mesh("cpu", (1,))

def filled():
    torch.manual_seed(1)
    weights = [distribute_tensor(torch.empty(300, 300), mesh, [Shard(0)]) for _ in range(2)]
    torch.nn.init.xavier_uniform_(weights[0])
    torch.nn.init.trunc_normal_(weights[1], std=0.5)
    return [*(weight.to_local() for weight in weights), torch.get_rng_state()]

expected = filled()
with refinit.accelerate_torch():
    result = filled()
print([torch.equal(*pair) for pair in zip(result, expected)])
dist.destroy_process_group()
"""


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this torch has no torch.distributed")
def test_distributed_tensors_have_torchs_numbers():
    command = [sys.executable, "-W", "ignore", "-c", DISTRIBUTED]
    result = subprocess.check_output(command, text=True, cwd=ROOT, timeout=300)
    assert result.strip() == "[True, True, True]"
