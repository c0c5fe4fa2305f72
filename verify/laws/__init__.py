"""Exact null distributions: what a (law, dtype, stream) does to one element, and proven p-values of sums and counts."""
