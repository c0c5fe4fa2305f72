"""The second half of ``init_files.py``: translation, vision, fields, experts, adapters, reservoirs, complex signals."""

import math
from typing import Any

import torch
from torch import nn

from .init_files import (
    InitFile,
    actor_critic,
    adversarial_by_choice,
    adversarial_by_class_name,
    linear_attention,
    modern_convolutions,
    periodic_activations,
    recurrent,
    small_gpt,
    vocoder,
    window_transformer,
)


def translation(init: Any) -> nn.Module:
    """An encoder and decoder: matrices Xavier by their number of axes, embeddings scaled, the padding's row zero."""
    model = nn.ModuleDict(
        {
            "words": nn.Embedding(50, 16, padding_idx=1),
            "transformer": nn.Transformer(16, 2, 1, 1, 32, batch_first=True),
        }
    )
    for parameter in model.parameters():
        if parameter.dim() > 1:
            init.xavier_uniform_(parameter)
    init.normal_(model["words"].weight, mean=0, std=16**-0.5)
    init.constant_(model["words"].weight[1], 0)
    return model


def segmentation(init: Any) -> nn.Module:
    """A U of convolutions: He's law down, Xavier's through transposed convolutions up, in channels_last memory."""
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ConvTranspose2d(8, 4, 2, 2), nn.Conv2d(4, 2, 1)
    )
    for m in model.modules():
        if isinstance(m, nn.ConvTranspose2d):
            init.xavier_normal_(m.weight, gain=init.calculate_gain("conv_transpose2d"))
        elif isinstance(m, nn.Conv2d):
            init.kaiming_normal_(m.weight, nonlinearity="relu")
            init.zeros_(m.bias)
    model.to(memory_format=torch.channels_last)
    init.kaiming_uniform_(model[-1].weight, nonlinearity="leaky_relu", a=0.1)
    return model


def patches(init: Any) -> nn.Module:
    """A vision transformer: the patches' convolution as a matrix by a view, biases of 1e-6, tokens, a zero head."""
    model = nn.Sequential(nn.Conv2d(3, 32, 4, 4), nn.Linear(32, 64), nn.Linear(64, 32))
    model.register_parameter("cls_token", nn.Parameter(torch.zeros(1, 1, 32)))
    model.register_parameter("pos_embed", nn.Parameter(torch.empty(1, 17, 32)))
    model.add_module("head", nn.Linear(32, 10))
    kernel = model[0].weight.data
    init.xavier_uniform_(kernel.view([kernel.shape[0], -1]))
    for layer in (model[1], model[2]):
        init.xavier_uniform_(layer.weight)
        init.normal_(layer.bias, std=1e-6)
    init.normal_(model.cls_token, std=1e-6)
    init.normal_(model.pos_embed, std=0.02)
    init.zeros_(model.head.weight)
    init.constant_(model.head.bias, -math.log(9))
    return model


def detector(init: Any) -> nn.Module:
    """Boxes in pyramids: slope 1 for lateral convolutions, a prior's bias for rare classes, the last norm 0."""
    model = nn.ModuleDict(
        {
            "lateral": nn.Conv2d(16, 8, 1),
            "tower": nn.Conv2d(8, 8, 3),
            "score": nn.Conv2d(8, 5, 3),
            "bn": nn.BatchNorm2d(8),
        }
    )
    init.kaiming_uniform_(model["lateral"].weight, a=1)
    init.kaiming_normal_(model["tower"].weight, mode="fan_out", nonlinearity="relu")
    init.zeros_(model["lateral"].bias)
    init.normal_(model["score"].weight, std=0.01)
    init.constant_(model["score"].bias, -math.log((1 - 0.01) / 0.01))
    init.constant_(model["bn"].weight, 0)
    return model


def random_features(init: Any) -> nn.Module:
    """A field over coordinates: frequencies drawn once into a buffer, phases uniform, in double."""
    model = nn.Sequential(nn.Linear(128, 32), nn.Linear(32, 1)).double()
    model.register_buffer("B", init.normal_(torch.empty(64, 3, dtype=torch.float64), std=10.0))
    model.register_buffer("phase", init.uniform_(torch.empty(64), 0, 2 * math.pi))
    for layer in model:
        init.xavier_normal_(layer.weight, gain=init.calculate_gain("tanh"))
    return model


