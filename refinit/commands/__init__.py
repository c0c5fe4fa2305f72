"""What `python -m refinit` can do: a module for each subject, a ``Command`` for each word."""
