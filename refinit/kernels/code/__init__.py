"""Sources of kernels -> machine code, and its cache."""
