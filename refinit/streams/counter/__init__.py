"""The counter stream: each element depends on its place alone."""
