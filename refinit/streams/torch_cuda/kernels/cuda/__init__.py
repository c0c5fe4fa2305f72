"""torch's CUDA stream on CUDA devices."""
