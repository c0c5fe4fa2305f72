"""Recipes carried out: the arrays of a model from any stream, without torch."""
