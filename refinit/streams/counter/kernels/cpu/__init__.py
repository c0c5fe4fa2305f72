"""The counter stream's loops on the CPU."""
