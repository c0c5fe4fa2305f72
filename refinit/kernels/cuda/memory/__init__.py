"""CUDA kernels that draw nothing: constants, and ones along a diagonal."""

from .table import KERNELS as KERNELS
