"""Loops over torch's CPU stream."""
