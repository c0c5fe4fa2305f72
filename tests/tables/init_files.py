"""Whole models with their init code, in the manners that repositories have, ``init`` being torch.nn.init or refinit.

Each function makes a small model and initialises it as its kind does: by the parameter, its ``.data`` or a view of it,
by class, by name or by shape, and in places by arithmetic of its own afterwards.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from tests.tables.document_inits import gan_style

InitFile = Callable[[Any], nn.Module]


def actor_critic(init: Any) -> nn.Module:
    """Reinforcement learning in one file (the manner of cleanrl): orthogonal layers, a gain for each head."""

    def layer_init(layer: nn.Module, std: float = math.sqrt(2), bias_const: float = 0.0) -> nn.Module:
        init.orthogonal_(layer.weight, std)
        init.constant_(layer.bias, bias_const)
        return layer

    return nn.ModuleDict(
        {
            "trunk": nn.Sequential(layer_init(nn.Conv2d(4, 8, 3)), nn.ReLU(), layer_init(nn.Linear(128, 16))),
            "actor": layer_init(nn.Linear(64, 6), std=0.01),
            "critic": layer_init(nn.Linear(64, 1), std=1.0, bias_const=0.5),
        }
    )


def linear_attention(init: Any) -> nn.Module:
    """A recurrent network over tokens (the manner of RWKV): orthogonal, the gain from the shape, zeros by name."""
    model = nn.ModuleDict(
        {
            "emb": nn.Embedding(120, 24),
            "key": nn.Linear(24, 96, bias=False),
            "value": nn.Linear(96, 24, bias=False),
            "output": nn.Linear(24, 24, bias=False),
        }
    )
    zero = ("output",)
    with torch.no_grad():
        for name, module in model.items():
            rows, columns = module.weight.shape
            if isinstance(module, nn.Embedding):
                init.uniform_(module.weight, a=-1e-4, b=1e-4)
            elif name in zero:
                init.zeros_(module.weight)
            else:
                init.orthogonal_(module.weight, gain=math.sqrt(rows / columns) if rows > columns else 1.0)
    return model


def adversarial_by_choice(init: Any) -> nn.Module:
    """A GAN whose option names the law (the manner of BigGAN), for convolutions, layers and embeddings alike."""

    def init_weights(part: nn.Module, choice: str) -> nn.Module:
        for module in part.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear, nn.Embedding)):
                if choice == "ortho":
                    init.orthogonal_(module.weight)
                elif choice == "N02":
                    init.normal_(module.weight, 0, 0.02)
                elif choice in {"glorot", "xavier"}:
                    init.xavier_uniform_(module.weight)
        return part

    def part() -> nn.Module:
        return nn.Sequential(nn.Embedding(40, 8), nn.Linear(6, 64), nn.Conv2d(5, 12, 3), nn.BatchNorm2d(12))

    return nn.ModuleList(init_weights(part(), choice) for choice in ("ortho", "N02", "glorot"))


def small_gpt(init: Any) -> nn.Module:
    """A decoder (the manner of nanoGPT): 0.02 everywhere, residual projections scaled by the depth, tied weights."""
    layers = 3

    def block() -> nn.Module:
        return nn.ModuleDict(
            {"c_attn": nn.Linear(32, 96), "c_proj": nn.Linear(32, 32), "ln": nn.LayerNorm(32)}
        )

    model = nn.ModuleDict({"wte": nn.Embedding(90, 32), "h": nn.ModuleList(block() for _ in range(layers))})
    model["lm_head"] = nn.Linear(32, 90, bias=False)
    model["wte"].weight = model["lm_head"].weight

    def _init_weights(module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            init.normal_(module.weight, mean=0.0, std=0.02)
            if module.bias is not None:
                init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            init.normal_(module.weight, mean=0.0, std=0.02)

    model.apply(_init_weights)
    for name, parameter in model.named_parameters():
        if name.endswith("c_proj.weight"):
            init.normal_(parameter, mean=0.0, std=0.02 / math.sqrt(2 * layers))
    return model


def window_transformer(init: Any) -> nn.Module:
    """Shifted windows (the manner of Swin): truncated normals, also of a table of relative positions."""
    model = nn.Sequential(nn.Conv2d(3, 24, 4, 4), nn.LayerNorm(24), nn.Linear(24, 72), nn.Linear(24, 24))
    table = nn.Parameter(torch.zeros((2 * 7 - 1) * (2 * 7 - 1), 3))
    model.register_parameter("relative_position_bias_table", table)
    init.trunc_normal_(table, std=0.02)

    def _init_weights(m: nn.Module) -> None:
        if isinstance(m, nn.Linear):
            init.trunc_normal_(m.weight, std=0.02)
            if isinstance(m, nn.Linear) and m.bias is not None:
                init.constant_(m.bias, 0)
        elif isinstance(m, nn.LayerNorm):
            init.constant_(m.bias, 0)
            init.constant_(m.weight, 1.0)

    return model.apply(_init_weights)


def modern_convolutions(init: Any) -> nn.Module:
    """Convolutions after transformers (the manner of ConvNeXt): truncated normals, depthwise kernels, a scaled head."""
    model = nn.Sequential(nn.Conv2d(3, 16, 4, 4), nn.Conv2d(16, 16, 7, groups=16), nn.Linear(16, 64))
    model.add_module("head", nn.Linear(64, 10))
    model.register_parameter("gamma", nn.Parameter(1e-6 * torch.ones(16)))

    def _init_weights(m: nn.Module) -> None:
        if isinstance(m, (nn.Conv2d, nn.Linear)):
            init.trunc_normal_(m.weight, std=0.02)
            init.constant_(m.bias, 0)

    model.apply(_init_weights)
    model.head.weight.data.mul_(0.001)
    model.head.bias.data.mul_(0.001)
    return model


def adversarial_by_class_name(init: Any) -> nn.Module:
    """The first convolutional GAN (the manner of DCGAN): classes found by a part of their name, through .data."""
    weights_init = gan_style(init)
    generator = nn.Sequential(
        nn.ConvTranspose2d(20, 16, 4, 1, 0, bias=False),
        nn.BatchNorm2d(16),
        nn.ConvTranspose2d(16, 3, 4, 2, 1),
    )
    discriminator = nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1, bias=False), nn.BatchNorm2d(16))
    return nn.ModuleList([generator.apply(weights_init), discriminator.apply(weights_init)])


def periodic_activations(init: Any) -> nn.Module:
    """Images as functions (the manner of SIREN): bounds from the inputs and a frequency, the first layer's its own."""
    omega = 30.0
    model = nn.Sequential(nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 3))
    with torch.no_grad():
        for index, layer in enumerate(model):
            inputs = layer.weight.size(-1)
            bound = 1 / inputs if index == 0 else math.sqrt(6 / inputs) / omega
            init.uniform_(layer.weight, -bound, bound)
    return model


def recurrent(init: Any) -> nn.Module:
    """A tagger: each kind of parameter of an LSTM by its name, the forget gate's bias through a view."""
    model = nn.LSTM(10, 12, num_layers=2, bidirectional=True)
    for name, parameter in model.named_parameters():
        if "weight_ih" in name:
            for gate in parameter.data.chunk(4):
                init.xavier_uniform_(gate)
        elif "weight_hh" in name:
            init.orthogonal_(parameter)
        else:
            init.zeros_(parameter)
            n = parameter.size(0)
            init.ones_(parameter.data[n // 4 : n // 2])
    return model


def vocoder(init: Any) -> nn.Module:
    """Speech from spectra: weight-normed convolutions, dilated and transposed, their direction initialised."""
    convolutions = [nn.Conv1d(8, 16, 7), nn.Conv1d(16, 16, 3, dilation=3), nn.ConvTranspose1d(16, 4, 8, 4)]
    model = nn.ModuleList(weight_norm(convolution) for convolution in convolutions)
    for convolution in model:
        init.kaiming_normal_(convolution.parametrizations.weight.original1, mode="fan_out")
        init.constant_(convolution.parametrizations.weight.original0, 1.5)
        init.normal_(convolution.bias, 0, 0.01)
    return model
