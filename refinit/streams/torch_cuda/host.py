"""torch's CUDA stream, replayed in host memory."""

from __future__ import annotations

from ...arrays.target import Target
from ...arrays.walks.memory import Memory
from ...devices.threads import share_out
from ...kernels.code.cpu_loader import kernel
from .engine import ThreadShare


def fill_on_host(
    target: Target, kind: str, parameters: tuple[float, float], seed: int, share: ThreadShare
) -> None:
    """The kernel of ``kind``, "uniform" or "normal", over a target in memory order."""
    memory, fill = Memory(target), kernel(f"torch_cuda_{kind}_{target.element.real.name}")

    def work(start: int, count: int) -> None:
        memory.each(
            start,
            count,
            lambda address, first, n: fill(seed, share.call, share.threads, address, first, n, *parameters),
        )

    share_out(memory.reals, work)
