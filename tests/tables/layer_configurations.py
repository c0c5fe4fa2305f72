"""Random configurations of every layer with parameters, as torch.nn and refinit.layers both take them.

python -m tests.tables.layer_configurations [COUNT [SEED]]     compares COUNT of each layer with torch, and counts them
"""

from __future__ import annotations

import sys
import warnings
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import refinit
from refinit import layers
from tests.tables.references.torch import tensor_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DTYPES = ("float32", "float32", "float32", "float64", "bfloat16", "float16")


class Configuration(NamedTuple):
    """``build(nn, **memory)`` makes the layer from torch.nn or from refinit.layers."""

    name: str
    text: str
    build: Callable[..., Any]
    dtype: str
    seed: int


def flag(random: Random) -> bool:
    return random.random() < 0.5


def size(random: Random, least: int = 1, most: int = 12) -> int:
    return random.randint(least, most)


def convolution(dimensions: int) -> Callable[[Random], Any]:
    def draw(random: Random) -> Any:
        groups = random.choice([1, 1, 2, 3])
        kernel: Any = size(random, 1, 4)
        if flag(random):
            kernel = tuple(size(random, 1, 4) for _ in range(dimensions))
        channels = groups * size(random, 1, 5), groups * size(random, 1, 5)
        return (*channels, kernel), {"groups": groups, "bias": flag(random)}

    return draw


def attention(random: Random) -> Any:
    heads = size(random, 1, 4)
    widths = {} if flag(random) else {"kdim": size(random), "vdim": size(random)}
    return (heads * size(random, 1, 6), heads), {
        "bias": flag(random),
        "add_bias_kv": flag(random),
        **widths,
    }


def recurrent(projected: bool) -> Callable[[Random], Any]:
    def draw(random: Random) -> Any:
        hidden = size(random, 2)
        options = {"num_layers": size(random, 1, 3), "bias": flag(random), "bidirectional": flag(random)}
        if projected:
            options["proj_size"] = random.choice([0, size(random, 1, hidden - 1)])
        return (size(random), hidden), options

    return draw


def embedding(random: Random) -> Any:
    rows = size(random)
    return (rows, size(random)), {"padding_idx": random.choice([None, size(random, -rows, rows - 1)])}


def softmax(random: Random) -> Any:
    classes = size(random, 8, 40)
    cutoffs = sorted(random.sample(range(1, classes - 1), size(random, 1, 3)))
    options = {"head_bias": flag(random), "div_value": random.choice([2.0, 4.0])}
    return (size(random, 4, 70), classes, cutoffs), options


def transformer_layer(random: Random) -> Any:
    heads = size(random, 1, 3)
    return (heads * size(random, 1, 5), heads, size(random)), {"bias": flag(random)}


def transformer(random: Random) -> Any:
    (width, heads, forward), options = transformer_layer(random)
    return (width, heads, size(random, 1, 2), size(random, 1, 2), forward), options


def tracked_norm(random: Random) -> Any:
    flags = ("affine", "track_running_stats", "bias")
    return (size(random),), {name: flag(random) for name in flags}


def group_norm(random: Random) -> Any:
    groups = size(random, 1, 3)
    return (groups, groups * size(random)), {"affine": flag(random), "bias": flag(random)}


def layer_norm(random: Random) -> Any:
    shape = random.choice([size(random), (size(random), size(random))])
    return (shape,), {"elementwise_affine": flag(random), "bias": flag(random)}


def sizes(count: int) -> Callable[[Random], Any]:
    return lambda random: (tuple(size(random) for _ in range(count)), {"bias": flag(random)})


