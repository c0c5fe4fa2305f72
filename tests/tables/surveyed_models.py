"""Constructors of packages that pip installs, for the survey of recordings: each package lists its own."""

import inspect
import pkgutil
from collections import defaultdict
from functools import partial
from importlib import import_module

#: What constructors ask for by name, where a package has no list of configurations.
SIZES = {
    "act_layer": "relu",
    "block_inplanes": (16, 32, 64, 128),
    "block": "basic",
    "channels": 3,
    "depth": 2,
    "depths": (2, 2),
    "dim": 64,
    "dim_head": 16,
    "edge_dim": 8,
    "feature_size": 12,
    "frame_patch_size": 2,
    "frames": 4,
    "heads": 4,
    "hidden_channels": 16,
    "hidden_size": 48,
    "image_patch_size": 16,
    "image_size": 64,
    "img_size": (32, 32, 32),
    "in_channels": 8,
    "in_shape": (1, 32, 32),
    "latent_size": 4,
    "layers": (1, 1, 1, 1),
    "mlp_dim": 96,
    "num_classes": 10,
    "num_heads": 4,
    "num_layers": 2,
    "num_nodes": 10,
    "num_relations": 3,
    "out_channels": 8,
    "patch_size": 16,
    "seq_len": 64,
    "spatial_dims": 2,
    "strides": (2, 2),
    "window_size": 4,
}
#: Depths in configurations of transformers: a layer like all others shows nothing new, and takes time.
DEPTHS = {
    "decoder_layers",
    "encoder_layers",
    "n_layer",
    "n_layers",
    "num_decoder_layers",
    "num_encoder_layers",
    "num_hidden_layers",
    "num_layers",
}
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


DETECTORS = {
    "deeplabv3",
    "fasterrcnn",
    "fcn",
    "fcos",
    "keypointrcnn",
    "lraspp",
    "maskrcnn",
    "retinanet",
    "ssd300",
    "ssdlite320",
}


def timm():
    package = import_module("timm")
    for module in package.list_modules():
        for name in sorted(package.list_models(module=module), key=lambda name: (len(name), name))[
            :PER_FAMILY
        ]:
            yield name, partial(package.create_model, name, pretrained=False)


def transformers():
    package = import_module("transformers")
    for kind, model in sorted(package.models.auto.modeling_auto.MODEL_MAPPING_NAMES.items()):
        for name in [model] if isinstance(model, str) else list(model):
            yield f"{kind}:{name}", partial(_transformer, package, kind, name)


def _transformer(package, kind, name):
    config = package.CONFIG_MAPPING[kind]()
    for part in (
        config,
        *(value for value in vars(config).values() if isinstance(value, package.PreTrainedConfig)),
    ):
        for key in DEPTHS & vars(part).keys():
            depth = getattr(part, key)
            if isinstance(depth, int) and depth > 2:
                setattr(part, key, 2)
            if isinstance(getattr(part, "layer_types", None), list):
                part.layer_types = part.layer_types[:2]
    return getattr(package, name)(config)


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


VARIANTS = {
    "plain": {},
    "rotary": {"rotary_pos_emb": True},
    "alibi": {"alibi_pos_bias": True},
    "relative": {"rel_pos_bias": True},
    "dynamic": {"dynamic_pos_bias": True},
    "rmsnorm": {"use_rmsnorm": True},
    "swiglu": {"ff_glu": True, "ff_swish": True},
    "no bias": {"ff_no_bias": True},
    "persistent": {"attn_num_mem_kv": 4},
    "one head of keys": {"attn_one_kv_head": True},
    "sandwich": {"sandwich_norm": True},
    "residual gates": {"gate_residual": True},
    "macaron": {"macaron": True},
    "talking heads": {"attn_pre_talking_heads": True, "attn_flash": False},
}


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
        required = [
            parameter.name
            for parameter in inspect.signature(value).parameters.values()
            if parameter.default is parameter.empty
            and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        ]
        if set(required) <= ({*()} if all_defaults else SIZES.keys()):
            yield f"{prefix}{name}", partial(value, **{key: SIZES[key] for key in required})


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
