"""Constructors of packages that pip installs, for the survey of recordings: each package lists its own."""

import inspect
import pkgutil
from collections import defaultdict
from functools import partial
from importlib import import_module
from zlib import crc32

from tests.tables.surveyed_sizes import DEPTHS, DETECTORS, SIZES, VARIANTS, WIDTHS

PER_FAMILY = 2


def declared_operators():
    """torchvision's wheel is built for CUDA: beside a CPU build of torch, its import misses these; keep the result."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


def torchvision():
    models = import_module("torchvision.models")
    for name in models.list_models():
        backbone = {"weights_backbone": None} if name.partition("_")[0] in DETECTORS else {}
        yield name, partial(models.get_model, name, weights=None, **backbone)


def timm():
    package = import_module("timm")
    for module in _shuffled(package.list_modules()):
        names = sorted(package.list_models(module=module), key=lambda name: (len(name), name))
        yield from ((name, partial(package.create_model, name, pretrained=False)) for name in names[:1])


def transformers():
    package = import_module("transformers")
    models = package.models.auto.modeling_auto.MODEL_MAPPING_NAMES.items()
    for kind, model in _shuffled(models):
        for name in [model] if isinstance(model, str) else list(model):
            yield f"{kind}:{name}", partial(_transformer, package, kind, name)


def _shuffled(values):
    """In an order of no meaning: a survey that is cut short has a sample of them."""
    return sorted(values, key=lambda value: crc32(str(value).encode()))


def _transformer(package, kind, name):
    config = package.CONFIG_MAPPING[kind]()
    parts = [value for value in vars(config).values() if isinstance(value, package.PreTrainedConfig)]
    for part in (config, *parts):
        _shrink(part)
    return getattr(package, name)(config)


def _shrink(config):
    """Fewer layers, narrower ones and fewer words, where the rest of a configuration allows it."""
    depth = 1 if (getattr(config, "hidden_size", 0) or 0) > 3000 else 2
    for key in sorted(DEPTHS & vars(config).keys()):
        if isinstance(getattr(config, key), int):
            setattr(config, key, min(depth, getattr(config, key)))
            if isinstance(getattr(config, "layer_types", None), list):
                config.layer_types = config.layer_types[:depth]
    words = [
        value for key, value in vars(config).items() if key.endswith("token_id") and isinstance(value, int)
    ]
    for key, width in WIDTHS.items():
        value = vars(config).get(key)
        if (
            isinstance(value, int)
            and value > width
            and (key != "vocab_size" or max(words, default=0) < width)
        ):
            setattr(config, key, width)


def diffusers():
    yield from _of_signatures(import_module("diffusers"), "diffusers.models", all_defaults=True)


def segmentation_models_pytorch():
    package = import_module("segmentation_models_pytorch")
    encoders = (
        "resnet18",
        "vgg11",
        "mobilenet_v2",
        "efficientnet-b0",
        "densenet121",
        "mit_b0",
        "timm-regnetx_002",
    )
    for name, architecture in sorted(package.MODEL_ARCHITECTURES_MAPPING.items()):
        for encoder in encoders:
            yield f"{name}:{encoder}", partial(architecture, encoder, encoder_weights=None)


def open_clip():
    package = import_module("open_clip")
    families = defaultdict(list)
    for name in sorted(package.list_models(), key=lambda name: (len(name), name)):
        families[name.split("-")[0].split("_")[0]].append(name)
    for names in families.values():
        for name in names[:PER_FAMILY]:
            yield name, partial(package.create_model, name, pretrained_hf=False, pretrained_image=False)


def vit_pytorch():
    package = import_module("vit_pytorch")
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        try:
            found = import_module(f"vit_pytorch.{module}")
        except ImportError:
            continue
        yield from _of_signatures(found, found.__name__, prefix=f"{module}.")


def monai():
    yield from _of_signatures(import_module("monai.networks.nets"), "monai")


def torch_geometric():
    package = import_module("torch_geometric.nn")
    yield from _of_signatures(package, "torch_geometric")


def x_transformers():
    package = import_module("x_transformers")
    for name, options in VARIANTS.items():
        yield name, partial(_decoder, package, options)


def _decoder(package, options):
    layers = package.Decoder(dim=64, depth=2, heads=4, **options)
    return package.TransformerWrapper(num_tokens=200, max_seq_len=64, attn_layers=layers)


def _of_signatures(module, package, *, prefix="", all_defaults=False):
    """The module classes whose required arguments are all in ``SIZES``."""
    import torch

    for name in sorted(dir(module)):
        value = getattr(module, name, None)
        is_model = inspect.isclass(value) and issubclass(value, torch.nn.Module)
        if not is_model or name.startswith("_") or not value.__module__.startswith(package):
            continue
        parameters = inspect.signature(value).parameters.values()
        required = [
            parameter.name
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        ]
        if all_defaults and not required:
            defaults = {parameter.name: parameter.default for parameter in parameters}
            yield name, partial(value, **dict(_smaller(defaults)))
        elif not all_defaults and set(required) <= SIZES.keys():
            yield f"{prefix}{name}", partial(value, **{key: SIZES[key] for key in required})


def _smaller(defaults):
    """Fewer layers, heads and channels than a constructor of diffusers makes by itself."""
    for key, value in defaults.items():
        if key in DEPTHS and type(value) is int:
            yield key, min(2, value)
        elif key == "num_attention_heads" and type(value) is int:
            yield key, min(4, value)
        elif key.endswith("block_out_channels") and isinstance(value, tuple):
            yield key, tuple(max(32, channels // 256 * 32) for channels in value)


PACKAGES = {
    "torchvision": torchvision,
    "timm": timm,
    "transformers": transformers,
    "diffusers": diffusers,
    "segmentation_models_pytorch": segmentation_models_pytorch,
    "open_clip_torch": open_clip,
    "vit-pytorch": vit_pytorch,
    "monai": monai,
    "torch_geometric": torch_geometric,
    "x-transformers": x_transformers,
}
