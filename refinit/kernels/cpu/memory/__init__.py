"""Loops of the CPU that draw nothing: constants, strides, transposes."""
