"""Laws without chance, on every stream alike."""
