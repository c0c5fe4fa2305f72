"""Constructors to time: torch's layers, initialised as the public code of each architecture does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import torch
from torch import nn
from torch.nn import init


def gpt2(layers: int = 12, width: int = 768, words: int = 50257) -> nn.Module:
    """GPT-2 of 124 M parameters: all weights from N(0, 0.02^2), biases zero."""
    blocks = [
        nn.ModuleList(
            [
                nn.LayerNorm(width),
                nn.Linear(width, 3 * width),
                nn.Linear(width, width),
                nn.LayerNorm(width),
                nn.Linear(width, 4 * width),
                nn.Linear(4 * width, width),
            ]
        )
        for _ in range(layers)
    ]
    model = nn.ModuleList(
        [nn.Embedding(words, width), nn.Embedding(1024, width), *blocks, nn.LayerNorm(width)]
    )
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            init.normal_(module.weight, 0.0, 0.02)
        if isinstance(module, nn.Linear):
            init.zeros_(module.bias)
    return model


def _bottleneck(width_in: int, width: int) -> Iterator[nn.Module]:
    width_out = 4 * width
    yield nn.Conv2d(width_in, width, 1, bias=False)
    yield nn.BatchNorm2d(width)
    yield nn.Conv2d(width, width, 3, padding=1, bias=False)
    yield nn.BatchNorm2d(width)
    yield nn.Conv2d(width, width_out, 1, bias=False)
    yield nn.BatchNorm2d(width_out)
    if width_in != width_out:
        yield nn.Conv2d(width_in, width_out, 1, bias=False)
        yield nn.BatchNorm2d(width_out)


def resnet50() -> nn.Module:
    """ResNet-50: kaiming_normal_ by fan_out."""
    widths = [width for width, count in ((64, 3), (128, 4), (256, 6), (512, 3)) for _ in range(count)]
    inputs = [64, *(4 * width for width in widths)]
    blocks = [
        nn.Sequential(*_bottleneck(width_in, width)) for width_in, width in zip(inputs, widths, strict=False)
    ]
    model = nn.Sequential(nn.Conv2d(3, 64, 7, bias=False), nn.BatchNorm2d(64), *blocks, nn.Linear(2048, 1000))
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            init.constant_(module.weight, 1)
            init.constant_(module.bias, 0)
    return model


def vit() -> nn.Module:
    """Six blocks of a ViT-B/16: trunc_normal_(std=0.02) of the linear layers."""
    blocks = [nn.TransformerEncoderLayer(768, 12, 3072, batch_first=True) for _ in range(6)]
    model = nn.Sequential(nn.Conv2d(3, 768, 16, 16), *blocks, nn.Linear(768, 1000))
    for module in model.modules():
        if isinstance(module, nn.Linear):
            init.trunc_normal_(module.weight, std=0.02)
    return model


def gan() -> nn.Module:
    """Transposed convolutions by ``weight.data.normal_(0.0, 0.02)``."""
    model = nn.Sequential(
        *(nn.Sequential(nn.ConvTranspose2d(512, 512, 4), nn.BatchNorm2d(512)) for _ in range(6))
    )
    for module in model.modules():
        if isinstance(module, nn.ConvTranspose2d):
            module.weight.data.normal_(0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.data.normal_(1.0, 0.02)
            module.bias.data.fill_(0)
    return model


def mixed() -> nn.Module:
    """Small layers of many kinds."""
    return nn.ModuleList(
        [
            nn.LSTM(50, 70, 2, bidirectional=True, proj_size=9),
            nn.GRU(5, 6),
            nn.Bilinear(3, 4, 5),
            nn.ConvTranspose2d(8, 12, 3, groups=4),
            nn.Conv3d(2, 4, 3),
            nn.EmbeddingBag(10, 3),
            nn.MultiheadAttention(32, 4, kdim=16, vdim=8),
            nn.PReLU(),
            nn.Transformer(16, 2, 1, 1, 32, batch_first=True),
        ]
    )


def tiny_linear() -> nn.Module:
    """A thousand linear layers of 8 x 8."""
    return nn.ModuleList(nn.Linear(8, 8) for _ in range(1000))


def tiny_convolutions() -> nn.Module:
    """Five hundred convolutions of 8 x 8 x 3 x 3 without biases."""
    return nn.ModuleList(nn.Conv2d(8, 8, 3, bias=False) for _ in range(500))


def pyramid() -> nn.Module:
    """Linear layers of every width from 30 to 200, no two alike."""
    return nn.ModuleList(nn.Linear(*widths) for widths in pairwise(range(30, 200)))


#: Name -> constructor.
MODELS: dict[str, Callable[[], nn.Module]] = {
    "ViT, trunc_normal_": vit,
    "GPT-2, 124 M": gpt2,
    "GAN, .data.normal_": gan,
    "ResNet-50": resnet50,
    "mixed layers": mixed,
    "1000 Linear(8, 8)": tiny_linear,
    "500 Conv2d(8, 8, 3)": tiny_convolutions,
    "Linear, widths 30 to 200": pyramid,
}


def same(first: nn.Module, second: nn.Module) -> bool:
    """Whether two models hold the same numbers under the same names."""
    values, others = first.state_dict(), second.state_dict()
    return list(values) == list(others) and all(
        torch.equal(value, other) for value, other in zip(values.values(), others.values(), strict=True)
    )
