"""Nothing hangs on what a process has done before: each first draw within a block, in a process of its own."""

import subprocess
import sys

import pytest

from tests.paths import ROOT
from tests.tables.references.torch import torch_module

torch_module()

FIRST = [
    "torch.nn.Linear(8, 8).weight",
    "torch.nn.init.normal_(torch.empty(3, 3))",
    "torch.nn.init.uniform_(torch.empty(3, 3))",
    "torch.nn.init.trunc_normal_(torch.empty(30, 30), std=0.02)",
    "torch.rand(3)",
    "torch.randn(300, 300)",
    "torch.empty(300, 300).uniform_()",
]


@pytest.mark.parametrize("draw", FIRST)
def test_the_first_draw_of_a_process(draw):
    code = (
        "import torch, refinit\n"
        f"def draw():\n    torch.manual_seed(3)\n    return {draw}.detach()\n"
        "with refinit.accelerate_torch():\n    got = draw()\n"
        "assert torch.equal(got, draw())"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)
