"""Convolutions and transposed ones."""
