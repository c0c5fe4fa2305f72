"""When it is on: blocks, nested and in threads, decorators, install, errors, forks, other versions of torch."""

import inspect
import pickle
import subprocess
import sys
import threading

import pytest

import refinit
from refinit.laws.law import Normal, normal
from refinit.models.accelerate import agreement, dispatched, fills, functions, switch
from tests.paths import ROOT
from tests.tables.references.torch import torch_module

torch = torch_module()
INIT_NAMES = ("_no_grad_trunc_normal_", "_no_grad_uniform_", "_no_grad_normal_")
SIZE = 40000


@pytest.fixture(autouse=True)
def _off_before_and_after():
    before = [getattr(torch.nn.init, name) for name in INIT_NAMES]
    code = torch.nn.init.kaiming_uniform_.__code__
    assert not is_on()
    yield
    assert torch.nn.init.kaiming_uniform_.__code__ is code
    assert not is_on()
    assert switch._switch.blocks == 0
    assert [getattr(torch.nn.init, name) for name in INIT_NAMES] == before


def is_on():
    """Whether refinit draws, and whether the functions of torch.nn.init are its own: both or neither."""
    names, fill = [], dispatched.fill
    dispatched.fill = lambda *arguments: names.append(1) or fill(*arguments)
    try:
        torch.rand(SIZE)
    finally:
        dispatched.fill = fill
    replaced = torch.nn.init._no_grad_trunc_normal_ is functions._no_grad_trunc_normal_
    assert replaced == bool(names)
    return replaced


def test_blocks_nest_and_the_outermost_ends_it():
    with refinit.accelerate_torch():
        with refinit.accelerate_torch():
            assert is_on()
        assert is_on()


def test_an_exception_ends_the_block():
    with pytest.raises(ZeroDivisionError), refinit.accelerate_torch():
        raise ZeroDivisionError


def test_a_decorated_function_is_a_block():
    @refinit.accelerate_torch()
    def depth(n):
        return is_on() and (n == 0 or depth(n - 1))

    assert depth(2)


def test_install_is_undone_by_one_uninstall():
    refinit.accelerate_torch.install()
    refinit.accelerate_torch.install()
    with refinit.accelerate_torch():
        assert is_on()
    assert is_on()
    refinit.accelerate_torch.uninstall()
    refinit.accelerate_torch.uninstall()


def test_uninstall_leaves_an_open_block_on():
    with refinit.accelerate_torch():
        refinit.accelerate_torch.install()
        refinit.accelerate_torch.uninstall()
        assert is_on()


def test_it_is_on_till_the_last_thread_has_left():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with refinit.accelerate_torch():
            entered.set()
            leave.wait(60)

    thread = threading.Thread(target=other)
    with refinit.accelerate_torch():
        thread.start()
        entered.wait(60)
    assert is_on()
    leave.set()
    thread.join()


def test_who_replaces_the_same_function_meanwhile_keeps_it(monkeypatch):
    with refinit.accelerate_torch():
        monkeypatch.setattr(torch.nn.init, "_no_grad_trunc_normal_", print)
    assert torch.nn.init._no_grad_trunc_normal_ is print
    monkeypatch.undo()
    torch.nn.init._no_grad_trunc_normal_ = functions._originals["_no_grad_trunc_normal_"]


def test_a_public_function_stays_the_same_object():
    function, source = torch.nn.init.kaiming_uniform_, inspect.signature(torch.nn.init.kaiming_uniform_)
    with refinit.accelerate_torch():
        assert pickle.loads(pickle.dumps(function)) is torch.nn.init.kaiming_uniform_ is function
        assert inspect.signature(function).parameters.keys() == source.parameters.keys()
        torch.manual_seed(1)
        result = function(mode="fan_out", tensor=torch.empty(3, 4))
    torch.manual_seed(1)
    assert torch.equal(result, function(torch.empty(3, 4), mode="fan_out"))


def test_an_older_torch_is_told_what_is_needed(monkeypatch):
    monkeypatch.delattr(torch.library, "get_kernel")
    with pytest.raises(ImportError, match=r"expected torch 2\.9 or newer.*got torch 2\.13"):
        refinit.accelerate_torch().__enter__()


def test_a_missing_torch_is_told_with_a_cure():
    code = """
import sys
sys.modules["torch"] = None
import refinit
try:
    refinit.accelerate_torch.install()
except ImportError as error:
    print(error)
"""
    message = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT)
    assert "expected torch" in message
    assert 'pip install "torch>=2.9"' in message


def test_torch_that_draws_other_bits_goes_on_drawing_itself(monkeypatch):
    """As on another processor; what refinit and torch draw is compared, not asked for by version."""

    def other_bits(tensor, law, generator):
        return fills.fill(tensor, normal(0.3, 0.70001) if isinstance(law, Normal) else law, generator)

    monkeypatch.setattr(agreement, "_compared", {})
    monkeypatch.setattr(agreement, "fill", other_bits)
    with refinit.accelerate_torch():
        torch.manual_seed(3)
        result = torch.randn(SIZE)
        torch.rand(SIZE)
    assert agreement._compared == {("normal_", torch.float32): False, ("uniform_", torch.float32): True}
    torch.manual_seed(3)
    assert torch.equal(result, torch.randn(SIZE))
