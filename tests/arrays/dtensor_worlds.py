"""Worlds of processes that fill DTensors: ``python -m tests.arrays.dtensor_worlds FOLDER`` forks one of each size.

Each process makes the checks of its world's size, in the same order, since gathering a tensor takes them all; it
writes to FOLDER what went wrong. ``test_dtensor.py`` reads that.
"""

import json
import os
import sys
import traceback
from datetime import timedelta
from pathlib import Path

import torch
import torch._dynamo  # each process would import it with its first DTensor
import torch.distributed as dist

import refinit
from tests.arrays import dtensor_checks, dtensor_modules  # noqa: F401 - the latter adds its checks

#: Until a process gives up waiting for one that has failed.
PATIENCE = timedelta(seconds=60)


def results(size):
    """Name of a check -> what went wrong, or None."""
    found = {}
    for name, function in dtensor_checks.CHECKS[size].items():
        found[name] = None
        try:
            function()
        except Exception:  # noqa: BLE001 - the test shows it
            found[name] = traceback.format_exc()
            break  # the others may wait for this process in another call: what they do next need not fit
    return found


def live(folder, size, rank):
    store = dist.FileStore(str(folder / f"store{size}"), size)
    dist.init_process_group("gloo", store=store, rank=rank, world_size=size, timeout=PATIENCE)
    torch.set_num_threads(1)
    refinit.set_num_threads(1)
    found = results(size)
    (folder / f"{size}-{rank}.json").write_text(json.dumps(found))
    if not any(found.values()):
        dist.barrier()
        dist.destroy_process_group()


def main(folder):
    """Forks, as importing torch takes longer than all checks."""
    for name in dtensor_checks.RANDOM:
        dtensor_checks.filled(name, torch.zeros(dtensor_checks.SHAPES[name][0]))  # compiles and loads
    for size in dtensor_checks.CHECKS:
        children = []
        for rank in range(size):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    live(Path(folder), size, rank)
                    code = 0
                finally:
                    sys.stderr.flush()
                    os._exit(code)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1])
