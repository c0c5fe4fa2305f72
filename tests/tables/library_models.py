"""Models of the libraries that people build on, small and without downloads, each as a function that constructs it.

A library's constructors are made only where it is installed: ``python -m tests.platforms.library_models`` sees to that.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

Constructor = Callable[[], Any]

TORCHVISION = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet"),
    *("inception_v3", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf"),
    *(
        "resnet18",
        "resnext50_32x4d",
        "shufflenet_v2_x0_5",
        "squeezenet1_1",
        "swin_t",
        "swin_v2_t",
        "vgg11_bn",
    ),
    *("vit_b_32", "wide_resnet50_2"),
    *("fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large", "r3d_18", "raft_small"),
    *("fasterrcnn_mobilenet_v3_large_fpn", "retinanet_resnet50_fpn_v2", "ssdlite320_mobilenet_v3_large"),
)
TIMM = (
    *(
        "caformer_s18",
        "cait_xxs24_224",
        "coat_lite_tiny",
        "coatnet_pico_rw_224",
        "convit_tiny",
        "convnext_atto",
    ),
    *("convnextv2_atto", "crossvit_tiny_240", "davit_tiny", "deit_tiny_patch16_224", "efficientformerv2_s0"),
    *("efficientnet_b0", "efficientvit_b0", "eva02_tiny_patch14_224", "focalnet_tiny_srf", "gcvit_xxtiny"),
    *("ghostnet_050", "hgnetv2_b0", "hiera_tiny_224", "hrnet_w18_small", "inception_next_atto", "lcnet_050"),
    *(
        "mambaout_femto",
        "maxvit_pico_rw_256",
        "mnasnet_050",
        "mobilenetv3_small_050",
        "mobilenetv4_conv_small_050",
    ),
    *("mobileone_s0", "mobilevit_xxs", "mobilevitv2_050", "mvitv2_tiny", "nest_tiny", "nf_regnet_b0"),
    *(
        "pit_xs_224",
        "pvt_v2_b0",
        "rdnet_tiny",
        "repvgg_b0",
        "resnet18",
        "resnetv2_18",
        "seresnet18",
        "skresnet18",
    ),
    *(
        "starnet_s050",
        "swiftformer_xs",
        "swin_tiny_patch4_window7_224",
        "swinv2_cr_tiny_224",
        "tiny_vit_5m_224",
    ),
    *("visformer_tiny", "vit_tiny_patch16_224", "xcit_nano_12_p16_224"),
)
TRANSFORMERS = (
    *(
        "albert",
        "bart",
        "beit",
        "bert",
        "bloom",
        "clip",
        "convbert",
        "convnext",
        "deberta-v2",
        "deit",
        "distilbert",
    ),
    *(
        "electra",
        "falcon",
        "fnet",
        "gemma",
        "gpt2",
        "gpt_neo",
        "gpt_neox",
        "gptj",
        "hubert",
        "ibert",
        "layoutlm",
    ),
    *(
        "llama",
        "longformer",
        "mamba",
        "marian",
        "mbart",
        "mistral",
        "mixtral",
        "mobilebert",
        "mpnet",
        "mpt",
        "opt",
    ),
    *(
        "pegasus",
        "phi",
        "qwen2",
        "qwen2_moe",
        "resnet",
        "roberta",
        "rwkv",
        "segformer",
        "squeezebert",
        "swin",
    ),
    *("swinv2", "t5", "vit", "vit_mae", "wav2vec2", "whisper", "xglm", "xlm-roberta", "xlnet"),
)
#: What makes a configuration small, under the names that configurations have for it.
SMALL: dict[str, Any] = {
    **dict.fromkeys(("hidden_size", "d_model", "n_embd", "dim", "embedding_size", "word_embed_proj_dim"), 64),
    **dict.fromkeys(("num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers"), 2),
    **dict.fromkeys(("decoder_layers", "num_decoder_layers"), 2),
    **dict.fromkeys(("num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"), 4),
    **dict.fromkeys(("decoder_attention_heads", "num_key_value_heads"), 4),
    **dict.fromkeys(
        ("intermediate_size", "d_ff", "ffn_dim", "encoder_ffn_dim", "decoder_ffn_dim", "hidden_dim"), 128
    ),
    "vocab_size": 120,
    "head_dim": 16,
    "moe_intermediate_size": 64,
    "shared_expert_intermediate_size": 64,
}
#: Whose standard sizes are small enough, or must agree with one another.
STANDARD = ("swin", "swinv2", "convnext", "resnet", "segformer", "mobilebert", "clip", "mamba")
OWN_SIZES: dict[str, dict[str, Any]] = {
    "gpt_neo": {
        "num_layers": 2,
        "attention_types": [[["global", "local"], 1]],
        "hidden_size": 64,
        "num_heads": 4,
    },
    "marian": {
        "d_model": 64,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "vocab_size": 58101,
        "pad_token_id": 58100,
    },
    "whisper": {"d_model": 48, "encoder_layers": 2, "decoder_layers": 2},
    "rwkv": {"hidden_size": 64, "attention_hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 120},
    "gptj": {"n_embd": 64, "n_layer": 2, "n_head": 4, "rotary_dim": 8, "vocab_size": 120},
}


def torchvision_models() -> Iterator[tuple[str, Constructor]]:
    """By name, weights left out; backbones too, which would be downloaded."""
    from torchvision import models

    for name in TORCHVISION:
        builder = models.get_model_builder(name)
        backbone = (
            {"weights_backbone": None}
            if "rcnn" in name or name[:3] in {"fcn", "dee", "lra", "ret", "ssd"}
            else {}
        )
        own = {"init_weights": True} if name in {"googlenet", "inception_v3"} else {}
        yield name, partial(builder, weights=None, **backbone, **own)


def timm_models() -> Iterator[tuple[str, Constructor]]:
    """By name, without pretrained weights."""
    import timm

    for name in TIMM:
        yield name, partial(timm.create_model, name, pretrained=False)


def small_config(kind: str) -> Any:
    """The configuration of that architecture, its sizes small."""
    from transformers import AutoConfig

    standard = AutoConfig.for_model(kind)
    if kind in STANDARD:
        return standard
    sizes = OWN_SIZES.get(kind)
    if sizes is None:
        sizes = {
            name: value
            for name, value in SMALL.items()
            if name in standard.to_dict() or name in standard.attribute_map
        }
    return AutoConfig.for_model(kind, **sizes)


def transformers_models() -> Iterator[tuple[str, Constructor]]:
    """By architecture, from a configuration alone."""
    from transformers import AutoModel

    for kind in TRANSFORMERS:
        yield kind, lambda kind=kind: AutoModel.from_config(small_config(kind))


def peft_models() -> Iterator[tuple[str, Constructor]]:
    """A small decoder, adapted by each method."""
    import peft
    from transformers import AutoModelForCausalLM

    def adapted(config: Any) -> Any:
        return peft.get_peft_model(AutoModelForCausalLM.from_config(small_config("llama")), config)

    target = {"target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"}
    configs = {
        "LoRA": peft.LoraConfig(r=4, **target),
        "LoRA, Gaussian": peft.LoraConfig(r=4, init_lora_weights="gaussian", **target),
        "LoRA, orthogonal": peft.LoraConfig(r=4, init_lora_weights="orthogonal", **target),
        "DoRA": peft.LoraConfig(r=4, use_dora=True, **target),
        "AdaLoRA": peft.AdaLoraConfig(init_r=6, target_r=4, total_step=10, **target),
        "IA3": peft.IA3Config(feedforward_modules=[], **target),
        "LoHa": peft.LoHaConfig(r=4, **target),
        "LoKr": peft.LoKrConfig(r=4, **target),
        "OFT": peft.OFTConfig(oft_block_size=4, **target),
        "BOFT": peft.BOFTConfig(boft_block_size=4, **target),
        "VeRA": peft.VeraConfig(r=4, **target),
        "prompts": peft.PromptTuningConfig(num_virtual_tokens=5, task_type="CAUSAL_LM"),
        "prefixes": peft.PrefixTuningConfig(num_virtual_tokens=5, task_type="CAUSAL_LM"),
    }
    for name, config in configs.items():
        yield name, partial(adapted, config)


LIBRARIES: dict[str, Callable[[], Iterator[tuple[str, Constructor]]]] = {
    "torchvision": torchvision_models,
    "timm": timm_models,
    "transformers": transformers_models,
    "peft": peft_models,
}
