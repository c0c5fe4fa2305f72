"""What a failure hints at, and how to see it again."""
