"""Files of weights, written tensor by tensor: safetensors, mapped into memory, and NumPy's npz."""
