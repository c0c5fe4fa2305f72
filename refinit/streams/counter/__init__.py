"""The counter stream: each element depends on its place alone."""

from .kernels.cpu.table import KERNELS as KERNELS
