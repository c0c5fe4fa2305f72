"""What DTensors must do, for the processes of ``dtensor_worlds.py``: each of a world makes these in the same order."""

from functools import partial

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed import tensor as dtensors
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.tensor import DTensor, Partial, Replicate, Shard
from torch.distributed.tensor.placement_types import _StridedShard

import refinit

ELEMENTWISE = {
    "uniform_": {"a": -0.5, "b": 0.25},
    "normal_": {"std": 0.1},
    "trunc_normal_": {},
    "xavier_uniform_": {},
    "xavier_normal_": {"gain": 0.5},
    "kaiming_uniform_": {"a": 5**0.5},
    "kaiming_normal_": {"mode": "fan_out", "nonlinearity": "relu"},
}
MATRICES = {"orthogonal_": {"gain": 2.0}, "sparse_": {"sparsity": 0.4}}
FIXED = {"constant_": {"val": 0.3}, "ones_": {}, "zeros_": {}}
RANDOM = {**ELEMENTWISE, **MATRICES}
SHAPES = {
    **{name: [(7, 6), (3, 13)] for name in (*RANDOM, *FIXED, "eye_")},
    "dirac_": [(7, 3, 3)],
    "normal_": [(7, 6), (5, 2, 3), (9,), (2,)],
    "orthogonal_": [(7, 6), (3, 13), (5, 4, 3)],
}
CALLS = {**RANDOM, **FIXED, "eye_": {}, "dirac_": {}}
CHECKS = {}


def check(*sizes):
    """A check of the worlds of these sizes."""

    def record(function):
        for size in sizes:
            CHECKS.setdefault(size, {})[function.__name__] = function
        return function

    return record


def generator():
    return refinit.CounterGenerator(31)


def filled(name, tensor, source=None):
    keywords = {"generator": source or generator()} if name in RANDOM else {}
    return getattr(refinit, name)(tensor, **CALLS[name], **keywords)


def meshes(size):
    yield init_device_mesh("cpu", (size,))
    if size == 4:
        yield init_device_mesh("cpu", (2, 2))


def placements(mesh, ndim):
    parts = [Replicate(), *(Shard(axis) for axis in range(min(ndim, 2)))]
    return [[part] for part in parts] if mesh.ndim == 1 else [[p, q] for p in parts for q in parts]


def each_tensor(shape, dtype=torch.float32):
    for mesh in meshes(dist.get_world_size()):
        for parts in placements(mesh, len(shape)):
            yield dtensors.full(shape, 7.0, dtype=dtype, device_mesh=mesh, placements=parts)


def raised(call):
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    return None


def assert_refused(call, kind, *texts):
    error = raised(call)
    assert type(error) is kind, repr(error)
    assert all(text in str(error) for text in texts), error


def equals_the_single_process(name):
    for shape in SHAPES[name]:
        whole = filled(name, torch.zeros(shape))
        for tensor in each_tensor(shape):
            assert filled(name, tensor) is tensor
            assert torch.equal(tensor.full_tensor(), whole), (shape, tensor.device_mesh, tensor.placements)


for _name in CALLS:
    _check = partial(equals_the_single_process, _name)
    _check.__name__ = _name
    check(2, 3, 4)(_check)


@check(4)
def every_floating_type():
    for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.complex64, torch.complex128):
        whole = filled("normal_", torch.zeros(7, 6, dtype=dtype))
        for tensor in each_tensor((7, 6), dtype):
            assert torch.equal(filled("normal_", tensor).full_tensor(), whole), tensor.placements


@check(4)
def every_fill_takes_a_number_on_every_process():
    """Also where nothing lies: the second fill of a generator is that of the whole's."""
    alone, source = generator(), generator()
    for shape in ((2, 3), (9, 2)):
        whole = refinit.normal_(torch.zeros(shape), generator=alone)
        tensor = dtensors.zeros(shape, device_mesh=init_device_mesh("cpu", (4,)), placements=[Shard(0)])
        assert torch.equal(refinit.normal_(tensor, generator=source).full_tensor(), whole)
    refinit.orthogonal_(tensor, generator=source)
    refinit.zeros_(tensor)
    assert source.fill_number == 3


