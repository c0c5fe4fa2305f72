"""The stream of torch's CPU generator."""
