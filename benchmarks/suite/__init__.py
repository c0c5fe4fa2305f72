"""asv's suite: raw times, ratios to torch and to a plain fill, start-up, memory, accuracy.

Run it with `make bench`; read `benchmarks/README.md` before adding to it.
"""

THREADS = 2
"""Threads of refinit and of torch in every benchmark: the machine of the targets has two cores."""
