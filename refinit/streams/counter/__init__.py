"""The counter stream: each element depends on its position alone."""

from .kernels.cpu.table import KERNELS as KERNELS
