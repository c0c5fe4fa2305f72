"""How memory that is not one dense run is walked, on the host and on CUDA."""
