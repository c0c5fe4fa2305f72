"""The counter stream's loops."""
