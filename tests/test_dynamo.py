"""A function under torch.compile calls what fills memory; Dynamo breaks its graph there and follows no code of it."""

import inspect
import subprocess
import sys
from types import FunctionType

import pytest

import refinit
from tests.paths import ROOT
from tests.tables.references.torch import torch_module

torch = torch_module()

FILLS = (*refinit.initializers.__all__, *refinit.aliases.__all__)
ARGUMENTS = {"constant": (0.25,), "sparse": (0.5,)}
#: What torch has as plain Python, too: a compiled function follows it without a break.
FOLLOWED = {"calculate_gain", "fans"}


def call(module, name, tensor, **keywords):
    return getattr(module, name)(tensor, *ARGUMENTS.get(name.removesuffix("_"), ()), **keywords)


def weight(name):
    return torch.full((4, 4, 3) if name.startswith("dirac") else (4, 4), 7.0)


def compiled(function, **keywords):
    torch._dynamo.reset()
    return torch.compile(function, backend="eager", **keywords)


@pytest.mark.filterwarnings("ignore:`nn.init:FutureWarning")
@pytest.mark.parametrize("name", FILLS)
def test_a_compiled_function_gives_torchs_values_and_state(name):
    def doubled(module, tensor):
        tensor = tensor + 1
        call(module, name, tensor)
        return tensor * 2

    torch.manual_seed(5)
    want, state = doubled(torch.nn.init, weight(name)), torch.get_rng_state()
    torch.manual_seed(5)
    got = compiled(lambda tensor: doubled(refinit, tensor))(weight(name))
    torch.testing.assert_close(got, want, rtol=0, atol=1e-5 if name.startswith("orthogonal") else 0)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_graph_breaks_once_for_each_fill():
    def both(tensor):
        tensor = tensor + 1
        refinit.normal_(tensor)
        tensor = tensor * 3
        refinit.zeros_(tensor)
        return tensor * 2

    torch._dynamo.reset()
    explained = torch._dynamo.explain(both)(torch.ones(3, 3))
    assert explained.graph_break_count == 2


def test_a_full_graph_is_refused_by_torchs_own_error_that_names_the_cause():
    function = compiled(lambda tensor: refinit.normal_(tensor) * 2, fullgraph=True)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="refinit fills memory by compiled kernels"):
        function(torch.ones(3, 3))


@pytest.mark.parametrize(
    "make", [refinit.Generator, lambda: refinit.CounterGenerator(3)], ids=["stream", "counter"]
)
def test_generators_made_and_seeded_inside_draw_what_they_draw_outside(make):
    def drawn(tensor):
        generator = make()
        if isinstance(generator, refinit.Generator):
            generator.manual_seed(8)
        else:
            generator = generator.substream("w")
        refinit.uniform_(tensor, generator=generator)
        return tensor + len(generator.get_state())

    assert torch.equal(compiled(drawn)(torch.zeros(5, 5)), drawn(torch.zeros(5, 5)))


def test_arrays_are_made_and_filled_inside():
    def drawn(tensor):
        refinit.manual_seed(3)
        return tensor + torch.from_numpy(refinit.normal_(refinit.empty(4, 4)))

    assert torch.equal(compiled(drawn)(torch.zeros(4, 4)), drawn(torch.zeros(4, 4)))


def test_all_that_is_public_is_marked():
    functions = {
        name: member for name in refinit.__all__ if isinstance(member := getattr(refinit, name), FunctionType)
    }
    for kind in (refinit.Generator, refinit.CounterGenerator):
        functions |= {
            f"{kind.__name__}.{name}": f for name, f in inspect.getmembers(kind, inspect.isfunction)
        }
    unmarked = {name for name, function in functions.items() if not hasattr(function, "_torchdynamo_disable")}
    assert unmarked - {"Generator.__getstate__", "CounterGenerator.__getstate__"} == FOLLOWED


@pytest.mark.parametrize("order", ["refinit, torch", "torch, refinit"])
def test_the_order_of_imports_does_not_matter(order):
    """A process of its own each: the first fill of a tensor there is inside of a compiled function."""
    code = (
        f"import {order}\n"
        "def f(w):\n"
        "    refinit.normal_(w)\n"
        "    return w * 2\n"
        "torch.manual_seed(0)\n"
        "got = torch.compile(f, backend='eager')(torch.empty(4, 4))\n"
        "torch.manual_seed(0)\n"
        "assert torch.equal(got, f(torch.empty(4, 4)))\n"
        "package = refinit.__file__.removesuffix('__init__.py')\n"
        "seen = [c().co_filename for c in torch._dynamo.convert_frame.input_codes.seen]\n"
        "assert seen\n"
        "assert not [path for path in seen if path.startswith(package)]\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=ROOT)
