"""What a module constructs and never registers draws in its turn, as in torch."""

import copy
import threading

import pytest

from refinit import CounterGenerator, Generator, layers
from tests.tables.references.torch import torch_module

torch = torch_module()


def in_a_list(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = [nn.Linear(3, 4) for _ in range(2)]
            self.head = nn.Linear(4, 2)

    return Net()


def copied_from_a_temporary(nn):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            start = nn.Conv2d(3, 4, 3)
            self.conv = nn.Conv2d(3, 4, 3)
            self.conv.weight.data.copy_(start.weight.data)
            self.head = nn.Linear(4, 2)

    return Net()


def in_a_child(nn):
    class Child(nn.Module):
        def __init__(self):
            super().__init__()
            nn.init.xavier_uniform_(nn.Linear(5, 5).weight)
            self.norm = nn.LayerNorm(4)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            Child()
            self.child = Child()
            self.fc = nn.Linear(4, 4)

    return nn.Sequential(Net(), nn.Linear(4, 2))


def by_a_subclass_of_a_model(nn):
    class Base(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = [nn.GRU(3, 4)]

    class Net(Base):
        def __init__(self):
            nn.Linear(2, 2)
            super().__init__()
            self.parts[0].reset_parameters()
            self.head = nn.Linear(4, 2)

    return Net()


def copied_deep(nn):
    class Part(nn.Module):
        def __init__(self):
            super().__init__()
            nn.Linear(2, 3)
            self.fc = nn.Linear(3, 3)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            part = Part()
            self.parts = nn.ModuleList([copy.deepcopy(part) for _ in range(2)])
            self.head = nn.Linear(3, 2)

    return copy.deepcopy(Net())


MODELS = [in_a_list, copied_from_a_temporary, in_a_child, by_a_subclass_of_a_model]


@pytest.mark.parametrize("model", MODELS)
def test_it_draws_as_in_torch(model):
    for seed in (0, 5):
        torch.manual_seed(seed)
        want = model(torch.nn).state_dict()
        generator = Generator().manual_seed(seed)
        got = model(layers).init(generator)
        assert list(got) == list(want)
        assert all((got[name] == tensor.numpy()).all() for name, tensor in want.items())
        assert bytes(generator.get_state()) == bytes(torch.get_rng_state().numpy())


def test_a_deep_copy_has_the_numbers_and_not_the_draws_again():
    torch.manual_seed(3)
    want = copied_deep(torch.nn).state_dict()
    got = copied_deep(layers).init(seed=3)
    assert all((got[name] == tensor.numpy()).all() for name, tensor in want.items())


def test_by_position_it_takes_nothing():
    key = CounterGenerator(1)
    got, alone = in_a_list(layers).init(key), layers.Module(head=layers.Linear(4, 2)).init(key)
    assert list(got) == list(alone) == ["head.weight", "head.bias"]
    assert all((got[name] == alone[name]).all() for name in got)


def test_a_constructor_that_fails_leaves_nothing_behind():
    class Fails(layers.Module):
        def __init__(self):
            super().__init__()
            layers.Linear(3, 3)
            raise KeyError("on purpose")

    with pytest.raises(KeyError, match="on purpose"):
        Fails()
    model = layers.Sequential(layers.Linear(3, 2))
    layers.Linear(9, 9)
    assert len(model.recipe().steps) == 2


def test_threads_do_not_mix():
    ready, go = threading.Event(), threading.Event()

    class Waits(layers.Module):
        def __init__(self):
            super().__init__()
            self.fc = layers.Linear(3, 2)
            ready.set()
            assert go.wait(60)

    models = []
    thread = threading.Thread(target=lambda: models.append(Waits()))
    thread.start()
    assert ready.wait(60)
    layers.Linear(7, 7)
    go.set()
    thread.join()
    assert len(models[0].recipe().steps) == 2
