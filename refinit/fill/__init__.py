"""A law, a source of numbers and memory, brought together."""
