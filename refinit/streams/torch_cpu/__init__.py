"""The stream of torch's CPU generator."""

from .kernels.table import KERNELS as KERNELS
