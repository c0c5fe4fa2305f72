"""CUDA's driver and devices, threads of the host, BLAS."""
