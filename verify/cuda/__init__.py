"""CUDA kernels without a GPU: read, linted, executed."""
