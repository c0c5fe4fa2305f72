"""Recordings: a constructor of torch runs once, and what it would fill is written down in the step format."""
