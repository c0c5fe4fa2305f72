"""The counter stream's arithmetic on one number."""
