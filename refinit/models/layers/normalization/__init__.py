"""Norms, with and without running statistics."""
