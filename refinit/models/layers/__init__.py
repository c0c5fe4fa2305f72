"""torch.nn's layers without torch: their shapes, and what they draw, in torch's order and with torch's bits.

>>> from refinit import layers as nn
>>> model = nn.Sequential(nn.Conv2d(1, 10, 5), nn.BatchNorm2d(10), nn.ReLU(), nn.Linear(320, 50))
>>> state = model.init(seed=0)  # what torch has after torch.manual_seed(0)
>>> state["0.weight"].shape
(10, 1, 5, 5)

A layer takes torch's arguments and holds parameters without numbers; ``init`` makes the numbers of a layer, or of a
whole model, and gives them by the names of torch's state_dict. Models are written as for torch, as subclasses of
``Module``, or from ``Sequential``, ``ModuleList`` and ``Module(conv=..., norm=...)``: layers draw in the order in which
they are made, and are named in the order in which they are registered. What is filled again goes by ``layers.init``,
whose functions have the names of torch.nn.init:

>>> def init_weights(m):
...     if isinstance(m, nn.Linear):
...         nn.init.xavier_uniform_(m.weight)
...         nn.init.constant_(m.bias, 0)
>>> state = model.apply(init_weights).init(seed=0)

Assigning one layer's parameter to another ties them, ``copy.deepcopy`` makes layers that begin equal. From a
CounterGenerator each parameter draws by the substream of its name, so that it depends on no other.
"""

from __future__ import annotations

from typing import Any

from .base import init
from .base.containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from .base.creation import empty, ones, randn, zeros
from .base.module import Module
from .base.parameter import Parameter
from .convolution.convolution import Conv1d, Conv2d, Conv3d
from .convolution.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .embedding import Embedding, EmbeddingBag
from .linear import Bilinear, Linear
from .loss import AdaptiveLogSoftmaxWithLoss, LinearCrossEntropyLoss, PReLU
from .normalization.batch_norms import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    SyncBatchNorm,
)
from .normalization.norms import GroupNorm, LayerNorm, RMSNorm
from .recurrent.cells import GRUCell, LSTMCell, RNNCell, RNNCellBase
from .recurrent.layers import GRU, LSTM, RNN
from .recurrent.shared import RNNBase
from .stateless import REFUSED, STATELESS, WEIGHTED_LOSSES, Dropout
from .transformer.attention import MultiheadAttention
from .transformer.layers import TransformerDecoderLayer, TransformerEncoderLayer
from .transformer.transformer import Transformer, TransformerDecoder, TransformerEncoder

#: Layers with parameters, in the order of the documentation.
LAYERS: tuple[type[Module], ...] = (
    *(Linear, Bilinear),
    *(Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d),
    *(Embedding, EmbeddingBag),
    *(RNN, GRU, LSTM, RNNCell, GRUCell, LSTMCell),
    *(MultiheadAttention, TransformerEncoderLayer, TransformerDecoderLayer),
    *(TransformerEncoder, TransformerDecoder, Transformer),
    *(LayerNorm, RMSNorm, GroupNorm),
    *(BatchNorm1d, BatchNorm2d, BatchNorm3d, SyncBatchNorm, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d),
    *(PReLU, AdaptiveLogSoftmaxWithLoss, LinearCrossEntropyLoss),
)
#: Modules that hold others, and what else models are made of.
CONTAINERS = (Module, Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict)
globals().update(STATELESS | WEIGHTED_LOSSES | REFUSED)

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveLogSoftmaxWithLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bilinear",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Dropout",
    "Embedding",
    "EmbeddingBag",
    "GRUCell",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LSTMCell",
    "LayerNorm",
    "Linear",
    "LinearCrossEntropyLoss",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "PReLU",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "RMSNorm",
    "RNNBase",
    "RNNCell",
    "RNNCellBase",
    "Sequential",
    "SyncBatchNorm",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "empty",
    "init",
    "ones",
    "randn",
    "zeros",
]
__all__ += [*sorted({*STATELESS, *WEIGHTED_LOSSES, *REFUSED} - {*__all__})]  # noqa: PLE0604 - of tables


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"refinit.layers has no {name!r}: it has torch.nn's modules, Parameter, empty and init, and none of torch's "
        "functions; what only forward needs can be left out"
    )