ARGUMENTS: dict[str, Callable[[Random], Any]] = {
    "Linear": sizes(2),
    "Bilinear": sizes(3),
    **{f"Conv{n}d": convolution(n) for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": convolution(n) for n in (1, 2, 3)},
    "Embedding": embedding,
    "EmbeddingBag": embedding,
    "RNN": recurrent(projected=False),
    "GRU": recurrent(projected=False),
    "LSTM": recurrent(projected=True),
    **dict.fromkeys(("RNNCell", "GRUCell", "LSTMCell"), sizes(2)),
    "MultiheadAttention": attention,
    **dict.fromkeys(("TransformerEncoderLayer", "TransformerDecoderLayer"), transformer_layer),
    "Transformer": transformer,
    "LayerNorm": layer_norm,
    "RMSNorm": lambda random: ((size(random),), {"elementwise_affine": flag(random)}),
    "GroupNorm": group_norm,
    **{f"{kind}Norm{n}d": tracked_norm for kind in ("Batch", "Instance") for n in (1, 2, 3)},
    "SyncBatchNorm": tracked_norm,
    "PReLU": lambda random: ((size(random),), {"init": random.random()}),
    "AdaptiveLogSoftmaxWithLoss": softmax,
    "LinearCrossEntropyLoss": lambda random: (
        (size(random), size(random)),
        {"bias": flag(random), "out_features": random.choice([(), (2, 3)])},
    ),
}
#: Layers that are made of another one.
STACKS = {"TransformerEncoder": "TransformerEncoderLayer", "TransformerDecoder": "TransformerDecoderLayer"}


def plain(name: str, random: Random) -> tuple[str, Callable[..., Any]]:
    args, kwargs = ARGUMENTS[name](random)
    return f"{args} {kwargs}", lambda nn, **memory: getattr(nn, name)(*args, **kwargs, **memory)


def stack(name: str, random: Random) -> tuple[str, Callable[..., Any]]:
    args, kwargs = transformer_layer(random)
    count, has_norm = size(random, 1, 4), flag(random)

    def build(nn: Any, **memory: Any) -> Any:
        layer = getattr(nn, STACKS[name])(*args, **kwargs, **memory)
        norm = nn.LayerNorm(args[0], **memory) if has_norm else None
        return getattr(nn, name)(layer, count, norm)

    return f"{args} {kwargs} x {count}, norm {has_norm}", build


def configurations(count: int, seed: int) -> Iterator[Configuration]:
    """``count`` of each layer."""
    for name in (*ARGUMENTS, *STACKS):
        random = Random(f"{seed} {name}")
        for _ in range(count):
            text, build = (stack if name in STACKS else plain)(name, random)
            yield Configuration(name, text, build, random.choice(DTYPES), random.randrange(2**40))


def difference(configuration: Configuration) -> str | None:
    """What differs between torch's layer and refinit's: names, shapes, bits, warnings, the generator's last state."""
    import torch

    torch.manual_seed(configuration.seed)
    generator = refinit.Generator().manual_seed(configuration.seed)
    with warnings.catch_warnings(record=True) as theirs:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", "enable_nested_tensor")  # about forward, which refinit has not
        module = configuration.build(torch.nn, dtype=getattr(torch, configuration.dtype))
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        state = configuration.build(layers, dtype=configuration.dtype).init(generator)
    if [(w.category, str(w.message)) for w in theirs] != [(w.category, str(w.message)) for w in ours]:
        return f"warnings {theirs} and {ours}"
    return state_difference(module, state, generator)


def state_difference(module: Any, ours: Any, generator: Any) -> str | None:
    """What differs between a torch module that was just made and the arrays that refinit made."""
    import torch

    state = module.state_dict()
    if [*state] != [*ours]:
        return f"names {[*state]} and {[*ours]}"
    for name, tensor in state.items():
        array = ours[name]
        if tuple(tensor.shape) != array.shape or str(tensor.dtype) != f"torch.{array.dtype.name}":
            return f"{name}: {tensor.dtype} {tuple(tensor.shape)} and {array.dtype} {array.shape}"
        if tensor_bytes(tensor) != array.tobytes():
            return f"{name}: other numbers"
    if torch.get_rng_state().numpy().tobytes() != generator.get_state().tobytes():
        return "the generator's last state"
    return None


def main() -> int:
    """Compare as many as the arguments say."""
    count, seed = (*map(int, sys.argv[1:]), *(180, 0)[len(sys.argv) - 1 :])
    everything = [*configurations(count, seed)]
    wrong = [(c.name, c.text, why) for c in everything if (why := difference(c))]
    print(f"{len(everything)} configurations of {len(ARGUMENTS) + len(STACKS)} layers, {len(wrong)} differ")
    print(*wrong, sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
