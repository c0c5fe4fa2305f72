"""What must turn the harness red."""
