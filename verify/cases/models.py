"""Weight shapes of real models, as torch stores them.

That is (fan_out, fan_in, *kernel), and for transposed convolutions (in, out, *kernel).

Where the shapes come from: He et al. 2015 arXiv:1512.03385 (ResNet-50), Dosovitskiy et al. 2020 arXiv:2010.11929
(ViT-B/16), Radford et al. 2019 (GPT-2 small), Touvron et al. 2023 and the 8B model of arXiv:2407.21783 (Llama),
Ronneberger et al. 2015 arXiv:1505.04597 (U-Net), Sandler et al. 2018 arXiv:1801.04381 (MobileNet v2).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One weight of a model."""

    model: str
    name: str
    shape: Shape

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)


_SHAPES: dict[str, dict[str, Shape]] = {
    "resnet50": {
        "conv1": (64, 3, 7, 7),
        "layer1.conv1": (64, 64, 1, 1),
        "layer1.conv2": (64, 64, 3, 3),
        "layer1.conv3": (256, 64, 1, 1),
        "layer3.conv2": (256, 256, 3, 3),
        "layer4.downsample": (2048, 1024, 1, 1),
        "layer4.conv2": (512, 512, 3, 3),
        "bn1.bias": (64,),
        "fc": (1000, 2048),
    },
    "vit_b_16": {
        "patch_embed": (768, 3, 16, 16),
        "class_token": (1, 1, 768),
        "pos_embed": (1, 197, 768),
        "attn.in_proj": (2304, 768),
        "attn.out_proj": (768, 768),
        "mlp.fc1": (3072, 768),
        "mlp.fc2": (768, 3072),
        "ln.bias": (768,),
    },
    "gpt2": {
        "wte": (50257, 768),
        "wpe": (1024, 768),
        "attn.c_attn": (768, 2304),
        "attn.c_proj": (768, 768),
        "mlp.c_fc": (768, 3072),
        "mlp.c_proj": (3072, 768),
        "c_attn.bias": (2304,),
    },
    "llama": {
        "q_proj": (2048, 2048),
        "k_proj_gqa": (512, 2048),
        "v_proj_gqa": (512, 2048),
        "o_proj": (2048, 2048),
        "gate_proj": (8192, 2048),
        "down_proj": (2048, 8192),
        "norm": (2048,),
    },
    "unet": {
        "down1": (64, 1, 3, 3),
        "down2": (128, 64, 3, 3),
        "bottom": (1024, 512, 3, 3),
        "up1.transposed": (1024, 512, 2, 2),
        "up3.transposed": (256, 128, 2, 2),
        "up4.transposed": (128, 64, 2, 2),
        "out": (2, 64, 1, 1),
        "down1.bias": (64,),
    },
    "mobilenet_v2": {
        "stem": (32, 3, 3, 3),
        "depthwise1": (32, 1, 3, 3),
        "depthwise16": (960, 1, 3, 3),
        "expand": (144, 24, 1, 1),
        "project": (320, 960, 1, 1),
        "classifier": (1000, 1280),
        "classifier.bias": (1000,),
    },
    "embeddings": {
        "positions": (512, 768),
        "types": (2, 768),
        "words": (30522, 768),
        "characters": (262, 16),
        "items": (20000, 64),
    },
    "conv1d": {
        "wav2vec2.conv0": (512, 1, 10),
        "wav2vec2.conv1": (512, 512, 3),
        "wav2vec2.pos_conv": (768, 48, 128),
        "wavenet.dilated": (64, 32, 2),
        "even_kernel": (24, 8, 4),
    },
    "conv3d": {
        "r3d.stem": (64, 3, 3, 7, 7),
        "r3d.layer1": (64, 64, 3, 3, 3),
        "r3d.layer3": (256, 256, 3, 3, 3),
        "even_kernel": (12, 6, 2, 4, 2),
    },
    "awkward": {
        "scalar": (),
        "empty": (0, 5),
        "one": (1,),
        "prime": (17,),
        "below_block": (15,),
        "block": (16,),
        "two_blocks_less_one": (31,),
        "state_plus_one": (625,),
        "row": (1, 33),
        "column": (37, 1),
        "small": (3, 5),
        "thin": (2, 129),
        "even_kernels": (6, 4, 2, 4),
        "grouped": (24, 5, 3, 5),
        "square": (8, 8),
    },
}

LAYERS: tuple[Layer, ...] = tuple(
    Layer(model, name, shape) for model, layers in _SHAPES.items() for name, shape in layers.items()
)
MODELS: tuple[str, ...] = tuple(_SHAPES)
