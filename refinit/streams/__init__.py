"""A folder for each stream of random numbers; none imports another."""
