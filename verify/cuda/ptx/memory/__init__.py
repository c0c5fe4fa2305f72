"""What a kernel may access, and the sanitizer that watches it."""