@check(4)
def a_process_outside_of_the_mesh_fills_nothing_and_takes_the_number():
    mesh = DeviceMesh("cpu", [0, 1])
    for shape in ((7, 6), (), (5, 2, 3)):
        tensor = dtensors.distribute_tensor(torch.zeros(shape), mesh, [Replicate()])
        for name in CALLS:
            if name in {"normal_", "constant_"} or shape in SHAPES[name]:
                source = generator()
                assert filled(name, tensor, source) is tensor
                assert source.fill_number == (name in RANDOM)
                whole = filled(name, torch.zeros(shape))
                assert dist.get_rank() > 1 or torch.equal(tensor.to_local(), whole)


@check(2)
def parameters_stay_leaves_and_their_versions_advance():
    mesh = init_device_mesh("cpu", (2,))
    for name in CALLS:
        shape = SHAPES[name][0]
        parameter = nn.Parameter(dtensors.full(shape, 7.0, device_mesh=mesh, placements=[Shard(0)]))
        versions = parameter._version, parameter._local_tensor._version
        assert filled(name, parameter) is parameter
        assert parameter.requires_grad
        assert parameter.is_leaf
        assert parameter.grad_fn is None
        assert parameter._version > versions[0]
        assert parameter._local_tensor._version > versions[1]


@check(2)
def autograd_notices_a_fill_between_forward_and_backward():
    mesh = init_device_mesh("cpu", (2,))
    parameter = nn.Parameter(dtensors.ones(4, 4, device_mesh=mesh, placements=[Shard(0)]))
    loss = (parameter * parameter).sum()
    filled("normal_", parameter)
    assert_refused(loss.backward, RuntimeError, "modified by an inplace operation")


@check(2)
def torchs_stream_is_refused_with_a_cure():
    mesh = init_device_mesh("cpu", (2,))
    for parts in ([Shard(0)], [Replicate()]):
        tensor = dtensors.full((6, 4), 7.0, device_mesh=mesh, placements=parts)
        for name in RANDOM:
            for source in (None, refinit.Generator(), torch.Generator()):
                before = [bytes(g.get_state()) for g in (source, torch.default_generator) if g]
                call = partial(getattr(refinit, name), tensor, **CALLS[name], generator=source)
                assert_refused(call, NotImplementedError, "init.CounterGenerator(seed)", "every process")
                assert before == [bytes(g.get_state()) for g in (source, torch.default_generator) if g]
        assert (tensor.to_local() == 7).all()


@check(2)
def other_placements_are_refused():
    mesh = init_device_mesh("cpu", (2,))
    source, local = generator(), torch.full((4, 6), 7.0)
    uneven = local[: 1 + 2 * dist.get_rank()]
    refusals = {
        "Partial": DTensor.from_local(local, mesh, [Partial()]),
        "one block": DTensor.from_local(local, mesh, [_StridedShard(0, split_factor=2)]),
        "as torch parts": DTensor.from_local(uneven, mesh, [Shard(0)], shape=(4, 6), stride=(6, 1)),
    }
    for text, tensor in refusals.items():
        for name in ("normal_", "ones_", "eye_", "kaiming_normal_"):
            assert_refused(partial(filled, name, tensor, source), NotImplementedError, text)
    assert source.fill_number == 0
    assert (local == 7).all()


@check(2)
def a_shard_of_a_dtensor_is_refused():
    tensor = dtensors.full((4, 6), 7.0, device_mesh=init_device_mesh("cpu", (2,)), placements=[Shard(0)])
    shard = refinit.Shard(tensor, (8, 6), (0, 0))
    assert_refused(partial(filled, "normal_", shard), TypeError, "a block of its own")


@check(2)
def a_meta_dtensor_passes_through():
    mesh, source = DeviceMesh("cpu", [0, 1]), generator()
    tensor = DTensor.from_local(torch.empty(2, 3, device="meta"), mesh, [Shard(0)], run_check=False)
    assert filled("normal_", tensor, source) is tensor
    assert source.fill_number == 0


@check(2)
def numpys_generators_in_the_same_state_agree():
    mesh = init_device_mesh("cpu", (2,))
    whole = refinit.normal_(torch.zeros(6, 4), generator=np.random.default_rng(4))
    tensor = dtensors.zeros((6, 4), device_mesh=mesh, placements=[Shard(0)])
    refinit.normal_(tensor, generator=np.random.default_rng(4))
    assert torch.equal(tensor.full_tensor(), whole)
