"""Loops of the CPU that draw nothing: constants, strides, transposes."""

from .table import KERNELS as KERNELS
