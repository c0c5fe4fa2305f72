"""Modules whose parameters FSDP2 and tensor parallelism have made DTensors, for ``dtensor_worlds.py``."""

import re
import textwrap

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FullyShardedDataParallel, fully_shard
from torch.distributed.tensor import DTensor
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
from torch.distributed.tensor.placement_types import _StridedShard

import refinit
from tests.arrays.dtensor_checks import check, generator
from tests.paths import ROOT


def model(width=7):
    return nn.Sequential(nn.Linear(6, width), nn.Linear(width, 9, bias=False))


def initialise(module):
    """By the names of the parameters, whatever holds them."""
    for name, parameter in module.named_parameters():
        source = generator().substream(name)
        function = refinit.kaiming_normal_ if parameter.ndim > 1 else refinit.uniform_
        function(parameter, generator=source)
    return module


def assert_equal_models(sharded, width=7):
    alone = initialise(model(width))
    for (name, parameter), whole in zip(sharded.named_parameters(), alone.parameters(), strict=True):
        assert type(parameter) is DTensor, name
        assert torch.equal(parameter.full_tensor(), whole), (name, parameter.placements)
    x = torch.ones(2, 6)
    torch.testing.assert_close(sharded(x), alone(x))


@check(2, 3)
def fsdp2_equals_the_single_process():
    """Uneven: 7 and 9 rows on 2 or 3 processes."""
    with torch.device("meta"):
        module = model()
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    fully_shard(module, mesh=mesh)
    assert_equal_models(initialise(module.to_empty(device="cpu")))


@check(4)
def fsdp2_on_replicas_equals_the_single_process():
    module = model()
    fully_shard(module, mesh=init_device_mesh("cpu", (2, 2), mesh_dim_names=("replicas", "shards")))
    assert_equal_models(initialise(module))


@check(4)
def fsdp2_with_tensor_parallelism_equals_the_single_process():
    mesh = init_device_mesh("cpu", (2, 2), mesh_dim_names=("data", "tensor"))
    with torch.device("meta"):
        module = model(8)
    parallelize_module(module, mesh["tensor"], {"0": ColwiseParallel(), "1": RowwiseParallel()})
    fully_shard(module, mesh=mesh["data"])
    assert any(isinstance(part, _StridedShard) for part in module[0].weight.placements)
    assert_equal_models(initialise(module.to_empty(device="cpu")), 8)


@check(2, 3)
def ranges_of_fsdp1_equal_the_single_process():
    """Parameters laid end to end and cut in equal parts, wherever that is; by FSDP's private word for it."""
    module = FullyShardedDataParallel(model(), device_id=torch.device("cpu"), use_orig_params=True)
    alone, flat = initialise(model()), module._handle.flat_param
    for name, shape, place in zip(
        ("0.weight", "0.bias", "1.weight"), flat._shapes, flat._shard_param_infos, strict=True
    ):
        if place.in_shard:
            part = flat[place.offset_in_shard :][: place.numel_in_shard]
            shard = refinit.Shard.flat(part.detach(), shape, place.intra_param_start_idx)
            function = refinit.kaiming_normal_ if len(shape) > 1 else refinit.uniform_
            function(shard, generator=generator().substream(name))
    with FullyShardedDataParallel.summon_full_params(module):
        for (name, parameter), whole in zip(module.named_parameters(), alone.parameters(), strict=True):
            assert torch.equal(parameter, whole), name


@check(2)
def the_example_of_the_documents_runs():
    page = (ROOT / "docs" / "sharding.md").read_text()
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", page, re.MULTILINE)
    (example,) = (textwrap.dedent(block) for block in blocks if "fully_shard(" in block)
    scope = {"Model": model}
    exec(compile(example, "docs/sharding.md", "exec"), scope)
    for name, parameter in scope["model"].named_parameters():
        whole = torch.zeros(parameter.shape)
        source = refinit.CounterGenerator(0).substream(name)
        if parameter.ndim > 1:
            refinit.kaiming_normal_(whole, nonlinearity="relu", generator=source)
        assert torch.equal(parameter.full_tensor(), whole), name
