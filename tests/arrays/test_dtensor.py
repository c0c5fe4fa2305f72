"""DTensors on 2 to 4 processes equal the single process; and which block of the whole a process is said to hold."""

import itertools
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from refinit.arrays.dtensors import block_of
from tests.paths import ROOT

torch = pytest.importorskip("torch")
if not torch.distributed.is_available():
    pytest.skip("this torch has no torch.distributed", allow_module_level=True)
SIZES = (2, 3, 4)


def answers(folder):
    """(size of a world, rank) -> check -> what went wrong, or None."""
    command = [sys.executable, "-m", "tests.arrays.dtensor_worlds", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    places = [(size, rank) for size in SIZES for rank in range(size)]
    return {(size, rank): json.loads((folder / f"{size}-{rank}.json").read_text()) for size, rank in places}


@pytest.mark.skipif(
    sys.platform == "darwin" or not (hasattr(os, "fork") and torch.distributed.is_gloo_available()),
    reason="needs gloo, and processes that fork with torch in them",
)
def test_dtensors_on_2_to_4_processes_equal_the_single_process(tmp_path):
    """One test, as importing torch's part for it takes longer than all that is asked."""
    found = answers(tmp_path)
    wrong = [
        f"{name}, rank {rank} of {size}: {error}"
        for (size, rank), each in found.items()
        for name, error in each.items()
        if error
    ]
    assert not wrong, "\n".join(wrong)
    assert all(each.keys() == found[size, 0].keys() for (size, _), each in found.items())
    assert all(len(each) >= 15 for each in found.values())


class Mesh(SimpleNamespace):
    """A mesh as one of its processes sees it."""

    def get_coordinate(self):
        return self.place


def tensor_at(place, shape, mesh_shape, placements, local_shape):
    local, mesh = torch.empty(local_shape), Mesh(shape=mesh_shape, place=place)
    facts = {"shape": shape, "placements": placements, "device_mesh": mesh}
    return SimpleNamespace(**facts, _local_tensor=local, _spec=None)


def local_of(whole, mesh_shape, place, placements):
    """What torch's own placements leave a process of the whole."""
    for size, rank, part in zip(mesh_shape, place, placements, strict=True):
        if not part.is_replicate():
            pieces, _ = part._split_tensor(whole, size, with_padding=False, contiguous=True)
            whole = pieces[rank]
    return whole


def is_block(local, whole):
    """Whether the elements are those of one block, each element of the whole being its own number."""
    if not local.numel():
        return True
    row, column = divmod(int(local[0, 0]), whole.shape[1])
    return torch.equal(whole[row:, column:][: local.shape[0], : local.shape[1]], local)


def parts_of(tensor):
    module = tensor.placement_types
    return (
        tensor.Replicate(),
        *(tensor.Shard(axis) for axis in (0, 1, -1)),
        *(module._StridedShard(0, split_factor=factor) for factor in (2, 3)),
    )


@pytest.mark.parametrize("mesh_shape", [(3,), (2, 2), (2, 3), (3, 2)], ids=str)
@pytest.mark.parametrize("rows", range(14))
def test_blocks_are_where_torchs_placements_split(mesh_shape, rows):
    import torch.distributed.tensor as dtensors

    whole = torch.arange(rows * 5.0).reshape(rows, 5)
    for parts in itertools.product(parts_of(dtensors), repeat=len(mesh_shape)):
        for place in itertools.product(*map(range, mesh_shape)):
            local = local_of(whole, mesh_shape, place, parts)
            tensor = tensor_at(place, (rows, 5), mesh_shape, parts, tuple(local.shape))
            if not is_block(local, whole):
                with pytest.raises(NotImplementedError, match="one block of the whole"):
                    block_of(tensor)
                continue
            block, (row, column) = block_of(tensor)
            assert torch.equal(whole[row : row + len(block), column : column + block.shape[1]], local)


def test_an_order_of_the_meshs_axes_that_no_placement_says_is_refused():
    import torch.distributed.tensor as dtensors

    parts = dtensors.Shard(0), dtensors.Shard(0)
    tensor = tensor_at((0, 1), (8, 5), (2, 2), parts, (2, 5))
    for order, refused in (((0, 1), False), ((1, 0), True)):
        tensor._spec = SimpleNamespace(shard_order=(SimpleNamespace(tensor_dim=0, mesh_dims=order),))
        if refused:
            with pytest.raises(NotImplementedError, match="in their order"):
                block_of(tensor)
        else:
            assert block_of(tensor).offset == (2, 0)
