"""What a run says: text, JSON, progress."""
