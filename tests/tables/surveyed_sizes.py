"""The arguments and sizes of the constructors that ``surveyed_models`` lists."""

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
#: Depths: a layer like all others shows nothing new, and takes time.
DEPTHS = frozenset(
    {
        "decoder_layers",
        "depth",
        "encoder_layers",
        "n_layer",
        "n_layers",
        "num_decoder_layers",
        "num_encoder_layers",
        "num_hidden_layers",
        "num_layers",
        "num_refiner_layers",
        "num_single_layers",
    }
)
#: Widths that can be anything.
WIDTHS = {
    "decoder_ffn_dim": 512,
    "encoder_ffn_dim": 512,
    "ffn_dim": 512,
    "intermediate_size": 512,
    "moe_intermediate_size": 256,
    "num_experts": 8,
    "num_local_experts": 8,
    "n_routed_experts": 16,
    "vocab_size": 2000,
}
#: Models of torchvision that have a backbone, whose weights would be downloaded.
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
#: Decoders of x-transformers.
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
