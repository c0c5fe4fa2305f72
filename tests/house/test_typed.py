"""``py.typed`` holds: what a user passes comes out of every initializer as it is, also to a strict type checker."""

import re
import subprocess
import sys

import pytest

SCRIPT = """
import numpy as np
import torch
import refinit as init
import refinit.layers as nn
from refinit.generators import GeneratorLike

def embedding(rows: int, generator: GeneratorLike = None) -> torch.Tensor:
    return init.normal_(torch.empty(rows, 8), generator=generator)

stream = init.CounterGenerator(0)
reveal_type(init.kaiming_normal_(init.empty(64, 3, 7, 7), nonlinearity="relu"))
reveal_type(init.uniform_(np.zeros((2, 3)), generator=np.random.default_rng(0)))
reveal_type(init.normal_(torch.empty(3), std=0.02, generator=torch.Generator()))
reveal_type(init.orthogonal_(torch.nn.Parameter(torch.empty(3, 3)), generator=stream))
reveal_type(init.uniform(torch.empty(3), 0.0, 1.0, init.manual_seed(0)))
reveal_type(init.ones_(init.Shard(torch.empty(2, 3), (4, 3), (2, 0))).array)
reveal_type(init.calculate_gain("leaky_relu", 0.2))
reveal_type(init.layers.Linear(3, 5).weight)
reveal_type(init.layers.Sequential(init.layers.Linear(3, 5), init.layers.ReLU()).init(seed=0)["0.weight"])
reveal_type(nn.Linear(3, 5).bias)
reveal_type(nn.RNN(3, 5, bias=nn.ReLU().training))
nn.init.normal_(nn.empty(3))
"""
REVEALED = [
    "numpy.ndarray[tuple[Any, ...], numpy.dtype[Any]]",
    "numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float64]]",
    "torch.Tensor",
    "torch.nn.Parameter",
    "torch.Tensor",
    "torch.Tensor",
    "float",
    "refinit.models.layers.base.parameter.Parameter",
    "numpy.ndarray[tuple[Any, ...], numpy.dtype[Any]]",
    "Any",
    "refinit.models.layers.recurrent.layers.RNN",
]
MISTAKES = {
    "init.normal_(init.empty(3), generator='cpu')": "arg-type",
    "init.normal_(init.empty(3), generator=np.random.RandomState(0))": "arg-type",
    "init.normal_(init.empty(3), standard_deviation=1.0)": "call-arg",
    "init.uniform(init.empty(3), std=1.0)": "call-arg",
    "init.empty('float32')": "arg-type",
    "nn.Linear(3)": "call-arg",
    "nn.GRU(3, 5, proj_size=2)": "call-arg",
}
#: mypy reads torch's own annotations in 20 s of a processor, these in none; the same comes out.
TORCH = {
    "torch/__init__.pyi": """
from torch import nn as nn
class device: ...
class Tensor: ...
class Generator:
    @property
    def device(self) -> device: ...
    def get_state(self) -> Tensor: ...
    def set_state(self, new_state: Tensor) -> Generator: ...
def empty(*size: int) -> Tensor: ...
""",
    "torch/nn/__init__.pyi": """
from torch import Tensor
class Parameter(Tensor):
    def __init__(self, data: Tensor) -> None: ...
""",
}


def checked(folder):
    """What ``mypy --strict`` says of the script and the mistakes below it, with a user's settings: none."""
    pytest.importorskip("mypy")
    for name, text in TORCH.items():  # these go before an installed torch
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "user.py").write_text("\n".join([SCRIPT, *MISTAKES]))
    arguments = ("-m", "mypy", "--strict", "--config-file=", "--cache-dir=cache", "user.py")
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    ).stdout


def test_a_type_checker_sees_what_is_passed_come_out_and_mistakes_in_arguments(tmp_path):
    output = checked(tmp_path)
    assert re.findall(r'Revealed type is "(.*)"', output) == REVEALED
    first = SCRIPT.count("\n") + 2
    errors = re.findall(r"user.py:(\d+): error: .* \[([\w-]+)\]", output)
    assert errors == [(str(line), code) for line, code in enumerate(MISTAKES.values(), first)]
