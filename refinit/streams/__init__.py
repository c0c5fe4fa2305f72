"""A folder for each stream of random numbers, and one for the laws without chance; none imports another."""
