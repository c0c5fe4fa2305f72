"""The stream of torch's CUDA generator."""
