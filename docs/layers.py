"""docs/layers.md: every layer, its parameters and their laws, from refinit's own layers.

python -m docs.layers     write it (make readme); tests/docs/test_layers.py compares
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, NamedTuple

from refinit import layers
from refinit.models.explain import RIVALS, SQRT_5, Explained, explained, law_text, number

from .readme import markdown_table
from .tables import plain_text

PAGE = Path(__file__).resolve().parent / "layers.md"
_HEAD = """\
# Layers

What torch.nn's layers draw when they are made, in torch's order and with torch's bits.
`python -m refinit explain LAYER ARGUMENT...` prints this for any arguments, and `refinit.layers` makes the numbers,
without torch:

```python
from refinit import layers as nn


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv1_bn = nn.BatchNorm2d(10)
        self.dense = nn.Linear(320, 50)


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        nn.init.constant_(m.bias, 0.01)


model = CNN().apply(init_weights)
state = model.init(seed=0)  # what torch has after torch.manual_seed(0)
for name, array in state.items():
    print(name, array.shape)
```

```text
conv1.weight (10, 1, 5, 5)
conv1.bias (10,)
conv1_bn.weight (10,)
conv1_bn.bias (10,)
conv1_bn.running_mean (10,)
conv1_bn.running_var (10,)
conv1_bn.num_batches_tracked ()
dense.weight (50, 320)
dense.bias (50,)
```

Models are written as for torch, with `nn` for `torch.nn`: subclasses of `nn.Module`, `nn.Sequential`, `nn.ModuleList`,
`nn.init` to fill again, `model.apply`, `copy.deepcopy`, tied weights. Layers draw in the order in which they are made,
and are named in the order in which they are registered. Modules without parameters are there, and draw nothing; what
they are given is not looked at. What a module constructs and registers nowhere draws in its turn, too; not so a layer
that is made outside of any module's `__init__` and registered nowhere. Lazy modules are refused by name; so are devices
other than the CPU. Warnings of torch that are about `forward` alone are not given, but that of a
recurrent layer's dropout.

From a `CounterGenerator` each parameter draws by the substream of its name, so that a layer has its numbers without the
rest of the model; copies, which begin equal in torch, then have numbers of their own. `model.recipe()` is what `init`
replays: it can be saved, and `refinit.replay` makes a part of it by `only`.

## Why sqrt(5)

"""


class Example(NamedTuple):
    """A layer's arguments; ``layer``: what it copies."""

    name: str
    arguments: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    layer: str = ""

    def __str__(self) -> str:
        words = [f"{self.layer}(16, 2, 32)"] if self.layer else []
        words += [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.options)]
        return f"{self.name}({', '.join(words)})"

    def built(self) -> Any:
        """The layer."""
        copied = [getattr(layers, self.layer)(16, 2, 32)] if self.layer else []
        return getattr(layers, self.name)(*copied, *self.arguments, **dict(self.options))


EXAMPLES = [
    Example("Linear", (320, 50)),
    Example("Bilinear", (20, 30, 40)),
    *(Example(f"Conv{n}d", (3, 64, 3)) for n in (1, 2, 3)),
    *(Example(f"ConvTranspose{n}d", (3, 64, 3)) for n in (1, 2, 3)),
    Example("Embedding", (1000, 64), (("padding_idx", 0),)),
    Example("EmbeddingBag", (1000, 64)),
    Example("RNN", (8, 16)),
    Example("GRU", (8, 16)),
    Example("LSTM", (8, 16), (("proj_size", 4),)),
    *(Example(name, (8, 16)) for name in ("RNNCell", "GRUCell", "LSTMCell")),
    Example("MultiheadAttention", (64, 8), (("add_bias_kv", True),)),
    Example("TransformerEncoderLayer", (16, 2, 32)),
    Example("TransformerDecoderLayer", (16, 2, 32)),
    Example("TransformerEncoder", (1,), (), "TransformerEncoderLayer"),
    Example("TransformerDecoder", (1,), (), "TransformerDecoderLayer"),
    Example("Transformer", (16, 2, 1, 1, 32)),
    *(Example(name, (64,)) for name in ("LayerNorm", "RMSNorm")),
    Example("GroupNorm", (4, 64)),
    *(Example(f"BatchNorm{n}d", (64,)) for n in (1, 2, 3)),
    Example("SyncBatchNorm", (64,)),
    *(Example(f"InstanceNorm{n}d", (64,), (("affine", True),)) for n in (1, 2, 3)),
    Example("PReLU"),
    Example("AdaptiveLogSoftmaxWithLoss", (64, 1000, [10, 100])),
    Example("LinearCrossEntropyLoss", (64, 10)),
]


def row(parameter: Explained) -> list[str]:
    """One parameter's cells."""
    rivals = [number(parameter.rivals[name]) if parameter.rivals else "" for name in RIVALS]
    std = "" if parameter.std is None else number(parameter.std)
    law = ", then ".join([law_text(parameter), *parameter.parts])
    return [f"`{parameter.name}`", str(parameter.shape), ", ".join(parameter.fills), law, std, *rivals]


def section(example: Example) -> str:
    """A layer's law, in words and in the numbers of an example."""
    law, _, rest = (inspect.getdoc(getattr(layers, example.name)) or "").partition("\n\n")
    described = rest.partition("\n\nParameters\n")[0] if "\n\nParameters\n" in rest else ""
    text = "\n\n".join(filter(None, [plain_text(law) + ".", described.replace("``", "`")]))
    header = ("parameter", "shape", "filled by", "law", "std", *(f"{name}'s" for name in RIVALS))
    table = markdown_table(header, map(row, explained(example.built())))
    return f"## {example.name}\n\n{text}\n\n`{example}`:\n\n{table}"


def page() -> str:
    """The whole page."""
    rivals = "; ".join(f"{name}: {formula}" for name, formula in RIVALS.items())
    legend = (
        f"\n\nThe last columns are what the papers ask of the standard deviation in this shape. {rivals}.\n\n"
    )
    return (
        _HEAD + SQRT_5.removeprefix("Why sqrt(5): ") + legend + "\n".join(map(section, EXAMPLES))
    ).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
