"""Arithmetic of torch's CPU stream on one number."""