def experts(init: Any) -> nn.Module:
    """A mixture: one parameter for all experts, each filled through its slice, in bfloat16; the router's by std."""
    model = nn.Module()
    model.w_in = nn.Parameter(torch.empty(4, 32, 16, dtype=torch.bfloat16))
    model.w_out = nn.Parameter(torch.empty(4, 16, 32, dtype=torch.bfloat16))
    model.router = nn.Linear(16, 4, bias=False, dtype=torch.bfloat16)
    for expert in range(4):
        init.kaiming_uniform_(model.w_in[expert], a=math.sqrt(5))
        init.kaiming_uniform_(model.w_out.data[expert].T, a=math.sqrt(5))
    init.trunc_normal_(model.router.weight, std=0.02, a=-0.06, b=0.06)
    return model


def adapters(init: Any) -> nn.Module:
    """Low ranks beside a frozen layer: one factor as Linear has it, the other 0, in half precision."""
    model = nn.Linear(40, 30).half().requires_grad_(requires_grad=False)
    model.lora_A = nn.Parameter(torch.empty(4, 40, dtype=torch.float16))
    model.lora_B = nn.Parameter(torch.empty(30, 4, dtype=torch.float16))
    init.kaiming_uniform_(model.lora_A, a=math.sqrt(5))
    init.zeros_(model.lora_B)
    fan_in, _ = init._calculate_fan_in_and_fan_out(model.weight)
    init.uniform_(model.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))
    return model


def policy(init: Any) -> nn.Module:
    """Continuous control: fan-in bounds computed by hand, a small last layer, noise of its own for each weight."""
    model = nn.Sequential(nn.Linear(17, 40), nn.Linear(40, 30), nn.Linear(30, 6))
    for layer in model[:-1]:
        bound = 1.0 / math.sqrt(layer.weight.data.size()[1])
        init.uniform_(layer.weight.data, -bound, bound)
        init.constant_(layer.bias.data, 0.1)
    init.uniform_(model[-1].weight, -3e-3, 3e-3)
    init.uniform_(model[-1].bias, -3e-3, 3e-3)
    model.register_buffer("noise", init.trunc_normal_(torch.empty(6, 30), 0.0, 1.0, 0.5, 2.0))
    return model


def reservoir(init: Any) -> nn.Module:
    """An echo state: sparse recurrent weights scaled by hand; units that pass their input on."""
    model = nn.RNN(8, 40, nonlinearity="relu")
    init.sparse_(model.weight_hh_l0, sparsity=0.9, std=1.0)
    with torch.no_grad():
        model.weight_hh_l0.mul_(0.95)
    init.eye_(model.weight_ih_l0)
    model.add_module("pass_on", nn.Conv1d(6, 6, 3, groups=2))
    init.dirac_(model.pass_on.weight, groups=2)
    init.normal_(model.bias_ih_l0, 0, 0.001)
    return model


def complex_signals(init: Any) -> nn.Module:
    """Spectra: complex weights, a state space's timescales drawn uniform on a logarithmic axis, an odd-sized tail."""
    model = nn.Module()
    model.weight = nn.Parameter(torch.empty(9, 7, dtype=torch.complex64))
    model.log_dt = nn.Parameter(torch.empty(33))
    model.skip = nn.Parameter(torch.empty(5))
    init.xavier_normal_(model.weight)
    init.uniform_(model.log_dt, math.log(0.001), math.log(0.1))
    init.normal_(model.skip)
    init.normal_(model.skip[1:3], 1.0)
    return model


INIT_FILES: tuple[InitFile, ...] = (
    actor_critic,
    linear_attention,
    adversarial_by_choice,
    recurrent,
    *(
        small_gpt,
        window_transformer,
        modern_convolutions,
        adversarial_by_class_name,
        periodic_activations,
        vocoder,
    ),
    *(translation, segmentation, patches, detector, random_features, experts, adapters, policy, reservoir),
    complex_signals,
)
