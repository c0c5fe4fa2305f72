"""Every layer is torch's, and whole models are: names, order, shapes, bits, warnings, where the generator ends."""

import inspect
import os
import subprocess
import sys
import typing

import pytest

from refinit import layers
from tests.paths import ROOT
from tests.tables.layer_configurations import ARGUMENTS, STACKS, configurations, difference
from tests.tables.references.torch import torch_module
from tests.tables.whole_models import MODELS, compared

torch = torch_module()
#: Of each layer; REFINIT_LAYER_CONFIGURATIONS=180 makes 6,300 in all.
COUNT = int(os.environ.get("REFINIT_LAYER_CONFIGURATIONS", "8"))
CONFIGURATIONS = [*configurations(COUNT, seed=13)]
NAMES = [layer.__name__ for layer in layers.LAYERS]


def test_every_layer_has_configurations():
    assert sorted(NAMES) == sorted([*ARGUMENTS, *STACKS])


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_is_torchs(name):
    wrong = [(c.text, c.dtype, why) for c in CONFIGURATIONS if c.name == name and (why := difference(c))]
    assert not wrong


@pytest.mark.parametrize("seed", [0, 1, 2**40 + 7])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_torchs(name, seed):
    assert compared(MODELS[name], seed).difference is None


def test_models_are_made_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from refinit import layers\n"
        "from tests.tables.whole_models import MODELS\n"
        "for name in ('resnet50', 'gpt2', 'captioner', 'gan'):\n"
        "    print(name, len(MODELS[name](layers).init(seed=0)))\n"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    lines = subprocess.check_output(command, text=True, cwd=ROOT, timeout=300).splitlines()
    assert lines == ["resnet50 320", "gpt2 41", "captioner 17", "gan 7"]


#: Parameters whose default is a function of torch.
DEFAULTS = {"activation": "relu"}


def parameters(layer):
    """Names, kinds and defaults; of what torch declares by overloads, those of the first."""
    overloads = typing.get_overloads(layer.__init__)
    signature = inspect.signature(overloads[0] if overloads else layer.__init__)
    return [
        (p.name, p.kind, DEFAULTS.get(p.name, p.default), type(DEFAULTS.get(p.name, p.default)))
        for p in signature.parameters.values()
    ]


@pytest.mark.parametrize("name", [*NAMES, "RNNBase", "RNNCellBase", "Dropout"])
def test_a_signature_is_torchs(name):
    assert parameters(getattr(layers, name)) == parameters(getattr(torch.nn, name))


#: Classes of torch.nn that are no layers.
OTHERS = {
    *("Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter"),
    *("LinearCrossEntropyOptions", "RNNBase", "RNNCellBase", "Container"),
}


def test_every_class_of_torch_is_known():
    """What torch adds is noticed: give it its place in LAYERS, or in refinit/models/layers/stateless.py."""
    theirs = {name for name in dir(torch.nn) if inspect.isclass(getattr(torch.nn, name))}
    containers = {container.__name__ for container in layers.CONTAINERS}
    sets = [{*NAMES}, {*layers.STATELESS}, {*layers.WEIGHTED_LOSSES}, {*layers.REFUSED}, containers, OTHERS]
    assert set.union(*sets) == theirs
    assert sum(map(len, sets)) == len(theirs), "one is in two sets"


#: What modules without parameters need in order to be made.
NEEDED = {
    **dict.fromkeys(("ChannelShuffle", "PixelShuffle", "PixelUnshuffle", "LocalResponseNorm"), (2,)),
    **dict.fromkeys(("CrossMapLRN2d", "FractionalMaxPool2d", "FractionalMaxPool3d"), (2,)),
    "Fold": (4, 2),
    "Threshold": (0.1, 20),
    "Unflatten": (1, (2, 2)),
    "Unfold": (2,),
}


def of_no_parameters(name):
    """torch's module of that name."""
    sizes = (2, 2) if name.startswith(("LPPool", "ConstantPad")) else (2,)
    spatial = name[-2:] in ("1d", "2d", "3d") and ("pool" in name.lower() or "Pad" in name)
    options = {"output_size": 2} if name.startswith("Fractional") else {}
    return getattr(torch.nn, name)(*NEEDED.get(name, sizes if spatial else ()), **options)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", [*layers.STATELESS, *layers.WEIGHTED_LOSSES])
def test_what_has_no_parameters_draws_nothing(name):
    before = torch.get_rng_state()
    assert not of_no_parameters(name).state_dict()
    assert torch.equal(before, torch.get_rng_state())
    assert not getattr(layers, name)().init()
