"""The names of whole models load when they are used."""

import pickle
import subprocess
import sys

import pytest

import refinit
from tests.paths import ROOT


def test_import_refinit_loads_no_model():
    code = "import sys, refinit; print([name for name in sys.modules if name.startswith('refinit.models')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).strip() == "[]"


def test_every_name_loads_and_is_listed():
    for name in refinit._MODELS:
        assert getattr(refinit, name) is not None
        assert name in dir(refinit)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'record_'"):
        refinit.record_  # noqa: B018 - the access is the test


@pytest.mark.parametrize(
    "statement",
    [
        "import refinit.layers as nn",
        "from refinit import layers as nn; import refinit.layers as again; assert again is nn",
        "from refinit.layers.init import ones_; import refinit.layers as nn; assert ones_ is nn.init.ones_",
        "import refinit.layers.init as init; import refinit.layers as nn; assert init is nn.init",
        "from refinit.layers import Linear; import refinit; nn = refinit.layers; assert nn.Linear is Linear",
    ],
)
def test_layers_are_imported_as_torch_nn_is(statement):
    code = (
        f"{statement}; import refinit; assert refinit.layers is nn; print(len(nn.Linear(3, 2).init(seed=0)))"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    assert subprocess.check_output(command, text=True, cwd=ROOT).strip() == "2"


def test_layers_are_found_by_the_name_they_show():
    """As pickle looks for classes."""
    relu = refinit.layers.ReLU()
    assert type(pickle.loads(pickle.dumps(relu))) is type(relu)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(refinit.layers.Linear(1, 1))
