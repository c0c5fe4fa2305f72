"""What can be filled: memory that users bring, and how it is walked."""
