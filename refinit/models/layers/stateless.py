"""torch.nn's modules without parameters, so that models which contain them run; and those that refuse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .base.module import Module

#: In one, two and three dimensions each.
_SPATIAL = (
    *("AdaptiveAvgPool", "AdaptiveMaxPool", "AvgPool", "LPPool", "MaxPool", "MaxUnpool"),
    *("CircularPad", "ConstantPad", "ReflectionPad", "ReplicationPad", "ZeroPad"),
)
_ACTIVATIONS = (
    *("CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU"),
    *("LogSigmoid", "LogSoftmax", "Mish", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmax"),
    *("Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold"),
)
_LOSSES = (
    *("CTCLoss", "CosineEmbeddingLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss"),
    *("L1Loss", "MSELoss", "MarginRankingLoss", "MultiLabelMarginLoss", "PoissonNLLLoss", "SmoothL1Loss"),
    *("SoftMarginLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss"),
)
_OTHERS = (
    *("ChannelShuffle", "CosineSimilarity", "CrossMapLRN2d", "Flatten", "Fold", "FractionalMaxPool2d"),
    *("FractionalMaxPool3d", "Identity", "LocalResponseNorm", "PairwiseDistance", "PixelShuffle"),
    *("PixelUnshuffle", "Unflatten", "Unfold", "Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"),
)
_DROPOUTS = ("AlphaDropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout")
#: Losses that hold an array as a buffer where one is given; the positions of ``weight`` and ``pos_weight``.
_WEIGHTED = {
    "BCELoss": {"weight": 0},
    "BCEWithLogitsLoss": {"weight": 0, "pos_weight": 4},
    "CrossEntropyLoss": {"weight": 0},
    "MultiLabelSoftMarginLoss": {"weight": 0},
    "MultiMarginLoss": {"weight": 2},
    "NLLLoss": {"weight": 0},
    "NLLLoss2d": {"weight": 0},
}
_LAZY = [
    "LazyLinear",
    *(
        f"Lazy{kind}{n}d"
        for kind in ("BatchNorm", "Conv", "ConvTranspose", "InstanceNorm")
        for n in (1, 2, 3)
    ),
]


class _Stateless(Module):
    """Takes what torch's takes and looks at nothing of it."""

    __module__ = "refinit.layers"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.arguments = args
        for name, value in kwargs.items():
            object.__setattr__(self, name, value)


class Dropout(_Stateless):
    """No parameters: nothing is drawn.

    Parameters
    ----------
    p, inplace
        As in torch.

    Raises
    ------
    ValueError
        If p is not between 0 and 1.

    References
    ----------
    ``torch.nn.Dropout``

    Examples
    --------
    >>> from refinit import layers
    >>> layers.Dropout(0.1).init()
    {}
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace


class _WeightedLoss(Module):
    """A loss: what it is given as ``weight`` or ``pos_weight`` is a buffer of its state."""

    __module__ = "refinit.layers"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        for name, position in _WEIGHTED[type(self).__name__].items():
            self.register_buffer(name, args[position] if position < len(args) else kwargs.get(name))


class _Lazy(Module):
    """Refuses: its shapes are unknown before its first input."""

    __module__ = "refinit.layers"

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        name = type(self).__name__
        raise NotImplementedError(
            f"{name} has no shapes before its first input, so nothing can be drawn: expected sizes, write "
            f"layers.{name.removeprefix('Lazy')} with the number of inputs as its first argument"
        )


class _Parallel(Module):
    """Refuses: it wraps a module, whose names it changes."""

    __module__ = "refinit.layers"

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        raise NotImplementedError(
            "DataParallel draws nothing: expected the module inside, write layers.Module(module=...) for its names"
        )


def _classes(names: Iterable[str], base: type[Module], text: str) -> dict[str, type[Module]]:
    """A class for each name, which says what it is."""
    classes: dict[str, type[Module]] = {}
    for name in names:
        document = f"{text}\n\n    References\n    ----------\n    ``torch.nn.{name}``"
        classes[name] = type(name, (base,), {"__module__": "refinit.layers", "__doc__": document})
    return classes


_SILENT = "No parameters: nothing is drawn."
_SPATIAL_NAMES = [f"{kind}{n}d" for kind in _SPATIAL for n in (1, 2, 3)]
STATELESS: dict[str, type[Module]] = {"Dropout": Dropout}
STATELESS |= _classes(_DROPOUTS, Dropout, _SILENT)
STATELESS |= _classes((*_SPATIAL_NAMES, *_ACTIVATIONS, *_LOSSES, *_OTHERS), _Stateless, _SILENT)
WEIGHTED_LOSSES = _classes(_WEIGHTED, _WeightedLoss, "No parameters; a weight it is given is in its state.")
REFUSED = _classes(_LAZY, _Lazy, "Refused: it has no shapes before its first input.")
REFUSED |= _classes(["DataParallel"], _Parallel, "Refused: it wraps a module.")
