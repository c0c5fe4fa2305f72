"""Models in plain torch, in the manners of repositories: what recordings must reproduce."""

import copy
import math

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.c_fc, self.mlp_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)


class GPT2(nn.Module):
    """Residual projections are scaled by name; the head is tied; the mask is a buffer."""

    def __init__(self, layers=12, width=192, vocabulary=5000, context=128):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.h = nn.ModuleList(Block(width) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight
        self.register_buffer("mask", torch.tril(torch.ones(context, context)).view(1, 1, context, context))
        self.register_buffer("position_ids", torch.arange(context), persistent=False)
        self.apply(self.initialize)
        for name, parameter in self.named_parameters():
            if name.endswith("proj.weight"):
                nn.init.normal_(parameter, mean=0.0, std=0.02 / math.sqrt(2 * layers))

    def initialize(self, module):
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class Bottleneck(nn.Module):
    def __init__(self, channels, planes, stride=1):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv3, self.bn3 = nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes)
        self.downsample = None
        if stride != 1 or channels != 4 * planes:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes)
            )


class ResNet50(nn.Module):
    """He normal convolutions, by fan_out; the last norm of each block starts at zero."""

    def __init__(self, classes=1000):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        channels, layers = 64, []
        for planes, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for index in range(blocks):
                layers.append(Bottleneck(channels, planes, stride if index == 0 else 1))
                channels = 4 * planes
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(2048, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 1)
                nn.init.constant_(module.bias, 0)
        for module in self.modules():
            if isinstance(module, Bottleneck):
                nn.init.constant_(module.bn3.weight, 0)


class ViT(nn.Module):
    def __init__(self, width=96, layers=3):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 16, 16)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.empty(1, 197, width).normal_(std=0.02))
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.head = nn.Linear(width, 1000)
        nn.init.trunc_normal_(self.patches.weight, std=math.sqrt(1 / self.patches.weight[0].numel()))
        for module in self.encoder.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)


class UNet(nn.Module):
    def __init__(self, channels=16, depth=3):
        super().__init__()
        widths = [channels * 2**index for index in range(depth)]
        self.down = nn.ModuleList(self.double(a, b) for a, b in zip([3, *widths], widths, strict=False))
        self.up = nn.ModuleList(
            nn.ModuleList([nn.ConvTranspose2d(b, a, 2, 2), self.double(b, a)])
            for a, b in zip(widths[-2::-1], widths[:0:-1], strict=True)
        )
        self.out = nn.Conv2d(channels, 1, 1)

    @staticmethod
    def double(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1),
        )


class GAN(nn.Module):
    """As in DCGAN: weights by their .data, the laws by the classes' names."""

    def __init__(self, width=16):
        super().__init__()
        self.generator = nn.Sequential(
            nn.ConvTranspose2d(100, 4 * width, 4, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.ConvTranspose2d(4 * width, width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.register_buffer("noise", torch.randn(64, 100, 1, 1))
        self.discriminator = nn.Sequential(nn.Conv2d(3, width, 4, 2), nn.utils.spectral_norm(nn.Linear(9, 1)))
        self.generator.apply(self.initialize)

    @staticmethod
    def initialize(module):
        name = module.__class__.__name__
        if "Conv" in name:
            module.weight.data.normal_(0.0, 0.02)
        elif "BatchNorm" in name:
            module.weight.data.normal_(1.0, 0.02)
            module.bias.data.fill_(0)


class LSTM(nn.Module):
    """Orthogonal recurrences gate by gate, a forget bias of one."""

    def __init__(self, width=32):
        super().__init__()
        self.embedding = nn.Embedding(50, width, padding_idx=0)
        self.lstm = nn.LSTM(width, width, 2, bidirectional=True)
        self.proj = nn.LSTM(7, 9, proj_size=3)
        for name, parameter in self.lstm.named_parameters():
            if "weight_hh" in name:
                for gate in parameter.chunk(4):
                    nn.init.orthogonal_(gate)
            elif "weight_ih" in name:
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)
                with torch.no_grad():
                    parameter[width : 2 * width].fill_(1.0)


class Odd(nn.Module):
    """What people do beside torch.nn.init: arithmetic, slices, copies, other types; all of it exact."""

    def __init__(self):
        super().__init__()
        self.scaled = nn.Parameter(torch.randn(3, 5) * 0.02)
        self.centred = nn.Parameter((torch.rand(7) - 0.5) / 3)
        self.partly = nn.Parameter(torch.zeros(6, 20))
        self.partly.data[:3].uniform_(-1, 1)
        self.partly.data[4, ::2].normal_()
        self.joined = nn.Parameter(torch.cat([torch.randn(2, 3), torch.zeros(1, 3)]))
        self.qkv = nn.Linear(8, 24)
        for index in range(3):
            nn.init.xavier_uniform_(self.qkv.weight[8 * index : 8 * index + 8])
        self.qkv.weight.data.mul_(torch.linspace(1, 2, 8))
        self.copied = copy.deepcopy(self.qkv)
        self.half = nn.Linear(4, 4).half()
        self.bfloat16 = nn.Linear(4, 4, dtype=torch.bfloat16)
        with torch.no_grad():
            self.qkv.bias.copy_(torch.randn(24).t() / math.sqrt(3))
            self.qkv.weight[1] = 0
        self.sparse = nn.Parameter(torch.empty(9, 30))
        nn.init.sparse_(self.sparse, 0.3)
        self.transposed = nn.Parameter(torch.empty(5, 5).t())
        nn.init.trunc_normal_(self.transposed, std=0.5, a=-1, b=1)
        self.complex = nn.Parameter(torch.randn(3, dtype=torch.complex64))


#: Name -> constructor; ``Odd`` and all others are torch's bit for bit but where LAPACK or a norm rounds.
MODELS = {
    "GPT-2": GPT2,
    "ResNet-50": ResNet50,
    "ViT": ViT,
    "UNet": UNet,
    "GAN": GAN,
    "LSTM": LSTM,
    "Transformer": lambda: nn.Transformer(32, 4, 2, 2, 64, batch_first=True),
    "Odd": Odd,
}
