"""The counter stream's fills of host memory."""
