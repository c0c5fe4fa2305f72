"""Models as their authors write them, for torch.nn and refinit.layers alike: the constructors, without forward.

python -m tests.tables.whole_models     compares ResNet-50 and GPT-2 in full size with torch, and times both
"""

from __future__ import annotations

import copy
import math
import sys
from collections import OrderedDict
from time import perf_counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import refinit
from refinit import layers

if TYPE_CHECKING:
    from collections.abc import Callable


def bottleneck(nn: Any) -> Any:
    """The class of torchvision's blocks."""

    class Bottleneck(nn.Module):
        def __init__(self, inputs: int, planes: int, stride: int, downsample: Any) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, planes, kernel_size=1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.conv3 = nn.Conv2d(planes, planes * 4, kernel_size=1, bias=False)
            self.bn3 = nn.BatchNorm2d(planes * 4)
            self.relu = nn.ReLU(inplace=True)
            self.downsample = downsample

    return Bottleneck


def stage(nn: Any, inputs: int, planes: int, count: int, stride: int) -> Any:
    """Blocks; the shortcut of the first is made before it, and registered as its last part."""
    shortcut = nn.Sequential(
        nn.Conv2d(inputs, planes * 4, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(planes * 4)
    )
    block = bottleneck(nn)
    parts = [block(inputs, planes, stride, shortcut)]
    parts += [block(planes * 4, planes, 1, None) for _ in range(count - 1)]
    return nn.Sequential(*parts)


def fill_resnet(nn: Any, model: Any) -> None:
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.constant_(m.weight, 1)
            nn.init.constant_(m.bias, 0)
    for m in model.modules():
        if hasattr(m, "bn3"):
            nn.init.constant_(m.bn3.weight, 0)


def resnet(nn: Any, blocks: tuple[int, ...] = (3, 4, 6, 3), width: int = 64) -> Any:
    """As torchvision's, with zero_init_residual."""

    class ResNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            inputs = width
            self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            self.relu = nn.ReLU(inplace=True)
            self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
            for number, count in enumerate(blocks):
                planes = width * 2**number
                setattr(self, f"layer{number + 1}", stage(nn, inputs, planes, count, 1 + (number > 0)))
                inputs = planes * 4
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(inputs, 1000)
            fill_resnet(nn, self)

    return ResNet()


def gpt2_block(nn: Any, width: int) -> Any:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln_1 = nn.LayerNorm(width)
            self.attn = nn.ModuleDict(
                {"c_attn": nn.Linear(width, 3 * width), "c_proj": nn.Linear(width, width)}
            )
            self.ln_2 = nn.LayerNorm(width)
            inner = {
                "c_fc": nn.Linear(width, 4 * width),
                "gelu": nn.GELU(),
                "c_proj": nn.Linear(4 * width, width),
            }
            self.mlp = nn.Sequential(OrderedDict(inner))

    return Block()


def gpt2(nn: Any, depth: int = 12, width: int = 768, words: int = 50257, length: int = 1024) -> Any:
    """As nanoGPT's: tied weights, one law for all matrices, another one for those that end a residual branch."""

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            parts = {"wte": nn.Embedding(words, width), "wpe": nn.Embedding(length, width)}
            parts["h"] = nn.ModuleList([gpt2_block(nn, width) for _ in range(depth)])
            parts["ln_f"] = nn.LayerNorm(width)
            self.transformer = nn.ModuleDict(parts)
            self.lm_head = nn.Linear(width, words, bias=False)
            self.transformer["wte"].weight = self.lm_head.weight
            self.apply(self.init_weights)
            for name, p in self.named_parameters():
                if name.endswith("c_proj.weight"):
                    nn.init.normal_(p, mean=0.0, std=0.02 / math.sqrt(2 * depth))

        def init_weights(self, module: Any) -> None:
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, mean=0.0, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    return GPT()


def fill_vit(nn: Any, model: Any) -> None:
    w = model.patches.weight.data
    nn.init.xavier_uniform_(w.view([w.shape[0], -1]))
    nn.init.trunc_normal_(model.pos_embed, std=0.02)
    nn.init.normal_(model.cls_token, std=1e-6)
    for m in model.modules():
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=0.02)
            m.bias.data.zero_()
        elif isinstance(m, nn.LayerNorm):
            m.reset_parameters()


