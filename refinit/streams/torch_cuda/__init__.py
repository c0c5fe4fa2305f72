"""The stream of torch's CUDA generator."""

from .kernels.cpu.table import KERNELS as KERNELS
