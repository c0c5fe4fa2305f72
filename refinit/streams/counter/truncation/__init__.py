"""Parameters of the counter stream's truncated normal, prepared in decimal arithmetic."""