def vit(nn: Any, depth: int = 3, width: int = 24, heads: int = 3) -> Any:
    """A vision transformer: a token and positions of its own, a view that is filled, copies of one layer."""
    tensors = nn if nn is layers else __import__("torch")

    class ViT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cls_token = nn.Parameter(tensors.zeros(1, 1, width))
            self.patches = nn.Conv2d(3, width, kernel_size=4, stride=4)
            self.pos_embed = nn.Parameter(tensors.zeros(1, 17, width))
            layer = nn.TransformerEncoderLayer(width, heads, 4 * width, batch_first=True)
            self.blocks = nn.ModuleList([copy.deepcopy(layer) for _ in range(depth)])
            self.head = nn.Linear(width, 10)
            fill_vit(nn, self)
            self.proj = nn.Parameter(width**-0.5 * tensors.randn(width, width))
            for number, block in enumerate(self.blocks):
                block.linear2.weight.data.div_(math.sqrt(2.0 * (number + 1)))
            self.head = nn.Linear(width, 5)  # for another task

    return ViT()


def captioner(nn: Any) -> Any:
    """Recurrent, with what people do to an LSTM: orthogonal matrices, a forget gate of 1."""
    model = nn.Sequential(nn.Embedding(50, 8, padding_idx=0), nn.LSTM(8, 12, 2, bidirectional=True))
    for name, p in model.named_parameters():
        if "weight_hh" in name:
            for gate in range(4):
                nn.init.xavier_normal_(p[gate * 12 : (gate + 1) * 12].data)
        elif "bias" in name:
            nn.init.zeros_(p)
            p.data[12:24].fill_(1)
    return model


def gan(nn: Any) -> Any:
    """DCGAN's law, by the names of classes."""
    model = nn.Sequential(
        nn.ConvTranspose2d(20, 16, 4, 1, 0, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(True),
        nn.ConvTranspose2d(16, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    )

    def weights_init(m: Any) -> None:
        if m.__class__.__name__.find("Conv") != -1:
            m.weight.data.normal_(0.0, 0.02)
        elif m.__class__.__name__.find("BatchNorm") != -1:
            m.weight.data.normal_(1.0, 0.02)
            m.bias.data.fill_(0)

    model.apply(weights_init)
    return model


def rescaled(nn: Any) -> Any:
    """Weights that are changed by arithmetic: in place, and in what a parameter is made of."""
    tensors = nn if nn is layers else __import__("torch")
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 3))
    first, second = (layer.weight.data for layer in model)
    first.mul_(0.3).div_(7.0).add_(0.1).sub_(first * first).clamp_(-1.0, 0.05)
    second.sub_(0.25).copy_(first[:3, :].view(3, 3)[:, :1])
    total = 4**-0.5 * tensors.randn(3, 4) + tensors.ones(4)
    model.total = nn.Parameter(-total - 2 * tensors.randn(4) / 3)
    return model


def small_gpt2(nn: Any) -> Any:
    return gpt2(nn, depth=3, width=48, words=101, length=16)


MODELS: dict[str, Callable[[Any], Any]] = {
    "resnet50": resnet,
    "gpt2": small_gpt2,
    "vit": vit,
    "captioner": captioner,
    "gan": gan,
    "rescaled": rescaled,
}


def compared(build: Callable[[Any], Any], seed: int) -> SimpleNamespace:
    """What differs from torch's model, and the seconds of each."""
    import torch

    from tests.tables.layer_configurations import state_difference

    start = perf_counter()
    torch.manual_seed(seed)
    module = build(torch.nn)
    middle = perf_counter()
    generator = refinit.Generator().manual_seed(seed)
    state = build(layers).init(generator)
    end = perf_counter()
    return SimpleNamespace(
        difference=state_difference(module, state, generator), torch=middle - start, refinit=end - middle
    )


def main() -> int:
    """Compare the large models in full."""
    results = {name: compared(build, 3) for name, build in (("ResNet-50", resnet), ("GPT-2", gpt2))}
    for name, result in results.items():
        print(
            f"{name}: {result.difference or 'equal'}; torch {result.torch:.2f} s, refinit {result.refinit:.2f} s"
        )
    return any(result.difference for result in results.values())


if __name__ == "__main__":
    sys.exit(main())
